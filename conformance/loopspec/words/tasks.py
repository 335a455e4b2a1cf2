"""What became of the tasks of a case."""

from __future__ import annotations

import asyncio
import contextlib
import gc


def unsupported_in_a_task() -> BaseException | None:
    """Return the NotImplementedError that ended a task: it is why what the script awaits cannot happen.

    A task that an earlier case has left behind does not count: its loop is closed.
    """
    for thing in gc.get_objects():
        with contextlib.suppress(Exception):
            if not asyncio.isfuture(thing) or thing.get_loop().is_closed():
                continue
            if thing.done() and not thing.cancelled():
                error = thing.exception()
                if isinstance(error, NotImplementedError):
                    return error
    return None
