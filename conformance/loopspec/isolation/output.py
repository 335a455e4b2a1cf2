"""What a process writes to a pipe, kept without letting it grow."""

from __future__ import annotations

import contextlib
import os
import time

LIMIT = 32 << 10
"""Bytes kept of what is written in the course of one case: as many from the beginning as from the end."""

_PIECE = 1 << 16
_PIECES = 16


class Output:
    """The reading end of a pipe, and the beginning and the end of what came out of it.

    `writing` is the other end, to be given to a process and closed here by `given`.
    """

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.clear()

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self.reading

    def given(self) -> None:
        """Close the writing end, which a process has by now."""
        os.close(self.writing)

    def close(self) -> None:
        """Close the reading end."""
        os.close(self.reading)

    def clear(self) -> None:
        """Forget everything that was read."""
        self._head, self._tail, self._cut = b"", b"", 0
        self.latest: float | None = None
        """When something was last read, by the monotonic clock."""

    def drain(self) -> None:
        """Read what is there, but no more than a megabyte: somebody may write for ever."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_PIECES):
                if not (data := os.read(self.reading, _PIECE)):
                    return
                self._add(data)

    def text(self) -> str:
        """Return what was kept, saying how much is missing between."""
        middle = f"\n… {self._cut} bytes left out …\n" if self._cut else ""
        return self._head.decode("utf-8", "replace") + middle + self._tail.decode("utf-8", "replace")

    def _add(self, data: bytes) -> None:
        self.latest = time.monotonic()
        room = LIMIT // 2 - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        self._cut += max(0, len(self._tail) - LIMIT // 2)
        self._tail = self._tail[-LIMIT // 2 :]
