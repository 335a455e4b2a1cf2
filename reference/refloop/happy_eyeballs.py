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
    more = True
    try:
        while True:
            info = next(left, None)
            if info is None:
                more = False
            else:
                running.add(asyncio.ensure_future(attempt(info)))
            if not running:
                return None, errors
            # rule: create-connection.happy-eyeballs.next, create-connection.happy-eyeballs.waits
            # rule: create-connection.happy-eyeballs.parallel
            done, running = await asyncio.wait(
                running, timeout=delay if more else None, return_when=asyncio.FIRST_COMPLETED
            )
            winners = [task for task in done if not task.cancelled() and task.exception() is None]
            for task in done.difference(winners):
                errors.append(_error_of(task))
            if winners:
                running.update(winners[1:])  # to be closed
                return winners[0].result(), errors
    finally:
        await _give_up(running)


def _error_of(task: "asyncio.Task[socket.socket]") -> Exception:
    error = task.exception()
    if isinstance(error, Exception):
        return error
    assert error is not None, "it has not won"
    raise error


async def _give_up(running: "set[asyncio.Task[socket.socket]]") -> None:
    for task in running:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()  # it was just too late
