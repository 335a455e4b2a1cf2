"""Sockets over the loopback, and how much one of them takes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from typing import Any


def connected(family: int) -> tuple[socket.socket, socket.socket]:
    """Return two connected stream sockets of a family; those of the Internet are the two ends of a TCP connection."""
    if family == socket.AF_UNIX:
        return socket.socketpair()
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.settimeout(10)
        listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        listener.listen(1)
        return socket.create_connection(listener.getsockname()[:2], 10), listener.accept()[0]


def bound_to_one_port() -> list[socket.socket]:
    """Return a non-blocking socket for each address of a host of None, in the order of getaddrinfo(), on one port."""
    while True:
        bound: list[socket.socket] = []
        with contextlib.ExitStack() as given_up:
            try:
                for family, kind, proto, _, address in socket.getaddrinfo(None, 0, type=socket.SOCK_STREAM):
                    one = given_up.enter_context(socket.socket(family, kind, proto))
                    port = bound[0].getsockname()[1] if bound else 0
                    one.bind((address[0], port))
                    one.setblocking(False)
                    bound.append(one)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:  # the port is free for the one family, but not for the other
                    raise
            else:
                given_up.pop_all()
                return bound


async def takes_no_host() -> None:
    """Raise NotImplementedError if the running loop's create_connection() refuses a host of None.

    It is the only name of two addresses that every machine has, and no page says that the method has to take it.
    """
    lost = asyncio.Event()

    class Silent(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:
            lost.set()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        connect: Callable[..., Any] = asyncio.get_running_loop().create_connection
        try:
            transport, _ = await connect(Silent, None, port)
        except (TypeError, ValueError, socket.gaierror) as error:
            raise NotImplementedError(f"create_connection() without a host: {error}") from error
        except OSError:
            return
        transport.abort()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(lost.wait(), 2)


def which_hears(listeners: list[socket.socket], ends: list[tuple[int, socket.socket]]) -> int:
    """Accept all connections there are, and return at which of the listeners one was accepted that has received data.

    `ends` holds what was accepted before, each with its listener's number, and then what is accepted now. Raises
    BlockingIOError if nothing has been received yet.
    """
    for number, listener in enumerate(listeners):
        with contextlib.suppress(OSError):  # nobody has connected, or it does not listen
            while True:
                end, _ = listener.accept()
                end.setblocking(False)
                ends.append((number, end))
    for number, end in ends:
        with contextlib.suppress(OSError):
            if end.recv(1):
                return number
    raise BlockingIOError


def filled(end: socket.socket | int) -> int:
    """Write to a non-blocking socket or descriptor until it takes no more; return how many bytes that were."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            chunk = bytes(4096)
            count += os.write(end, chunk) if isinstance(end, int) else end.send(chunk)
    return count
