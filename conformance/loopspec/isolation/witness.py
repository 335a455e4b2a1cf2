"""The system calls that a loop really makes, read off strace's record of the process that plays a case.

A case with `witness = "syscalls"` marks a block with `polls()`. Each call of the poll family in the block becomes a
line of the log between the lines that the script wrote before and after it: `poll(0)` for one that does not wait,
`poll(timed)` for one that waits for at most some time, and `poll(forever)`.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

import msgspec

from loopspec.observation import Observation, Problem

_RING = "io_uring_enter"
POLLING = ("epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6", _RING)
"""The system calls of the poll family."""

POLLS = ("poll(0)", "poll(timed)", "poll(forever)")
"""What such a call becomes in the log: it does not wait, waits for some time, or for as long as it takes."""

_MILLISECONDS = {"epoll_wait": 3, "epoll_pwait": 3, "poll": 2}
"""The place of the time-out among the arguments of the calls that take it in milliseconds."""
_MARKS = ("access", "faccessat", "faccessat2")
_CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\((?P<arguments>.*)$")
_RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)$")
_UNFINISHED = " <unfinished ...>"
_MARK = re.compile(r'"/loopspec-mark/(?P<count>\d+)/(?P<name>[^"]*)"')
_TIME = re.compile(r"\{tv_sec=(?P<seconds>\d+), tv_n?u?sec=(?P<parts>\d+)\}")


class RecordError(Exception):
    """A record from which nothing can be concluded."""


class Record:
    """strace's record of one worker, in a file of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix="strace-", dir=folder)
        os.close(descriptor)
        self._file = Path(name)

    @property
    def command(self) -> list[str]:
        """The beginning of a command line that runs the rest of it under strace."""
        calls = ",".join(f"?{name}" for name in (*POLLING, *_MARKS))
        return ["strace", "-f", "-qq", "-e", f"trace={calls}", "-e", "signal=none", "-o", str(self._file), "--"]

    def complete(self, seen: Observation) -> Observation:
        """Return what was seen with the polls of its marked blocks in the log, where they happened.

        strace writes a call down before the process goes on, so that nothing has to be waited for.
        """
        try:
            log = merge(self._file.read_text(encoding="utf-8", errors="replace"), seen.log)
        except RecordError as error:
            return msgspec.structs.replace(seen, problem=Problem("broken", "RecordError", str(error), ""))
        return msgspec.structs.replace(seen, log=log)


def merge(record: str, log: list[str]) -> list[str]:
    """Return `log` with the polls of the blocks that `record` marks.

    Polls by the thread that runs the block count. Where it makes none at all, those of other threads do, for a loop
    that polls in a thread of its own. io_uring_enter counts only for a loop that polls by nothing else: others submit
    changes of their epoll set through it.

    Raises RecordError for a record that cannot be of the whole case.
    """
    polls: dict[str, list[tuple[str, int, str]]] = {}
    block_thread, written = "", 0
    begun = inside = False
    for call in filter(None, map(_CALL.match, _whole_lines(record))):
        mark = _MARK.search(call["arguments"])
        if mark and mark["name"] == "case begins":
            # A case may be played twice; what counts is the second time.
            polls.clear()
            begun, inside = True, False
        elif mark and mark["name"] == "polls begin":
            inside, block_thread, written = True, call["thread"], int(mark["count"])
        elif mark and mark["name"] == "polls end":
            inside = False
        elif mark:
            written = int(mark["count"])
        elif inside and call["name"] in POLLING:
            polls.setdefault(call["thread"], []).append(
                (call["name"], written, _in_words(call["name"], call["arguments"]))
            )
    if not begun or inside:
        raise RecordError("strace's record lacks the marks that the case has left")
    chosen = polls.get(block_thread) or [poll for thread in polls.values() for poll in thread]
    if any(name != _RING for name, _, _ in chosen):
        chosen = [poll for poll in chosen if poll[0] != _RING]
    merged = list(log)
    for _, written, line in reversed(chosen):
        merged.insert(written, line)
    return merged


def _whole_lines(record: str) -> list[str]:
    """Join the two halves of calls that another thread's calls interrupt, at the place where they began."""
    lines: list[str] = []
    begun: dict[str, int] = {}
    for line in record.splitlines():
        if resumed := _RESUMED.match(line):
            if (place := begun.pop(resumed["thread"], None)) is not None:
                lines[place] += resumed["rest"]
        elif line.endswith(_UNFINISHED):
            begun[line.split(" ", 1)[0]] = len(lines)
            lines.append(line.removesuffix(_UNFINISHED))
        else:
            lines.append(line)
    return lines


def _in_words(name: str, arguments: str) -> str:
    """Tell from a call's arguments how long it may wait."""
    arguments = re.sub(r"\) += .*$", "", arguments)
    if time := _TIME.search(arguments):
        return "poll(0)" if int(time["seconds"]) == int(time["parts"]) == 0 else "poll(timed)"
    parts = re.sub(r"\[[^]]*\]", "[]", arguments).split(", ")
    if name == _RING:
        completions_wanted = parts[2] if len(parts) > 2 else ""
        return "poll(0)" if completions_wanted == "0" else "poll(timed)"
    if name in _MILLISECONDS and len(parts) > _MILLISECONDS[name]:
        with contextlib.suppress(ValueError):
            return {0: "poll(0)", -1: "poll(forever)"}.get(int(parts[_MILLISECONDS[name]]), "poll(timed)")
    return "poll(forever)"
