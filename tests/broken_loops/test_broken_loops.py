"""Proof that the cases can fail: each is played with a loop whose mistake it is there to find.

A module beside this one holds the broken loops of a chapter's case file, and its TABLE says which case catches which.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from loopspec.isolation.workers import Crew
from loopspec.judge import judge
from loopspec.loops import Loop, find_loop
from loopspec.machine import why_not
from loopspec.observation import Death
from tests.broken_loops import tables
from tests.broken_loops.tables import HERE, MODULES, case_of, entries

WITHOUT_A_BROKEN_LOOP: dict[str, str] = {}
"""Cases that no broken loop is there for, each with its reason."""


def _proofs() -> Iterator[Any]:
    for module, name, policy, hangs in tables.caught():
        yield pytest.param(module, name, policy, hangs, id=f"{module}-{policy or name}")


TRIES = 3
"""How often a case is played that catches nothing: what else is slow on a busy machine can hide what nobody timed."""


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """One crew for all broken loops: what its workers are forked from takes longer to start than they to play."""
    with Crew(find_loop("stdlib"), 1) as hired:
        yield hired


@pytest.mark.parametrize(("module", "name", "policy", "hangs"), [*_proofs()])
def test_caught(
    module: str, name: str, policy: str, hangs: dict[str, bool], crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(HERE)
    loop = tables.loop_of(module, name, policy)
    missed = dict(hangs)
    seen: list[str] = []
    for _ in range(TRIES):
        seen = _not_caught(crew, loop, missed)
        if not missed:
            break
    assert not missed, f"{policy or name} was not caught:\n" + "\n".join(seen)


def _not_caught(crew: Crew, loop: Loop, missed: dict[str, bool]) -> list[str]:
    """Play the cases in `missed`, take out those that catch the loop, and return what was seen of the others."""
    rows = {entry.id: entry for case in missed for entry in entries()[case] if why_not(entry, loop) is None}
    jobs = deque(tables.job(entry, missed[case_of(entry.id)]) for entry in rows.values())
    seen: dict[str, list[str]] = {}
    crew.turn_to(loop, max(1, sum(missed.values())))
    for job, outcome in crew.outcomes(jobs):
        assert not (isinstance(outcome, Death) and outcome.kind == "refused"), outcome.how
        case = case_of(job.play.id)
        verdict = judge(loop.name, rows[job.play.id], outcome)
        seen.setdefault(case, []).append(f"{job.play.id}: {verdict.kind} {verdict.summary}".rstrip())
        if case in missed and tables.is_a_proof(verdict, missed[case]):
            del missed[case]
            for other in [other for other in jobs if case_of(other.play.id) == case]:
                jobs.remove(other)
    return [line for case in missed for line in seen[case]]


def test_every_case_has_a_broken_loop_and_every_entry_a_case() -> None:
    named = {case for module in MODULES for case in tables.module(module).TABLE}
    assert sorted(named - entries().keys()) == [], "no such case"
    assert sorted(WITHOUT_A_BROKEN_LOOP.keys() - entries().keys()) == [], "no such case"
    assert sorted(entries().keys() - named - WITHOUT_A_BROKEN_LOOP.keys()) == [], "no broken loop for these cases"
    assert sorted(named & WITHOUT_A_BROKEN_LOOP.keys()) == [], "there is a broken loop after all"


def test_every_entry_names_what_its_module_defines() -> None:
    for module in MODULES:
        table = tables.module(module).TABLE
        names = {name for loops in table.values() for broken in loops for name in broken[:2] if name}
        assert [name for name in sorted(names) if not hasattr(tables.module(module), name)] == []
