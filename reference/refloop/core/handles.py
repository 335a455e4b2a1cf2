"""Callback handles: what is to be called, with which arguments, in which context, and whether it still is.

library/asyncio-eventloop.html#callback-handles
"""

import asyncio
import contextvars
import traceback
from collections.abc import Callable
from typing import Final

from refloop.core.callbacks import describe_callback

# The life of a handle. A timer is SCHEDULED from the start, a watcher of a descriptor WATCHING until the
# poller reports its descriptor; whoever runs a handle makes it EXECUTED. Nothing leads out of CANCELLED.
WATCHING: Final = "watching"
SCHEDULED: Final = "scheduled"
EXECUTED: Final = "executed"
CANCELLED: Final = "cancelled"


def _nothing() -> None:
    """Stand in for a cancelled callback, so that what it held can be freed before its turn comes."""


class _HandleMethods:
    """What both kinds of handle do.

    The two public base classes bring storage of their own, so that one can't inherit from the other here; the
    methods they share stand in this class, which stores nothing.
    """

    __slots__ = ()

    callback: Callable[..., object]
    arguments: tuple[object, ...]
    context: contextvars.Context
    state: str
    created_at: traceback.StackSummary | None

    def cancel(self) -> None:
        """Cancel the callback; without effect once it was cancelled or executed.

        library/asyncio-eventloop.html#asyncio.Handle.cancel
        """
        # rule: handle.cancel, handle.cancel.again, handle.cancel.executed, call-soon.cancel
        if self.state is SCHEDULED:
            self.state = CANCELLED  # type: ignore[misc]  # it is a slot of the subclasses
            if self.created_at is None:  # in debug mode the repr should go on to say what was cancelled
                self.callback = _nothing  # rule: handle.cancel.frees
                self.arguments = ()  # type: ignore[misc]  # likewise

    def cancelled(self) -> bool:
        """Return True if the callback was cancelled.

        library/asyncio-eventloop.html#asyncio.Handle.cancelled
        """
        return self.state is CANCELLED  # rule: handle.cancelled

    def get_context(self) -> contextvars.Context:
        """Return the context that the callback runs in.

        library/asyncio-eventloop.html#asyncio.Handle.get_context
        """
        return self.context  # rule: handle.get-context

    def __repr__(self) -> str:
        return f"<{' '.join(self._repr_parts())}>"

    def _repr_parts(self) -> list[str]:
        parts = [type(self).__name__]
        if self.state is not SCHEDULED:
            parts.append(self.state)
        if self.callback is not _nothing:
            parts.append(describe_callback(self.callback, self.arguments))
        if self.created_at:
            parts.append(f"created at {self.created_at[-1].filename}:{self.created_at[-1].lineno}")
        return parts


class Handle(_HandleMethods, asyncio.Handle):
    """A callback that call_soon scheduled, or that watches a file descriptor.

    library/asyncio-eventloop.html#asyncio.Handle
    """

    __slots__ = ("arguments", "callback", "context", "created_at", "state")

    def __init__(
        self,
        callback: Callable[..., object],
        arguments: tuple[object, ...],
        context: contextvars.Context | None = None,
        state: str = SCHEDULED,
    ) -> None:
        self.callback = callback  # rule: handle.returned
        self.arguments = arguments  # rule: call-soon.arguments
        # rule: call-soon.context.custom, call-soon.context.current, call-soon.context.snapshot
        self.context = contextvars.copy_context() if context is None else context
        self.state = state
        self.created_at = None


class TimerHandle(_HandleMethods, asyncio.TimerHandle):  # rule: timer-handle.is-a-handle
    """A callback that call_later or call_at scheduled. Handles compare by their time.

    library/asyncio-eventloop.html#asyncio.TimerHandle
    """

    __slots__ = ("arguments", "callback", "context", "created_at", "due", "state")

    def __init__(
        self,
        due: float,
        callback: Callable[..., object],
        arguments: tuple[object, ...],
        context: contextvars.Context | None = None,
    ) -> None:
        self.due = due
        self.callback = callback  # rule: timer-handle.returned
        self.arguments = arguments  # rule: call-later.arguments
        # rule: call-later.context.custom, call-later.context.current, call-later.context.snapshot, call-at.context
        self.context = contextvars.copy_context() if context is None else context
        self.state = SCHEDULED
        self.created_at = None

    def when(self) -> float:
        """Return the time in seconds, by loop.time(), at which the callback is to be called.

        library/asyncio-eventloop.html#asyncio.TimerHandle.when
        """
        return self.due  # rule: timer-handle.when.time

    def _repr_parts(self) -> list[str]:
        kind, *rest = super()._repr_parts()
        return [kind, f"when={self.due}", *rest]

    def __lt__(self, other: object) -> bool:
        # rule: timer-handle.order
        return self.due < other.due if isinstance(other, TimerHandle) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.due <= other.due if isinstance(other, TimerHandle) else NotImplemented

    # Python asks the other handle then whether it is the one below.
    def __gt__(self, _: object) -> bool:
        return NotImplemented

    def __ge__(self, _: object) -> bool:
        return NotImplemented

    # Two timers of the same time are still two timers: the order is by time, equality by identity.
    __eq__ = object.__eq__
    __hash__ = object.__hash__
