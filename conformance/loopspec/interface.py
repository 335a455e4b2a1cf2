"""The documented interface: what a loop and its companions offer, read off the classes of the running Python.

Names and parameters are not listed here but found by introspection of asyncio's public classes, so that a Python which
adds a method or a parameter shows that no rule is about it yet.
"""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from typing import Any

_LOOP = "library/asyncio-eventloop.html"
_TRANSPORTS = "library/asyncio-protocol.html"

_CLASSES: tuple[tuple[str, type[Any], str], ...] = (
    ("loop", asyncio.AbstractEventLoop, _LOOP),
    ("Handle", asyncio.Handle, _LOOP),
    ("TimerHandle", asyncio.TimerHandle, _LOOP),
    ("Server", asyncio.Server, _LOOP),
    ("BaseTransport", asyncio.BaseTransport, _TRANSPORTS),
    ("ReadTransport", asyncio.ReadTransport, _TRANSPORTS),
    ("WriteTransport", asyncio.WriteTransport, _TRANSPORTS),
    ("DatagramTransport", asyncio.DatagramTransport, _TRANSPORTS),
    ("SubprocessTransport", asyncio.SubprocessTransport, _TRANSPORTS),
    ("BaseProtocol", asyncio.BaseProtocol, _TRANSPORTS),
    ("Protocol", asyncio.Protocol, _TRANSPORTS),
    ("BufferedProtocol", asyncio.BufferedProtocol, _TRANSPORTS),
    ("DatagramProtocol", asyncio.DatagramProtocol, _TRANSPORTS),
    ("SubprocessProtocol", asyncio.SubprocessProtocol, _TRANSPORTS),
)
"""The classes by the name that the documentation uses for them, with its page."""


@dataclass(frozen=True)
class Name:
    """A documented name: a method or an attribute."""

    subject: str
    """As the `subject` of a rule names it: `loop.create_server`."""
    anchor: str
    """Where its page documents it: `asyncio.loop.create_server`."""
    page: str
    parameters: tuple[str, ...]
    """The names of what it takes, in their order; `*args` is `args`."""


def documented_names() -> list[Name]:
    """Return every public name of the event loop, server, handle, transport and protocol classes of this Python.

    A name that a class inherits stands with the class that it comes from.
    """
    names: list[Name] = []
    for owner, cls, page in _CLASSES:
        for attribute, value in vars(cls).items():
            inherited = any(attribute in vars(base) for _, base, _ in _CLASSES if base in cls.__mro__[1:])
            if not attribute.startswith("_") and not inherited:
                subject = f"{owner}.{attribute}"
                names.append(Name(subject, f"asyncio.{subject}", page, _parameters(attribute, value)))
    return names


def _parameters(attribute: str, value: object) -> tuple[str, ...]:
    if not callable(value):
        return ()
    found = dict(list(inspect.signature(value).parameters.items())[1:])
    # The abstract loop does not declare all the options that the documentation has: the platform's own loop does.
    concrete = getattr(asyncio.SelectorEventLoop, attribute, None)
    if concrete is not None and value is vars(asyncio.AbstractEventLoop).get(attribute):
        options = inspect.signature(concrete).parameters.values()
        found |= {option.name: option for option in options if option.kind is option.KEYWORD_ONLY}
    return tuple(name for name, parameter in found.items() if parameter.kind is not parameter.VAR_KEYWORD)
