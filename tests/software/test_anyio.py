"""AnyIO with the reference loop as its loop_factory."""

import asyncio
import ssl
from pathlib import Path

import pytest

import refloop

anyio = pytest.importorskip("anyio", reason="anyio is not installed (extra: software)")
from anyio.streams.tls import TLSListener, TLSStream  # noqa: E402  # only if it is installed


async def echo(stream: anyio.abc.ByteStream) -> None:
    async with stream:
        async for data in stream:
            await stream.send(data)


async def receive(stream: anyio.abc.ByteStream, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += await stream.receive()
    return received


def run(main: object, *args: object) -> None:
    anyio.run(main, *args, backend="asyncio", backend_options={"loop_factory": refloop.new_event_loop})


def test_tcp_tls_unix_and_udp(tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async def main() -> None:
        assert type(asyncio.get_running_loop()) is refloop.ReferenceLoop
        with anyio.fail_after(60):
            async with anyio.create_task_group() as group:
                listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
                group.start_soon(listener.serve, echo)
                second = await anyio.create_tcp_listener(local_host="127.0.0.1")
                group.start_soon(TLSListener(second, server_tls).serve, echo)
                group.start_soon((await anyio.create_unix_listener(tmp_path / "echo")).serve, echo)
                address = listener.extra(anyio.abc.SocketAttribute.local_address)
                plain = await anyio.connect_tcp(*address)
                lower = await anyio.connect_tcp(*second.extra(anyio.abc.SocketAttribute.local_address))
                tls = await TLSStream.wrap(lower, hostname="localhost", ssl_context=client_tls)
                unix = await anyio.connect_unix(tmp_path / "echo")
                for stream in (plain, tls, unix):
                    async with stream:
                        await stream.send(b"x" * 100_000)
                        assert await receive(stream, 100_000) == b"x" * 100_000
                async with await anyio.create_udp_socket(local_host="127.0.0.1") as udp:
                    await udp.sendto(b"hello", *udp.extra(anyio.abc.SocketAttribute.local_address))
                    assert (await udp.receive())[0] == b"hello"
                group.cancel_scope.cancel()

    run(main)


def test_processes_threads_and_signals() -> None:
    async def main() -> None:
        with anyio.fail_after(60):
            result = await anyio.run_process(["cat"], input=b"x" * 300_000)
            assert result.stdout == b"x" * 300_000
            assert await anyio.to_thread.run_sync(lambda: anyio.from_thread.run(anyio.sleep, 0)) is None
            async with await anyio.open_process(["sleep", "1000"]) as process:
                process.terminate()
                assert await process.wait() == -15

    run(main)
