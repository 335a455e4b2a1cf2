"""How fast the reference loop is, beside CPython's own loop and uvloop: all measured in turn, in one run.

    PYTHONPATH=reference python tests/benchmarks/loop_speed.py [--rounds 7] [-k WORD] [--at-least 0.8]

Each row is a small program that does something so many times. Every round runs it once on each loop, one after the
other, so that whatever else the machine does hits all of them; the fastest round counts. Time is the CPU time of this
process, user and system: both ends of each connection are in it, and what other processes do is not. Printed are the
thousands of times per second and the ratio to CPython's loop, in the end the geometric mean of the ratios.
With --at-least the exit status is 1 if a ratio of the reference loop is below.
"""

import argparse
import asyncio
import math
import os
import socket
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trustme

import refloop

Row = Callable[[], Awaitable[int]]
ROWS: dict[str, Row] = {}
KIB, MIB = 1024, 1024 * 1024


def row(name: str) -> Callable[[Row], Row]:
    def register(function: Row) -> Row:
        ROWS[name] = function
        return function

    return register


# -- callbacks and tasks -------------------------------------------------------------------------------------


@row("call_soon, a chain")
async def call_soon() -> int:
    loop, left = asyncio.get_running_loop(), 100_000
    done = loop.create_future()

    def step() -> None:
        nonlocal left
        left -= 1
        if left:
            loop.call_soon(step)
        else:
            done.set_result(None)

    step()
    await done
    return 100_000


@row("call_later, then cancel")
async def call_later() -> int:
    loop = asyncio.get_running_loop()
    for _ in range(50):
        for handle in [loop.call_later(1000, int) for _ in range(1000)]:
            handle.cancel()
        await asyncio.sleep(0)
    return 50_000


@row("create_task, sleep(0)")
async def tasks() -> int:
    for _ in range(100):
        await asyncio.gather(*(asyncio.create_task(asyncio.sleep(0)) for _ in range(200)))
    return 20_000


@row("call_soon_threadsafe")
async def threadsafe() -> int:
    loop, number = asyncio.get_running_loop(), 20_000
    done = loop.create_future()

    def work() -> None:
        for _ in range(number):
            loop.call_soon_threadsafe(int)
        loop.call_soon_threadsafe(done.set_result, None)

    thread = threading.Thread(target=work)
    thread.start()
    await done
    thread.join()
    return number


# -- echo ----------------------------------------------------------------------------------------------------


class Echo(asyncio.Protocol):
    transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Pinger(asyncio.Protocol):
    """Sends `message` again whenever it has come back, `rounds` times."""

    def __init__(self, size: int, rounds: int) -> None:
        self.message = b"x" * size
        self.left = rounds
        self.missing = size
        self.done = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self.message)

    def data_received(self, data: bytes) -> None:
        self.missing -= len(data)
        if self.missing == 0:
            self.missing = len(self.message)
            self.left -= 1
            if self.left:
                self.transport.write(self.message)
            else:
                self.done.set_result(None)


async def ping(server: Any, connect: Callable[[Callable[[], Pinger]], Any], size: int, rounds: int) -> int:
    transport, pinger = await connect(lambda: Pinger(size, rounds))
    await pinger.done
    transport.close()
    server.close()
    await server.wait_closed()
    return rounds


async def tcp(size: int, rounds: int, client: Any = None, context: Any = None) -> int:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0, ssl=context)
    address = server.sockets[0].getsockname()
    name = None if client is None else "localhost"
    return await ping(
        server,
        lambda factory: loop.create_connection(factory, *address, ssl=client, server_hostname=name),
        size,
        rounds,
    )


@row("TCP echo, 1 KiB")
async def tcp_small() -> int:
    return await tcp(KIB, 5000)


@row("TCP echo, 100 KiB")
async def tcp_large() -> int:
    return await tcp(100 * KIB, 1000)


@row("TCP echo by streams, 1 KiB")
async def streams() -> int:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(64 * KIB):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    message = b"x" * KIB
    for _ in range(3000):
        writer.write(message)
        await reader.readexactly(KIB)
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    return 3000


@row("Unix echo, 1 KiB")
async def unix() -> int:
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "echo")
        server = await loop.create_unix_server(Echo, path)
        return await ping(server, lambda factory: loop.create_unix_connection(factory, path), KIB, 5000)


@row("UDP echo, 1 KiB")
async def udp() -> int:
    loop, rounds = asyncio.get_running_loop(), 5000
    done = loop.create_future()

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.transport.sendto(data, addr)

    class Client(Server):
        left = rounds

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.transport.sendto(b"x" * KIB)

        def datagram_received(self, data: bytes, addr: Any) -> None:
            self.left -= 1
            if self.left:
                self.transport.sendto(data)
            else:
                done.set_result(None)

    server, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    address = server.get_extra_info("sockname")
    client, _ = await loop.create_datagram_endpoint(Client, remote_addr=address)
    await done
    client.close()
    server.close()
    await asyncio.sleep(0)
    return rounds


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


SERVER_TLS, CLIENT_TLS = contexts()


@row("TLS echo, 1 KiB")
async def tls_small() -> int:
    return await tcp(KIB, 3000, CLIENT_TLS, SERVER_TLS)


@row("TLS echo, 100 KiB")
async def tls_large() -> int:
    return await tcp(100 * KIB, 500, CLIENT_TLS, SERVER_TLS)


# -- sockets, processes, files -------------------------------------------------------------------------------


@row("sock_recv, sock_sendall, 1 KiB")
async def sockets() -> int:
    loop, rounds = asyncio.get_running_loop(), 3000
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)

    async def serve() -> None:
        while data := await loop.sock_recv(far, 64 * KIB):
            await loop.sock_sendall(far, data)

    server = asyncio.create_task(serve())
    for _ in range(rounds):
        await loop.sock_sendall(near, b"x" * KIB)
        await loop.sock_recv(near, 64 * KIB)
    near.close()
    await server
    far.close()
    return rounds


@row("subprocess_exec, until it has ended")
async def children() -> int:
    for _ in range(30):
        child = await asyncio.create_subprocess_exec("true", stdout=asyncio.subprocess.PIPE)
        await child.communicate()
    return 30


@row("sendfile, MiB")
async def sendfile() -> int:
    loop, size = asyncio.get_running_loop(), 64 * MIB
    received = loop.create_future()

    class Sink(asyncio.BufferedProtocol):
        missing = size

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.buffer = bytearray(MIB)

        def get_buffer(self, sizehint: int) -> bytearray:
            return self.buffer

        def buffer_updated(self, nbytes: int) -> None:
            self.missing -= nbytes
            if self.missing == 0:
                received.set_result(None)

    server = await loop.create_server(Sink, "127.0.0.1", 0)
    with tempfile.TemporaryFile() as file:
        os.posix_fallocate(file.fileno(), 0, size)
        transport, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname())
        await loop.sendfile(transport, file)
        await received
    transport.close()
    server.close()
    await server.wait_closed()
    return 64


# -- measuring -----------------------------------------------------------------------------------------------


def loops() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    known: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "stdlib": asyncio.SelectorEventLoop,
        "reference": refloop.new_event_loop,
    }
    try:
        import uvloop
    except ImportError:
        print("uvloop is not installed: its column is missing", file=sys.stderr)
    else:
        known["uvloop"] = uvloop.new_event_loop
    return known


def rate(factory: Callable[[], asyncio.AbstractEventLoop], function: Row) -> float:
    """Return how often per second of CPU time `function` does its thing on a new loop; 0 if the loop can't do it."""
    loop = factory()
    try:
        begin = time.process_time()
        times = loop.run_until_complete(function())
        return times / (time.process_time() - begin)
    except (NotImplementedError, RuntimeError):
        return 0.0
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="of each row on each loop (default: 7)")
    parser.add_argument("-k", metavar="WORD", default="", help="only rows with this word in their name")
    parser.add_argument("--at-least", type=float, default=0.0, metavar="RATIO", help="fail if the reference is slower")
    options = parser.parse_args()
    rows = {name: function for name, function in ROWS.items() if options.k.lower() in name.lower()}
    if not rows:
        parser.error(f"no row has {options.k!r} in its name: there are {', '.join(ROWS)}")
    known = loops()
    print(f"Python {sys.version.split()[0]}, thousands per second of CPU time, best of {options.rounds} rounds")
    print(f"{'':36}" + "".join(f"{name:>20}" for name in known))
    ratios: dict[str, list[float]] = {name: [] for name in known}
    for name, function in rows.items():
        best = dict.fromkeys(known, 0.0)
        for _ in range(options.rounds):
            for loop, factory in known.items():
                best[loop] = max(best[loop], rate(factory, function))
        cells = []
        for loop, times in best.items():
            ratio = times / best["stdlib"]
            if ratio:
                ratios[loop].append(ratio)
            cells.append(f"{times / 1000:11.2f} ×{ratio:6.2f} " if ratio else f"{'not supported':>20}")
        print(f"{name:36}" + "".join(f"{cell:>20}" for cell in cells), flush=True)
    means = {loop: math.exp(sum(map(math.log, found)) / len(found)) for loop, found in ratios.items()}
    print(f"{'geometric mean':36}" + "".join(f"{'':11} ×{mean:6.2f} " for mean in means.values()))
    if min(ratios["reference"]) < options.at_least:
        print(f"the reference loop is below {options.at_least} of the stdlib's speed in a row", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
