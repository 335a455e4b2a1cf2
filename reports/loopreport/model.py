"""Results of a run: plain, frozen data that the engine writes and every report reads.

A results file holds one JSON object a line: a `Header`, a `Verdict` for each case and loop as it was reached, and a
`Footer`. A file without its footer was cut short. Where several files were joined into one, a `Passed` stands for the
passing verdicts on a loop.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

FORMAT = 1
"""The version of the results format; a reader refuses a newer one."""

Kind = Literal["pass", "fail", "unsupported", "crash", "hang", "flaky", "skip", "broken"]

FAILING: frozenset[Kind] = frozenset({"fail", "unsupported", "crash", "hang", "flaky", "broken"})
"""The kinds of verdict that are no pass and no skip."""


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One line of the difference between two logs: ` ` in both, `-` expected only, `+` observed only."""

    mark: Literal[" ", "-", "+"]
    text: str


class LoopInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A loop under test, as it was played."""

    name: str
    factory: str = ""
    package: str = ""
    version: str = ""
    simulated: bool = False


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the selected cases was played: part `number`, counted from 1, of `of` parts."""

    number: Annotated[int, Meta(ge=1)]
    of: Annotated[int, Meta(ge=1, le=1000)]

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


class Header(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
    """What was played, where and when."""

    format: int = FORMAT
    suite: str
    """The version of loopspec."""
    catalogue: str
    """The digest of the case files; results of different catalogues cannot be compared case by case."""
    python: str
    implementation: str
    platform: str
    kernel: str
    openssl: str
    began: Annotated[str, Meta(description="UTC, ISO 8601.")]
    loops: list[LoopInfo]
    cases: list[str]
    """The ids of all cases (each row is one) that were selected, also of those that other shards play."""
    selected: Annotated[int, Meta(ge=0)]
    """How many of these this file has a verdict on for each loop, if it is complete."""
    shard: Shard | None = None
    """The part that this file is of a run that was divided; null for a whole one."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, tag="verdict", omit_defaults=True):
    """What was found for one case (or row of a case) and one loop."""

    loop: str
    case: str
    """`rule/case` or `rule/case/row`."""
    kind: Kind
    summary: str = ""
    """What happened, in one line."""
    difference: list[Difference] = []
    details: str = ""
    """A traceback, incidents in full, or what the worker wrote; empty for a pass."""
    at_first: Kind | None = None
    """For `flaky`: what came out at first, before the case passed when it was played again alone."""
    expected: str = ""
    """The reason of the expected failure that excuses it."""
    seconds: float = 0.0

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.case.partition("/")[0]


class Passed(msgspec.Struct, frozen=True, kw_only=True, tag="passed"):
    """The cases that passed for one loop, in short: a verdict on each, of which nothing else is told."""

    loop: str
    cases: list[Annotated[int, Meta(ge=0)]]
    """Their places in the header's list of cases, the first being 0."""


class Footer(msgspec.Struct, frozen=True, kw_only=True, tag="footer"):
    """The end of a run."""

    ended: str
    seconds: float
    verdicts: int
    interrupted: bool = False
    complaints: list[str] = []
    """What is not true of the expected failures that the run was given, a line each: it failed for that, too."""


class CaseInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of a case besides its verdicts: taken from the catalogue by whoever asks for the report."""

    case: str
    chapter: str
    subject: str
    says: str
    """The rule's statement."""
    about: str
    url: str
    """The citation."""
    level: str
    basis: str
    counts: bool
    """Whether failing it means not to conform."""
    file: str
    line: int


Record = Header | Verdict | Passed | Footer
