"""What the rules cover: by page, section and subject, and which documented names and parameters no rule is about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loopspec.catalogue import Catalogue
from loopspec.format import Chapter, Rule
from loopspec.interface import Name


@dataclass(frozen=True)
class Covered:
    """A subject of rules in a chapter, or a documented name that no rule is about (then `rules` is 0)."""

    page: str
    chapter: str
    subject: str
    rules: int
    untestable: int
    cpython: int
    """How many of the rules are not documented, but what CPython does."""
    cases: int
    missing: tuple[str, ...] = ()
    """Parameters of the documented name that none of its rules is about."""

    @property
    def complete(self) -> bool:
        """Whether there are rules, and one for each parameter."""
        return bool(self.rules) and not self.missing


def coverage(catalogue: Catalogue, names: Iterable[Name]) -> list[Covered]:
    """Return a row for each subject of each chapter, in the catalogue's order, then one for each name without a rule.

    A rule is about a documented name if that is its subject, or its anchor. It is about a parameter if its statement
    or its id names it, if one of its scripts passes it to a method of that name, or if a case's rows are about it.
    """
    by_subject: dict[tuple[str, str], list[tuple[Chapter, Rule]]] = {}
    for chapter, rule in catalogue.rules:
        by_subject.setdefault((chapter.chapter, rule.subject), []).append((chapter, rule))
    missing: dict[str, tuple[str, ...]] = {}
    without = []
    for name in names:
        rules = [rule for _, rule in catalogue.rules if rule.subject == name.subject or rule.anchor == name.anchor]
        if rules:
            told_as = name.subject if any(rule.subject == name.subject for rule in rules) else rules[0].subject
            missing[told_as] = (*missing.get(told_as, ()), *_missing(name, rules))
        else:
            without.append(Covered(name.page, "", name.subject, 0, 0, 0, 0, name.parameters))
    rows = []
    for (title, subject), found in by_subject.items():
        page = found[0][0].page.partition("#")[0]
        rows.append(_row(page, title, subject, [rule for _, rule in found], missing))
    return [*rows, *without]


def _row(page: str, title: str, subject: str, rules: list[Rule], missing: dict[str, tuple[str, ...]]) -> Covered:
    return Covered(
        page=page,
        chapter=title,
        subject=subject,
        rules=len(rules),
        untestable=sum(bool(rule.untestable) for rule in rules),
        cpython=sum(rule.basis == "cpython" for rule in rules),
        cases=sum(len(rule.case) for rule in rules),
        missing=missing.get(subject, ()),
    )


def _missing(name: Name, rules: list[Rule]) -> Iterator[str]:
    passed = {parameter for rule in rules for case in rule.case for parameter in _passed(case.run, name)}
    passed |= {word for rule in rules for case in rule.case for row in case.each for word in _words(row)}
    for parameter in name.parameters:
        word = re.compile(rf"(?<![a-z0-9]){parameter.replace('_', '[_-]')}(?![a-z0-9])")
        if parameter not in passed and not any(word.search(rule.says) or word.search(rule.id) for rule in rules):
            yield parameter


def _passed(script: str, name: Name) -> Iterator[str]:
    """Give the parameters that the script passes to, or takes in, a function of that name."""
    method = name.subject.rpartition(".")[2]
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)
            yield from name.parameters[: len(node.args)]
        elif isinstance(node, ast.FunctionDef) and node.name == method:
            yield from name.parameters[: len(node.args.args) - 1]


def _words(row: object) -> Iterator[str]:
    """Give the texts in a row of a case, and the names by which its values stand."""
    if isinstance(row, dict):
        for name, value in row.items():
            yield name
            yield from _words(value)
    elif isinstance(row, list):
        for value in row:
            yield from _words(value)
    elif isinstance(row, str):
        yield row
