"""Writing what reports are: a file is there as a whole, or as it was before."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from pathlib import Path

from loopreport.results import ResultsError, reason

STANDARD_OUTPUT = "-"


def check(path: str) -> None:
    """Raise ResultsError where nothing can be written to `path`, as far as that can be told before it is tried."""
    if path == STANDARD_OUTPUT:
        return
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise ResultsError(f"{path}: cannot be written: is a directory")
    if not target.parent.is_dir():
        raise ResultsError(f"{path}: cannot be written: there is no folder {target.parent}")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise ResultsError(f"{path}: cannot be written: permission denied")


def write(path: str, text: str) -> None:
    """Write `text` to the file at `path`, or to standard output if that is `-`. Raises ResultsError.

    A file is replaced when the whole text is on the disk. What is no file (a pipe, a device) is written to directly.
    """
    check(path)
    data = text.encode("utf-8", "backslashreplace")
    try:
        if path == STANDARD_OUTPUT:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _write(Path(os.path.realpath(path)), data)
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "standard output" if path == STANDARD_OUTPUT else path
        raise ResultsError(f"{name}: cannot be written: {reason(error)}") from None


def _write(target: Path, data: bytes) -> None:
    mode = None
    with contextlib.suppress(FileNotFoundError):
        mode = target.stat().st_mode
    if mode is not None and not stat.S_ISREG(mode):
        target.write_bytes(data)
        return
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            if mode is not None:
                beside.chmod(stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
