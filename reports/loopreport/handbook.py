"""What a report with pages says of rules and cases: plain data, given to it by whoever has the case files."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A line of a source file."""

    path: str
    line: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the reference loop."""

    path: str
    """Relative to the folder above the package, such as `refloop/loop.py`."""
    text: str


class RuleText(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as its page tells it."""

    id: str
    chapter: str
    subject: str
    says: str
    level: str
    basis: str
    python: str = ""
    """The Pythons for which it holds, as a PEP 440 specifier; empty for all."""
    cited: dict[str, str] = {}
    """For each Python of the report (`3.13`) the URL of the sentence in its documentation."""
    untestable: str = ""
    """Why no program can observe it; such a rule has no cases."""
    kept_at: list[Place] = []
    """The statements of the reference loop that keep it."""
    kept_by: str = ""
    """The dotted name of what keeps it for the reference loop, if no statement of its own does."""

    @property
    def counts(self) -> bool:
        """Whether failing it means not to conform: a documented rule that is more than a permission."""
        return self.basis == "documentation" and self.level != "may"


class CaseText(msgspec.Struct, frozen=True, kw_only=True):
    """A case as its page tells it."""

    rule: str
    id: str
    """`rule/case`."""
    about: str
    file: str
    line: int
    """The line of `file` on which the script begins."""
    script: str
    conditions: dict[str, str] = {}
    """Under which circumstances it is played, by name: `needs`, `platforms`, `python`, `environment` …"""
    incidents: list[str] = []
    """Kinds of incident that must happen beside the log."""
    rows: list[RowText]


class RowText(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a case: what is played and gets a verdict. A case without rows has one, which binds nothing."""

    id: str
    """`rule/case/row`, or `rule/case`: the id that results give."""
    bindings: dict[str, str] = {}
    """The names that the row binds, with their values as Python writes them."""
    logs: list[list[str | list[str]]] = []
    """The logs that pass: the expected one, then those that are accepted as well; a list within is in any order."""
    program: str = ""
    """The stand-alone program, with slots for what depends on the loop; empty where a command must write it."""
    environment: dict[str, str] = {}
    """Environment variables that the program needs."""


class LoopText(msgspec.Struct, frozen=True, kw_only=True):
    """What one loop puts into the slots of a program."""

    needs: str = ""
    make: str = ""
    make_policy: str = ""
    environment: dict[str, str] = {}


class Handbook(msgspec.Struct, frozen=True, kw_only=True):
    """The rules and cases, in the order in which they are shown."""

    catalogue: str = ""
    """The digest of the case files."""
    rules: list[RuleText] = []
    cases: list[CaseText] = []
    loops: dict[str, LoopText] = {}
    """By the name that results give."""
    helper: str = ""
    """The function that sets a program's environment variables."""
    sources: list[Source] = []
    """The reference loop, where it is installed."""
