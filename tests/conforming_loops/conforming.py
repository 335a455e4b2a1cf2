"""What the tables say about a conforming loop, and how these loops are made."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from refloop import ReferenceLoop
from refloop.transports.pipes import ReadPipeTransport, WritePipeTransport
from refloop.transports.streams import StreamTransport

STREAMS = (StreamTransport, ReadPipeTransport, WritePipeTransport)
"""The classes of all transports of bytes but those over TLS."""


class Freedom(NamedTuple):
    """Which cases could notice what a loop does otherwise, and which show that it really does."""

    cases: list[str]
    """Globs over the ids of cases: none of a documented rule may accuse the loop."""
    shown_by: list[str]
    """Cases of what is not documented that the loop fails: of the suite, or else of own_cases.toml."""
    platform: str = ""
    """Where alone the loop can be had; empty for everywhere."""

    def here(self) -> bool:
        """Whether the loop can be had here."""
        return self.platform in ("", sys.platform)


def with_classes(*classes: type, loop: type[ReferenceLoop] = ReferenceLoop) -> Callable[[type], Callable[[], Any]]:
    """Return a decorator: in place of refloop's `classes` come classes that derive from the decorated one first.

    It makes the factory of a `loop`, which changes refloop's modules: each loop is played in processes of its own.
    """

    def decorator(freedom: type) -> Callable[[], Any]:
        replacing = {one: type(one.__name__, (freedom, one), {}) for one in classes}

        def factory() -> Any:
            modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "refloop"]
            for module in modules:
                for one, other in replacing.items():
                    if getattr(module, one.__name__, None) is one:
                        setattr(module, one.__name__, other)
            return loop()

        factory.__doc__ = freedom.__doc__
        return factory

    return decorator
