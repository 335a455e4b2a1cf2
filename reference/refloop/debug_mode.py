"""Enabling debug mode.

library/asyncio-eventloop.html#enabling-debug-mode and library/asyncio-dev.html#debug-mode

What debug mode does is done where it happens: the core times callbacks and polls and guards scheduling, a run
tracks where coroutines come from, handles remember who scheduled them.
"""

import os
import sys

from refloop.chapter import Chapter
from refloop.core import Core


class DebugMode(Chapter):
    """get_debug(), set_debug() and slow_callback_duration."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        core.set_debug(_enabled_from_outside())

    def get_debug(self) -> bool:
        """Return whether debug mode is enabled.

        At first it is if the environment variable PYTHONASYNCIODEBUG is set and not empty, and in Python's
        development mode.

        library/asyncio-eventloop.html#asyncio.loop.get_debug
        """
        return self._core.debug

    def set_debug(self, enabled: bool) -> None:
        """Enable or disable debug mode, at any time.

        library/asyncio-eventloop.html#asyncio.loop.set_debug
        """
        self._core.set_debug(enabled)  # rule: set-debug.sets
        if self.is_running():
            # From the loop's own thread, whose coroutines these are: whoever calls this may be in another.
            self.call_soon_threadsafe(self._core.track_origins)

    @property
    def slow_callback_duration(self) -> float:
        """The duration in seconds from which on debug mode logs a callback as slow; it can be set.

        library/asyncio-eventloop.html#asyncio.loop.slow_callback_duration
        """
        return self._core.slow_callback_duration

    @slow_callback_duration.setter
    def slow_callback_duration(self, seconds: float) -> None:
        self._core.slow_callback_duration = seconds  # rule: slow-callback-duration.set


def _enabled_from_outside() -> bool:
    # rule: get-debug.default.variable
    variable = None if sys.flags.ignore_environment else os.environ.get("PYTHONASYNCIODEBUG")
    return sys.flags.dev_mode or bool(variable)  # rule: get-debug.default.false, set-debug.development-mode
