"""Broken loops for the chapter "Working with socket objects directly", the part about datagrams.

TABLE says which case catches which.
"""

import socket

from broken import Broken

from refloop import ReferenceLoop as Base


class AddressFirst(Base):
    async def sock_recvfrom(self, sock, bufsize):
        data, address = await super().sock_recvfrom(sock, bufsize)
        return address, data

    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        number, address = await super().sock_recvfrom_into(sock, buf, nbytes)
        return bytes(buf[:number]), address


class SkipsEmptyOnes(Base):
    async def sock_recvfrom(self, sock, bufsize):
        while True:
            data, address = await super().sock_recvfrom(sock, bufsize)
            if data:
                return data, address


class HostAndPort(Base):
    """Knows addresses of two parts."""

    async def sock_recvfrom(self, sock, bufsize):
        data, (host, port) = await super().sock_recvfrom(sock, bufsize)
        return data, (host, port)

    async def sock_sendto(self, sock, data, address):
        host, port = address
        return await super().sock_sendto(sock, data, (host, port))


class FillsTheBuffer(Base):
    """Receives until bufsize is reached, like a stream."""

    async def sock_recvfrom(self, sock, bufsize):
        data, address = await super().sock_recvfrom(sock, 65536)
        return data[:bufsize], address

    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        return await super().sock_recvfrom_into(sock, buf, len(buf))


class JoinsDatagrams(Base):
    async def sock_recvfrom(self, sock, bufsize):
        data, address = await super().sock_recvfrom(sock, 65536)
        while len(data) < bufsize or data == b"abcdef":
            try:
                more = sock.recv(bufsize)
            except BlockingIOError:
                break
            data += more
        return data[:bufsize], address


class Blocks(Base):
    """Waits for the socket in the call itself."""

    async def sock_recvfrom(self, sock, bufsize):
        sock.settimeout(0.1)
        try:
            return sock.recvfrom(bufsize)
        finally:
            sock.setblocking(False)

    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        sock.settimeout(0.1)
        try:
            return sock.recvfrom_into(buf, nbytes)
        finally:
            sock.setblocking(False)


class LogsErrors(Base):
    """Works in callbacks, and leaves their errors to the loop."""

    async def sock_recvfrom(self, sock, bufsize):
        received = self.create_future()
        self.add_reader(sock, lambda: received.set_result(sock.recvfrom(bufsize)))
        try:
            return await received
        finally:
            self.remove_reader(sock)

    async def sock_sendto(self, sock, data, address):
        sent = self.create_future()
        self.call_soon(lambda: sent.set_result(sock.sendto(data, address)))
        return await sent


class NbytesAreFlags(Base):
    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        return await super().sock_recvfrom_into(sock, buf)


class NoCheck(Base):
    async def sock_recvfrom_into(self, sock, buf, nbytes=0):
        return await super().sock_recvfrom_into(sock, buf, min(nbytes, len(buf)))


class NothingReturned(Base):
    async def sock_sendto(self, sock, data, address):
        await super().sock_sendto(sock, data, address)


class ItsOwnSocket(Base):
    """Sends from another socket than the one it is given."""

    async def sock_sendto(self, sock, data, address):
        with socket.socket(sock.family, socket.SOCK_DGRAM) as other:
            return other.sendto(data, address)


class GivesUp(Base):
    async def sock_sendto(self, sock, data, address):
        try:
            return sock.sendto(data, address)
        except BlockingIOError:
            return len(data)


class Futures(Base):
    def sock_recvfrom(self, sock, bufsize):
        return self.create_task(super().sock_recvfrom(sock, bufsize))

    def sock_recvfrom_into(self, sock, buf, nbytes=0):
        return self.create_task(super().sock_recvfrom_into(sock, buf, nbytes))

    def sock_sendto(self, sock, data, address):
        return self.create_task(super().sock_sendto(sock, data, address))


TABLE: dict[str, list[Broken]] = {
    "sock-recvfrom.returns/at-once-or-later": [Broken("AddressFirst")],
    "sock-recvfrom.returns/an-empty-datagram-too": [Broken("SkipsEmptyOnes", hangs=True)],
    "sock-recvfrom.returns/of-every-family": [Broken("HostAndPort")],
    "sock-recvfrom.bufsize/one-a-call-and-no-more-of-it": [Broken("JoinsDatagrams")],
    "sock-recvfrom.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-recvfrom.asynchronous/errors-come-through": [Broken("LogsErrors", hangs=True)],
    "sock-recvfrom.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    "sock-recvfrom-into.returns/at-once-or-later": [Broken("AddressFirst")],
    "sock-recvfrom-into.nbytes/the-buffer-s-rest-stays-as-it-was": [Broken("NbytesAreFlags"), Broken("FillsTheBuffer")],
    "sock-recvfrom-into.too-small/rather-than-writing-past-its-end": [Broken("NoCheck")],
    "sock-recvfrom-into.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-recvfrom-into.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    "sock-sendto.sends/to-every-family": [Broken("HostAndPort"), Broken("ItsOwnSocket")],
    "sock-sendto.returns/an-empty-one-s-as-well": [Broken("NothingReturned")],
    "sock-sendto.asynchronous/others-run-while-it-waits": [Broken("GivesUp", hangs=True)],
    "sock-sendto.asynchronous/errors-come-through": [Broken("LogsErrors", hangs=True)],
    "sock-sendto.coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
}
