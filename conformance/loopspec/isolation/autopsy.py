"""What can be told of a worker that died or was ended: pure functions from what it left behind to words."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from pathlib import Path

from loopspec.isolation.worker import CHANNEL_LOST

_ENGINE = Path(__file__).parents[1]
_ENGINE_FRAME = re.compile(
    rf'^  File "(?:{re.escape(str(_ENGINE))}/(?:play|isolation/(?:worker|fork_server))\.py|<string>)", line .*\n?',
    re.MULTILINE,
)
_THREAD = re.compile(r"^(?:Current t|T)hread 0x.*$", re.MULTILINE)


def exit_in_words(code: int | None, *, in_a_case: bool) -> str:
    """Say how a process ended: by which signal, or with which exit status (`subprocess.Popen.returncode`)."""
    if code is None:
        return "ended, and how is not known: what could tell does not answer, and was perhaps ended by the loop"
    if code == CHANNEL_LOST:
        return "closed descriptors that it does not own, its worker's channel among them"
    if code >= 0:
        return f"exited with status {code}" + (" in the middle of the case" if in_a_case else "")
    if code == -signal.SIGKILL:
        return "killed by SIGKILL, which loopspec did not send: perhaps the system was short of memory"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def size_in_words(size: int) -> str:
    """Return a number of bytes in MiB or GiB."""
    return f"{size / (1 << 30):.1f} GiB" if size >= 1 << 30 else f"{size / (1 << 20):.0f} MiB"


def line_in(stacks: str, path: str) -> int | None:
    """Return the line of the file at `path` that `stacks`, as faulthandler writes them, show as running.

    The main thread is the last that is written, so that a line of the file in its stack is preferred.
    """
    frame = re.compile(rf'^  File "{re.escape(path)}", line (\d+)', re.MULTILINE)
    for stack in reversed(_THREAD.split(stacks)):
        if found := frame.search(stack):
            return int(found[1])
    return None


def without_engine(stacks: str) -> str:
    """Return `stacks` without the frames through which every case is played."""
    return _ENGINE_FRAME.sub("", stacks)


def together(account: str, stacks: str, output: str, before: Iterable[str]) -> str:
    """Return as one text what is known of a worker's end, each part under what it is."""
    played = ", ".join(before)
    parts = [
        account.strip(),
        stacks.strip(),
        f"written to standard output and error:\n{output.rstrip()}" if output.strip() else "",
        f"played before in the same process: {played}" if played else "",
    ]
    return "\n\n".join(part for part in parts if part)
