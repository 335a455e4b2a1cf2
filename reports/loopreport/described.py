"""What stands below the fields of structures in their source, as descriptions for a JSON Schema."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType


def described(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return, by structure and field, the strings that stand below the fields in the source of `module`."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef):
            fields = found.setdefault(node.name, {})
            for field, below in zip(node.body, node.body[1:]):
                text = below.value if isinstance(below, ast.Expr) else None
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Constant)
                    and isinstance(text.value, str)
                ):
                    fields[field.target.id] = " ".join(text.value.split())
    return found
