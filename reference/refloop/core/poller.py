"""The poller: which descriptors are watched for what, and who is called when they become ready."""

from collections import deque
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector, DefaultSelector, SelectorKey
from typing import Protocol

from refloop.core.handles import SCHEDULED, Handle, TimerHandle

__all__ = ["EVENT_READ", "EVENT_WRITE", "HasFileno", "Poller"]


class HasFileno(Protocol):
    """A socket, a file object or the like."""

    def fileno(self) -> int:
        """Return the descriptor."""
        ...


class Poller:
    """A selector in which every descriptor carries at most one handle for reading and one for writing.

    They are kept in the selector's own `data` field as a dict from event to handle.
    """

    __slots__ = ("_selector",)

    def __init__(self, selector: BaseSelector | None) -> None:
        self._selector = DefaultSelector() if selector is None else selector

    def watch(self, fd: int | HasFileno, event: int, handle: Handle) -> None:
        """Schedule *handle* whenever *fd* is ready for *event*, in place of the handle that was so far.

        ValueError if *fd* is no descriptor, OSError if the selector can't watch it (a regular file, say).
        """
        key = self._key(fd)
        if key is None:
            # rule: add-reader.fileno, add-reader.socket, watching.regular-files.refused
            self._selector.register(fd, event, {event: handle})
            return
        self._selector.modify(fd, key.events | event, key.data)
        replaced = key.data.get(event)
        key.data[event] = handle  # rule: add-reader.replaces, add-writer.replaces
        if replaced is not None:
            replaced.cancel()

    def unwatch(self, fd: int | HasFileno, event: int) -> bool:
        """Stop watching *fd* for *event*. Return whether it was watched."""
        key = self._key(fd)
        if key is None or not key.events & event:  # rule: remove-reader.returns-false, remove-writer.returns-false
            return False
        if key.events == event:  # rule: remove-reader.stops, remove-writer.stops
            self._selector.unregister(fd)
        else:
            self._selector.modify(fd, key.events & ~event, key.data)
        # Cancelled as well as removed: this turn's poll may have put it into the ready queue already.
        # rule: remove-reader.cancels
        key.data.pop(event).cancel()
        return True

    def _key(self, fd: int | HasFileno) -> SelectorKey | None:
        try:
            return self._selector.get_key(fd)
        except KeyError:
            return None

    def poll(self, timeout: float | None, ready: deque[Handle | TimerHandle]) -> None:
        """Wait up to *timeout* seconds (None: for ever); append the handles of what is ready to *ready*."""
        for key, events in self._selector.select(timeout):  # rule: add-reader.level-triggered
            # A handle may be waiting in the queue still, after a turn that an exception cut short.
            if events & EVENT_READ:
                reader = key.data[EVENT_READ]
                if reader.state is not SCHEDULED:  # rule: add-reader.exception
                    reader.state = SCHEDULED
                    ready.append(reader)  # rule: run-forever.stop-first.io-callbacks, add-reader.invokes
            if events & EVENT_WRITE:  # rule: add-writer.failed-connection
                writer = key.data[EVENT_WRITE]
                if writer.state is not SCHEDULED:
                    writer.state = SCHEDULED
                    ready.append(writer)  # rule: add-writer.invokes

    def close(self) -> None:
        """Close the selector; the watched descriptors stay open."""
        self._selector.close()
