"""A selector and a clock for tests: time passes when the loop polls, and only then."""

import selectors
from collections.abc import Mapping
from typing import Any

from refloop import ReferenceLoop


class VirtualTime(selectors.BaseSelector):
    """A clock that the selector puts forward by the time-out of each poll, whose list it keeps in `polls`."""

    def __init__(self, overslept: float = 0.0) -> None:
        self.now = 1000.0
        self.polls: list[float | None] = []
        self.overslept = overslept
        self.closed = False
        self._selector = selectors.DefaultSelector()

    def clock(self) -> float:
        return self.now

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.polls.append(timeout)
        ready = self._selector.select(0)
        if not ready:
            assert timeout is not None, "nothing will ever wake this loop up"
            self.now += timeout
        self.now += self.overslept
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._selector.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._selector.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._selector.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._selector.get_map()

    def close(self) -> None:
        self.closed = True
        self._selector.close()


def new_virtual_loop(overslept: float = 0.0) -> tuple[ReferenceLoop, VirtualTime]:
    """Return a loop and the time it lives in; *overslept* seconds are added to every poll."""
    time = VirtualTime(overslept)
    return ReferenceLoop(selector=time, clock=time.clock), time
