"""Where the reference loop keeps a rule: read off its source and its table, without importing it.

A statement that keeps a rule has the comment `# rule: ID, ID`, at the end of its line or above it. The table names the
class or function of the standard library that keeps a rule for the loop.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomli

_PACKAGE = "refloop"
_TABLE = "kept_by_asyncio.toml"
_TAG = re.compile(r"#\s*rules?:\s*(?P<ids>[a-z0-9.,\s-]+)$")


@dataclass(frozen=True)
class Place:
    """A statement of the reference loop that keeps a rule."""

    path: Path
    line: int
    text: str
    """The statement's first line."""

    @property
    def relative(self) -> str:
        """The file, from the package's folder on."""
        return _relative(self.path)


def kept_at(rule: str) -> list[Place]:
    """Return the statements that are tagged with the id `rule`; none where the reference loop is not installed."""
    return [place for tagged, place in tags() if tagged == rule]


def kept_by(rule: str) -> str | None:
    """Return the dotted name of what keeps `rule` for the reference loop, if it isn't a statement of its own."""
    return table().get(rule)


def tags() -> Iterator[tuple[str, Place]]:
    """Give each id in each tag of the reference loop, with the statement that is tagged."""
    for path in _files():
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            if tag := _TAG.search(line):
                code = number if line[: tag.start()].strip() else _next_statement(lines, number)
                place = Place(path, code, _TAG.sub("", lines[code - 1]).strip())
                for rule in re.split(r"[,\s]+", tag["ids"].strip()):
                    yield rule, place


def sources() -> Iterator[tuple[str, str]]:
    """Give each file of the reference loop, as `Place.relative` names it, with its text."""
    for path in _files():
        yield _relative(path), path.read_text(encoding="utf-8")


def table() -> dict[str, str]:
    """Return the reference loop's table: from a rule's id to the dotted name of what keeps it."""
    files = [folder / _TABLE for folder in _folders()]
    return {rule: by for file in files if file.is_file() for rule, by in tomli.loads(file.read_text("utf-8")).items()}


def _files() -> list[Path]:
    return sorted(path for folder in _folders() for path in folder.rglob("*.py"))


def _relative(path: Path) -> str:
    return next((path.relative_to(one.parent).as_posix() for one in _folders() if path.is_relative_to(one)), path.name)


def _folders() -> list[Path]:
    found = importlib.util.find_spec(_PACKAGE)
    folders = found.submodule_search_locations if found else None
    return [Path(folder) for folder in folders or ()]


def _next_statement(lines: list[str], number: int) -> int:
    """Return the number of the first line after line `number` that is neither empty nor a comment."""
    for later, line in enumerate(lines[number:], start=number + 1):
        if line.strip() and not line.strip().startswith("#"):
            return later
    return number
