"""Happy Eyeballs: connect to one of several addresses, without waiting long for those that don't answer.

RFC 8305, as far as library/asyncio-eventloop.html#asyncio.loop.create_connection names it.
"""

import asyncio
import itertools
import socket
from collections.abc import Awaitable, Callable, Sequence

from refloop.dns import AddressInfo


def interleaved(addresses: Sequence[AddressInfo], first_family_count: int) -> list[AddressInfo]:
    """Return *addresses* with the families taking turns, after *first_family_count* of the first one."""
    by_family: dict[int, list[AddressInfo]] = {}
    for info in addresses:
        by_family.setdefault(info[0], []).append(info)
    families = list(by_family.values())
    head, families[0] = families[0][: first_family_count - 1], families[0][first_family_count - 1 :]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*families))
    return [*head, *(info for info in turns if info is not None)]


Attempt = Callable[[AddressInfo], Awaitable[socket.socket]]


async def connect_to_first(
    attempt: Attempt, addresses: Sequence[AddressInfo], delay: float | None
) -> tuple[socket.socket | None, list[Exception]]:
    """Return the first socket that *attempt* connects to one of *addresses*, else None and why each one failed.

    The next attempt begins when one has failed, or *delay* seconds after the last one began (None: never).
    """
    errors: list[Exception] = []
    running: set[asyncio.Task[socket.socket]] = set()
    left = iter(addresses)
    try:
        while True:
            info = next(left, None)
            if info is None:
                delay = None  # there is nothing to begin any more
            else:
                running.add(asyncio.ensure_future(attempt(info)))
            if not running:
                return None, errors
            # rule: create-connection.happy-eyeballs.next, create-connection.happy-eyeballs.waits
            # rule: create-connection.happy-eyeballs.parallel
            done, _ = await asyncio.wait(running, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.remove(task)
                try:
                    return task.result(), errors
                except OSError as error:
                    errors.append(error)
    finally:
        await _give_up(running)


async def _give_up(running: "set[asyncio.Task[socket.socket]]") -> None:
    for task in running:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()  # rule: create-connection.happy-eyeballs.losers
