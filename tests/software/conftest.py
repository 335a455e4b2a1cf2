"""What the scripts in this folder share: a loop, certificates, and nothing left over in the end."""

import asyncio
import gc
import ssl
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trustme

import refloop

LIMIT = 60.0  # seconds after which a script is taken to hang


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Return a function that runs a coroutine on the reference loop and fails if anything goes wrong beside it."""
    return _run


async def _to_the_end(main: Coroutine[Any, Any, Any]) -> Any:
    result = await asyncio.wait_for(main, LIMIT)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return result


def _run(main: Coroutine[Any, Any, Any]) -> Any:
    complaints: list[dict[str, Any]] = []
    loop = refloop.new_event_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        try:
            result = loop.run_until_complete(_to_the_end(main))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()
        gc.collect()
    assert complaints == []
    return result


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
