"""Which cases could notice a mutation: those that execute what it changes, the likeliest and quickest first."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from loopspec.catalogue import Entry
from tests.proof.mutations import Mutation
from tests.proof.source import Function, Header, Source
from tests.proof.usual import Lines


class Relevant:
    """The cases for each mutation: at most `most`, of those that execute what it changes.

    `executed` has the executed lines by case, `texts` the modules by path, `tags` the rules with the lines they mean.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        executed: Mapping[str, Lines],
        texts: Mapping[str, str],
        tags: Iterable[tuple[str, str, int]],
        most: int,
    ) -> None:
        self._entries = entries
        self._most = most
        self._sources = {path: Source(text) for path, text in texts.items()}
        self._by_line: dict[tuple[str, int], set[int]] = {}
        for place, entry in enumerate(entries):
            for path, lines in executed[entry.id].items():
                for line in lines:
                    self._by_line.setdefault((path, line), set()).add(place)
        self._tags: dict[str, list[tuple[int, str]]] = {}
        for rule, path, line in tags:
            self._tags.setdefault(path, []).append((line, rule))
        self._cost = [sum(map(len, executed[entry.id].values())) for entry in entries]

    def entries(self, mutation: Mutation) -> list[Entry]:
        """Return the likeliest cases to notice a mutation, as many as there may be, the likeliest first.

        First come those of rules whose tag stands on what is changed, then those of rules tagged nearby, then others:
        one of each rule before a second of any, since those of one rule look at the same thing. Among these, such as
        execute little besides come first.
        """
        here, nearby = set(self.rules(mutation)), self._rules_within(mutation.path, self._around(mutation))
        ranked: list[tuple[int, int, int]] = []
        before: Counter[str] = Counter()
        for place in sorted(self._executing(mutation), key=lambda place: self._cost[place]):
            rule = self._entries[place].rule.id
            near = 0 if rule in here else 1 if rule in nearby else 2
            ranked.append((near, before[rule] if near == 2 else 0, place))
            before[rule] += 1
        ranked.sort(key=lambda one: one[:2])
        return [self._entries[place] for _, _, place in ranked[: self._most]]

    def is_for_another_python(self, mutation: Mutation) -> bool:
        """Whether no case executes what is changed, in a function that goes by the version of Python."""
        function = self._function(mutation)
        if function is None or self._executing(mutation):
            return False
        names = (part.value for part in ast.walk(function) if isinstance(part, ast.Attribute))
        return any(isinstance(value, ast.Name) and value.id == "versions" for value in names)

    def rules(self, mutation: Mutation) -> tuple[str, ...]:
        """Return the rules whose tag stands on the statement that is changed."""
        return tuple(sorted(self._rules_within(mutation.path, mutation.statement)))

    def _executing(self, mutation: Mutation) -> set[int]:
        function = self._function(mutation)
        if function is None:
            return self._using_module_level(mutation)
        if function.body[0].lineno > mutation.statement[1]:  # a default value, or another part of the signature
            return self._at(mutation.path, (function.body[0].lineno, function.end_lineno or function.lineno))
        return self._at(mutation.path, mutation.statement)

    def _at(self, path: str, lines: Header) -> set[int]:
        numbers = range(lines[0], lines[1] + 1)
        return set().union(*(self._by_line.get((path, number), set()) for number in numbers))

    def _using_module_level(self, mutation: Mutation) -> set[int]:
        """Return the cases that execute a line with the name which a statement outside of functions gives a value.

        Such a statement is executed once, when its module is imported. A class counts by what is within.
        """
        place = self._sources[mutation.path].place_at(mutation.lines[0])
        node = place.node if place else None
        if isinstance(node, ast.ClassDef):
            return self._at(mutation.path, (node.lineno, node.end_lineno or node.lineno))
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)} \
            if node else set()  # fmt: skip
        word = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b") if names else re.compile(r"(?!)")
        found: set[int] = set()
        for path, source in self._sources.items():
            for number, line in enumerate(source.text.splitlines(), start=1):
                if word.search(line):
                    found |= self._by_line.get((path, number), set())
        return found

    def _function(self, mutation: Mutation) -> Function | None:
        place = self._sources[mutation.path].place_at(mutation.statement[0])
        if place is None:
            return None
        return place.node if isinstance(place.node, Function) else place.function

    def _around(self, mutation: Mutation) -> Header:
        function = self._function(mutation)
        return (function.lineno, function.end_lineno or function.lineno) if function else mutation.statement

    def _rules_within(self, path: str, lines: Header) -> set[str]:
        return {rule for line, rule in self._tags.get(path, ()) if lines[0] <= line <= lines[1]}


def untagged(mutations: Iterable[Mutation], relevant: Relevant) -> list[Mutation]:
    """Return the mutations of statements that no rule is said to need."""
    return [mutation for mutation in mutations if not relevant.rules(mutation)]
