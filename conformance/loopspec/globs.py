"""Ids, and globs over them. Each glob is compiled once: `fnmatch` forgets what it has compiled if that is a lot."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable


def above(identifier: str) -> list[str]:
    """Return the ids of the rule, of the case and of the row that `identifier`, the id of one of these, has in it."""
    parts = identifier.split("/", 2)
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def is_glob(word: str) -> bool:
    """Whether `word` has a sign that stands for others."""
    return any(sign in word for sign in "*?[")


def matches(glob: str, name: str) -> bool:
    """Whether the whole of `name` is what `glob` describes, in upper and lower case as it is written."""
    return _compiled((glob,)).match(name) is not None


def matches_any(globs: tuple[str, ...], names: Iterable[str]) -> bool:
    """Whether one of `globs` matches one of `names`."""
    return bool(globs) and any(map(_compiled(globs).match, names))


@functools.cache
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, globs)))
