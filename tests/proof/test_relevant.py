"""The cases that a mutation is played against: those that execute what it changes, the likeliest first."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from loopspec.catalogue import Entry, load
from tests.proof.mutations import Mutation, mutations
from tests.proof.relevant import Relevant, untagged

TEXT = """\
LIMIT = 5


class A(B, C):
    def f(self, x=1):
        if x > LIMIT:
            g(x)
        h(x)

    def k(self):
        m(1)
"""
PATH = "refloop/a.py"
FOUND = list(mutations(PATH, TEXT))
EXECUTED = {"calls-f": [5, 6, 8], "calls-all-of-f": [5, 6, 7, 8], "calls-k": [11], "calls-both": [5, 6, 8, 11]}


def entry(rule: str) -> Entry:
    one = load().entries[0]
    return dataclasses.replace(one, id=f"{rule}/case", rule=msgspec.structs.replace(one.rule, id=rule))


def relevant(*tags: tuple[str, int], most: int = 10) -> Relevant:
    entries = [entry(rule) for rule in EXECUTED]
    executed = {f"{rule}/case": {PATH: lines} for rule, lines in EXECUTED.items()}
    return Relevant(entries, executed, {PATH: TEXT}, [(rule, PATH, line) for rule, line in tags], most)


def mutation(line: int, operator: str) -> Mutation:
    return next(one for one in FOUND if one.lines[0] == line and one.operator == operator)


def cases(one: Mutation, *tags: tuple[str, int], most: int = 10) -> list[str]:
    return [entry.rule.id for entry in relevant(*tags, most=most).entries(one)]


def test_those_that_execute_the_line_the_most_specific_first() -> None:
    assert cases(mutation(7, "drop")) == ["calls-all-of-f"]
    assert cases(mutation(6, "never")) == ["calls-f", "calls-all-of-f", "calls-both"]


def test_those_of_rules_tagged_there_before_those_tagged_nearby_before_others() -> None:
    tags = ("calls-both", 6), ("calls-all-of-f", 8)
    assert cases(mutation(6, "never"), *tags) == ["calls-both", "calls-all-of-f", "calls-f"]


def test_no_more_than_asked_for() -> None:
    assert cases(mutation(6, "never"), most=1) == ["calls-f"]


def test_one_of_each_rule_before_a_second_of_any() -> None:
    rules = {"one/a": [6], "one/b": [6, 7], "two/a": [5, 6, 7, 8]}
    entries = [dataclasses.replace(entry(case.partition("/")[0]), id=case) for case in rules]
    some = Relevant(entries, {case: {PATH: lines} for case, lines in rules.items()}, {PATH: TEXT}, [], 10)
    assert [one.id for one in some.entries(mutation(6, "never"))] == ["one/a", "two/a", "one/b"]


def test_what_only_another_python_executes() -> None:
    text = "class A:\n    def f(self):\n        if versions.NEW:\n            return g()\n        h()\n        k()\n"
    found = [one for one in mutations(PATH, text) if one.operator == "drop"]
    assert [one.lines[0] for one in found] == [5, 6]
    one = entry("calls-f")
    here = Relevant([one], {one.id: {PATH: [3, 4]}}, {PATH: text}, [], 10)
    assert all(map(here.is_for_another_python, found))
    there = Relevant([one], {one.id: {PATH: [3, 5]}}, {PATH: text}, [], 10)
    assert [there.is_for_another_python(change) for change in found] == [False, True]
    plain = Relevant([one], {one.id: {PATH: [3, 4]}}, {PATH: text.replace("versions.NEW", "new")}, [], 10)
    assert not any(map(plain.is_for_another_python, mutations(PATH, text.replace("versions.NEW", "new"))))


@pytest.mark.parametrize("line", [5, 1])
def test_a_default_and_a_constant_count_where_they_are_used(line: int) -> None:
    assert cases(mutation(line, "constant")) == ["calls-f", "calls-all-of-f", "calls-both"]


def test_a_class_counts_by_what_is_within() -> None:
    assert set(cases(mutation(4, "drop-element"))) == set(EXECUTED)


def test_statements_that_no_rule_is_tagged_to() -> None:
    some = relevant(("calls-f", 6))
    assert {one.lines[0] for one in untagged(FOUND, some)} == {1, 4, 5, 7, 8, 11}
