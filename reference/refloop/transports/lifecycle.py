"""The life of a transport, from connection_made to connection_lost."""

import asyncio
import logging
import warnings
from typing import Any, Final

logger = logging.getLogger("asyncio")

# OPEN until close() is called. If there is something left to send then, FLUSHING. LOST when nothing is read or
# written any more, and the protocol is about to be told. CLOSED when it knows, and the descriptor is closed.
OPEN: Final = "open"
FLUSHING: Final = "flushing"
LOST: Final = "lost"
CLOSED: Final = "closed"


class Lifecycle(asyncio.BaseTransport):
    """What all transports over a descriptor share: their life, their protocol, what is known about them.

    *channel* is the socket or file that belongs to the transport from now on. connection_made() is called in the
    next turn of the loop; then *ready*, if given, is done.
    """

    life: str = CLOSED  # as long as the constructor has not come to its end
    _protocol: Any

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        channel: Any,
        protocol: asyncio.BaseProtocol,
        info: dict[str, Any],
        ready: "asyncio.Future[None] | None" = None,
    ) -> None:
        self._loop = loop
        self._channel = channel
        self._fd: int = channel.fileno()
        self._info = info
        self.set_protocol(protocol)
        self.life = OPEN
        loop.call_soon(self._begin, ready)

    def _begin(self, ready: "asyncio.Future[None] | None") -> None:
        try:
            self._protocol.connection_made(self)  # rule: connection-made.called, connection-callbacks.others-between
        finally:
            # Not before: no protocol gets data from a connection that it doesn't know of.
            if self.life is OPEN:  # rule: transport.pause-reading
                self._start()
            if ready is not None and not ready.done():
                ready.set_result(None)

    def _start(self) -> None:
        """Begin to work: called once, after connection_made()."""

    # -- the end ---------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Return True once close() or abort() was called, or the connection is lost.

        library/asyncio-protocol.html#asyncio.BaseTransport.is_closing
        """
        return self.life is not OPEN  # rule: transport.is-closing, datagram-transport.is-closing

    def abort(self) -> None:
        """Close at once; what isn't sent yet is lost.

        library/asyncio-protocol.html#asyncio.WriteTransport.abort
        """
        self._lose(None)  # rule: transport.abort.at-once, datagram-transport.abort.connection-lost

    def _fail(self, error: BaseException, message: str) -> None:
        """Lose the connection by *error*. Unless that is the kernel's or the peer's, it is a bug: report it."""
        if not isinstance(error, OSError):
            self._report(error, message)  # rule: protocols.errors
        elif self._loop.get_debug():
            logger.debug("%r: %s", self, message, exc_info=error)
        self._lose(error)

    def _report(self, error: BaseException, message: str) -> None:
        context = {"message": message, "exception": error, "transport": self, "protocol": self._protocol}
        self._loop.call_exception_handler(context)  # rule: protocols.errors.context

    def _lose(self, error: BaseException | None) -> None:
        # rule: connection-callbacks.exactly-once, transport.close.closing-afterwards
        if self.life is LOST or self.life is CLOSED:
            return
        self.life = LOST
        # rule: transport.abort.receives-no-more, datagram-transport.abort.receives-nothing-more
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)  # rule: transport.close.number-free
        self._drop_buffer()
        # In a turn of its own: the protocol, which may be calling us right now, isn't called while it runs.
        self._loop.call_soon(self._end, error)  # rule: transport.close.not-within

    def _drop_buffer(self) -> None:
        """Forget what wasn't sent."""

    def _end(self, error: BaseException | None) -> None:
        protocol = self._protocol
        try:
            protocol.connection_lost(error)  # rule: connection-lost.called, connection-lost.error
        finally:
            self.life = CLOSED
            # Transport and protocol usually hold each other: let go, rather than wait for the garbage collector.
            self._protocol = None
            self._release()

    def _release(self) -> None:
        """Give everything back that the transport holds."""
        # rule: create-connection.sock.ownership, connect-accepted-socket.ownership
        self._channel.close()  # rule: transport.close.closes, connect-pipe.closed-by-the-object

    def __del__(self) -> None:
        if self.life is not CLOSED:
            # rule: transport.unclosed
            warnings.warn(f"unclosed transport {self!r}", ResourceWarning, stacklevel=2, source=self)
            self._release()

    # -- what is known about it ------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known as *name*, or *default*.

        library/asyncio-protocol.html#asyncio.BaseTransport.get_extra_info
        """
        # rule: transport.get-extra-info.default, transport.get-extra-info.after-the-end
        return self._info.get(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* be called from now on.

        library/asyncio-protocol.html#asyncio.BaseTransport.set_protocol
        """
        self._protocol = protocol  # rule: transport.set-protocol, datagram-transport.set-protocol

    def get_protocol(self) -> Any:
        """Return the protocol; None after its connection_lost().

        library/asyncio-protocol.html#asyncio.BaseTransport.get_protocol
        """
        return self._protocol  # rule: transport.get-protocol

    def __repr__(self) -> str:
        return f"<{type(self).__name__} fd={self._fd} {' '.join(self._repr_parts())}>"

    def _repr_parts(self) -> list[str]:
        return [self.life]
