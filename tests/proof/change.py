"""A change of a module's text, as the operators propose it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from tests.proof.source import Edit


@dataclass(frozen=True)
class Change:
    """One small change: which operator makes it, what it does in words, and the edits of the text."""

    operator: str
    what: str
    edits: tuple[Edit, ...]
    of: ast.AST | None = None
    """What is changed, where that is less than what the edits replace."""
