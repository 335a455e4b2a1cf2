"""uvicorn serves a Starlette application to httpx."""

import asyncio
from typing import Any

import pytest

uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra: software)")
httpx = pytest.importorskip("httpx", reason="httpx is not installed (extra: software)")
pytest.importorskip("starlette", reason="starlette is not installed (extra: software)")
from starlette.applications import Starlette  # noqa: E402  # only if it is installed
from starlette.requests import Request  # noqa: E402  # likewise
from starlette.responses import JSONResponse, StreamingResponse  # noqa: E402  # likewise
from starlette.routing import Route  # noqa: E402  # likewise


async def length(request: Request) -> JSONResponse:
    return JSONResponse({"length": len(await request.body())})


async def count(request: Request) -> StreamingResponse:
    async def numbers() -> Any:
        for number in range(100):
            yield f"{number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(numbers())


def test_a_starlette_application(run: Any) -> None:
    app = Starlette(routes=[Route("/length", length, methods=["POST"]), Route("/count", count)])

    async def main() -> None:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="on"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.001)
        host, port = server.servers[0].sockets[0].getsockname()
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
            answers = await asyncio.gather(*(client.post("/length", content=b"x" * size) for size in range(30)))
            assert [answer.json()["length"] for answer in answers] == list(range(30))
            assert (await client.post("/length", content=b"x" * 2_000_000)).json() == {"length": 2_000_000}
            assert (await client.get("/count")).text.split() == [str(number) for number in range(100)]
        server.should_exit = True
        await serving

    run(main())
