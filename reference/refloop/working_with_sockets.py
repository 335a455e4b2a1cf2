"""Working with socket objects directly.

library/asyncio-eventloop.html#working-with-socket-objects-directly

Every method first does at once what it is asked for: mostly there is nothing to wait for. Only if the socket
would block, it waits until the socket is ready, and then tries again, since somebody else may have been faster.
Nothing is taken from a socket while its reader waits, so that a reader who is cancelled loses nothing.
"""

import asyncio
import errno
import socket
import ssl
from typing import IO, Any

from refloop.chapter import Chapter
from refloop.core import Core
from refloop.dns import resolve
from refloop.sending_files import check_file, send_by_hand, send_by_kernel

# A Unix socket whose listener has a full queue can't be waited for: nothing ever tells that there is room.
RETRY_UNIX_CONNECT = 0.01


class WorkingWithSockets(Chapter):
    """sock_recv(), sock_sendall() and their family. Sockets have to be non-blocking.

    In debug mode a blocking one is a ValueError. TypeError for an ssl.SSLSocket, whose descriptor says little
    about what can be read or written.
    """

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        # Who waits for which descriptor at the moment.
        self._sock_readers: dict[int, asyncio.Future[None]] = {}
        self._sock_writers: dict[int, asyncio.Future[None]] = {}

    async def sock_recv(self, sock: socket.socket, nbytes: int) -> bytes:  # rule: sock-recv.coroutine
        """Receive up to *nbytes* bytes from *sock*; b"" at the end of the stream.

        library/asyncio-eventloop.html#asyncio.loop.sock_recv
        """
        self._check_socket(sock)
        while True:
            try:
                return sock.recv(nbytes)  # rule: sock-recv.returns, sock-recv.nbytes
            except BlockingIOError:
                await self._until_readable(sock)

    async def sock_recv_into(self, sock: socket.socket, buf: Any) -> int:  # rule: sock-recv-into.coroutine
        """Receive from *sock* into the buffer *buf*; return the number of bytes.

        library/asyncio-eventloop.html#asyncio.loop.sock_recv_into
        """
        self._check_socket(sock)
        while True:
            try:
                return sock.recv_into(buf)  # rule: sock-recv-into.buffer, sock-recv-into.returns
            except BlockingIOError:
                await self._until_readable(sock)

    # rule: sock-recvfrom.coroutine
    async def sock_recvfrom(self, sock: socket.socket, bufsize: int) -> tuple[bytes, Any]:
        """Receive a datagram of up to *bufsize* bytes from *sock*; return it and its sender's address.

        library/asyncio-eventloop.html#asyncio.loop.sock_recvfrom
        """
        self._check_socket(sock)
        while True:
            try:
                # rule: sock-recvfrom.returns, sock-recvfrom.bufsize, sock-recvfrom.asynchronous
                return sock.recvfrom(bufsize)
            except BlockingIOError:
                await self._until_readable(sock)

    # rule: sock-recvfrom-into.coroutine
    async def sock_recvfrom_into(self, sock: socket.socket, buf: Any, nbytes: int = 0) -> tuple[int, Any]:
        """Receive a datagram of up to *nbytes* bytes (0: as many as fit) from *sock* into *buf*.

        Return the number of bytes received and the sender's address.

        library/asyncio-eventloop.html#asyncio.loop.sock_recvfrom_into
        """
        self._check_socket(sock)
        while True:
            try:
                # rule: sock-recvfrom-into.returns, sock-recvfrom-into.nbytes
                # rule: sock-recvfrom-into.too-small, sock-recvfrom-into.asynchronous
                return sock.recvfrom_into(buf, nbytes)
            except BlockingIOError:
                await self._until_readable(sock)

    # rule: sock-sendall.coroutine
    async def sock_sendall(self, sock: socket.socket, data: Any) -> None:
        """Send all of *data*, a bytes-like object, to *sock*.

        library/asyncio-eventloop.html#asyncio.loop.sock_sendall
        """
        self._check_socket(sock)
        with memoryview(data) as view, view.cast("B") as rest:  # rule: sock-sendall.all
            sent = 0
            while sent < len(rest):
                try:
                    # rule: sock-sendall.error, sock-sendall.asynchronous, sock-sendall.returns
                    sent += sock.send(rest[sent:])
                except BlockingIOError:
                    await self._until_writable(sock)

    async def sock_sendto(self, sock: socket.socket, data: Any, address: Any) -> int:  # rule: sock-sendto.coroutine
        """Send *data* as a datagram from *sock* to *address*; return the number of bytes sent.

        library/asyncio-eventloop.html#asyncio.loop.sock_sendto
        """
        self._check_socket(sock)
        while True:
            try:
                # rule: sock-sendto.sends, sock-sendto.returns, sock-sendto.asynchronous
                return sock.sendto(data, address)
            except BlockingIOError:
                await self._until_writable(sock)

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:  # rule: sock-connect.coroutine
        """Connect *sock* to *address*, of which the host may be a name.

        library/asyncio-eventloop.html#asyncio.loop.sock_connect
        """
        self._check_socket(sock)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            # rule: sock-connect.resolves, sock-connect.resolves.selector-loop
            found = await resolve(self, address, family=sock.family, type=sock.type, proto=sock.proto)
            address = found[0][4]
        while True:
            try:
                sock.connect(address)  # rule: sock-connect.connects
                return
            except BlockingIOError as error:
                if error.errno != errno.EAGAIN:
                    break  # EINPROGRESS: the kernel goes on with it
                await asyncio.sleep(RETRY_UNIX_CONNECT)
        await self._until_writable(sock)
        failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # rule: sock-connect.asynchronous
        if failure:
            raise OSError(failure, f"Connecting to {address} failed")

    async def sock_accept(self, sock: socket.socket) -> tuple[socket.socket, Any]:  # rule: sock-accept.coroutine
        """Accept a connection of the listening *sock*; return its socket, non-blocking, and the peer's address.

        library/asyncio-eventloop.html#asyncio.loop.sock_accept
        """
        self._check_socket(sock)
        while True:
            try:
                connection, address = sock.accept()  # rule: sock-accept.asynchronous, sock-accept.listening.refused
            except BlockingIOError:
                await self._until_readable(sock)
            else:
                connection.setblocking(False)  # rule: sock-accept.non-blocking
                return connection, address  # rule: sock-accept.returns, sock-accept.usable

    async def sock_sendfile(  # rule: sock-sendfile.coroutine
        self,
        sock: socket.socket,
        file: IO[bytes],
        offset: int = 0,
        count: int | None = None,
        *,
        fallback: bool | None = True,
    ) -> int:
        """Send *count* bytes (None: all) of *file* from *offset* on to *sock*; return how many were sent.

        The kernel does it if it can; if not, *fallback* decides between reading and sending by hand and
        SendfileNotAvailableError. The file's position is behind what was sent, in case of an error as well.
        ValueError for what can't be sent: a text file, a negative offset, a count below 1, a datagram socket.

        library/asyncio-eventloop.html#asyncio.loop.sock_sendfile
        """
        self._check_socket(sock)
        if sock.type != socket.SOCK_STREAM:  # rule: sock-sendfile.arguments.refused
            raise ValueError("only SOCK_STREAM sockets can send files")
        check_file(file, offset, count)
        try:
            # rule: sock-sendfile.sends, sock-sendfile.by-the-kernel, sock-sendfile.asynchronous
            return await send_by_kernel(sock, file, offset, count, lambda: self._until_writable(sock))
        except asyncio.SendfileNotAvailableError:
            if not fallback:  # rule: sock-sendfile.fallback.false
                raise

        async def send(data: memoryview) -> None:
            await self.sock_sendall(sock, data)

        # rule: sock-sendfile.fallback, sock-sendfile.fallback.file-type
        return await send_by_hand(self, send, file, offset, count)

    # -- waiting ---------------------------------------------------------------------------------------------

    def _check_socket(self, sock: socket.socket) -> None:
        if isinstance(sock, ssl.SSLSocket):  # rule: sockets.ssl-socket
            raise TypeError("an SSLSocket can't be used here: use create_connection() or start_tls()")
        if self.get_debug() and sock.gettimeout() != 0:  # rule: sockets.non-blocking.debug
            raise ValueError("the socket must be non-blocking")

    async def _until_readable(self, sock: socket.socket) -> None:
        fd = sock.fileno()
        self._sock_readers[fd] = readable = self.create_future()
        self.add_reader(fd, self._sock_readable, fd)
        try:
            await readable  # rule: sock-recv.asynchronous, sock-accept.cancel
        finally:
            # We were cancelled. But somebody else may wait for the same socket by now.
            if self._sock_readers.get(fd) is readable:  # rule: sockets.cancel.lets-go
                del self._sock_readers[fd]
                self.remove_reader(fd)

    def _sock_readable(self, fd: int) -> None:
        self.remove_reader(fd)  # or the next poll, before the task has its turn, would report it again
        _settle(self._sock_readers.pop(fd))

    async def _until_writable(self, sock: socket.socket) -> None:
        fd = sock.fileno()
        self._sock_writers[fd] = writable = self.create_future()
        self.add_writer(fd, self._sock_writable, fd)
        try:
            await writable  # rule: sock-sendall.cancel
        finally:
            if self._sock_writers.get(fd) is writable:  # rule: sock-connect.cancel
                del self._sock_writers[fd]
                self.remove_writer(fd)

    def _sock_writable(self, fd: int) -> None:
        self.remove_writer(fd)
        _settle(self._sock_writers.pop(fd))


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():  # it may have been cancelled, and the task not know it yet
        future.set_result(None)
