"""The protocol that logs its callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


def recording(line: Callable[..., None], kind: type[asyncio.BaseProtocol]) -> Any:
    """Return a protocol of the base class `kind` that calls `line` with each callback's name and what tells of it."""

    class Recorder(kind):  # type: ignore[misc, valid-type]  # the base is the script's choice
        transport: Any = None

        def __init__(self) -> None:
            self.received = asyncio.Event()
            self.lost = asyncio.Event()
            self.arrived = bytearray()
            self.buffer = bytearray(65536)

        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            line("connection_made")

        def connection_lost(self, error: Exception | None) -> None:
            line("connection_lost", type(error).__name__ if error else None)
            self.lost.set()

        def pause_writing(self) -> None:
            line("pause_writing")

        def resume_writing(self) -> None:
            line("resume_writing")

        def data_received(self, data: bytes) -> None:
            self.arrived += data
            line("data_received", bytes(data))
            self.received.set()

        def get_buffer(self, sizehint: int) -> bytearray:
            return self.buffer

        def buffer_updated(self, nbytes: int) -> None:
            self.arrived += self.buffer[:nbytes]
            line("buffer_updated", bytes(self.buffer[:nbytes]))
            self.received.set()

        def eof_received(self) -> None:
            line("eof_received")

        def datagram_received(self, data: bytes, address: object) -> None:
            line("datagram_received", bytes(data))
            self.received.set()

        def error_received(self, error: OSError) -> None:
            line("error_received", type(error).__name__)

        def pipe_data_received(self, descriptor: int, data: bytes) -> None:
            line("pipe_data_received", descriptor, bytes(data))

        def pipe_connection_lost(self, descriptor: int, error: Exception | None) -> None:
            line("pipe_connection_lost", descriptor, type(error).__name__ if error else None)

        def process_exited(self) -> None:
            line("process_exited")

    # A loop may tell a buffered protocol from the other kind by the methods that it has.
    buffered = issubclass(kind, asyncio.BufferedProtocol)
    for method in ("data_received",) if buffered else ("get_buffer", "buffer_updated"):
        delattr(Recorder, method)
    return Recorder()
