"""What every case finds as the first case found it: the state of the process that is not the loop's to change for good.

No documented rule forbids a loop to leave another working directory or recursion limit behind, so that it is no
incident; but the cases that follow in the same process must not notice.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

Kept = tuple[Callable[[], Any], Callable[[Any], object]]
"""How to read a part of the state, and how to set it to what was read."""

_LIMITS = tuple(getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_"))
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_STREAMS = ("stdin", "stdout", "stderr", "excepthook", "displayhook")


class Surroundings:
    """The state of the process at one moment, to go back to.

    Of the imported modules, only those in `modules` are watched: a loop's own package may exchange its own.
    """

    def __init__(self, modules: Iterable[str]) -> None:
        names = tuple(modules)
        # Built-in names and modules come first: what follows needs them.
        kept: tuple[Kept, ...] = (
            (lambda: dict(vars(builtins)), _set_builtins),
            (lambda: {name: sys.modules.get(name) for name in names}, _set_modules),
            *_KEPT,
        )
        self._then = [(read, restore, read()) for read, restore in kept]

    def restore(self) -> bool:
        """Undo every change since, and return whether that worked for all of them."""
        good = True
        for read, restore, then in self._then:
            try:
                if read() != then:
                    restore(then)
                    good = good and bool(read() == then)
            except BaseException:
                with contextlib.suppress(BaseException):
                    restore(then)
                good = False
        return good


def _set_builtins(names: dict[str, Any]) -> None:
    vars(builtins).update(names)
    for name in set(vars(builtins)) - set(names):
        delattr(builtins, name)


def _set_modules(modules: dict[str, Any]) -> None:
    for name, module in modules.items():
        if module is not None:
            sys.modules[name] = module


def _working_folder() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None


def _set_environment(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _set_limits(limits: list[tuple[int, int]]) -> None:
    for limit, values in zip(_LIMITS, limits):
        resource.setrlimit(limit, values)


def _set_timers(timers: list[tuple[float, float]]) -> None:
    for timer, (delay, interval) in zip(_TIMERS, timers):
        signal.setitimer(timer, delay, interval)


def _set_streams(streams: list[Any]) -> None:
    for name, stream in zip(_STREAMS, streams):
        setattr(sys, name, stream)


_KEPT: tuple[Kept, ...] = (
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (lambda: [signal.getitimer(timer) for timer in _TIMERS], _set_timers),
    (
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        lambda mask: signal.pthread_sigmask(signal.SIG_SETMASK, mask),
    ),
    (lambda: [resource.getrlimit(limit) for limit in _LIMITS], _set_limits),
    (_working_folder, lambda folder: os.chdir(folder) if folder else None),
    (lambda: dict(os.environ), _set_environment),
    (lambda: [getattr(sys, name, None) for name in _STREAMS], _set_streams),
    (lambda: sys.path[:], lambda path: sys.path.__setitem__(slice(None), path)),
    (sys.gettrace, sys.settrace),
    (sys.getprofile, sys.setprofile),
    (sys.getswitchinterval, sys.setswitchinterval),
    (gc.isenabled, lambda enabled: gc.enable() if enabled else gc.disable()),
    (gc.get_threshold, lambda threshold: gc.set_threshold(*threshold)),
    (lambda: logging.root.manager.disable, logging.disable),
)
