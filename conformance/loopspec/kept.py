"""Where the reference loop keeps a rule: its source is searched for the comments `# rule: ID`, without importing it."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = "refloop"
_TAG = re.compile(r"#\s*rules?:\s*(?P<ids>[a-z0-9.,\s-]+)$")


@dataclass(frozen=True)
class Place:
    """A statement of the reference loop that keeps a rule."""

    path: Path
    line: int
    text: str
    """The statement's first line."""


def kept_at(rule: str) -> list[Place]:
    """Return the statements that are tagged with the id `rule`; none where the reference loop is not installed."""
    places = []
    for path in _sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            tag = _TAG.search(line)
            if tag and rule in re.split(r"[,\s]+", tag["ids"]):
                code = number if line[: tag.start()].strip() else _next_statement(lines, number)
                places.append(Place(path, code, _TAG.sub("", lines[code - 1]).strip()))
    return places


def _sources() -> list[Path]:
    found = importlib.util.find_spec(_PACKAGE)
    folders = found.submodule_search_locations if found else None
    return sorted(path for folder in folders or () for path in Path(folder).rglob("*.py"))


def _next_statement(lines: list[str], number: int) -> int:
    """Return the number of the first line after line `number` that is neither empty nor a comment."""
    for later, line in enumerate(lines[number:], start=number + 1):
        if line.strip() and not line.strip().startswith("#"):
            return later
    return number
