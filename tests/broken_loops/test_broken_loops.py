"""Proof that the cases can fail: each is played with a loop whose mistake it is there to find.

A module beside this one holds the broken loops of a chapter's case file, and its TABLE says which case catches which.
"""

from __future__ import annotations

import importlib
import sys
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from loopreport.model import Verdict
from loopspec.catalogue import Entry, load
from loopspec.check import job_for
from loopspec.isolation.workers import Crew, Job
from loopspec.judge import judge
from loopspec.loops import Loop
from loopspec.machine import why_not
from loopspec.observation import Death

HERE = Path(__file__).parent

MODULES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("broken", "servers", "test_broken_loops"))

WITHOUT_A_BROKEN_LOOP: dict[str, str] = {}
"""Cases that no broken loop is there for, each with its reason."""

SHORT = 0.8
"""Seconds after which a case counts as hung where the mistake is that it does not end."""

AMPLE = 30.0
"""The same where it does end and the difference is awaited, which under load may take long."""


@cache
def _module(name: str) -> ModuleType:
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


@cache
def _entries() -> dict[str, list[Entry]]:
    """Return the rows of each case by the case's id."""
    found: dict[str, list[Entry]] = {}
    for entry in load().entries:
        found.setdefault(f"{entry.rule.id}/{entry.case.id}", []).append(entry)
    return found


def _loop(module: str, name: str, policy: str = "") -> Loop:
    return Loop(name=name, factory=f"{module}:{name}", policy=f"{module}:{policy}" if policy else "")


def _proofs() -> Iterator[Any]:
    """Give every broken loop with the cases that must catch it and can be played here."""
    for module in MODULES:
        cases: dict[tuple[str, str], dict[str, bool]] = {}
        for case, loops in _module(module).TABLE.items():
            for broken in loops:
                loop = _loop(module, broken.loop, broken.policy)
                if broken.here() and any(why_not(entry, loop) is None for entry in _entries().get(case, ())):
                    cases.setdefault((broken.loop, broken.policy), {})[case] = broken.hangs
        for (name, policy), hangs in cases.items():
            yield pytest.param(module, name, policy, hangs, id=f"{module}-{policy or name}")


@pytest.mark.parametrize(("module", "name", "policy", "hangs"), [*_proofs()])
def test_caught(module: str, name: str, policy: str, hangs: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    loop = _loop(module, name, policy)
    rows = {entry.id: entry for case in hangs for entry in _entries()[case] if why_not(entry, loop) is None}
    jobs = deque(_job(entry, hangs[_case(entry.id)]) for entry in rows.values())
    seen: dict[str, list[str]] = {}
    caught: set[str] = set()
    with Crew(loop, max(1, sum(hangs.values()))) as crew:
        for job, outcome in crew.outcomes(jobs):
            assert not (isinstance(outcome, Death) and outcome.kind == "refused"), outcome.how
            case = _case(job.play.id)
            verdict = judge(name, rows[job.play.id], outcome)
            seen.setdefault(case, []).append(f"{job.play.id}: {verdict.kind} {verdict.summary}".rstrip())
            if _is_a_proof(verdict, hangs[case]):
                caught.add(case)
                for other in [other for other in jobs if _case(other.play.id) == case]:
                    jobs.remove(other)
    missed = [line for case in hangs if case not in caught for line in seen[case]]
    assert not missed, f"{policy or name} was not caught:\n" + "\n".join(missed)


def test_every_case_has_a_broken_loop_and_every_entry_a_case() -> None:
    tables = {case for module in MODULES for case in _module(module).TABLE}
    assert sorted(tables - _entries().keys()) == [], "no such case"
    assert sorted(WITHOUT_A_BROKEN_LOOP.keys() - _entries().keys()) == [], "no such case"
    assert sorted(_entries().keys() - tables - WITHOUT_A_BROKEN_LOOP.keys()) == [], "no broken loop for these cases"
    assert sorted(tables & WITHOUT_A_BROKEN_LOOP.keys()) == [], "there is a broken loop after all"


def test_every_entry_names_what_its_module_defines() -> None:
    for module in MODULES:
        names = {name for loops in _module(module).TABLE.values() for broken in loops for name in broken[:2] if name}
        assert [name for name in sorted(names) if not hasattr(_module(module), name)] == []


def _case(identifier: str) -> str:
    return "/".join(identifier.split("/")[:2])


def _job(entry: Entry, hangs: bool) -> Job:
    job = job_for(entry)
    return Job(msgspec.structs.replace(job.play, timeout=SHORT if hangs else AMPLE), job.environment, job.alone)


def _is_a_proof(verdict: Verdict, hangs: bool) -> bool:
    """Whether the mistake was seen: not that the loop lacks a method, nor that a slow machine needed its time."""
    return verdict.kind in ("fail", "crash") or (hangs and verdict.kind == "hang")
