"""Server objects.

library/asyncio-eventloop.html#server-objects
"""

import asyncio
import errno
import socket
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Final

from refloop import versions
from refloop.transports.opening import make_transport
from refloop.transports.tls_options import TLSOptions
from refloop.unix_paths import remove_socket_if_ours

# BOUND until start_serving() is called; then SERVING until close().
BOUND: Final = "bound"
SERVING: Final = "serving"
CLOSED: Final = "closed"

# There are too many open files, or there is too little memory: no fault of the connection that waits.
OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
# Then nothing is accepted for this time, in seconds; the listening socket would be ready all the time.
RECOVERY = 1.0


class Server(asyncio.AbstractServer):
    """Accepts connections on *sockets* and gives each a protocol and a transport.

    *path*, if given, is the Unix socket's file that close() has to remove, and its inode.

    library/asyncio-eventloop.html#asyncio.Server
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sockets: Sequence[socket.socket],
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        tls: TLSOptions | None,
        backlog: int,
        path: tuple[str | bytes, int] | None = None,
    ) -> None:
        self.state = BOUND
        self._loop = loop
        self._sockets = list(sockets)
        self._protocol_factory = protocol_factory
        self._tls = tls
        self._backlog = backlog
        self._path = path
        # Weak: a transport that was dropped, and not closed, isn't kept by its server.
        self._transports: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._serving_forever: asyncio.Future[None] | None = None
        self._waiting: list[asyncio.Future[None]] = []

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop.

        library/asyncio-eventloop.html#asyncio.Server.get_loop
        """
        return self._loop  # rule: server.get-loop

    @property
    def sockets(self) -> Any:
        """The listening sockets, in a new list; None after close().

        library/asyncio-eventloop.html#asyncio.Server.sockets
        """
        if self.state is CLOSED:
            return None  # rule: server.close.sockets-none
        # rule: server.sockets, server.sockets.before-serving, server.sockets.copy
        return [asyncio.trsock.TransportSocket(sock) for sock in self._sockets]  # type: ignore[attr-defined]  # typeshed: documented

    # -- serving ---------------------------------------------------------------------------------------------

    def is_serving(self) -> bool:
        """Return True while connections are accepted.

        library/asyncio-eventloop.html#asyncio.Server.is_serving
        """
        return self.state is SERVING  # rule: server.is-serving

    async def start_serving(self) -> None:
        """Accept connections from now on; without effect if that is so already. RuntimeError after close().

        library/asyncio-eventloop.html#asyncio.Server.start_serving
        """
        self._serve()

    def _serve(self) -> None:
        if self.state is CLOSED:
            raise RuntimeError("the server is closed")
        self.state = SERVING
        for sock in self._sockets:  # rule: server.start-serving.idempotent
            sock.listen(self._backlog)  # rule: create-server.backlog
            self._watch(sock)  # rule: server.start-serving

    def _watch(self, sock: socket.socket) -> None:
        if self.state is SERVING:
            # The loop holds the server by this: whoever serves need not.
            # rule: create-server.start-serving.unreferenced
            self._loop.add_reader(sock.fileno(), self._acceptable, sock)

    async def serve_forever(self) -> None:
        """Accept connections until this coroutine is cancelled, or close() called; then close.

        RuntimeError after close(), and if somebody waits here already.

        library/asyncio-eventloop.html#asyncio.Server.serve_forever
        """
        if self._serving_forever is not None:
            # rule: server.serve-forever.only-one, server.serve-forever.refused
            raise RuntimeError("there is a serve_forever() for this server already")
        self._serve()
        self._serving_forever = self._loop.create_future()
        try:
            await self._serving_forever  # rule: server.serve-forever
        except asyncio.CancelledError:
            self.close()  # rule: server.serve-forever.cancelled
            await self.wait_closed()
            raise

    def _acceptable(self, sock: socket.socket) -> None:
        for _ in range(self._backlog):
            try:
                connection, _address = sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in OUT_OF_RESOURCES:
                    raise
                self._recover(sock, error)
                return
            self._accepted(connection)
            if self.state is not SERVING:  # which a protocol factory may be the reason for
                return

    def _recover(self, sock: socket.socket, error: OSError) -> None:
        self._loop.call_exception_handler(  # rule: create-server.out-of-descriptors.reported
            {
                "message": f"accept() failed; the next attempt is in {RECOVERY} seconds",
                "exception": error,
                "socket": sock,
            }
        )
        self._loop.remove_reader(sock.fileno())  # rule: create-server.out-of-descriptors.pause
        self._loop.call_later(RECOVERY, self._watch, sock)  # rule: create-server.out-of-descriptors

    def _accepted(self, connection: socket.socket) -> None:
        try:
            # rule: create-server.protocol-factory, create-server.ssl.each-client
            make_transport(self._loop, connection, self._protocol_factory(), self._tls, server=self)
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as error:
            connection.close()  # rule: create-server.protocol-factory.raises
            # rule: create-server.protocol-factory.raises.reported
            self._loop.call_exception_handler(
                {"message": "An accepted connection got no transport", "exception": error}
            )

    # -- closing ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop listening; open connections stay open.

        library/asyncio-eventloop.html#asyncio.Server.close
        """
        if self.state is CLOSED:  # rule: server.close.twice
            return
        self.state = CLOSED
        if self._path is not None:
            remove_socket_if_ours(*self._path)  # rule: create-unix-server.cleanup-socket
        # rule: server.close.connections-stay-open
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())
            sock.close()  # rule: server.close.stops, create-server.sock.ownership
        if self._serving_forever is not None:
            self._serving_forever.cancel()  # rule: server.close.ends-serve-forever
        self._wake_if_done()

    def close_clients(self) -> None:
        """Call close() on the transport of each open connection.

        library/asyncio-eventloop.html#asyncio.Server.close_clients
        """
        for transport in list(self._transports):
            transport.close()  # rule: server.close-clients

    def abort_clients(self) -> None:
        """Call abort() on the transport of each open connection.

        library/asyncio-eventloop.html#asyncio.Server.abort_clients
        """
        for transport in list(self._transports):
            transport.abort()  # rule: server.abort-clients

    async def wait_closed(self) -> None:
        """Wait until close() was called and no connection is open any more.

        library/asyncio-eventloop.html#asyncio.Server.wait_closed
        """
        # rule: server.wait-closed.connections, server.wait-closed.before-3-12
        if self.state is CLOSED and not (self._transports and versions.WAIT_CLOSED_WAITS_FOR_CONNECTIONS):
            return
        waiting = self._loop.create_future()
        self._waiting.append(waiting)
        await waiting  # rule: server.wait-closed

    def attach(self, transport: asyncio.Transport) -> None:
        """Count *transport* as open."""
        self._transports.add(transport)

    def detach(self, transport: asyncio.Transport) -> None:
        """Count *transport* no longer."""
        self._transports.discard(transport)
        self._wake_if_done()

    def _wake_if_done(self) -> None:
        if self.state is CLOSED and not self._transports:
            for waiting in self._waiting:
                if not waiting.done():
                    waiting.set_result(None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state} sockets={self.sockets!r}>"
