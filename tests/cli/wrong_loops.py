"""Loops with one mistake each, by which the command line is tested."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

Loop = asyncio.SelectorEventLoop


class StackEventLoop(Loop):
    """Calls first what was scheduled last."""

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        self._ready.rotate(1)  # type: ignore[attr-defined]  # a deque, in which the handle is the last
        return handle


class NoDelaysEventLoop(Loop):
    """Cannot call anything later."""

    def call_later(self, *args: Any, **keywords: Any) -> asyncio.TimerHandle:
        raise NotImplementedError("no \x1b[31mtimers\x1b[0m")


class CrashingEventLoop(Loop):
    """Dies of a segmentation fault when it is to call something later."""

    def call_later(self, *args: Any, **keywords: Any) -> asyncio.TimerHandle:
        os.kill(os.getpid(), signal.SIGSEGV)
        raise AssertionError


class HangingEventLoop(Loop):
    """Waits for ever instead of calling something later."""

    def call_later(self, *args: Any, **keywords: Any) -> asyncio.TimerHandle:
        time.sleep(600)
        raise AssertionError


class WrongAtFirstEventLoop(Loop):
    """Cannot be closed again the first time that one is, ever: a file tells it later."""

    def close(self) -> None:
        mark = Path(os.environ["WRONG_LOOPS_MARK"])
        if self.is_closed() and not mark.exists():
            mark.touch()
            raise RuntimeError("not at first")
        super().close()


class Anonymous(Loop):
    """Does not say what it is, which no documentation asks it to."""

    def __repr__(self) -> str:
        return "<loop>"


class SlowEventLoop(Loop):
    """Takes its time over everything, so that a test can come in between."""

    def close(self) -> None:
        if not self.is_closed():
            time.sleep(0.3)
        super().close()


def failing() -> Any:
    raise OSError("no memory for a loop")
