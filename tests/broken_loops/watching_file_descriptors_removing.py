"""Broken loops for the chapter "Watching file descriptors: until they are removed", each with one mistake.

TABLE says which case catches which.
"""

import selectors

from broken import Broken
from watching_file_descriptors import Selecting, number_of

from refloop import ReferenceLoop as Base


class GoesOnPolling(Base):
    """Removing removes nothing."""

    def remove_reader(self, fd):
        return True

    remove_writer = remove_reader


class RemovesBoth(Base):
    def remove_reader(self, fd):
        super().remove_writer(fd)
        return super().remove_reader(fd)

    def remove_writer(self, fd):
        super().remove_reader(fd)
        return super().remove_writer(fd)


class RemembersTheRemoved(Base):
    def __init__(self):
        super().__init__()
        self._gone = set()

    def add_reader(self, fd, callback, *args):
        if number_of(fd) not in self._gone:
            super().add_reader(fd, callback, *args)

    def remove_reader(self, fd):
        self._gone.add(number_of(fd))
        return super().remove_reader(fd)


class CachesByNumber(Selecting):
    """Leaves removed descriptors in the kernel's list, to save a call if they are added again."""

    class Selector(selectors.EpollSelector):
        kept = ()

        def register(self, fileobj, events, data=None):
            fd = number_of(fileobj)
            if fd not in self.kept:
                return super().register(fileobj, events, data)
            return selectors._BaseSelectorImpl.register(self, fileobj, events, data)

        def unregister(self, fileobj):
            self.kept = {*self.kept, number_of(fileobj)}
            return selectors._BaseSelectorImpl.unregister(self, fileobj)


class ReturnsNothing(Base):
    def remove_reader(self, fd):
        super().remove_reader(fd)

    def remove_writer(self, fd):
        super().remove_writer(fd)


class AlwaysTrue(Base):
    def remove_reader(self, fd):
        super().remove_reader(fd)
        return True

    def remove_writer(self, fd):
        super().remove_writer(fd)
        return True


class NothingForUnwatched(Base):
    def remove_reader(self, fd):
        return super().remove_reader(fd) or None

    def remove_writer(self, fd):
        return super().remove_writer(fd) or None


class KnowsTheDescriptor(Base):
    """Removing returns whether the descriptor is watched in either direction."""

    def remove_reader(self, fd):
        known = self._core.poller._key(fd) is not None
        super().remove_reader(fd)
        return known

    def remove_writer(self, fd):
        known = self._core.poller._key(fd) is not None
        super().remove_writer(fd)
        return known


class SchedulesAhead(Base):
    """Schedules the next call of a writer with each."""

    def add_writer(self, fd, callback, *args):
        def writable():
            self.call_soon(callback, *args)
            callback(*args)

        super().add_writer(fd, writable)


TABLE: dict[str, list[Broken]] = {
    "remove-reader.stops/nothing-is-called-any-more": [Broken("GoesOnPolling")],
    "remove-reader.stops/but-not-for-writing": [Broken("RemovesBoth", hangs=True)],
    "remove-reader.stops/and-it-can-be-added-again": [Broken("RemembersTheRemoved", hangs=True)],
    "remove-reader.stops/a-number-that-is-used-again": [Broken("CachesByNumber", hangs=True)],
    "remove-reader.returns/before-between-and-after": [Broken("ReturnsNothing"), Broken("AlwaysTrue")],
    "remove-reader.returns/watched-for-writing-only": [Broken("KnowsTheDescriptor")],
    "remove-reader.returns-false/and-not-none": [Broken("NothingForUnwatched")],
    "remove-writer.stops/nothing-is-called-any-more": [Broken("GoesOnPolling")],
    "remove-writer.stops/by-its-own-callback": [Broken("SchedulesAhead")],
    "remove-writer.stops/but-not-for-reading": [Broken("RemovesBoth", hangs=True)],
    "remove-writer.returns/before-between-and-after": [Broken("ReturnsNothing"), Broken("AlwaysTrue")],
    "remove-writer.returns/watched-for-reading-only": [Broken("KnowsTheDescriptor")],
    "remove-writer.returns-false/and-not-none": [Broken("NothingForUnwatched")],
}
