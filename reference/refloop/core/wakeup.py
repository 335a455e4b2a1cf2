"""The wake-up: how another thread, or a signal, ends a poll that sleeps."""

import contextlib
import signal
import socket
from collections.abc import Iterator


class WakeUp:
    """A pair of sockets, one end of which the poller watches: a byte into the other end and the poll returns.

    Threads send a byte only if the loop is `asleep`, or about to be. The loop says so *before* it looks at
    its ready queue for the last time; threads look at it *after* they appended to that queue. So either the
    loop finds what they appended, or they find it asleep.
    """

    __slots__ = ("_receiver", "_sender", "asleep")

    def __init__(self) -> None:
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        self.asleep = False

    def fileno(self) -> int:
        """Return the descriptor to be polled for reading."""
        return self._receiver.fileno()

    def wake(self) -> None:
        """End the poll that sleeps or is about to. For any thread, and for signal handlers."""
        if self.asleep:
            self.asleep = False  # one byte is enough, however many callbacks it announces
            # Full: then there is something to wake up by. Closed: the loop was closed a moment ago.
            with contextlib.suppress(OSError):
                self._sender.send(b"\0")

    def drain(self) -> None:
        """Throw away what was received: that it came is all that it says."""
        with contextlib.suppress(BlockingIOError):
            self._receiver.recv(4096)

    @contextlib.contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """Let signals end polls, too, and give the interpreter back the descriptor that it had before.

        Python calls signal handlers between two bytecodes of the main thread. A signal that arrives when the last
        bytecode before the poll has run would have to wait for the poll to end; so the interpreter is asked to
        send a byte itself, the moment a signal arrives.
        """
        try:
            former = signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        except ValueError:
            former = None  # this is not the main thread, and no other calls signal handlers
        try:
            yield
        finally:
            if former is not None:
                try:
                    signal.set_wakeup_fd(former)
                except (ValueError, OSError):  # it was closed in the meantime
                    signal.set_wakeup_fd(-1)  # rule: run-forever.former-wakeup-fd

    def close(self) -> None:
        """Close both sockets."""
        self._receiver.close()
        self._sender.close()
