"""Broken loops for the chapter "Working with socket objects directly", the part about receiving.

TABLE says which case catches which.
"""

import asyncio
import socket

from broken import Broken

from refloop import ReferenceLoop as Base


class HandsOutItsBuffer(Base):
    async def sock_recv(self, sock, nbytes):
        return bytearray(await super().sock_recv(sock, nbytes))


class StreamsOnly(Base):
    async def sock_recv(self, sock, nbytes):
        if sock.type != socket.SOCK_STREAM:
            raise ValueError("no stream")
        return await super().sock_recv(sock, nbytes)


class WaitsForAll(Base):
    """Waits until nbytes were received."""

    async def sock_recv(self, sock, nbytes):
        data = b""
        while len(data) < nbytes:
            data += await super().sock_recv(sock, nbytes - len(data))
        return data


class ReadsAhead(Base):
    async def sock_recv(self, sock, nbytes):
        return (await super().sock_recv(sock, 65536))[:nbytes]


class Blocks(Base):
    """Waits for the socket in the call itself."""

    async def sock_recv(self, sock, nbytes):
        sock.settimeout(0.1)
        try:
            return sock.recv(nbytes)
        except TimeoutError:
            return b"nothing in time"
        finally:
            sock.setblocking(False)


class NothingIsNotTheEnd(Base):
    async def sock_recv(self, sock, nbytes):
        while not (data := await super().sock_recv(sock, nbytes)):
            await asyncio.sleep(0.001)
        return data


class LogsErrors(Base):
    """Reads in a callback, and leaves its errors to the loop."""

    async def sock_recv(self, sock, nbytes):
        received = self.create_future()

        def readable():
            received.set_result(sock.recv(nbytes))

        self.add_reader(sock, readable)
        try:
            return await received
        finally:
            self.remove_reader(sock)


class OneWaiter(Base):
    """Keeps one reader for all sockets."""

    waiter = None

    async def sock_recv(self, sock, nbytes):
        self.waiter = self.create_future()
        waiter = self.waiter
        self.add_reader(sock, lambda: self.waiter.done() or self.waiter.set_result(None))
        try:
            await waiter
        finally:
            self.remove_reader(sock)
        return sock.recv(nbytes)


class Futures(Base):
    def sock_recv(self, sock, nbytes):
        return self.create_task(super().sock_recv(sock, nbytes))

    def sock_recv_into(self, sock, buf):
        return self.create_task(super().sock_recv_into(sock, buf))


class ZeroesTheRest(Base):
    async def sock_recv_into(self, sock, buf):
        view = memoryview(buf).cast("B")
        number = await super().sock_recv_into(sock, buf)
        view[number:] = bytes(len(view) - number)
        return number


class ReadsMoreThanItTakes(Base):
    async def sock_recv_into(self, sock, buf):
        data = (await self.sock_recv(sock, 65536))[: len(buf)]
        memoryview(buf).cast("B")[: len(data)] = data
        return len(data)


class BytesAtTheEnd(Base):
    async def sock_recv_into(self, sock, buf):
        return await super().sock_recv_into(sock, buf) or b""


class BufferOfItsOwn(Base):
    """What has to be waited for is read into another buffer."""

    async def sock_recv_into(self, sock, buf):
        try:
            return sock.recv_into(buf)
        except BlockingIOError:
            return len(await self.sock_recv(sock, len(buf)))


class TakesBlockingSockets(Base):
    def _check_socket(self, sock):
        sock.setblocking(False)


class KeepsReading(Base):
    """Reads on for who was cancelled."""

    async def sock_recv(self, sock, nbytes):
        return await asyncio.shield(self.create_task(super().sock_recv(sock, nbytes)))


class LetsGoLater(Base):
    """Stops watching in a callback of the future, a turn later."""

    async def sock_recv(self, sock, nbytes):
        try:
            return sock.recv(nbytes)
        except BlockingIOError:
            pass
        received, fd = self.create_future(), sock.fileno()
        received.add_done_callback(lambda _: self.remove_reader(fd))
        self.add_reader(fd, lambda: received.done() or received.set_result(sock.recv(nbytes)))
        return await received


class KeepsWatching(Base):
    """Leaves the watcher of who was cancelled where it is."""

    async def sock_recv(self, sock, nbytes):
        try:
            return sock.recv(nbytes)
        except BlockingIOError:
            pass
        received, fd = self.create_future(), sock.fileno()
        self.add_reader(fd, lambda: received.done() or received.set_result(sock.recv(nbytes)))
        data = await received
        self.remove_reader(fd)
        return data


class TakesEverySocket(Base):
    def _check_socket(self, sock):
        pass


TABLE: dict[str, list[Broken]] = {
    "sock-recv.returns/of-every-kind-of-socket": [Broken("HandsOutItsBuffer"), Broken("StreamsOnly")],
    "sock-recv.returns/without-waiting-for-more": [Broken("WaitsForAll", hangs=True)],
    "sock-recv.nbytes/and-leaves-the-rest": [Broken("ReadsAhead")],
    "sock-recv.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-recv.asynchronous/nothing-is-the-end": [Broken("NothingIsNotTheEnd", hangs=True)],
    "sock-recv.asynchronous/errors-come-through": [Broken("LogsErrors", hangs=True)],
    "sock-recv.asynchronous/many-at-once": [Broken("OneWaiter", hangs=True)],
    "sock-recv.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    "sock-recv-into.buffer/at-its-beginning-and-not-beyond-what-came": [Broken("ZeroesTheRest")],
    "sock-recv-into.buffer/no-more-than-it-holds": [Broken("ReadsMoreThanItTakes")],
    "sock-recv-into.returns/zero-at-the-end": [Broken("BytesAtTheEnd")],
    "sock-recv-into.returns/of-what-it-had-to-wait-for": [Broken("BufferOfItsOwn")],
    "sock-recv-into.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    "sockets.non-blocking.debug/each-of-them": [Broken("TakesBlockingSockets")],
    "sockets.non-blocking.debug/each-of-those-for-datagrams": [Broken("TakesBlockingSockets")],
    "sockets.cancel.lets-go/what-comes-later-is-for-the-next": [Broken("KeepsReading")],
    "sockets.cancel.lets-go/and-the-next-can-begin-at-once": [Broken("LetsGoLater", hangs=True)],
    "sockets.cancel.lets-go/and-it-can-be-closed": [Broken("KeepsWatching", hangs=True)],
    "sockets.ssl-socket/a-wrapped-one": [Broken("TakesEverySocket")],
}
