"""A module's text and its syntax tree, and how a piece of the text is replaced without touching the rest."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
Header = tuple[int, int]
"""The first and the last line of a statement, without the statements that it contains."""


@dataclass(frozen=True)
class Edit:
    """Puts `text` in place of the bytes from `start` to `end` of a module."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Place:
    """A statement, or an `except` clause, where it stands: in the list `body` of statements, within `within`."""

    node: ast.stmt | ast.ExceptHandler
    body: list[ast.stmt]
    within: tuple[ast.AST, ...]
    """The nodes around it, from the module on."""

    @property
    def function(self) -> Function | None:
        """The innermost function around it."""
        return next((node for node in reversed(self.within) if isinstance(node, Function)), None)

    @property
    def header(self) -> Header:
        """Its lines, without those of the statements that it contains."""
        last = self.node.end_lineno or self.node.lineno
        if inner := list(bodies(self.node)):
            last = max(self.node.lineno, inner[0][0].lineno - 1)
        return self.node.lineno, last

    @property
    def next(self) -> ast.stmt | None:
        """The statement that follows it in the same body."""
        place = self.body.index(self.node) + 1 if isinstance(self.node, ast.stmt) else len(self.body)
        return self.body[place] if place < len(self.body) else None


class Source:
    """The text of a module. Raises SyntaxError if it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the bytes at which `node` begins and ends; parentheses around it are outside."""
        begin = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]  # parsed
        return begin, self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]  # parsed

    def of(self, node: ast.AST) -> str:
        """Return the text of `node`."""
        begin, end = self.span(node)
        return self.data[begin:end].decode()

    def at(self, edit: Edit) -> str:
        """Return the text that `edit` replaces."""
        return self.data[edit.start : edit.end].decode()

    def operand(self, node: ast.AST) -> str:
        """Return the text of `node`, in parentheses where another operator could tear it apart."""
        simple = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.Subscript))
        return self.of(node) if simple else f"({self.of(node)})"

    def replace(self, node: ast.AST, text: str) -> Edit:
        """Return the edit that puts `text` in place of `node`."""
        return Edit(*self.span(node), text)

    def line_of(self, offset: int) -> int:
        """Return the number of the line with the byte at `offset`."""
        return self.data.count(b"\n", 0, offset) + 1

    def edited(self, edits: Iterable[Edit]) -> str:
        """Return the module's text after `edits`, none of which overlaps another."""
        data = self.data
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        return data.decode()

    @cached_property
    def places(self) -> list[Place]:
        """Every statement and `except` clause, in the text's order."""
        return sorted(_places(self.tree, ()), key=lambda place: place.node.lineno)

    def place_at(self, line: int) -> Place | None:
        """Return the statement, or `except` clause, to whose own lines `line` belongs."""
        found = [place for place in self.places if place.header[0] <= line <= place.header[1]]
        return max(found, key=lambda place: place.node.lineno, default=None)


def without_comments(text: str) -> str:
    """Return a module's text without comments and without lines in which nothing else stands."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Give the lists of statements that `node` contains, but for those of its `except` clauses."""
    for name in ("body", "orelse", "finalbody"):
        found = getattr(node, name, None)
        if isinstance(found, list) and found:
            yield found


def _places(node: ast.AST, within: tuple[ast.AST, ...]) -> Iterator[Place]:
    within = (*within, node)
    for body in bodies(node):
        for statement in body:
            yield Place(statement, body, within)
            yield from _places(statement, within)
    for handler in getattr(node, "handlers", ()):
        yield Place(handler, [], within)
        yield from _places(handler, within)
