"""The conforming loops that the tables of the modules beside this one name, and the rows that are played with each."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from loopspec.catalogue import Entry, load
from loopspec.globs import matches_any
from loopspec.loops import Loop

HERE = Path(__file__).parent

_NO_TABLE = {"conforming", "tables", "test_conforming_loops"}

MODULES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in _NO_TABLE)


@cache
def module(name: str) -> Any:
    """Import and return one of MODULES."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(HERE))


def freedoms() -> Iterator[tuple[str, str, Any]]:
    """Give the module and the name of each loop, with its `conforming.Freedom`."""
    for name in MODULES:
        for loop, freedom in module(name).TABLE.items():
            yield name, loop, freedom


def loop_of(module: str, name: str) -> Loop:
    """Return a conforming loop as the engine takes it. A worker finds it if HERE is in the keeper's path."""
    return Loop(name=name, factory=f"{module}:{name}")


@cache
def suite() -> tuple[Entry, ...]:
    """Return the rows of the suite."""
    return load().entries


@cache
def own_cases() -> tuple[Entry, ...]:
    """Return the rows of own_cases.toml."""
    return load([HERE / "own_cases.toml"]).entries


def documented(globs: list[str]) -> list[Entry]:
    """Return the rows that count of the cases that match one of `globs`."""
    return [entry for entry in suite() if entry.counts and matches_any(tuple(globs), [case_of(entry), entry.rule.id])]


def rows_of(case: str) -> list[Entry]:
    """Return the rows of the case with the id `case`, of the suite or of own_cases.toml."""
    return [entry for entry in (*suite(), *own_cases()) if case_of(entry) == case]


def case_of(entry: Entry) -> str:
    """Return the id of the case to which a row belongs."""
    return f"{entry.rule.id}/{entry.case.id}"
