"""What transports do when two things happen at once, which is hard to bring about from outside."""

import asyncio
import gc
import io
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import refloop
from refloop.transports import child_exits
from refloop.transports.opening import make_transport
from refloop.transports.streams import StreamTransport
from refloop.transports.tls_options import TLSOptions


def run(main: Coroutine[Any, Any, Any]) -> Any:
    loop = refloop.new_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(main, 30))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class Recorder(asyncio.Protocol):
    def __init__(self) -> None:
        self.seen: list[object] = []
        self.lost = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.seen.append(data)

    def pause_writing(self) -> None:
        self.seen.append("pause")

    def resume_writing(self) -> None:
        self.seen.append("resume")

    def connection_lost(self, exc: BaseException | None) -> None:
        self.seen.append("lost")
        self.lost.set_result(exc)


async def connected() -> tuple[StreamTransport, Recorder, socket.socket]:
    near, far = socket.socketpair()
    far.setblocking(False)
    transport, protocol = await asyncio.get_running_loop().create_unix_connection(Recorder, sock=near)
    assert isinstance(transport, StreamTransport)
    return transport, protocol, far


async def drained(far: socket.socket, size: int) -> None:
    while size:
        size -= len(await asyncio.get_running_loop().sock_recv(far, size))


def test_a_transport_shows_its_states() -> None:
    async def main() -> None:
        transport, _, far = await connected()
        assert "open writing buffered=0 reading" in repr(transport)
        transport.pause_reading()
        transport.write(bytes(10_000_000))
        transport.write_eof()
        assert " open ended buffered=" in repr(transport)
        assert repr(transport).endswith("paused>")
        transport.close()
        assert " flushing ended " in repr(transport)
        transport.abort()
        assert " lost ended buffered=0 " in repr(transport)
        await asyncio.sleep(0)
        assert " closed " in repr(transport)
        far.close()

    run(main())


def test_sendfile_waits_for_the_buffer_and_nobody_writes_in_between() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        transport, _, far = await connected()
        transport.write(bytes(3_000_000))
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 3_000_000)
            sending = asyncio.ensure_future(loop.sendfile(transport, file))
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="sendfile"):
                transport.write(b"y")
            with pytest.raises(RuntimeError, match="not open for writing"):
                await loop.sendfile(transport, file)
            await drained(far, 6_000_000)
            assert await sending == 3_000_000
            assert file.tell() == 3_000_000
        transport.write(b"y")
        assert await loop.sock_recv(far, 10) == b"y"
        transport.close()
        await asyncio.sleep(0)
        far.close()

    run(main())


@pytest.mark.parametrize("buffered", [0, 3_000_000])
def test_sendfile_over_a_connection_that_is_lost(buffered: int) -> None:
    async def main() -> None:
        transport, protocol, far = await connected()
        transport.write(bytes(buffered))
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 3_000_000)
            file.flush()
            sending = asyncio.ensure_future(asyncio.get_running_loop().sendfile(transport, file))
            await asyncio.sleep(0.01)  # until the kernel takes no more
            transport.abort()
            with pytest.raises(ConnectionError):
                await sending
            assert 0 < file.tell() < 3_000_000 if not buffered else file.tell() == 3_000_000
        assert await protocol.lost is None
        far.close()

    run(main())


def test_sendfile_by_hand_tells_the_protocol_how_things_are() -> None:
    async def main() -> None:
        transport, protocol, far = await connected()
        file = io.BytesIO(bytes(3_000_000))
        sending = asyncio.ensure_future(asyncio.get_running_loop().sendfile(transport, file))
        far.send(b"received during sendfile")
        while not protocol.seen:
            await asyncio.sleep(0.001)
        assert protocol.seen == ["pause"]
        await drained(far, 3_000_000)
        assert await sending == 3_000_000
        while not isinstance(protocol.seen[-1], bytes):
            await asyncio.sleep(0.001)
        assert transport.get_protocol() is protocol
        assert protocol.seen[-1] == b"received during sendfile"
        assert protocol.seen.count("pause") == protocol.seen.count("resume")
        transport.close()
        assert await protocol.lost is None
        far.close()

    run(main())


def test_a_tls_transport_is_closed_before_it_begins() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        ready = loop.create_future()
        options = TLSOptions(ssl.create_default_context(), False, "localhost", 60.0, 30.0)
        make_transport(loop, near, Recorder(), options, ready).close()
        with pytest.raises(ConnectionResetError):
            await ready
        assert near.fileno() == -1
        assert far.recv(1000) == b""
        far.close()

    run(main())


def test_a_connection_that_is_given_up_while_hands_are_shaken() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        context = ssl.create_default_context()
        connecting = asyncio.ensure_future(
            loop.create_unix_connection(Recorder, sock=near, ssl=context, server_hostname="localhost")
        )
        await asyncio.sleep(0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await asyncio.sleep(0)
        assert near.fileno() == -1
        far.close()

    run(main())


def test_a_reader_that_was_cancelled_leaves_the_next_one_alone() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        near.setblocking(False)
        first = asyncio.ensure_future(loop.sock_recv(near, 10))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(loop.sock_recv(near, 10))
        first.cancel()
        await asyncio.sleep(0.001)
        far.send(b"x")
        assert await second == b"x"
        near.close()
        far.close()

    run(main())


def test_data_is_not_lost_with_a_reader_that_is_cancelled_late() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        near.setblocking(False)
        reader = asyncio.ensure_future(loop.sock_recv(near, 10))
        await asyncio.sleep(0)
        far.send(b"x")
        loop.call_later(0, lambda: loop.call_soon(reader.cancel))
        try:
            received = await reader
        except asyncio.CancelledError:
            received = near.recv(10)
        assert received == b"x"
        near.close()
        far.close()

    run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says EAGAIN if a Unix listener's queue is full")
def test_a_unix_listener_with_a_full_queue_is_waited_for(tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        path = str(tmp_path / "listener")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(0)
            clients = [socket.socket(socket.AF_UNIX) for _ in range(5)]
            for client in clients:
                client.setblocking(False)
            connecting = [asyncio.ensure_future(loop.sock_connect(client, path)) for client in clients]
            await asyncio.sleep(0.03)
            assert not all(one.done() for one in connecting)
            listener.setblocking(False)
            for _ in clients:
                (await loop.sock_accept(listener))[0].close()
            await asyncio.gather(*connecting)
            for client in clients:
                client.close()

    run(main())


def test_the_socket_file_of_another_server_is_not_removed(tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        path = tmp_path / "server"
        first = await loop.create_unix_server(asyncio.Protocol, path, cleanup_socket=True)
        second = await loop.create_unix_server(asyncio.Protocol, path, cleanup_socket=True)
        first.close()
        assert path.exists()
        second.close()
        assert not path.exists()

    run(main())


def test_a_protocol_factory_that_fails_is_reported_and_the_server_goes_on() -> None:
    reports: list[dict[str, Any]] = []
    factories: list[Callable[[], Any]] = [lambda: 1 / 0, Recorder]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reports.append(context))
        async with await loop.create_server(lambda: factories.pop(0)(), "127.0.0.1", 0) as server:
            for left in (1, 0):
                _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                while len(factories) > left:
                    await asyncio.sleep(0.001)
                writer.close()

    run(main())
    assert [type(report["exception"]) for report in reports] == [ZeroDivisionError]
    assert factories == []


@pytest.mark.parametrize("available", [True, False])
def test_children_with_and_without_pidfd(monkeypatch: pytest.MonkeyPatch, available: bool) -> None:
    if not available:
        monkeypatch.delattr(child_exits.os, "pidfd_open", raising=False)

    async def child() -> int:
        process = await asyncio.create_subprocess_exec("sh", "-c", "exit 7")
        return await process.wait()

    async def main() -> None:
        assert await asyncio.gather(*(child() for _ in range(5))) == [7] * 5
        process = await asyncio.create_subprocess_exec("sleep", "1000")
        process.kill()
        assert await process.wait() == -9

    before = len(os.listdir("/dev/fd"))
    run(main())
    assert len(os.listdir("/dev/fd")) == before


def test_a_child_that_outlives_its_loop_is_killed() -> None:
    async def main() -> Any:
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            asyncio.SubprocessProtocol, "sleep", "1000", stdin=None, stdout=None, stderr=None
        )
        return transport.get_extra_info("subprocess"), transport

    loop = refloop.new_event_loop()
    process, transport = loop.run_until_complete(main())
    loop.close()
    del loop
    with pytest.warns(ResourceWarning, match="unclosed transport <ChildTransport"):
        del transport
        gc.collect()
    assert process.wait(10) == -9


def test_an_unclosed_transport_warns_and_closes_its_socket() -> None:
    loop = refloop.new_event_loop()
    transport, _, far = loop.run_until_complete(connected())
    sock = transport.get_extra_info("socket")
    loop.close()
    with pytest.warns(ResourceWarning, match="unclosed transport <StreamTransport"):
        del transport
        del loop
        gc.collect()
    assert sock.fileno() == -1
    far.close()
