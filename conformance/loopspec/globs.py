"""Globs over ids. Each is compiled once: `fnmatch` forgets what it has compiled where there are many of them."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable


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
