"""The JSON Schema of case files: of the format's structures, each key described by what stands below its field."""

from __future__ import annotations

import ast
import inspect
import json

from loopspec import format


def schema_text() -> str:
    """Return the JSON Schema of a case file as text, the same for the same format, with a newline at its end."""
    schema = format.schema()
    for name, descriptions in _described().items():
        properties = schema["$defs"].get(name, {}).get("properties", {})
        for key, description in descriptions.items():
            properties[key]["description"] = description
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _described() -> dict[str, dict[str, str]]:
    """Return, by structure and field, the strings that stand below the fields in the source of the format."""
    described: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(format)).body:
        if isinstance(node, ast.ClassDef):
            fields = described.setdefault(node.name, {})
            for field, below in zip(node.body, node.body[1:]):
                text = below.value if isinstance(below, ast.Expr) else None
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Constant)
                    and isinstance(text.value, str)
                ):
                    fields[field.target.id] = " ".join(text.value.split())
    return described
