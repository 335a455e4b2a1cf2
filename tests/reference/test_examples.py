"""The examples of the event loop page and of the transports' page, as programs: each as the pages have it in kind, with
the sleeps made shorter.
"""

import asyncio
import functools
import os
import signal
import socket
import sys
from typing import Any

import refloop


def test_hello_world_with_call_soon() -> None:
    said: list[str] = []

    def hello(loop: asyncio.AbstractEventLoop) -> None:
        said.append("Hello World")
        loop.stop()

    loop = refloop.new_event_loop()
    loop.call_soon(hello, loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
    assert said == ["Hello World"]


def test_the_current_date_with_call_later() -> None:
    times: list[float] = []
    loop = refloop.new_event_loop()

    def show(end: float) -> None:
        times.append(loop.time())
        if loop.time() + 0.01 < end:
            loop.call_later(0.01, show, end)
        else:
            loop.stop()

    loop.call_soon(show, loop.time() + 0.05)
    try:
        loop.run_forever()
    finally:
        loop.close()
    assert 1 < len(times) <= 6
    assert times == sorted(times)


def test_watching_a_file_descriptor() -> None:
    received: list[bytes] = []
    near, far = socket.socketpair()
    loop = refloop.new_event_loop()

    def reader() -> None:
        received.append(near.recv(100))
        loop.remove_reader(near)
        loop.stop()

    loop.add_reader(near, reader)
    loop.call_soon(far.send, b"abc")
    try:
        loop.run_forever()
    finally:
        near.close()
        far.close()
        loop.close()
    assert received == [b"abc"]


def test_handlers_for_sigint_and_sigterm() -> None:
    got: list[str] = []
    loop = refloop.new_event_loop()

    async def main() -> None:
        for name in ("SIGINT", "SIGTERM"):
            loop.add_signal_handler(getattr(signal, name), functools.partial(got.append, name))
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        while len(got) < 2:
            await asyncio.sleep(0.001)

    loop.run_until_complete(asyncio.wait_for(main(), 10))
    loop.close()
    assert sorted(got) == ["SIGINT", "SIGTERM"]


class EchoServer(asyncio.Protocol):
    transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert transport.get_extra_info("peername")
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)
        self.transport.close()


def test_tcp_echo() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        lost, received = loop.create_future(), bytearray()

        class Client(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                transport.write(b"Hello World!")

            def data_received(self, data: bytes) -> None:
                received.extend(data)

            def connection_lost(self, exc: BaseException | None) -> None:
                lost.set_result(exc)

        server = await loop.create_server(EchoServer, "127.0.0.1", 0)
        async with server:
            serving = asyncio.ensure_future(server.serve_forever())
            transport, _ = await loop.create_connection(Client, *server.sockets[0].getsockname())
            try:
                assert await lost is None
            finally:
                transport.close()
            serving.cancel()
        return bytes(received)

    loop = refloop.new_event_loop()
    assert loop.run_until_complete(asyncio.wait_for(main(), 10)) == b"Hello World!"
    loop.close()


def test_udp_echo_with_protocols_that_derive_from_nothing() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        answered, lost = loop.create_future(), loop.create_future()

        class Server:
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: Any) -> None:
                self.transport.sendto(data, addr)

            def connection_lost(self, exc: BaseException | None) -> None: ...

        class Client(Server):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport
                transport.sendto(b"Hello World!")

            def datagram_received(self, data: bytes, addr: Any) -> None:
                answered.set_result(data)
                self.transport.close()

            def connection_lost(self, exc: BaseException | None) -> None:
                lost.set_result(exc)

        server: Any
        server, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))  # type: ignore[type-var]  # as the page has it
        await loop.create_datagram_endpoint(Client, remote_addr=server.get_extra_info("sockname"))  # type: ignore[type-var]  # likewise
        await lost
        server.close()
        return await answered

    loop = refloop.new_event_loop()
    assert loop.run_until_complete(asyncio.wait_for(main(), 10)) == b"Hello World!"
    loop.close()


def test_connecting_an_existing_socket() -> None:
    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        received = loop.create_future()

        class Client(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def data_received(self, data: bytes) -> None:
                self.transport.close()
                received.set_result(data)

        await loop.create_connection(Client, sock=near)
        loop.call_soon(far.send, b"abc")
        data: bytes = await received
        await asyncio.sleep(0)
        far.close()
        return data

    loop = refloop.new_event_loop()
    assert loop.run_until_complete(asyncio.wait_for(main(), 10)) == b"abc"
    loop.close()


def test_subprocess_exec_and_subprocess_protocol() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        exited, output = loop.create_future(), bytearray()

        class Date(asyncio.SubprocessProtocol):
            closed = gone = False

            def pipe_connection_lost(self, fd: int, exc: BaseException | None) -> None:
                self.closed = True
                self.check()

            def pipe_data_received(self, fd: int, data: bytes) -> None:
                output.extend(data)

            def process_exited(self) -> None:
                self.gone = True
                self.check()

            def check(self) -> None:
                if self.closed and self.gone:
                    exited.set_result(None)

        code = "import datetime as dt; print(dt.datetime.now())"
        transport, _ = await loop.subprocess_exec(Date, sys.executable, "-c", code, stdin=None, stderr=None)
        await exited
        transport.close()
        return output.decode("ascii").rstrip()

    loop = refloop.new_event_loop()
    assert loop.run_until_complete(asyncio.wait_for(main(), 10)).count(":") == 2
    loop.close()
