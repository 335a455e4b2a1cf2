"""Every rule is traceable to what keeps it: a tagged statement of the reference loop, or an entry in its table."""

import inspect
import pkgutil
import platform
import warnings
from collections import Counter

import pytest

import refloop
from loopspec import kept
from loopspec.catalogue import applies, load

CHAPTERS_AND_RULES = load().rules
RULES = {rule.id: rule for _, rule in CHAPTERS_AND_RULES}
TAGS = [rule for rule, _ in kept.tags()]
TABLE = kept.table()
HERE = sorted(id for id in TABLE if id in RULES and applies(RULES[id].python, platform.python_version()))


def chapters(ids: set[str]) -> set[str]:
    return {chapter.chapter for chapter, rule in CHAPTERS_AND_RULES if rule.id in ids}


def test_every_rule_of_a_chapter_that_the_loop_implements_is_traceable() -> None:
    traced = {*TAGS, *TABLE}
    implemented = chapters(traced)  # one rule that is kept, and so must be all of its chapter
    assert len(implemented) >= 11
    untraced = [
        rule.id
        for chapter, rule in CHAPTERS_AND_RULES
        if chapter.chapter in implemented and not rule.untestable and rule.id not in traced
    ]
    assert not untraced, "tag the statements in reference/refloop that keep these rules, or name in its table what does"


def test_every_tag_names_a_rule() -> None:
    stale = [f"{place.path.name}:{place.line} {id}" for id, place in kept.tags() if id not in RULES]
    assert not stale


def test_every_entry_of_the_table_names_a_rule() -> None:
    assert not TABLE.keys() - RULES.keys()


def test_no_rule_is_both_tagged_and_in_the_table() -> None:
    assert not TABLE.keys() & set(TAGS)


def test_no_statement_keeps_so_many_rules_that_the_tag_says_nothing() -> None:
    crowd = Counter(place for _, place in kept.tags())
    assert {place: count for place, count in crowd.items() if count > 5} == {}


@pytest.mark.parametrize("id", HERE)
def test_what_the_table_names_exists(id: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # policies are on their way out
        assert callable(pkgutil.resolve_name(TABLE[id]))


def test_tags_are_found_where_the_package_is() -> None:
    folder = inspect.getfile(refloop).rpartition("/")[0]
    assert {str(place.path).startswith(folder) for _, place in kept.tags()} == {True}
