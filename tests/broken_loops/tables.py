"""The broken loops that the tables of the modules beside this one name, with the cases that must catch each."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from loopreport.model import Verdict
from loopspec.catalogue import Entry, load
from loopspec.check import job_for
from loopspec.isolation.workers import Job
from loopspec.loops import Loop
from loopspec.machine import why_not

HERE = Path(__file__).parent

_NO_CHAPTER = {"broken", "servers", "tables", "test_broken_loops"}

MODULES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in _NO_CHAPTER)

SHORT = 0.8
"""Seconds after which a case counts as hung where the mistake is that it does not end."""

AMPLE = 30.0
"""The same where it does end and the difference is awaited, which under load may take long."""


@cache
def module(name: str) -> ModuleType:
    """Import and return one of MODULES."""
    with importable():
        return importlib.import_module(name)


@contextlib.contextmanager
def importable() -> Iterator[None]:
    """Have the modules found in the block, also by workers that are started there."""
    sys.path.insert(0, str(HERE))
    try:
        yield
    finally:
        sys.path.remove(str(HERE))


@cache
def entries() -> dict[str, list[Entry]]:
    """Return the rows of each case by the case's id."""
    found: dict[str, list[Entry]] = {}
    for entry in load().entries:
        found.setdefault(case_of(entry.id), []).append(entry)
    return found


def case_of(identifier: str) -> str:
    """Return the id of the case to which a row with this id belongs."""
    return "/".join(identifier.split("/")[:2])


def loop_of(module: str, name: str, policy: str = "") -> Loop:
    """Return a broken loop as the engine takes it. A worker finds it if HERE is in the keeper's path."""
    return Loop(name=name, factory=f"{module}:{name}", policy=f"{module}:{policy}" if policy else "")


def caught(*, elsewhere: bool = False) -> Iterator[tuple[str, str, str, dict[str, bool]]]:
    """Give each broken loop (its module, name and policy) with the cases that must catch it and can be played here.

    With `elsewhere`, those with which it cannot be played here, but on another Python or system. With each case stands
    whether the mistake is that it does not end.
    """
    for name in MODULES:
        cases: dict[tuple[str, str], dict[str, bool]] = {}
        for case, loops in module(name).TABLE.items():
            for broken in loops:
                loop = loop_of(name, broken.loop, broken.policy)
                if elsewhere != can_be_played(broken, loop, case):
                    cases.setdefault((broken.loop, broken.policy), {})[case] = broken.hangs
        for (loop_name, policy), hangs in cases.items():
            yield name, loop_name, policy, hangs


def can_be_played(broken: Any, loop: Loop, case: str) -> bool:
    """Whether a broken loop (a `broken.Broken`) can be played here with some row of the case."""
    return broken.here() and any(why_not(entry, loop) is None for entry in entries().get(case, ()))


def job(entry: Entry, hangs: bool) -> Job:
    """Return what a crew needs to play a row with a broken loop."""
    plain = job_for(entry)
    play = msgspec.structs.replace(plain.play, timeout=SHORT if hangs else AMPLE)
    return replace(plain, play=play, modules=(*plain.modules, "refloop"))


def is_a_proof(verdict: Verdict, hangs: bool) -> bool:
    """Whether the mistake was seen: not that the loop lacks a method, nor that a slow machine needed its time."""
    return verdict.kind in ("fail", "crash") or (hangs and verdict.kind == "hang")
