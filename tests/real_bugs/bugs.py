"""The broken loops that repeat bugs of real ones (real_bugs.toml), and which rules fail on them."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from pathlib import Path

import msgspec
import tomli

from loopreport.model import FAILING
from loopspec.catalogue import Entry
from loopspec.check import check
from loopspec.loops import find_loop
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

    @property
    def _names(self) -> tuple[str, str]:
        """The module and the factory."""
        module, _, name = self.loop.partition(":")
        return module, name

    def can_play(self, entry: Entry) -> bool:
        """Whether `entry` can be played here on the loop."""
        return why_not(entry, tables.loop_of(*self._names)) is None

    def here(self) -> bool:
        """Whether this Python can show the mistake."""
        module, name = self._names
        shown = any(broken.here() for broken in tables.module(module).TABLE[self.case] if broken.loop == name)
        return shown and any(map(self.can_play, tables.entries()[self.case]))

    def derives_from_the_standard_loop(self) -> bool:
        """Whether the loop is made from CPython's, and breaks also what that breaks."""
        module, name = self._names
        loop = getattr(tables.module(module), name)()
        loop.close()
        return isinstance(loop, asyncio.SelectorEventLoop)


def bugs() -> list[Bug]:
    """Return the bugs that are repeated here."""
    return msgspec.convert(tomli.loads(FILE.read_text(encoding="utf-8"))["bug"], list[Bug])


def failing(factory: str, entries: Sequence[Entry], jobs: int, *, again: bool = True) -> set[str]:
    """Play `entries` on the loop that `factory` makes and return the rules that fail, also when played `again`."""
    rules = {entry.id: entry.rule.id for entry in entries}
    loop = tables.loop_of(*factory.split(":"))
    with tables.importable():
        return {rules[verdict.case] for verdict in check(loop, entries, jobs, again=again) if verdict.kind in FAILING}


def of_rules(entries: Sequence[Entry], rules: Container[str]) -> list[Entry]:
    """Return those of `entries` that are about `rules`."""
    return [entry for entry in entries if entry.rule.id in rules]


def not_inherited(bug: Bug, rules: set[str], entries: Sequence[Entry], jobs: int) -> set[str]:
    """Return `rules`, which fail on `bug`, without those that CPython's loop breaks as well, if it is made of that."""
    if not rules or not bug.derives_from_the_standard_loop():
        return rules
    return rules - failing(find_loop("stdlib").factory, of_rules(entries, rules), jobs)


def expected(bug: Bug, entries: Sequence[Entry]) -> set[str]:
    """Return the rules that are to fail on `bug` and of which one of `entries` can be played here."""
    return set(bug.fails) & {entry.rule.id for entry in entries if bug.can_play(entry)}
