"""Broken loops for the chapter "Watching file descriptors", each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import contextvars
import functools
import os
import select
import selectors
import socket

from broken import Broken

from refloop import ReferenceLoop as Base
from refloop.core.handles import WATCHING, Handle

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def number_of(fd):
    return fd if isinstance(fd, int) else fd.fileno()


class Selecting(Base):
    """A loop with the selector that `Selector` makes."""

    Selector = selectors.EpollSelector

    def __init__(self):
        super().__init__(type(self).Selector())


class ReportsAtOnce(Base):
    def add_reader(self, fd, callback, *args):
        super().add_reader(fd, callback, *args)
        self.call_soon(callback, *args)


class ConnectedSocketsOnly(Base):
    """Refuses what is no connected socket."""

    def add_reader(self, fd, callback, *args):
        copy = os.dup(number_of(fd))
        try:
            checked = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            raise
        with checked:
            checked.getpeername()
        super().add_reader(fd, callback, *args)


class LooksForData(Base):
    """Calls a reader only where data can be read, not at the end of the stream."""

    def add_reader(self, fd, callback, *args):
        def readable():
            copy = os.dup(number_of(fd))
            try:
                checked = socket.socket(fileno=copy)
            except OSError:
                os.close(copy)
                return
            with checked, contextlib.suppress(OSError):
                if checked.recv(1, socket.MSG_PEEK):
                    callback(*args)

        super().add_reader(fd, readable)


class OnlyPollin(Selecting):
    """Ignores hang-ups and errors."""

    class Selector(selectors.EpollSelector):
        def select(self, timeout=None):
            result = []
            for fd, event in self._selector.poll(-1 if timeout is None else timeout, 100):
                key = self._fd_to_key.get(fd)
                events = (READ if event & select.EPOLLIN else 0) | (WRITE if event & select.EPOLLOUT else 0)
                if key and events & key.events:
                    result.append((key, events & key.events))
            return result


class PollsOnlyWhenWoken(Selecting):
    class Selector(selectors.EpollSelector):
        first = None

        def register(self, fileobj, events, data=None):
            self.first = self.first or fileobj
            return super().register(fileobj, events, data)

        def select(self, timeout=None):
            if timeout is None or timeout > 0:
                select.select([self.first], [], [], timeout)
            return super().select(0)


class ForgetsWatchersWhenItStops(Base):
    def run_forever(self):
        try:
            super().run_forever()
        finally:
            selector = self._core.poller._selector
            for key in list(selector.get_map().values()):
                if key.fileobj is not self._core.wakeup:
                    selector.unregister(key.fileobj)


class AHundredEvents(Selecting):
    """Drops events beyond the hundredth."""

    class Selector(selectors.EpollSelector):
        def select(self, timeout=None):
            events = super().select(timeout)
            for key, _ in events[100:]:
                self._selector.modify(key.fd, 0)
            return events[:100]


class MixesUpDescriptors(Base):
    """Keeps callbacks in a table of 128 places."""

    def __init__(self):
        super().__init__()
        self._table = {}

    def add_reader(self, fd, callback, *args):
        place = number_of(fd) % 128
        self._table[place] = lambda: callback(*args)

        def readable():
            try:
                self._table[place]()
            except BlockingIOError:
                super(MixesUpDescriptors, self).remove_reader(fd)

        super().add_reader(fd, readable)


class OnSelect(Selecting):
    """Takes no descriptor above 1023."""

    Selector = selectors.SelectSelector


class PassesTheDescriptor(Base):
    def add_reader(self, fd, callback, *args):
        super().add_reader(fd, callback, fd if isinstance(fd, int) else "descriptor", *args)


class DropsArguments(Base):
    def add_reader(self, fd, callback, *args):
        super().add_reader(fd, callback)


class KeepsTheFirst(Base):
    def _watch(self, fd, event, callback, args):
        key = self._core.poller._key(fd)
        if key is None or not key.events & event:
            super()._watch(fd, event, callback, args)


class UncancelledHandle(Handle):
    __slots__ = ()

    def cancel(self):
        pass


class StillCallsWhatItQueued(Base):
    """Neither replacing nor removing cancels what a poll has queued."""

    def _watch(self, fd, event, callback, args):
        self._core.poller.watch(fd, event, UncancelledHandle(callback, args, state=WATCHING))


class OneCallback(Base):
    """One callback for a descriptor, whatever the direction."""

    def add_reader(self, fd, callback, *args):
        Base.remove_writer(self, fd)
        super().add_reader(fd, callback, *args)

    def add_writer(self, fd, callback, *args):
        Base.remove_reader(self, fd)
        super().add_writer(fd, callback, *args)


class TakesPartialsApart(Base):
    def _watch(self, fd, event, callback, args):
        if isinstance(callback, functools.partial):
            callback, args = callback.func, (*callback.args, *args)
        super()._watch(fd, event, callback, args)


class EdgeTriggered(Selecting):
    class Selector(selectors.EpollSelector):
        def _edge(self, key):
            mask = (select.EPOLLIN if key.events & READ else 0) | (select.EPOLLOUT if key.events & WRITE else 0)
            self._selector.modify(key.fd, mask | select.EPOLLET)
            return key

        def register(self, *args):
            return self._edge(super().register(*args))

        def modify(self, *args):
            return self._edge(super().modify(*args))


class NumbersOnly(Base):
    def _watch(self, fd, event, callback, args):
        if not isinstance(fd, int):
            raise TypeError("a number is required")
        super()._watch(fd, event, callback, args)


class RemovesNumbersOnly(Base):
    """A socket is watched, but not found again."""

    def remove_reader(self, fd):
        return isinstance(fd, int) and super().remove_reader(fd)


class TellsObjectsFromNumbers(Base):
    """A socket and its number are two different things."""

    def __init__(self):
        super().__init__()
        self._added = {}

    def add_reader(self, fd, callback, *args):
        super().add_reader(fd, callback, *args)
        self._added[number_of(fd)] = type(fd)

    def remove_reader(self, fd):
        if self._added.get(number_of(fd)) is not type(fd):
            return False
        return super().remove_reader(fd)


class EmptyContext(Base):
    def add_reader(self, fd, callback, *args):
        super().add_reader(fd, contextvars.Context().run, callback, *args)


class _NoContext:
    run = staticmethod(lambda function, *args: function(*args))


class ContextOfTheRun(Base):
    """Callbacks run in the context of the run."""

    def _watch(self, fd, event, callback, args):
        self._core.poller.watch(fd, event, Handle(callback, args, context=_NoContext, state=WATCHING))


class TakesAnything(Base):
    def add_reader(self, fd, callback, *args):
        with contextlib.suppress(ValueError):
            super().add_reader(fd, callback, *args)


class OSErrorForBadDescriptors(Base):
    def add_reader(self, fd, callback, *args):
        try:
            super().add_reader(fd, callback, *args)
        except ValueError as error:
            raise OSError("bad descriptor") from error


class DropsTheWatcherOnError(Base):
    def add_reader(self, fd, callback, *args):
        def readable():
            try:
                callback(*args)
            except BaseException:
                self.remove_reader(fd)
                raise

        super().add_reader(fd, readable)


class WaitsForAChange(Selecting):
    """A descriptor that is writable already is not reported."""

    class Selector(selectors.EpollSelector):
        def register(self, fileobj, events, data=None):
            key = super().register(fileobj, events, data)
            if events & WRITE and select.select([], [key.fd], [], 0)[1]:
                self._selector.modify(key.fd, select.EPOLLIN if events & READ else 0)
            return key


class CallsWritersUnasked(Base):
    def add_writer(self, fd, callback, *args):
        super().add_writer(fd, callback, *args)
        self.call_soon(callback, *args)


class SkipsErrors(Selecting):
    class Selector(OnlyPollin.Selector):
        def select(self, timeout=None):
            polled = self._selector.poll(-1 if timeout is None else timeout, 100)
            keys = [(self._fd_to_key.get(fd), event) for fd, event in polled]
            return [
                (
                    key,
                    key.events & ((READ if event & select.EPOLLIN else 0) | (WRITE if event & select.EPOLLOUT else 0)),
                )
                for key, event in keys
                if key and not event & select.EPOLLERR
            ]


class IgnoresConnecting(Base):
    """Takes no writer for a socket that may still be connecting."""

    def add_writer(self, fd, callback, *args):
        if fd.family == socket.AF_INET:
            return
        super().add_writer(fd, callback, *args)


class ReadersArguments(Base):
    """Writers are called with the reader's arguments."""

    def __init__(self):
        super().__init__()
        self._arguments = {}

    def add_reader(self, fd, callback, *args):
        self._arguments[fd] = args
        super().add_reader(fd, callback, *args)

    def add_writer(self, fd, callback, *args):
        super().add_writer(fd, callback, *self._arguments.get(fd, args))


class TakesFiles(Base):
    def _watch(self, fd, event, callback, args):
        with contextlib.suppress(PermissionError):
            super()._watch(fd, event, callback, args)


TABLE: dict[str, list[Broken]] = {
    "add-reader.invokes/not-before-there-is-something-to-read": [Broken("ReportsAtOnce")],
    "add-reader.invokes/for-every-kind-of-descriptor": [
        Broken("ConnectedSocketsOnly"),
        Broken("LooksForData", hangs=True),
        Broken("OnlyPollin", hangs=True),
    ],
    "add-reader.invokes/while-the-loop-sleeps": [Broken("PollsOnlyWhenWoken", hangs=True)],
    "add-reader.invokes/in-the-run-after-the-one-in-which-it-was-added": [
        Broken("ForgetsWatchersWhenItStops", hangs=True)
    ],
    "add-reader.invokes/two-hundred-at-once": [
        Broken("AHundredEvents", hangs=True),
        Broken("MixesUpDescriptors", hangs=True),
    ],
    "add-reader.invokes/a-descriptor-above-a-thousand": [Broken("OnSelect")],
    "add-reader.arguments/none-and-many": [Broken("PassesTheDescriptor"), Broken("DropsArguments")],
    "add-reader.replaces/only-the-second-is-called": [Broken("KeepsTheFirst")],
    "add-reader.replaces/also-when-it-was-about-to-be-called": [Broken("StillCallsWhatItQueued")],
    "add-reader.replaces/and-leaves-the-writer-alone": [Broken("OneCallback", hangs=True)],
    "add-reader.partial/beside-positional-ones": [Broken("TakesPartialsApart")],
    "add-reader.level-triggered/until-everything-was-read": [Broken("EdgeTriggered", hangs=True)],
    "add-reader.socket/as-in-the-example": [Broken("NumbersOnly"), Broken("RemovesNumbersOnly")],
    "add-reader.fileno/the-object-and-its-number-are-the-same-watcher": [Broken("TellsObjectsFromNumbers")],
    "add-reader.context/as-it-was-when-the-reader-was-added": [Broken("EmptyContext"), Broken("ContextOfTheRun")],
    "add-reader.bad-descriptor/negative-or-of-another-type": [
        Broken("TakesAnything"),
        Broken("OSErrorForBadDescriptors"),
    ],
    "add-reader.exception/called-again-after-an-error": [Broken("DropsTheWatcherOnError", hangs=True)],
    "remove-reader.cancels/also-when-it-was-about-to-be-called": [Broken("StillCallsWhatItQueued")],
    "add-writer.invokes/at-once-where-there-is-room": [Broken("WaitsForAChange", hangs=True)],
    "add-writer.invokes/not-while-it-is-full": [Broken("CallsWritersUnasked")],
    "add-writer.failed-connection/established-or-refused": [
        Broken("SkipsErrors", hangs=True),
        Broken("IgnoresConnecting", hangs=True),
    ],
    "add-writer.arguments/as-they-were-given": [Broken("ReadersArguments")],
    "add-writer.replaces/only-the-second-is-called": [Broken("KeepsTheFirst")],
    "add-writer.replaces/and-leaves-the-reader-alone": [Broken("OneCallback", hangs=True)],
    "add-writer.partial/beside-positional-ones": [Broken("TakesPartialsApart")],
    "watching.regular-files.refused/refused-and-nothing-is-left-of-it": [Broken("TakesFiles")],
}
