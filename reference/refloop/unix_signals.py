"""Unix signals.

library/asyncio-eventloop.html#unix-signals
"""

import contextvars
import signal
from collections.abc import Callable
from types import FrameType

from refloop.chapter import Chapter
from refloop.core import Core
from refloop.core.callbacks import check_callback

UNCATCHABLE = {signal.SIGKILL, signal.SIGSTOP}


class UnixSignals(Chapter):
    """add_signal_handler() and remove_signal_handler().

    Python calls a signal handler in the main thread, in the middle of whatever runs there. Ours only calls
    call_soon_threadsafe(), which is made for that; the callback itself runs in the loop, like any other. That
    the signal ends a poll that sleeps is the business of core/wakeup.py.
    """

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._signals: set[int] = set()

    def add_signal_handler(self, signum: int, callback: Callable[..., object], *args: object) -> None:
        """Call *callback* with *args* in the loop whenever the signal number *signum* arrives.

        TypeError if *signum* is no int, or *callback* is a coroutine or can't be called; ValueError if there
        is no such signal or it can't be caught; RuntimeError if the handler can't be set up, as in any but
        the main thread.

        library/asyncio-eventloop.html#asyncio.loop.add_signal_handler
        """
        check_callback(callback)  # rule: add-signal-handler.coroutine
        _check_signal(signum)
        if signum in UNCATCHABLE:  # rule: add-signal-handler.uncatchable, add-signal-handler.refused-leaves-others
            raise ValueError(f"signal {signum} cannot be caught")
        self._check_open()
        context = contextvars.copy_context()  # rule: add-signal-handler.context

        def schedule(_: int, __: FrameType | None) -> None:
            # rule: add-signal-handler.arguments, add-signal-handler.invoked-by-the-loop
            # rule: add-signal-handler.may-use-the-loop
            self.call_soon_threadsafe(callback, *args, context=context)

        try:
            signal.signal(signum, schedule)  # rule: add-signal-handler.called, add-signal-handler.main-thread
            signal.siginterrupt(signum, False)  # or system calls of C libraries would fail with EINTR
        except (ValueError, OSError) as error:  # rule: add-signal-handler.main-thread.error
            raise RuntimeError(f"cannot handle signal {signum}: {error}") from error
        self._signals.add(signum)

    def remove_signal_handler(self, sig: int) -> bool:
        """Give the signal number *sig* its default handler back. Return False if the loop did not handle it.

        TypeError and ValueError are as with add_signal_handler().

        library/asyncio-eventloop.html#asyncio.loop.remove_signal_handler
        """
        _check_signal(sig)
        # rule: remove-signal-handler.returns, add-signal-handler.refused-leaves-nothing
        if sig not in self._signals:
            return False
        # rule: remove-signal-handler.removes, remove-signal-handler.default
        signal.signal(sig, signal.default_int_handler if sig == signal.SIGINT else signal.SIG_DFL)
        self._signals.remove(sig)
        return True

    def close(self) -> None:
        """Remove all signal handlers, and go on closing."""
        try:
            for sig in list(self._signals):
                self.remove_signal_handler(sig)  # rule: signal-handlers.close
        finally:  # other threads than the main one can't touch signals; all else still has to be closed
            super().close()


def _check_signal(sig: int) -> None:
    if not isinstance(sig, int):  # rule: add-signal-handler.type-error
        raise TypeError(f"a signal number must be an int, not {sig!r}")
    if sig not in signal.valid_signals():  # rule: add-signal-handler.invalid-number
        raise ValueError(f"there is no signal {sig}")
