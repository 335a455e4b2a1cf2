"""Copying code out of modules by its syntax tree: what some names need, as it stands there, and nothing else."""

from __future__ import annotations

import ast
import functools
import importlib.util
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

_OWN = "loopspec."
"""Modules of this prefix are copied from; every other module is imported by the copy."""


class Copy:
    """Code copied from modules: definitions in the order in which they were first needed, and the imports they need."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.imports: set[str] = set()
        self.chunks: list[str] = []
        self._taken: set[tuple[str, str]] = set()

    def take(self, module: str, name: str) -> None:
        """Copy the definition of `name` at the top level of `module`, after what it needs."""
        if (module, name) not in self._taken:
            self._taken.add((module, name))
            source = _source(module)
            node = source.definitions[name]
            self._needs(source, _names(node))
            self.chunks.append(source.text_of(node))

    def take_class(
        self,
        module: str,
        name: str,
        members: Iterable[str],
        without: Collection[str] = (),
        instead: Mapping[str, str] | None = None,
    ) -> None:
        """Copy the class with the methods `members` and those that they use.

        Left out are statements that use an attribute of `without`, and those of `__init__` that set what no copied
        method uses. A method that `instead` names is replaced by the text that stands there.
        """
        source = _source(module)
        node = source.definitions[name]
        assert isinstance(node, ast.ClassDef)
        replaced = instead or {}
        methods = {one.name: one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
        wanted = set(members)
        kept, used = _reachable(methods, wanted, {*without, *replaced})
        gone = set(_lines_of_methods(node, methods.keys() - kept))
        for member in kept:
            for statement in _statements(methods[member]):
                unused = member == "__init__" and _sets_only_others(statement, used)
                if unused or (_is_simple(statement) and _attributes(statement) & set(without)):
                    gone |= _lines(statement)
        chunk = source.text_of(node, gone)
        for member in replaced.keys() & {*used, *wanted}:
            chunk += "\n\n" + textwrap.indent(replaced[member], "    ")
        self._needs(source, _names(ast.parse(chunk)))
        self.chunks.append(chunk)

    def _needs(self, source: _Source, names: Iterable[str]) -> None:
        for name in sorted(names):
            if name in source.own_imports:
                self.take(*source.own_imports[name])
            elif name in source.imports:
                self.imports.add(source.imports[name])
            elif name in source.definitions:
                self.take(source.module, name)


class _Source:
    """The source of a module, with its definitions and imports by name."""

    def __init__(self, module: str) -> None:
        found = importlib.util.find_spec(module)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(module)
        self.module = module
        self.text = Path(found.origin).read_text(encoding="utf-8")
        self.definitions: dict[str, ast.stmt] = {}
        self.imports: dict[str, str] = {}
        self.own_imports: dict[str, tuple[str, str]] = {}
        for node in ast.parse(self.text).body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.definitions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.definitions[node.targets[0].id] = node
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports[alias.asname or alias.name.partition(".")[0]] = f"import {_as(alias)}"
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if node.module.startswith(_OWN):
                        self.own_imports[alias.asname or alias.name] = (node.module, alias.name)
                    else:
                        self.imports[alias.asname or alias.name] = f"from {node.module} import {_as(alias)}"

    def text_of(self, node: ast.stmt, without: Collection[int] = ()) -> str:
        """Return the lines of a statement, but for those with the numbers `without`."""
        lines = self.text.splitlines()
        return "\n".join(lines[number - 1] for number in sorted(_lines(node)) if number not in without).rstrip()


@functools.cache
def _source(module: str) -> _Source:
    return _Source(module)


def _as(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _attributes(node: ast.AST) -> set[str]:
    return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def _lines(node: ast.stmt) -> set[int]:
    """Return the numbers of the statement's lines, its decorators' among them."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return set(range(first, (node.end_lineno or node.lineno) + 1))


def _reachable(
    methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], members: Iterable[str], without: Collection[str]
) -> tuple[set[str], set[str]]:
    """Return the names of the methods that `members` need, themselves among them, and of all attributes these use."""
    kept, used, waiting = {"__init__"}, set[str](), [*members]
    while waiting:
        member = waiting.pop()
        if member in methods and member not in kept and member not in without:
            kept.add(member)
            found = _attributes(methods[member])
            used |= found
            waiting += found
    return kept, used


def _lines_of_methods(node: ast.ClassDef, names: Collection[str]) -> Iterator[int]:
    """Give the numbers of the lines of these methods and of the empty lines after each."""
    for one, following in zip(node.body, [*node.body[1:], None]):
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.name in names:
            end = min(_lines(following)) if following else (node.end_lineno or one.lineno) + 1
            yield from range(min(_lines(one)), end)


def _sets_only_others(statement: ast.stmt, used: Collection[str]) -> bool:
    """Whether the statement is an assignment to attributes none of which is in `used`."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return not any(_attributes(target) & set(used) for target in targets)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for one in ast.walk(node):
        if isinstance(one, ast.stmt) and one is not node:
            yield one


def _is_simple(statement: ast.stmt) -> bool:
    """Whether leaving the statement out leaves out nothing besides: no function, loop or `with` around others."""
    return isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.If))
