"""Proof that the cases accuse nobody wrongly: each loop here keeps what is documented, and does it in its own way.

A module beside this one holds some of these loops, and its TABLE says which cases could notice what is special.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from loopreport.model import Verdict
from loopspec.catalogue import Entry
from loopspec.check import check
from loopspec.loops import Loop
from loopspec.machine import why_not
from tests.conforming_loops import tables
from tests.conforming_loops.tables import HERE

TRIES = 3
"""How often a row is played that accuses a loop: a busy machine may be the reason."""

REFERENCE = Loop(name="reference", factory="refloop:new_event_loop")

NOT_SHOWN = "does not show its socket"
"""What a case says, as NotImplementedError, that cannot look at a socket: it does not accuse the loop."""


def _loops() -> list[Any]:
    return [pytest.param(*found, id=f"{found[0]}-{found[1]}") for found in tables.freedoms() if found[2].here()]


@pytest.mark.parametrize(("module", "name", "freedom"), _loops())
def test_conforms(module: str, name: str, freedom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    loop = tables.loop_of(module, name)
    rows = tables.documented(freedom.cases)
    assert rows, "no documented case matches"
    accused = _that_fail(loop, rows, TRIES)
    if accused:  # if the reference loop does not pass either, it is not for what this loop does otherwise
        as_well = {entry.id: verdict.kind for entry, verdict in _that_fail(REFERENCE, [row for row, _ in accused], 1)}
        accused = [(entry, verdict) for entry, verdict in accused if as_well.get(entry.id) != verdict.kind]
    doc = getattr(tables.module(module), name).__doc__
    assert not accused, f"{name} keeps the documentation, and is accused. {doc}\n" + "\n".join(map(_told, accused))


@pytest.mark.parametrize(("module", "name", "freedom"), _loops())
def test_is_unlike_cpython(module: str, name: str, freedom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the other test would hold of any loop."""
    monkeypatch.syspath_prepend(HERE)
    loop = tables.loop_of(module, name)
    cases = {case: _playable(loop, tables.rows_of(case)) for case in freedom.shown_by}
    rows = [row for rows in cases.values() for row in rows]
    if not rows:
        pytest.skip("what shows it cannot be played here")
    failing = {tables.case_of(entry) for entry, verdict in _that_fail(loop, rows, 1) if verdict.kind != "broken"}
    assert sorted(case for case, rows in cases.items() if rows and case not in failing) == []
    assert [_told(found) for found in _that_fail(REFERENCE, rows, TRIES)] == []


def _playable(loop: Loop, rows: Iterable[Entry]) -> list[Entry]:
    return [row for row in rows if why_not(row, loop) is None]


def _that_fail(loop: Loop, rows: Iterable[Entry], tries: int) -> list[tuple[Entry, Verdict]]:
    """Return those of `rows` that do not pass in any of so many tries, with their last verdicts."""
    failing = [(row, None) for row in _playable(loop, rows)]
    for _ in range(tries):
        if failing:
            failing = _played(loop, [row for row, _ in failing])
    return failing


def _played(loop: Loop, rows: list[Entry]) -> list[tuple[Entry, Verdict]]:
    by_id = {row.id: row for row in rows}
    return [
        (by_id[verdict.case], verdict)
        for verdict in check(loop, rows, 1, again=False)
        if verdict.kind != "pass" and not (verdict.kind == "unsupported" and NOT_SHOWN in verdict.summary)
    ]


def _told(found: tuple[Entry, Verdict]) -> str:
    entry, verdict = found
    difference = "".join(f"\n    {line.mark} {line.text}" for line in verdict.difference)
    return f"{entry.id}: {verdict.kind} {verdict.summary}{difference}"


def test_every_table_names_what_there_is() -> None:
    for module, name, freedom in tables.freedoms():
        assert getattr(tables.module(module), name).__doc__, f"{name} does not say which freedom it uses"
        assert freedom.shown_by, f"nothing shows that {name} is unlike other loops"
        for case in freedom.shown_by:
            rows = tables.rows_of(case)
            assert rows and not any(row.counts for row in rows), f"{case} is no case of what is not documented"
        idle = [glob for glob in freedom.cases if not tables.documented([glob])]
        assert idle == [], f"these globs of {name} match no documented case"
