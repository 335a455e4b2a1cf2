"""Each difference between the Python versions, both sides of it, on whatever version runs the tests."""

import asyncio
import concurrent.futures
import contextvars
import socket
from pathlib import Path
from typing import Any

import pytest

import refloop
from refloop import versions


async def nothing() -> None:
    pass


@pytest.mark.parametrize(
    ("all_keywords", "seen"),
    [(True, {"name": "worker", "context": None, "extra": 1}), (False, {"extra": 1})],
)
def test_what_a_task_factory_gets(monkeypatch: pytest.MonkeyPatch, all_keywords: bool, seen: dict[str, Any]) -> None:
    monkeypatch.setattr(versions, "TASK_FACTORY_GETS_ALL_KEYWORDS", all_keywords)
    received: list[dict[str, Any]] = []

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **keywords: Any) -> asyncio.Task[Any]:
        received.append(keywords)
        return asyncio.Task(coro, loop=loop, name=keywords.get("name"))

    loop = refloop.new_event_loop()
    loop.set_task_factory(factory)
    task = loop.create_task(nothing(), name="worker", context=None, extra=1)
    assert received == [seen]
    assert task.get_name() == "worker"
    loop.run_until_complete(task)
    loop.close()


class Inline(concurrent.futures.Executor):
    """An executor without threads."""


def test_a_default_executor_without_threads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "DEFAULT_EXECUTOR_MUST_RUN_THREADS", True)
    loop = refloop.new_event_loop()
    with pytest.raises(TypeError, match="ThreadPoolExecutor"):
        loop.set_default_executor(Inline())
    loop.close()


def test_a_default_executor_without_threads_is_deprecated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "DEFAULT_EXECUTOR_MUST_RUN_THREADS", False)
    loop = refloop.new_event_loop()
    with pytest.warns(DeprecationWarning, match="ThreadPoolExecutor"):
        loop.set_default_executor(Inline())
    loop.close()


@pytest.mark.parametrize("in_context", [True, False])
def test_where_the_exception_handler_runs(monkeypatch: pytest.MonkeyPatch, in_context: bool) -> None:
    monkeypatch.setattr(versions, "EXCEPTION_HANDLER_RUNS_IN_CONTEXT", in_context)
    variable = contextvars.ContextVar("variable", default="outside")
    inside = contextvars.copy_context()
    inside.run(variable.set, "inside")
    seen: list[str] = []
    loop = refloop.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: seen.append(variable.get()))
    loop.call_soon(divmod, 1, 0, context=inside)
    loop.stop()
    loop.run_forever()
    assert seen == ["inside" if in_context else "outside"]
    loop.close()


@pytest.mark.parametrize("cleanup", [True, False, None])
def test_who_removes_a_unix_socket(tmp_path: Path, cleanup: bool | None) -> None:
    options = {} if cleanup is None else {"cleanup_socket": cleanup}
    path = tmp_path / "server"

    async def main() -> None:
        server = await asyncio.get_running_loop().create_unix_server(asyncio.Protocol, path, **options)
        server.close()
        await server.wait_closed()

    loop = refloop.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    assert path.exists() is not (versions.CLEANUP_SOCKET if cleanup is None else cleanup)


@pytest.mark.parametrize("waits", [True, False])
def test_what_wait_closed_waits_for(monkeypatch: pytest.MonkeyPatch, waits: bool) -> None:
    monkeypatch.setattr(versions, "WAIT_CLOSED_WAITS_FOR_CONNECTIONS", waits)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        transport, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname())
        await asyncio.sleep(0.01)
        server.close()
        waiting = asyncio.ensure_future(server.wait_closed())
        await asyncio.sleep(0.01)
        assert waiting.done() is not waits
        transport.close()
        await asyncio.wait_for(waiting, 10)
        await asyncio.sleep(0.01)

    loop = refloop.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


@pytest.mark.parametrize("group", [versions.ExceptionGroup, None])
def test_all_errors(monkeypatch: pytest.MonkeyPatch, group: Any) -> None:
    monkeypatch.setattr(versions, "ExceptionGroup", group)
    loop = refloop.new_event_loop()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and nobody listens
        connecting = loop.create_connection(asyncio.Protocol, *closed.getsockname(), all_errors=True)
        with pytest.raises(ConnectionRefusedError if group is None else group) as raised:
            loop.run_until_complete(connecting)
    if group is not None:
        assert [type(error) for error in raised.value.exceptions] == [ConnectionRefusedError]
    loop.close()
