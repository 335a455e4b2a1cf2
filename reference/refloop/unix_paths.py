"""The files that Unix sockets leave in the file system."""

import contextlib
import os
import stat
from pathlib import Path


def is_abstract(path: str | bytes) -> bool:
    """Return True for a name that is no file: on Linux those that begin with a zero byte."""
    return path[:1] in ("\0", b"\0")  # rule: create-unix-server.path.abstract


def socket_inode(path: str | bytes) -> int | None:
    """Return the inode of the socket at *path*, None if there is none."""
    with contextlib.suppress(OSError):
        found = _path(path).stat()
        if stat.S_ISSOCK(found.st_mode):
            return found.st_ino
    return None


def _path(path: str | bytes) -> Path:
    return Path(os.fsdecode(path))


def remove_stale_socket(path: str | bytes) -> None:
    """Remove a socket at *path* that an earlier run left there, so that one can bind to it."""
    if not is_abstract(path) and socket_inode(path) is not None:
        _path(path).unlink()


def remove_socket_if_ours(path: str | bytes, inode: int) -> None:
    """Remove the socket at *path*, unless it was replaced by another one than that with *inode*."""
    if socket_inode(path) == inode:  # rule: create-unix-server.cleanup-socket.replaced
        with contextlib.suppress(OSError):
            _path(path).unlink()
