"""The signals that ask the program to end: heard where it can be left, held back where it must not be torn apart."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

_WANTED = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(BaseException):
    """A signal asks the program to end; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Signals:
    """Turns the first such signal into `Stopped`; all later ones are ignored, so that nothing tears apart the ending.

    A context manager. `Stopped` is raised wherever the program is, but in a `held` block only where it asks for it.
    What the program does after the context, when a signal has ended it, is its ending as well.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._pending: int | None = None
        self._holding = self._stopping = False

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold back a signal that comes in the block until `heed` is called, or else until the block has ended.

        Verdicts are counted, written and shown in it, and workers started and ended, without interruption.
        """
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        self.heed()

    def heed(self) -> None:
        """Raise `Stopped` if a signal has come that has been held back until now."""
        if self._pending is not None and not self._stopping:
            self._stopping = True
            raise Stopped(self._pending)

    def __enter__(self) -> Signals:
        for name in _WANTED:
            number = getattr(signal, name, None)
            # A signal that is ignored when the program starts, as by nohup, stays so.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if self._stopping else handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self._pending is None:
            self._pending = number
        if not self._holding:
            self.heed()
