"""A mutated loop is played as a loop of its own, and what it does to its process costs that play only."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import pytest

from loopspec import kept
from loopspec.catalogue import Entry, Selection, load
from loopspec.loops import Loop
from tests.proof.mutations import Mutation, mutations
from tests.proof.playing import Interrupted, Played, mutant, play
from tests.proof.state import State
from tests.proof.usual import Habits

SOURCES = dict(kept.sources())
ENTRIES = Selection(words=("call-soon.order", "call-soon.arguments")).entries(load())
KINDS = {"fail", "crash", "hang"}


def changed(path: str, old: str, new: str) -> Mutation:
    text = SOURCES[path]
    assert text.count(old) == 1
    found = next(iter(mutations(path, text)))
    return dataclasses.replace(found, source=text.replace(old, new))


def played(mutation: Mutation, entries: list[Entry] = ENTRIES) -> Played:
    return play(mutant(mutation), entries, lambda entry: 0.01, KINDS, lambda: False)


def test_a_change_that_matters_is_caught_by_the_first_case_it_matters_to() -> None:
    found = played(changed("refloop/core/turn.py", "*handle.arguments)\n            #", ")\n            #"))
    assert [(catch.case.split("/")[0], catch.kind) for catch in found.catches] == [("call-soon.arguments", "fail")]


def test_a_change_that_does_not_matter_passes_every_case() -> None:
    found = played(changed("refloop/core/turn.py", "self.current: Handle", "self.another: Handle"))
    assert (len(found.passed), found.catches, found.stillborn) == (len(ENTRIES), [], "")


def test_a_loop_that_cannot_be_made_is_no_catch() -> None:
    found = played(changed("refloop/core/turn.py", "LONGEST_POLL = 24", "LONGEST_POLL = missing"))
    assert not found.catches
    assert "NameError" in found.stillborn


def test_a_hang_is_a_catch_only_with_all_the_time_that_the_case_has() -> None:
    mutation = changed("refloop/core/turn.py", "            handle.state = EXECUTED\n", "            time.sleep(3)\n")
    (short,) = [_with_timeout(entry, 2.0) for entry in ENTRIES[:1]]
    (long,) = [_with_timeout(entry, 40.0) for entry in ENTRIES[:1]]
    assert [catch.kind for catch in played(mutation, [short]).catches] == ["hang"]
    assert not [catch for catch in played(mutation, [long]).catches if catch.kind == "hang"]


def test_the_end_that_somebody_asks_for() -> None:
    with pytest.raises(Interrupted):
        play(Loop(name="reference", factory="refloop:new_event_loop"), ENTRIES, lambda entry: 0, KINDS, lambda: True)


def test_what_is_usual_is_learned_once(tmp_path: Path) -> None:
    state = State(tmp_path)
    habits = Habits(state)
    assert habits.missing(ENTRIES, lines=True) == ENTRIES
    habits.learn(ENTRIES, 1, lambda: False, lambda: None)
    again = Habits(state)
    assert again.missing(ENTRIES, lines=True) == []
    usual = again.of(ENTRIES[0])
    assert usual.kind == "pass"
    turn = SOURCES["refloop/core/turn.py"].splitlines()
    executed = [turn[line - 1].strip() for line in usual.lines["refloop/core/turn.py"]]
    assert any(line.startswith("handle = ready.popleft()") for line in executed)
    assert "self._poll_timed(timeout)" not in executed


def _with_timeout(entry: Entry, seconds: float) -> Entry:
    return dataclasses.replace(entry, case=msgspec.structs.replace(entry.case, timeout=seconds))
