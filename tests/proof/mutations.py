"""From a module's text to its mutations: small changes, each of which makes another module that compiles.

That it compiles follows from how a change is made, and is not tried: that would take longer than all else here. What is
left alone, because no rule could tell the difference, is in `left_alone`; the operators are in `statements` and
`expressions`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.proof.change import Change
from tests.proof.expressions import expression_changes, statement_expressions
from tests.proof.left_alone import is_left_alone
from tests.proof.source import Header, Place, Source, without_comments
from tests.proof.statements import statement_changes

_SHOWN = 100
"""Characters of a line that are quoted."""


@dataclass(frozen=True)
class Mutation:
    """A module with one small change."""

    path: str
    """The module's file, from the package's folder on: `refloop/core/turn.py`."""
    operator: str
    what: str
    """What the change does, in words."""
    before: str
    """The changed line, or the first of them, as it was."""
    after: str
    """The same as it is now."""
    lines: Header
    """The first and the last line that are changed."""
    statement: Header
    """The lines of the statement to which they belong, without the statements that it contains."""
    source: str = field(repr=False)
    """The text of the whole module with the change."""
    digest: str
    """What tells this mutated module from others, whatever its comments are and on which lines things stand."""

    def __str__(self) -> str:
        quoted = f"`{self.before}`" if self.after in ("", "pass") else f"`{self.before}` → `{self.after}`"
        return f"{self.path}:{self.lines[0]} {self.what}: {quoted}"

    @property
    def module(self) -> str:
        """The dotted name of the module."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def mutations(path: str, text: str) -> Iterator[Mutation]:
    """Give the mutations of the module at `path` with the text `text`, in its lines' order. Raises SyntaxError."""
    source = Source(text)
    plain = without_comments(text)
    seen = {text}
    alike: Counter[str] = Counter()
    for place in source.places:
        if is_left_alone(place):
            continue
        for change in _changes(source, place):
            mutated = source.edited(change.edits)
            if mutated in seen:
                continue
            seen.add(mutated)
            edits = repr([(source.at(edit), edit.text) for edit in change.edits])
            alike[edits] += 1  # the same change is made at so many places
            digest = hashlib.sha256(f"{path}\0{plain}\0{edits}\0{alike[edits]}".encode()).hexdigest()[:16]
            yield _mutation(source, path, place, change, mutated, digest)


def _changes(source: Source, place: Place) -> Iterator[Change]:
    yield from statement_changes(source, place)
    for expression, is_condition in statement_expressions(place):
        yield from expression_changes(source, expression, is_condition=is_condition)


def _mutation(source: Source, path: str, place: Place, change: Change, text: str, digest: str) -> Mutation:
    if change.of is not None:
        lines = change.of.lineno, change.of.end_lineno  # type: ignore[attr-defined]  # it is an expression
    else:
        begin, end = min(edit.start for edit in change.edits), max(edit.end for edit in change.edits)
        lines = source.line_of(begin), source.line_of(max(begin, end - 1))
    first, last = place.header
    if change.operator == "reorder" and place.next is not None:
        last = place.next.end_lineno or last
    before, after = _first_difference(source.text, text)
    return Mutation(path, change.operator, change.what, before, after, lines, (first, last), text, digest)


def _first_difference(old: str, new: str) -> tuple[str, str]:
    for one, two in zip(old.splitlines(), new.splitlines()):
        if one != two:
            return _quoted(one), _quoted(two)
    return "", ""


def _quoted(line: str) -> str:
    code = line.partition("  # ")[0].strip()
    return code if len(code) <= _SHOWN else f"{code[:_SHOWN]} …"
