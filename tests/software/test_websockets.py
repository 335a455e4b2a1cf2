"""A websockets server and client."""

import asyncio
import ssl
from typing import Any

import pytest

pytest.importorskip("websockets", reason="websockets is not installed (extra: software)")
from websockets.asyncio.client import connect  # only if it is installed
from websockets.asyncio.server import ServerConnection, serve


@pytest.mark.parametrize("encrypted", [False, True])
def test_echo(run: Any, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, encrypted: bool) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async def talk(url: str) -> None:
        async with connect(url, ssl=client_tls if encrypted else None, max_size=None) as socket:
            for message in ("hello", b"bytes", "x" * 500_000):
                await socket.send(message)
                assert await socket.recv() == message
            await (await socket.ping())

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0, ssl=server_tls if encrypted else None, max_size=None) as server:
            host, port = next(iter(server.sockets)).getsockname()
            url = f"{'wss' if encrypted else 'ws'}://{host}:{port}"
            await asyncio.gather(*(talk(url) for _ in range(10)))

    run(main())
