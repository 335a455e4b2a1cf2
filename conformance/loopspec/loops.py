"""From a name or `module:callable` to the factory of the loop under test."""

from __future__ import annotations

import importlib
import importlib.util
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

KNOWN = Path(__file__).with_name("loops.toml")


class LoopError(Exception):
    """A loop that cannot be named, found or brought up; the text is one line with the remedy."""


class Loop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A loop under test: how to make one, and what to set up before."""

    name: str
    factory: str = ""
    """`module:callable`; the callable takes no argument and returns a new loop."""
    prepare: str = ""
    """In place of `factory`: Python that defines `new_event_loop()`, run once in each worker."""
    policy: str = ""
    """`module:callable` of the loop's own event loop policy, where it has one."""
    package: str = ""
    """The distribution to install."""
    requires: list[str] = []
    """Further distributions that it needs here."""
    python: str = ""
    """The Pythons for which it can be installed, as a PEP 440 specifier."""
    environment: dict[str, str] = {}
    """Environment variables for the processes in which it is played."""
    inert: bool = False
    """Whether the module of its factory, when it is imported, does nothing but define: a fork does it no harm then."""
    simulated: bool = False
    """Whether it has a virtual clock or network and does not claim to be a drop-in replacement."""
    note: str = ""

    def version(self) -> str:
        """Return the installed version of the loop's package; the Python's for a loop without a package."""
        if not self.package:
            return platform.python_version()
        # Here and below: modules that take long to import, and that a worker, of which many are started, never needs.
        import importlib.metadata

        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return "not installed"


def known_loops() -> dict[str, Loop]:
    """Return the table of known loops by name."""
    import tomli

    data = tomli.loads(KNOWN.read_text(encoding="utf-8"))
    return {loop.name: loop for loop in msgspec.convert(data["loop"], list[Loop])}


def find_loop(name: str) -> Loop:
    """Return the loop that `name` (of the table, or `module:callable`) means, without importing it.

    Raises LoopError where there is no such loop or its package is not installed.
    """
    known = known_loops()
    if name in known:
        loop = known[name]
    elif ":" in name:
        loop = Loop(name=name, factory=name)
    else:
        import difflib

        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise LoopError(f"unknown loop {name!r}: {hint}name a known one (loopspec list --loops) or module:callable")
    module, _, attribute = loop.factory.partition(":")
    if loop.factory and not (module and attribute):
        raise LoopError(f"loop {name!r}: write module:callable, such as mypackage.loops:new_event_loop")
    distribution = loop.package or module
    if loop.package and loop.version() == "not installed":
        wanted = " ".join([loop.package, *loop.requires])
        raise LoopError(f"loop {name!r}: {distribution} is not installed here: pip install {wanted}")
    top = module.partition(".")[0]
    if top and importlib.util.find_spec(top) is None:
        raise LoopError(f"loop {name!r}: there is no module {top!r} here: install it, or check the spelling")
    return loop


def resolve(path: str) -> Callable[[], Any]:
    """Import and return what `module:attribute.attribute` names."""
    module, _, attributes = path.partition(":")
    found: Any = importlib.import_module(module)
    for attribute in attributes.split("."):
        found = getattr(found, attribute)
    if not callable(found):
        raise TypeError(f"{path} is not callable")
    return found  # type: ignore[no-any-return]  # callable() does not narrow Any


def bring_up(loop: Loop) -> tuple[Callable[[], Any], Callable[[], Any] | None]:
    """Import the loop's package and return its factory and its policy's, if it has one.

    Whatever the package raises passes through: this is called in a worker, which reports it.
    """
    if loop.prepare:
        names: dict[str, Any] = {"__name__": f"prepare {loop.name}"}
        exec(compile(loop.prepare, f"<prepare {loop.name}>", "exec"), names)
        factory = names["new_event_loop"]
    else:
        factory = resolve(loop.factory)
    return factory, resolve(loop.policy) if loop.policy else None
