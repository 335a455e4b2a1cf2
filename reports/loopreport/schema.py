"""The JSON Schema of a results file: of one of its lines, from the structures in `loopreport.model`."""

from __future__ import annotations

import json

import msgspec

from loopreport import model
from loopreport.described import described


def schema_text() -> str:
    """Return the JSON Schema as text, the same for the same format, with a newline at its end."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of a loopspec results file, format {model.FORMAT}: the header, a verdict, or the footer",
        **msgspec.json.schema(model.Record),
    }
    for name, descriptions in described(model).items():
        properties = schema["$defs"].get(name, {}).get("properties", {})
        for key, description in descriptions.items():
            if key in properties:
                properties[key]["description"] = description
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
