"""Children that a case starts: their whole life, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import Any


async def child_to_its_end(
    start: Callable[..., Any], arguments: tuple[object, ...], options: dict[str, object]
) -> tuple[int | None, bytes, bytes]:
    """Start a child by a loop's method; return its return code and what it wrote to descriptors 1 and 2.

    Raises TimeoutError if within four seconds the protocol does not hear of the child's end. A loop that tells it of
    the exit and never of the end of the pipes breaks other rules than that for which a child is started: three seconds
    after the exit, what has arrived is taken for all.
    """
    written = {1: b"", 2: b""}
    exited, lost = asyncio.Event(), asyncio.Event()

    class Collector(asyncio.SubprocessProtocol):
        def pipe_data_received(self, descriptor: int, data: bytes) -> None:
            written[descriptor] += data

        def process_exited(self) -> None:
            exited.set()

        def connection_lost(self, error: Exception | None) -> None:
            exited.set()
            lost.set()

    transport, _ = await start(Collector, *arguments, **options)
    try:
        await asyncio.wait_for(exited.wait(), 4)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(lost.wait(), 3)
    except asyncio.TimeoutError:
        raise TimeoutError("of a child, process_exited was not called within four seconds") from None
    finally:
        transport.close()
    return transport.get_returncode(), written[1], written[2]


def wait_until_exited(processes: tuple[int, ...]) -> None:
    """Block until these children have exited, at most four seconds, and a moment for a thread to read their status."""
    running, deadline = set(processes), time.monotonic() + 4
    while running and time.monotonic() < deadline:
        running = {process for process in running if _status_of(process) == "running"}
        time.sleep(0.001)
    for _ in range(30):
        if all(_status_of(process) == "read" for process in processes):
            break
        time.sleep(0.001)


def _status_of(process: int) -> str:
    if not hasattr(os, "waitid"):
        return "unknown"
    try:
        ended = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return "read"
    return "exited" if ended else "running"
