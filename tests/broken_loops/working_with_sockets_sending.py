"""Broken loops for the chapter "Working with socket objects directly", the part about sending.

TABLE says which case catches which.
"""

import asyncio
import contextlib

from broken import Broken

from refloop import ReferenceLoop as Base


class BytesOnly(Base):
    async def sock_sendall(self, sock, data):
        if not isinstance(data, bytes):
            raise TypeError("data must be bytes")
        await super().sock_sendall(sock, data)


class Counts(Base):
    async def sock_sendall(self, sock, data):
        await super().sock_sendall(sock, data)
        return len(data)


class SendsOnce(Base):
    """Takes what the socket takes at once for all."""

    async def sock_sendall(self, sock, data):
        await asyncio.sleep(0)
        sock.send(data)


class BeginsAgain(Base):
    """Sends from the beginning again what the socket did not take."""

    async def sock_sendall(self, sock, data):
        sent = 0
        while sent < len(data):
            await self._until_writable(sock)
            sent += sock.send(memoryview(data)[: len(data) - sent])


class CountsItems(Base):
    async def sock_sendall(self, sock, data):
        with memoryview(data) as view:
            sent = 0
            while sent < len(view):
                try:
                    sent += sock.send(view[sent:])
                except BlockingIOError:
                    await self._until_writable(sock)


class OneWaiter(Base):
    """Watches a socket in one direction at a time."""

    def add_writer(self, fd, callback, *args):
        self.remove_reader(fd)
        super().add_writer(fd, callback, *args)


class SwallowsErrors(Base):
    async def sock_sendall(self, sock, data):
        with contextlib.suppress(OSError):
            await super().sock_sendall(sock, data)


class Blocks(Base):
    """Waits for the socket in the call itself."""

    async def sock_sendall(self, sock, data):
        sock.settimeout(0.1)
        try:
            sock.sendall(data)
        except TimeoutError:
            pass
        finally:
            sock.setblocking(False)


class Futures(Base):
    def sock_sendall(self, sock, data):
        return self.create_task(super().sock_sendall(sock, data))


class GoesOn(Base):
    """Sends on for who was cancelled."""

    async def sock_sendall(self, sock, data):
        await asyncio.shield(self.create_task(super().sock_sendall(sock, data)))


TABLE: dict[str, list[Broken]] = {
    "sock-sendall.returns/whatever-there-is-to-send": [Broken("BytesOnly"), Broken("Counts")],
    "sock-sendall.all/more-than-the-socket-holds": [Broken("BeginsAgain"), Broken("SendsOnce", hangs=True)],
    "sock-sendall.all/of-items-that-are-no-bytes": [Broken("CountsItems")],
    "sock-sendall.all/while-the-same-socket-is-read": [Broken("OneWaiter", hangs=True)],
    "sock-sendall.error/the-peer-is-gone": [Broken("SwallowsErrors")],
    "sock-sendall.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-sendall.coroutine/that-sends-when-it-is-awaited": [Broken("Futures")],
    "sock-sendall.cancel/what-is-left-is-not-sent": [Broken("GoesOn")],
}
