"""Broken loops for the chapter "Working with socket objects directly", the part about connections.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import errno
import socket

from broken import Broken

from refloop import ReferenceLoop as Base


class ReturnsAtOnce(Base):
    """Does not wait until the connection stands."""

    async def sock_connect(self, sock, address):
        with contextlib.suppress(BlockingIOError):
            sock.connect(address)
        if sock.type == socket.SOCK_STREAM:
            sock.close()


class HostAndPort(Base):
    """Takes an address of Internet protocol 6 for a host and a port."""

    async def sock_connect(self, sock, address):
        if isinstance(address, tuple) and len(address) > 2:
            raise ValueError("too many values to unpack (expected 2)")
        await super().sock_connect(sock, address)


class TakesPathsApart(Base):
    """Takes the path of a Unix socket for a host and a port."""

    async def sock_connect(self, sock, address):
        if not isinstance(address, tuple):
            raise ValueError("too many values to unpack (expected 2)")
        await super().sock_connect(sock, address)


class WaitsAlways(Base):
    """Waits until the peer has answered, whatever connect() says."""

    async def sock_connect(self, sock, address):
        await super().sock_connect(sock, address)
        if sock.type == socket.SOCK_DGRAM:
            await self._until_readable(sock)


class TakesRefusalForABeginning(Base):
    """As many loops do: EAGAIN of a Unix socket is no EINPROGRESS."""

    async def sock_connect(self, sock, address):
        try:
            sock.connect(address)
        except BlockingIOError as error:
            await self._until_writable(sock)
            failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                raise OSError(failure, "failed") from error


class LooksForNoError(Base):
    async def sock_connect(self, sock, address):
        with contextlib.suppress(OSError):
            await super().sock_connect(sock, address)


class Blocks(Base):
    """Waits for the socket in the call itself."""

    async def sock_connect(self, sock, address):
        sock.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            sock.connect(address)
        sock.setblocking(False)

    async def sock_accept(self, sock):
        sock.settimeout(0.1)
        try:
            return sock.accept()
        finally:
            sock.setblocking(False)


class NumbersOnly(Base):
    async def sock_connect(self, sock, address):
        if sock.family == socket.AF_INET:
            try:
                socket.inet_pton(sock.family, address[0])
            except OSError as error:
                raise OSError(errno.EINVAL, "not an address") from error
        await super().sock_connect(sock, address)


class ConnectsByName(Base):
    """Leaves names to connect(), in the thread of the loop."""

    async def sock_connect(self, sock, address):
        with contextlib.suppress(BlockingIOError):
            sock.connect(address)
        await self._until_writable(sock)


class LooksUpAtOnce(Base):
    """Asks the resolver in the thread of the loop."""

    async def sock_connect(self, sock, address):
        found = socket.getaddrinfo(*address, family=sock.family, type=sock.type)
        await super().sock_connect(sock, found[0][-1])


class Futures(Base):
    def sock_connect(self, sock, address):
        return self.create_task(super().sock_connect(sock, address))

    def sock_accept(self, sock):
        return self.create_task(super().sock_accept(sock))


class KeepsWatching(Base):
    """Leaves the watcher of who was cancelled where it is."""

    async def _until_writable(self, sock):
        writable, fd = self.create_future(), sock.fileno()
        self.add_writer(fd, lambda: writable.done() or writable.set_result(None))
        await writable
        self.remove_writer(fd)

    async def sock_sendall(self, sock, data):
        await self._until_writable(sock)
        sock.send(data)


class ListenersAddress(Base):
    async def sock_accept(self, sock):
        connection, _ = await super().sock_accept(sock)
        return connection, sock.getsockname()


class BlockingConnections(Base):
    async def sock_accept(self, sock):
        connection, address = await super().sock_accept(sock)
        connection.setblocking(True)
        return connection, address


class ClosesWhatItAccepted(Base):
    async def sock_accept(self, sock):
        connection, address = await super().sock_accept(sock)
        with connection:
            return connection, address


class WaitsFirst(Base):
    async def sock_accept(self, sock):
        while True:
            try:
                return sock.accept()
            except OSError:
                await asyncio.sleep(0.001)


class AcceptsAll(Base):
    """Accepts all that wait, and returns the last one."""

    async def sock_accept(self, sock):
        accepted = await super().sock_accept(sock)
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, address = sock.accept()
                accepted[0].close()
                accepted = connection, address
        return accepted


class GoesOn(Base):
    """Accepts for who was cancelled."""

    async def sock_accept(self, sock):
        return await asyncio.shield(self.create_task(super().sock_accept(sock)))


TABLE: dict[str, list[Broken]] = {
    "sock-connect.connects/tcp": [Broken("ReturnsAtOnce")],
    "sock-connect.connects/with-all-four-parts-of-internet-protocol-6": [Broken("HostAndPort")],
    "sock-connect.connects/a-socket-of-datagrams": [Broken("WaitsAlways", hangs=True)],
    "sock-connect.connects/a-unix-socket": [Broken("TakesPathsApart")],
    "sock-connect.connects/a-unix-socket-whose-listener-is-busy": [Broken("TakesRefusalForABeginning")],
    "sock-connect.asynchronous/refused": [Broken("LooksForNoError")],
    "sock-connect.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-connect.resolves/a-name": [Broken("NumbersOnly"), Broken("ConnectsByName"), Broken("LooksUpAtOnce")],
    "sock-connect.resolves.selector-loop/a-name": [
        Broken("NumbersOnly"),
        Broken("ConnectsByName"),
        Broken("LooksUpAtOnce"),
    ],
    "sock-connect.coroutine/that-connects-when-it-is-awaited": [Broken("Futures")],
    "sock-connect.cancel/and-the-descriptor-may-be-another-s": [Broken("KeepsWatching")],
    "sock-accept.returns/at-once-or-later": [Broken("ListenersAddress")],
    "sock-accept.returns/of-a-unix-socket": [Broken("ListenersAddress")],
    "sock-accept.usable/with-these-methods": [Broken("ClosesWhatItAccepted")],
    "sock-accept.non-blocking/as-these-methods-need-it": [Broken("BlockingConnections")],
    "sock-accept.listening.refused/as-accept-does": [Broken("WaitsFirst", hangs=True)],
    "sock-accept.asynchronous/one-after-the-other": [Broken("Blocks"), Broken("AcceptsAll", hangs=True)],
    "sock-accept.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    "sock-accept.cancel/who-comes-later-is-for-the-next": [Broken("GoesOn")],
}
