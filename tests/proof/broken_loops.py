"""Broken loops as proofs of rules that the standard library keeps for the reference loop."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from loopspec.catalogue import Entry
from loopspec.isolation.workers import Crew
from loopspec.judge import judge
from loopspec.loops import Loop
from loopspec.machine import why_not
from loopspec.observation import Death
from tests.broken_loops import tables
from tests.proof.playing import Catch, Interrupted, Played
from tests.proof.source import without_comments


@dataclass(frozen=True)
class Broken:
    """A broken loop and the rows of one case, one of which must catch it."""

    loop: Loop
    every: tuple[Entry, ...]
    """All rows of the case."""
    rows: tuple[Entry, ...]
    """Those that can be played here, as far as the loop can."""
    hangs: bool
    """Whether the mistake is that a row does not end."""
    subject: str
    """What tells this loop from others and from what it was before."""

    def __str__(self) -> str:
        return f"broken loop {(self.loop.policy or self.loop.factory).replace(':', '.')}"


def broken_by_case() -> dict[str, list[Broken]]:
    """Return, for each case, the broken loops that can show it to fail, here or elsewhere."""
    found: dict[str, list[Broken]] = {}
    for elsewhere in (False, True):
        for module, name, policy, hangs in tables.caught(elsewhere=elsewhere):
            loop = tables.loop_of(module, name, policy)
            subject = hashlib.sha256(f"{loop.factory} {loop.policy}\n{_text(module)}".encode()).hexdigest()[:16]
            for case, is_hang in hangs.items():
                every = tuple(tables.entries()[case])
                rows = () if elsewhere else tuple(entry for entry in every if why_not(entry, loop) is None)
                found.setdefault(case, []).append(Broken(loop, every, rows, is_hang, subject))
    return found


@cache
def _text(module: str) -> str:
    """Return what a module of broken loops says; it has dozens of them."""
    return without_comments((tables.HERE / f"{module}.py").read_text())


def play_broken(broken: Broken, stop: Callable[[], bool]) -> Played:
    """Play the rows until one catches the loop. Raises Interrupted once `stop` says so."""
    if str(tables.HERE) not in sys.path:
        sys.path.append(str(tables.HERE))  # where workers find the module, too
    rows = {entry.id: entry for entry in broken.rows}
    passed = []
    with Crew(broken.loop, 1) as crew:
        for job, outcome in crew.outcomes(deque(tables.job(entry, broken.hangs) for entry in broken.rows)):
            if stop():
                raise Interrupted
            entry = rows[job.play.id]
            verdict = judge(broken.loop.name, entry, outcome)
            if isinstance(outcome, Death) and outcome.kind == "refused":
                return Played(stillborn=verdict.summary)
            if tables.is_a_proof(verdict, broken.hangs):
                return Played(passed, [Catch(entry.id, entry.digest, verdict.kind, verdict.summary)])
            passed.append(entry.digest)
    return Played(passed)
