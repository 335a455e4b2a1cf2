"""The reference loop under load: many connections, many timers, much data, no descriptors left."""

import asyncio
import errno
import gc
import os
import resource
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import psutil
import pytest

import refloop

KIB, MIB = 1024, 1024 * 1024


def run(main: Coroutine[Any, Any, Any], limit: float = 120) -> Any:
    loop = refloop.new_event_loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(main, limit))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def resident() -> int:
    """Return the bytes of memory that this process occupies, after a garbage collection."""
    gc.collect()
    return psutil.Process().memory_info().rss


@pytest.fixture
def descriptors() -> Iterator[Callable[[int], None]]:
    """Return a function that sets how many descriptors this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def limit(number: int) -> None:
        if hard != resource.RLIM_INFINITY and number > hard:
            pytest.skip(f"needs {number} descriptors, of which this process may have {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))

    yield limit
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Echo(asyncio.Protocol):
    transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


def test_two_thousand_connections(descriptors: Callable[[int], None]) -> None:
    number, rounds = 2000, 20
    descriptors(2 * number + 200)

    async def talk(address: Any) -> int:
        reader, writer = await asyncio.open_connection(*address)
        echoed = 0
        for _ in range(rounds):
            message = os.urandom(KIB)
            writer.write(message)
            echoed += await reader.readexactly(KIB) == message
        writer.close()
        await writer.wait_closed()
        return echoed

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Echo, "127.0.0.1", 0, backlog=number) as server:
            address = server.sockets[0].getsockname()
            assert sum(await asyncio.gather(*(talk(address) for _ in range(number)))) == number * rounds

    run(main())  # what the allocator keeps for good, it has got now
    before = resident()
    run(main())
    assert resident() - before < 16 * MIB


def test_a_hundred_thousand_timers() -> None:
    number = 100_000

    async def main() -> None:
        loop = asyncio.get_running_loop()
        fired: list[int] = []
        handles = [loop.call_later(index % 100 / 1000, fired.append, index) for index in range(number)]
        for handle in handles[::2]:
            handle.cancel()
        done = loop.create_future()
        loop.call_later(0.2, done.set_result, None)
        await done
        assert sorted(fired) == list(range(1, number, 2))

    run(main())
    before = resident()
    run(main())
    assert resident() - before < 16 * MIB


def test_a_gibibyte_for_a_slow_reader() -> None:
    size = 1024 * MIB

    async def main() -> None:
        loop = asyncio.get_running_loop()
        received = 0
        begun = resident()
        grown = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal received, grown
            while data := await reader.read(MIB):
                received += len(data)
                if received // (64 * MIB) != (received - len(data)) // (64 * MIB):
                    await asyncio.sleep(0.01)
                    grown = max(grown, psutil.Process().memory_info().rss - begun)
            writer.close()
            done.set_result(None)

        done = loop.create_future()
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            piece = bytes(256 * KIB)
            for _ in range(size // len(piece)):
                writer.write(piece)
                await writer.drain()
            writer.close()
            await done
        assert received == size
        assert grown < 64 * MIB

    run(main())


def test_no_descriptors_left_for_accept(descriptors: Callable[[int], None]) -> None:
    reports: list[dict[str, Any]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reports.append(context))
        async with await loop.create_server(Echo, "127.0.0.1", 0) as server:
            client = socket.socket()
            client.setblocking(False)
            free = os.dup(client.fileno())
            os.close(free)
            descriptors(free)  # as many as there are now
            await loop.sock_connect(client, server.sockets[0].getsockname())
            await loop.sock_sendall(client, b"are you there?")
            while not reports:
                await asyncio.sleep(0.001)
            descriptors(free + 100)
            assert await loop.sock_recv(client, 100) == b"are you there?"
            client.close()

    run(main())
    assert len(reports) == 1
    assert reports[0]["exception"].errno == errno.EMFILE
    assert "socket" in reports[0]


def test_call_soon_threadsafe_from_many_threads() -> None:
    threads, each = 8, 5000

    async def main() -> None:
        loop = asyncio.get_running_loop()
        called = 0
        done = loop.create_future()

        def one() -> None:
            nonlocal called
            called += 1
            if called == threads * each:
                done.set_result(None)

        def work() -> None:
            for _ in range(each):
                loop.call_soon_threadsafe(one)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        await done
        for worker in workers:
            worker.join()

    run(main())
