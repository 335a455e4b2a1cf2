"""What the chapters share: the documented interface to fill, and the core to fill it with."""

import asyncio

from refloop.core import Core


class Chapter(asyncio.AbstractEventLoop):
    """A part of the event loop: the methods of one chapter of the documentation.

    A chapter keeps what belongs to it in attributes of its own, set in `__init__`, and releases it in
    `close`; both call super(), so that every chapter has its turn. What another chapter documents is used
    through the documented methods. `_core` is for those chapters that are themselves the core's outside.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def _check_open(self) -> None:
        if self.is_closed():  # rule: close.methods-refuse-afterwards, create-task.closed, run-in-executor.closed
            raise RuntimeError("Event loop is closed")

    def close(self) -> None:
        """Release what the chapter holds; the last one to be asked is the core."""
        self._core.close()
