"""The baseline: failures that are expected, each with its reason, in a file that has to stay true.

A run with a baseline fails on what is new, on an expected failure that passes, and on an entry that names no case.
"""

from __future__ import annotations

import difflib
import platform
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import tomli
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from loopreport.model import FAILING, Verdict
from loopspec.catalogue import applies
from loopspec.globs import above, is_glob, matches, matches_any
from loopspec.loops import known_loops

_HEADER = "[[expect]]"
_EXCUSABLE = tuple(sorted(FAILING - {"broken"}))
"""Verdicts that can be expected: a case that is broken must be mended instead."""


_NEVER_UNNAMED = ("crash", "hang")
"""What is excused only where it is named."""


class BaselineError(Exception):
    """A baseline file with mistakes: one line for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[expect]]` of a baseline file."""

    case: str | list[str]
    """The id of a rule, of a case or of a row, or a glob over one, or several; what stands below is meant as well."""
    loop: str = "*"
    """The name of a loop, or a glob over names."""
    python: str = ""
    """The Pythons for which it holds, as a PEP 440 specifier."""
    platform: str = ""
    """The value of `sys.platform` for which it holds, or a glob over values."""
    verdict: str | list[str] = "fail"
    """What is expected to come out: `fail`, `unsupported`, `crash`, `hang`, `flaky`, or several of them."""
    reason: str
    link: str = ""

    @property
    def cases(self) -> tuple[str, ...]:
        """The ids and globs as a tuple."""
        return _several(self.case)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The expected verdicts as a tuple."""
        return _several(self.verdict)

    @property
    def text(self) -> str:
        """The reason, with the link where there is one."""
        reason = self.reason.strip() or "no reason given"
        return f"{reason} ({self.link})" if self.link else reason

    def names(self, case: str) -> bool:
        """Whether this is about `case`, the id of a row or of a case."""
        names = above(case)
        return any(_takes(pattern, names) for pattern in self.cases)

    def takes(self, loop: str) -> bool:
        """Whether this is about the loop of that name."""
        return self.loop == loop or matches(self.loop, loop)

    def excuses(self, verdict: Verdict) -> bool:
        """Whether the verdict is of a kind that was expected.

        A flaky one is if what came out at first was expected, or was neither a crash nor a hang where flaky was.
        """
        if verdict.kind != "flaky":
            return verdict.kind in self.verdicts
        at_first = verdict.at_first or "fail"
        return at_first in self.verdicts or ("flaky" in self.verdicts and at_first not in _NEVER_UNNAMED)


@dataclass
class Baseline:
    """The expectations of one file that hold for this Python and platform, and what a run has shown of them."""

    path: Path
    expectations: Mapping[int, Expectation] = field(default_factory=dict)
    """By the line of the file on which each begins."""
    _stale: list[tuple[int, Verdict]] = field(default_factory=list)

    def apply(self, verdict: Verdict) -> Verdict:
        """Return the verdict, excused if it was expected; remember it if the opposite was."""
        concerned = [
            (line, expectation)
            for line, expectation in self.expectations.items()
            if expectation.takes(verdict.loop) and expectation.names(verdict.case)
        ]
        if verdict.kind == "pass":
            # What is expected to be flaky passes as well: that proves nothing.
            self._stale += [(line, verdict) for line, expectation in concerned if "flaky" not in expectation.verdicts]
        elif verdict.kind in FAILING:
            for _, expectation in concerned:
                if expectation.excuses(verdict):
                    return msgspec.structs.replace(verdict, expected=expectation.text)
        return verdict

    def stale(self) -> Iterator[str]:
        """Give one line for each expectation and loop whose case passes now."""
        passing: dict[tuple[int, str], list[str]] = {}
        for line, verdict in self._stale:
            passing.setdefault((line, verdict.loop), []).append(verdict.case)
        for (line, loop), cases in sorted(passing.items()):
            more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
            verb = "pass" if more else "passes"
            yield f"{self.path}:{line}: {cases[0]}{more} {verb} now on {loop}: remove or narrow this expectation"

    def unfilled(self) -> Iterator[str]:
        """Give one line for each expectation whose reason nobody has written yet."""
        for line, expectation in self.expectations.items():
            if not expectation.reason.strip():
                first, *others = expectation.cases
                more = f" and {len(others)} more are" if others else " is"
                yield f"{self.path}:{line}: no reason: write why {first!r}{more} expected to fail, or mend it"

    def unmatched(self, loops: Iterable[str], cases: Iterable[str]) -> Iterator[str]:
        """Give one line for each expectation that is about nothing.

        That is one about none of `cases` (all there are), unless it is about other loops than `loops`, and one about a
        loop that is neither among these nor a known one.
        """
        loops = list(loops)
        names = dict.fromkeys([*loops, *known_loops()])
        known = {name for case in cases for name in above(case)}
        for line, expectation in self.expectations.items():
            if any(map(expectation.takes, loops)):
                for pattern in expectation.cases:
                    if not _takes(pattern, known):
                        close = difflib.get_close_matches(pattern, known, n=1)
                        hint = f"did you mean {close[0]}?" if close else "remove it, or correct its `case`"
                        yield f"{self.path}:{line}: no case is named {pattern!r}: {hint}"
            elif ":" not in expectation.loop and not any(map(expectation.takes, names)):
                close = difflib.get_close_matches(expectation.loop, names, n=1)
                hint = f"did you mean {close[0]}?" if close else "remove it, or correct its `loop`"
                yield f"{self.path}:{line}: no loop is named {expectation.loop!r}: {hint}"


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _takes(pattern: str, names: Collection[str]) -> bool:
    """Whether an id or a glob is one of `names`, or takes one."""
    return pattern in names or (is_glob(pattern) and matches_any((pattern,), names))


def read_baseline(path: Path, version: str = "", system: str = "") -> Baseline:
    """Read the baseline file at `path` for Python `version` ('3.12.1') on `system`, which default to those here.

    Raises BaselineError with one line for each mistake in it.
    """
    version, system = version or platform.python_version(), system or sys.platform
    try:
        text = path.read_text(encoding="utf-8")
        data = tomli.loads(text)
    except OSError as error:
        raise BaselineError([f"{path}: cannot be read: {(error.strerror or str(error)).lower()}"]) from None
    except UnicodeDecodeError:
        raise BaselineError([f"{path}: cannot be read: it is not UTF-8"]) from None
    except tomli.TOMLDecodeError as error:
        raise BaselineError([f"{path}:{error.lineno}: not TOML: {error.msg}"]) from None
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.replace(" ", "").startswith(_HEADER)]
    mistakes = [f"{path}:1: key `{key}`: unknown; a baseline is made of [[expect]]" for key in data if key != "expect"]
    tables = data.get("expect", [])
    if not isinstance(tables, list) or len(lines) != len(tables):
        raise BaselineError([*mistakes, f"{path}:1: write each expectation as {_HEADER}, at the beginning of a line"])
    held = {}
    for line, table in zip(lines, tables):
        found = list(_mistakes(table))
        mistakes += [f"{path}:{line}: {mistake}" for mistake in found]
        if not found:
            expectation = msgspec.convert(table, Expectation)
            here = not expectation.platform or matches(expectation.platform, system)
            if here and applies(expectation.python, version):
                held[line] = expectation
    if mistakes:
        raise BaselineError(mistakes)
    return Baseline(path, held)


def _mistakes(table: Mapping[str, Any]) -> Iterator[str]:
    try:
        expectation = msgspec.convert(table, Expectation)
    except msgspec.ValidationError as error:
        message = str(error)
        yield message[0].lower() + message[1:].replace(" - at `$.", ", in `")
        return
    for name, values in (("case", expectation.cases), ("loop", (expectation.loop,))):
        if not values:
            yield f"key `{name}`: name at least one"
        if not all(value.strip() for value in values):
            yield f"key `{name}`: must not be empty"
    if not expectation.verdicts:
        yield "key `verdict`: name at least one"
    for verdict in expectation.verdicts:
        if verdict not in _EXCUSABLE:
            yield f"key `verdict`: {verdict!r} cannot be expected; known: {', '.join(_EXCUSABLE)}"
    try:
        SpecifierSet(expectation.python)
    except InvalidSpecifier:
        yield f"key `python`: {expectation.python!r} is no PEP 440 specifier such as '>=3.12'"
