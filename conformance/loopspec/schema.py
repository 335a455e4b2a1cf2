"""The JSON Schema of case files: of the format's structures, each key described by what stands below its field."""

from __future__ import annotations

import json

from loopreport.described import described
from loopspec import format


def schema_text() -> str:
    """Return the JSON Schema of a case file as text, the same for the same format, with a newline at its end."""
    schema = format.schema()
    for name, descriptions in described(format).items():
        properties = schema["$defs"].get(name, {}).get("properties", {})
        for key, description in descriptions.items():
            properties[key]["description"] = description
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
