"""The signals that end a program: heard where a run can be left, and held back where it must not be torn apart."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

_WANTED = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(BaseException):
    """A signal asks the run to end; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Signals:
    """Turns the first such signal into `Stopped`, raised in the next `heard` block; all later ones are ignored.

    A context manager. While it is open, verdicts are counted, written and shown without interruption, and workers are
    ended without it, however impatiently the keys are pressed.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._pending: int | None = None
        self._hearing = False

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Let a signal that comes in the block, or came before it, raise `Stopped`."""
        self._hearing = True
        try:
            self._raise()
            yield
        finally:
            self._hearing = False

    def __enter__(self) -> Signals:
        for name in _WANTED:
            number = getattr(signal, name, None)
            # A signal that is ignored when the program starts, as by nohup, stays so.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self._pending is None:
            self._pending = number
            self._raise()

    def _raise(self) -> None:
        if self._pending is not None and self._hearing:
            self._hearing = False
            raise Stopped(self._pending)
