"""The broken loops that repeat bugs of real ones (real_bugs.toml), and which rules fail on them."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import tomli

from loopreport.model import FAILING
from loopspec.catalogue import Entry
from loopspec.check import check
from loopspec.machine import why_not
from tests.broken_loops import tables

FILE = Path(__file__).with_name("real_bugs.toml")


class Bug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A broken loop that repeats what a real one did."""

    loop: str
    """`module:factory`, of a module in tests/broken_loops."""
    case: str
    """The case that is there for it."""
    tracker: str
    """Where the real bug was told."""
    fails: list[str] = []
    """The rules that fail on it, all of them."""

    def __str__(self) -> str:
        """Name the loop."""
        return self.loop

    def here(self) -> bool:
        """Whether this Python can show the mistake."""
        module, name = self.loop.split(":")
        shown = any(broken.here() for broken in tables.module(module).TABLE[self.case] if broken.loop == name)
        loop = tables.loop_of(module, name)
        return shown and any(why_not(entry, loop) is None for entry in tables.entries()[self.case])

    def derives_from_the_standard_loop(self) -> bool:
        """Whether the loop is made from CPython's, and breaks also what that breaks."""
        module, name = self.loop.split(":")
        loop = getattr(tables.module(module), name)()
        loop.close()
        return isinstance(loop, asyncio.SelectorEventLoop)


def bugs() -> list[Bug]:
    """Return the bugs that are repeated here."""
    return msgspec.convert(tomli.loads(FILE.read_text(encoding="utf-8"))["bug"], list[Bug])


def failing(factory: str, entries: Iterable[Entry], jobs: int, *, again: bool = True) -> set[str]:
    """Play `entries` on the loop that `factory` makes and return the rules that fail, also when played `again`."""
    rules = {entry.id: entry.rule.id for entry in entries}
    loop = tables.loop_of(*factory.split(":"))
    with _found_by_workers():
        return {rules[verdict.case] for verdict in check(loop, entries, jobs, again=again) if verdict.kind in FAILING}


def expected(bug: Bug, entries: Iterable[Entry]) -> set[str]:
    """Return the rules that are to fail on `bug` and of which one of `entries` can be played here."""
    loop = tables.loop_of(*bug.loop.split(":"))
    return set(bug.fails) & {entry.rule.id for entry in entries if why_not(entry, loop) is None}


@contextlib.contextmanager
def _found_by_workers() -> Iterator[None]:
    sys.path.insert(0, str(tables.HERE))
    try:
        yield
    finally:
        sys.path.remove(str(tables.HERE))
