"""Watching file descriptors.

library/asyncio-eventloop.html#watching-file-descriptors
"""

from collections.abc import Callable

from refloop.chapter import Chapter
from refloop.core import Handle
from refloop.core.handles import WATCHING
from refloop.core.poller import EVENT_READ, EVENT_WRITE, HasFileno


class WatchingFileDescriptors(Chapter):
    """add_reader() and its family. A descriptor is an int, or an object with a fileno() method."""

    def add_reader(self, fd: int | HasFileno, callback: Callable[..., object], *args: object) -> None:
        """Call *callback* with *args* in each turn that finds *fd* readable, in place of an earlier callback.

        ValueError if *fd* is no descriptor, OSError if it can't be watched, RuntimeError if the loop is
        closed.

        library/asyncio-eventloop.html#asyncio.loop.add_reader
        """
        self._watch(fd, EVENT_READ, callback, args)

    def remove_reader(self, fd: int | HasFileno) -> bool:
        """Stop watching *fd* for reading. Return True if it was watched.

        library/asyncio-eventloop.html#asyncio.loop.remove_reader
        """
        return not self.is_closed() and self._core.poller.unwatch(fd, EVENT_READ)  # rule: remove-reader.returns

    def add_writer(self, fd: int | HasFileno, callback: Callable[..., object], *args: object) -> None:
        """Call *callback* with *args* in each turn that finds *fd* writable, in place of an earlier callback.

        ValueError if *fd* is no descriptor, OSError if it can't be watched, RuntimeError if the loop is
        closed.

        library/asyncio-eventloop.html#asyncio.loop.add_writer
        """
        self._watch(fd, EVENT_WRITE, callback, args)

    def remove_writer(self, fd: int | HasFileno) -> bool:
        """Stop watching *fd* for writing. Return True if it was watched.

        library/asyncio-eventloop.html#asyncio.loop.remove_writer
        """
        return not self.is_closed() and self._core.poller.unwatch(fd, EVENT_WRITE)  # rule: remove-writer.returns

    def _watch(
        self, fd: int | HasFileno, event: int, callback: Callable[..., object], args: tuple[object, ...]
    ) -> None:
        # rule: add-reader.arguments, add-writer.arguments, add-reader.context
        handle = Handle(callback, args, state=WATCHING)
        if self._core.guarded:
            self._core.guard(handle, any_thread=True)
        self._core.poller.watch(fd, event, handle)  # rule: add-reader.bad-descriptor
