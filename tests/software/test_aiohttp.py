"""An aiohttp server and client."""

import asyncio
import io
import ssl
from pathlib import Path
from typing import Any

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed (extra: software)")
from aiohttp import web  # noqa: E402  # only if it is installed


@pytest.mark.parametrize("encrypted", [False, True])
def test_requests_uploads_websockets_and_files(
    run: Any, tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, encrypted: bool
) -> None:
    (tmp_path / "file").write_bytes(b"0123456789" * 200_000)

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=f"Hello {request.match_info['name']}")

    async def length(request: web.Request) -> web.Response:
        return web.json_response({"length": len(await request.read())})

    async def chat(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data.upper())
        return socket

    async def main() -> None:
        app = web.Application(client_max_size=2**25)
        app.router.add_get("/hello/{name}", hello)
        app.router.add_post("/length", length)
        app.router.add_get("/chat", chat)
        app.router.add_static("/files", tmp_path)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_tls if encrypted else None)
        await site.start()
        host, port = runner.addresses[0][:2]
        url = f"{'https' if encrypted else 'http'}://{host}:{port}"
        connector = aiohttp.TCPConnector(ssl=client_tls if encrypted else True)
        async with aiohttp.ClientSession(url, connector=connector) as session:

            async def get(number: int) -> str:
                async with session.get(f"/hello/{number}") as response:
                    return await response.text()

            assert await asyncio.gather(*map(get, range(50))) == [f"Hello {number}" for number in range(50)]
            async with session.post("/length", data=io.BytesIO(b"x" * 5_000_000)) as response:
                assert await response.json() == {"length": 5_000_000}
            async with session.get("/files/file") as response:
                assert await response.read() == b"0123456789" * 200_000
            async with session.ws_connect("/chat") as socket:
                for text in ("one", "two"):
                    await socket.send_str(text)
                    assert await socket.receive_str() == text.upper()
        await runner.cleanup()

    run(main())
