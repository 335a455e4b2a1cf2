"""What is not mutated, since no rule could tell the difference: texts for people, types, and what is never executed."""

from __future__ import annotations

import ast
import re

from tests.proof.source import Function, Place

_NAMES = {"__slots__", "__all__", "__eq__", "__hash__"}
_REPRESENTATIONS = {"__repr__", "_repr_parts", "_place"}
"""Functions whose result is text for people."""

_TYPES = {"TypeVar", "NewType", "ParamSpec"}
_KEYWORDS = {"stacklevel", "thread_name_prefix", "source"}
"""Keyword arguments that only change what a message or a list of threads shows."""

_WORD = re.compile(r"[\w.-]+")
"""A string that programs read. One with blanks in it is for people."""


def is_left_alone(place: Place) -> bool:
    """Whether the statement at `place`, or one around it, is not to be mutated."""
    return _is_exempt(place.node) or any(map(_is_exempt, place.within))


def is_message(node: ast.AST) -> bool:
    """Whether an expression only makes a text for people, so that nothing within it is to be mutated."""
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TYPES


def is_cast(node: ast.AST) -> bool:
    """Whether an expression only tells a type checker what its second argument is."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast"


def is_log_record(node: ast.AST, level: str = "") -> bool:
    """Whether an expression writes to a logger (at `level`, if that is given)."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return _name(node.func.value) == "logger" and level in ("", node.func.attr)


def is_text(value: str) -> bool:
    """Whether a string constant is for people only."""
    return not _WORD.fullmatch(value)


def is_cosmetic(keyword: ast.keyword, call: ast.Call) -> bool:
    """Whether a keyword argument only changes what messages and lists show."""
    return keyword.arg in _KEYWORDS or (keyword.arg == "name" and _name(call.func) == "Thread")


def is_switch(argument: ast.AST, call: ast.Call) -> bool:
    """Whether an argument is a socket option's value, of which the system asks only whether it is zero."""
    return _name(call.func) == "setsockopt" and len(call.args) == 3 and argument is call.args[2]


def depends_on_python(node: ast.AST) -> bool:
    """Whether an expression asks for the version of Python: other versions can't be had by changing it a little."""
    return any(isinstance(part, ast.Attribute) and part.attr == "version_info" for part in ast.walk(node))


def _is_exempt(node: ast.AST) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass, ast.Assert)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or is_log_record(node.value, "debug")
    if isinstance(node, ast.If):
        only_debug = not node.orelse and all(map(_is_exempt, node.body))
        return only_debug or "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return any(_name(target) in _NAMES for target in node.targets) or is_message(node.value)
    if isinstance(node, ast.AnnAssign):
        kind = ast.unparse(node.annotation)
        return node.value is None or kind == "TypeAlias" or (kind == "Final" and isinstance(node.value, ast.Constant))
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    return isinstance(node, Function) and (node.name in _REPRESENTATIONS or _is_abstract(node))


def _is_abstract(function: Function) -> bool:
    """Whether a function only stands for one that a subclass has."""
    return all(
        _is_exempt(statement) or ast.unparse(statement) == "raise NotImplementedError" for statement in function.body
    )


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
