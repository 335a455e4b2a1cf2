"""Broken loops for the chapter "Enabling debug mode", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import logging
import os
import sys
import time
import warnings

from broken import Broken

Base = asyncio.SelectorEventLoop


class FlagAsNumber(Base):
    """get_debug() returns 0 or 1."""

    def get_debug(self):
        return int(super().get_debug())


class NeverByVariable(Base):
    def __init__(self):
        super().__init__()
        self._debug = False


class VariableAsNumber(Base):
    """Takes the variable for a number, so that "0" is off and a blank as well."""

    def __init__(self):
        super().__init__()
        text = os.environ.get("PYTHONASYNCIODEBUG", "")
        self._debug = text.strip().isdigit() and int(text) > 0


class OnIsOnlyTold(Base):
    """get_debug() says so, but nothing of debug mode is in force."""

    told = False

    def __init__(self):
        super().__init__()
        self.told, self._debug = self._debug, False

    def get_debug(self):
        return self.told


class AlwaysOn(Base):
    def __init__(self):
        super().__init__()
        self._debug = True


class SetIsEnough(Base):
    """An empty variable counts as set."""

    def __init__(self):
        super().__init__()
        self._debug = "PYTHONASYNCIODEBUG" in os.environ


class VariableWins(Base):
    """set_debug(False) cannot turn off what the variable turned on."""

    def get_debug(self):
        return self._debug or bool(os.environ.get("PYTHONASYNCIODEBUG"))


class SetDebugOnlyWhenIdle(Base):
    def set_debug(self, enabled):
        if not self.is_running():
            super().set_debug(enabled)


class TurnsItselfOffAfterARun(Base):
    def run_forever(self):
        try:
            super().run_forever()
        finally:
            self._debug = False


class OneFlagForAllLoops(Base):
    def set_debug(self, enabled):
        super().set_debug(enabled)
        OneFlagForAllLoops.all = enabled

    def get_debug(self):
        return getattr(OneFlagForAllLoops, "all", False)


class NoDevelopmentMode(Base):
    """Does not ask whether Python is in development mode."""

    def __init__(self):
        super().__init__()
        self._debug = bool(os.environ.get("PYTHONASYNCIODEBUG"))


class NoSetDebug(Base):
    _debug = False

    def set_debug(self, enabled):
        pass


class TrueOnly(Base):
    """set_debug(False) counts as no wish."""

    _debug = False

    def set_debug(self, enabled):
        self._debug = self._debug or enabled


class NeverAsksTheVariable(Base):
    def __init__(self):
        super().__init__()
        self._debug = False


class Milliseconds(Base):
    def __init__(self):
        super().__init__()
        self.slow_callback_duration = 100


class FixedLimit(Base):
    """slow_callback_duration cannot be set."""

    slow_callback_duration = property(lambda self: 0.1, lambda self, value: None)


class LowLimit(Base):
    """slow_callback_duration is zero, whatever is set."""

    slow_callback_duration = property(lambda self: 0.0, lambda self, value: None)


class ZeroIsOff(Base):
    """A limit of zero logs nothing."""

    def _run_once(self):
        limit = self.slow_callback_duration
        self.slow_callback_duration = limit or 3600
        try:
            super()._run_once()
        finally:
            self.slow_callback_duration = limit


class CopiesLimit(Base):
    """The limit that a run began with holds until it ends."""

    def run_forever(self):
        self.copied = self.slow_callback_duration
        super().run_forever()

    def _run_once(self):
        self.slow_callback_duration = self.copied
        super()._run_once()

    def __setattr__(self, name, value):
        if name == "slow_callback_duration" and getattr(self, "_thread_id", None):
            return
        super().__setattr__(name, value)


class HighDefault(Base):
    def __init__(self):
        super().__init__()
        self.slow_callback_duration = 0.2


def untimed(loop, callback):
    def call(*args):
        limit, loop.slow_callback_duration = loop.slow_callback_duration, 3600
        loop._restore = limit
        return callback(*args)

    return call


class Untimed(Base):
    """Does not log the callbacks that `kind` schedules."""

    def _run_once(self):
        super()._run_once()
        if hasattr(self, "_restore"):
            self.slow_callback_duration = self.__dict__.pop("_restore")


class TimersUntimed(Untimed):
    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, untimed(self, callback), *args, context=context)


class ReadersUntimed(Untimed):
    def add_reader(self, fd, callback, *args):
        return super().add_reader(fd, untimed(self, callback), *args)


class WritersUntimed(Untimed):
    def add_writer(self, fd, callback, *args):
        return super().add_writer(fd, untimed(self, callback), *args)


class SignalsUntimed(Untimed):
    def add_signal_handler(self, sig, callback, *args):
        return super().add_signal_handler(sig, untimed(self, callback), *args)


class FailedUntimed(Untimed):
    """A callback that raises is not timed."""

    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self._restore, self.slow_callback_duration = self.slow_callback_duration, 3600


class BatchTimed(Base):
    """Times whole batches in place of callbacks."""

    def _run_once(self):
        limit, self.slow_callback_duration = self.slow_callback_duration, 3600
        begin = time.monotonic()
        super()._run_once()
        self.slow_callback_duration = limit
        if self._debug and time.monotonic() - begin >= limit:
            logging.getLogger("asyncio").warning("slow batch")


class DecidesAtTheStart(Base):
    """set_debug() is without effect while the loop runs."""

    _debug = False

    def set_debug(self, enabled):
        if not self.is_running():
            self._debug = enabled


class LogsNoName(BatchTimed):
    """What is logged does not name the callback."""


class TimesWithoutDebugMode(Base):
    def _run_once(self):
        debug, self._debug = self._debug, True
        super()._run_once()
        self._debug = debug


class NoThreadCheck(Base):
    def _check_thread(self):
        pass


class AnyLoopWillDo(Base):
    """Accepts each thread in which any loop runs."""

    def _check_thread(self):
        if self._thread_id is not None and asyncio._get_running_loop() is None:
            raise RuntimeError("wrong thread")


class MainThreadOnly(Base):
    """Takes the main thread for the right one."""

    def _check_thread(self):
        import threading

        if self._thread_id is not None and threading.current_thread() is not threading.main_thread():
            raise RuntimeError


class CheckedWhenMade(Base):
    """Checks threads only if debug mode was on when the run began."""

    def set_debug(self, enabled):
        self._debug = enabled
        if self.is_running():
            self._check_thread = lambda: None


class CallSoonOnly(Base):
    """Does not check call_at() and call_later()."""

    def call_at(self, when, callback, *args, context=None):
        debug, self._debug = self._debug, False
        try:
            return super().call_at(when, callback, *args, context=context)
        finally:
            self._debug = debug


class ChecksThreadsafe(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        if self._debug:
            self._check_thread()
        return super().call_soon_threadsafe(callback, *args, context=context)


class ChecksIdle(Base):
    """Also refuses what is scheduled before the loop runs."""

    def __init__(self):
        super().__init__()
        self.maker = None

    def call_soon(self, callback, *args, context=None):
        if not self.is_running() and self._debug:
            raise RuntimeError("no thread runs it")
        return super().call_soon(callback, *args, context=context)


class FiltersWarnings(Base):
    def run_forever(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            super().run_forever()


class NoOrigin(Base):
    """Coroutines do not remember where they were made."""

    def _set_coroutine_origin_tracking(self, enabled):
        pass


class OriginAtTheStart(Base):
    """They do only if debug mode was on when the run began."""

    def set_debug(self, enabled):
        self._debug = enabled


class OriginStays(Base):
    """They still do after the run."""

    def _set_coroutine_origin_tracking(self, enabled):
        if enabled:
            sys.set_coroutine_origin_tracking_depth(10)


class OriginToZero(Base):
    """After the run they do not, although they did before."""

    def _set_coroutine_origin_tracking(self, enabled):
        sys.set_coroutine_origin_tracking_depth(10 if enabled else 0)


class NoSource(Base):
    """The default handler leaves out where the future was made."""

    def default_exception_handler(self, context):
        super().default_exception_handler({k: v for k, v in context.items() if k != "source_traceback"})


class ForgetsWhoReports(Base):
    def default_exception_handler(self, context):
        current, self._current_handle = self._current_handle, None
        try:
            super().default_exception_handler(context)
        finally:
            self._current_handle = current


class RemembersTheLast(Base):
    """Takes the callback that was called last for the one that reports."""

    def default_exception_handler(self, context):
        current = self._current_handle
        self._current_handle = self._last = current or getattr(self, "_last", None)
        try:
            super().default_exception_handler(context)
        finally:
            self._current_handle = current


TABLE: dict[str, list[Broken]] = {
    "get-debug.bool/the-objects-true-and-false": [Broken("FlagAsNumber")],
    "get-debug.default.variable/set-to-1": [Broken("NeverByVariable")],
    "get-debug.default.variable/set-to-0": [Broken("VariableAsNumber")],
    "get-debug.default.variable/set-to-a-space": [Broken("VariableAsNumber")],
    "get-debug.default.variable/in-force-and-not-only-told": [Broken("OnIsOnlyTold")],
    "get-debug.default.false/variable-empty": [Broken("AlwaysOn"), Broken("SetIsEnough")],
    "get-debug.default.false/variable-not-set": [Broken("AlwaysOn")],
    "set-debug.sets/in-either-direction-whatever-the-environment": [Broken("VariableWins")],
    "set-debug.sets/while-the-loop-runs": [Broken("SetDebugOnlyWhenIdle")],
    "set-debug.sets/stays-from-run-to-run": [Broken("TurnsItselfOffAfterARun")],
    "set-debug.sets/of-one-loop-only": [Broken("OneFlagForAllLoops")],
    "set-debug.development-mode/by-its-environment-variable": [Broken("NoDevelopmentMode")],
    "debug.enabled-by-run/by-a-factory": [Broken("NoSetDebug")],
    "debug.enabled-by-run.false/although-the-variable-is-set": [Broken("TrueOnly")],
    "debug.enabled-by-run.none/to-the-variable": [Broken("NeverAsksTheVariable")],
    "slow-callback-duration.default/in-seconds": [Broken("Milliseconds")],
    "slow-callback-duration.set/above-a-duration-that-was-set": [Broken("FixedLimit")],
    "slow-callback-duration.set/below-a-duration-that-was-set": [Broken("LowLimit")],
    "slow-callback-duration.set/zero": [Broken("ZeroIsOff")],
    "slow-callback-duration.set/while-the-loop-runs": [Broken("CopiesLimit")],
    "slow-callback-duration.set/as-it-is-read-again": [Broken("FixedLimit")],
    "debug.slow-callback.logged/by-the-default-limit": [Broken("HighDefault")],
    "debug.slow-callback.logged/however-it-was-scheduled": [
        Broken("NoSetDebug"),
        Broken("TimersUntimed"),
        Broken("WritersUntimed"),
    ],
    "debug.slow-callback.logged/reader": [Broken("ReadersUntimed")],
    "debug.slow-callback.logged/signal-handler": [Broken("SignalsUntimed")],
    "debug.slow-callback.logged/one-that-raises": [Broken("FailedUntimed")],
    "debug.slow-callback.logged/each-of-several": [Broken("BatchTimed")],
    "debug.slow-callback.logged/once-debug-mode-is-on": [Broken("DecidesAtTheStart")],
    "debug.slow-callback.shown/by-name": [Broken("LogsNoName")],
    "debug.slow-callback.only-in-debug-mode/before-and-after": [Broken("TimesWithoutDebugMode")],
    "debug.wrong-thread.raises/from-another-thread-while-the-loop-runs": [
        Broken("NoThreadCheck"),
        Broken("CallSoonOnly"),
    ],
    "debug.wrong-thread.raises/from-a-thread-with-a-loop-of-its-own": [Broken("AnyLoopWillDo")],
    "debug.wrong-thread.raises/to-a-loop-that-runs-in-another-thread-than-the-main-one": [Broken("MainThreadOnly")],
    "debug.wrong-thread.raises/once-debug-mode-is-on": [Broken("CheckedWhenMade")],
    "debug.wrong-thread.others/from-another-thread": [Broken("NoThreadCheck")],
    "debug.right-thread.accepted/from-another-thread": [Broken("ChecksThreadsafe")],
    "debug.wrong-thread.idle-loop/prepared-in-one-thread-and-run-in-another": [Broken("ChecksIdle")],
    "never-awaited.warned/while-the-loop-runs": [Broken("FiltersWarnings")],
    "debug.never-awaited.checked/as-a-warning": [Broken("FiltersWarnings")],
    "debug.never-awaited.origin/wherever-it-was-made": [Broken("NoOrigin")],
    "debug.never-awaited.origin/once-debug-mode-is-on": [Broken("OriginAtTheStart")],
    "debug.never-awaited.tracking-ends/after-the-run-and-after-debug-mode": [
        Broken("OriginStays"),
        Broken("OriginToZero"),
    ],
    "debug.never-retrieved.created-at/by-whichever-way": [Broken("NoSource")],
    "debug.never-retrieved.created-at.future/a-future-of-the-loop-s-own": [Broken("NoSource")],
    "debug.reports.scheduled-at/made-by-a-callback": [Broken("ForgetsWhoReports"), Broken("RemembersTheLast")],
}
