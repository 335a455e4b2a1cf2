"""Loops that repeat real bugs break the expected rules, and no others.

Played here are the rules that are expected to fail and a share of the rest, another one for each loop. The whole suite
on each takes a quarter of an hour: `python -m tests.real_bugs.whole_suite`.
"""

from __future__ import annotations

from zlib import crc32

import pytest

from loopspec.catalogue import Entry, load
from tests.broken_loops.tables import case_of
from tests.real_bugs.bugs import Bug, bugs, expected, failing, not_inherited, of_rules

SHARE = 60
"""Of so many rules that are not expected to fail, one is played."""


def sample(bug: Bug) -> list[Entry]:
    return [
        entry
        for entry in load().entries
        if entry.rule.id in bug.fails or crc32(f"{bug} {entry.rule.id}".encode()) % SHARE == 0
    ]


@pytest.mark.parametrize("bug", [bug for bug in bugs() if bug.here()], ids=str)
def test_the_expected_rules_fail_and_no_others(bug: Bug) -> None:
    entries = sample(bug)
    # What fails as expected is not played again: it mostly fails by waiting in vain.
    fails = failing(bug.loop, entries, jobs=4, again=False)
    if others := fails - set(bug.fails):
        unexpected = failing(bug.loop, of_rules(entries, others), jobs=1)
        fails = fails - others | not_inherited(bug, unexpected, entries, jobs=1)
    assert sorted(fails) == sorted(expected(bug, entries))


def test_they_are_many_and_each_breaks_the_rule_that_is_there_for_it() -> None:
    rules = {case_of(entry.id): entry.rule.id for entry in load().entries}
    assert [str(bug) for bug in bugs() if rules[bug.case] not in bug.fails] == []
    assert len(bugs()) >= 80


def test_each_names_its_tracker_and_stands_once() -> None:
    loops = [bug.loop for bug in bugs()]
    assert sorted(set(loops)) == sorted(loops)
    assert [str(bug) for bug in bugs() if not bug.tracker.startswith("https://github.com/")] == []
