"""asyncio's own high-level half on the reference loop: run(), Runner, streams, subprocesses."""

import asyncio
import contextlib
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import refloop


@pytest.mark.skipif(sys.version_info < (3, 12), reason="asyncio.run() has loop_factory since Python 3.12")
def test_asyncio_run() -> None:
    async def main() -> str:
        assert type(asyncio.get_running_loop()) is refloop.ReferenceLoop
        await asyncio.sleep(0)
        return await asyncio.to_thread(lambda: "done")

    assert asyncio.run(main(), loop_factory=refloop.new_event_loop) == "done"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.Runner is there since Python 3.11")
def test_runner() -> None:
    async def main() -> int:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0.001, number)) for number in range(10)]
        return sum(task.result() for task in tasks)

    with asyncio.Runner(loop_factory=refloop.new_event_loop, debug=True) as runner:
        assert runner.run(main()) == 45
        assert runner.run(main()) == 45


async def upper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for line in reader:
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
    writer.writelines([b"one\n", b"two\n", b"three\n"])
    if writer.can_write_eof():
        writer.write_eof()
    lines = [await reader.readline() for _ in range(3)]
    writer.close()
    await writer.wait_closed()
    return lines


LINES = [b"ONE\n", b"TWO\n", b"THREE\n"]


@pytest.mark.parametrize("encrypted", [False, True])
def test_tcp_streams(run: Any, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, encrypted: bool) -> None:
    async def main() -> None:
        server = await asyncio.start_server(upper, "127.0.0.1", 0, ssl=server_tls if encrypted else None)
        async with server:
            address = server.sockets[0].getsockname()
            talks = [
                talk(*await asyncio.open_connection(*address, ssl=client_tls if encrypted else None)) for _ in range(20)
            ]
            assert await asyncio.gather(*talks) == [LINES] * 20

    run(main())


def test_unix_streams(run: Any, tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "server"
        async with await asyncio.start_unix_server(upper, path):
            assert await talk(*await asyncio.open_unix_connection(path)) == LINES
        assert path.exists() == (sys.version_info < (3, 13)), "since 3.13, the file goes with the server"

    run(main())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="StreamWriter.start_tls() is there since Python 3.11")
def test_streams_that_turn_to_tls(run: Any, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readline() == b"STARTTLS\n"
        writer.write(b"go ahead\n")
        await writer.start_tls(server_tls)
        await upper(reader, writer)

    async def main() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"STARTTLS\n")
            assert await reader.readline() == b"go ahead\n"
            await writer.start_tls(client_tls, server_hostname="localhost")
            assert await talk(reader, writer) == LINES

    run(main())


def test_subprocesses(run: Any) -> None:
    async def shout(text: bytes) -> bytes:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.exit(3)",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await child.communicate(text)
        assert child.returncode == 3
        return output

    async def main() -> None:
        texts = [b"x" * 10**number for number in range(7)]
        assert await asyncio.gather(*map(shout, texts)) == [text.upper() for text in texts]
        child = await asyncio.create_subprocess_shell("read line; echo $line >&2; exec sleep 1000", stdin=-1, stderr=-1)
        child.stdin.write(b"hello\n")
        assert await child.stderr.readline() == b"hello\n"
        child.terminate()
        assert await child.wait() == -15
        child.stdin.close()

    run(main())


def test_download_by_https(run: Any, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    page = bytes(range(256)) * 20_000

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page))
        writer.write(page)
        await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionResetError):  # urllib doesn't wait for TLS to say good-bye
            await writer.wait_closed()

    async def main() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls) as server:
            host, port = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port, ssl=client_tls)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = await reader.read()
            assert answer.endswith(b"\r\n\r\n" + page)
            writer.close()
            await writer.wait_closed()
            # And by a client that has never heard of asyncio.
            url = f"https://{host}:{port}/"
            with await asyncio.to_thread(urllib.request.urlopen, url, context=client_tls) as response:
                assert await asyncio.to_thread(response.read) == page

    run(main())
