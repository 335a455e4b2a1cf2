"""The format of a case file: what a chapter, a rule and a case may say.

These structures are the only definition of the format. The reader converts TOML into them, `loopspec schema` prints
their JSON Schema, and an editor that reads the schema completes from the descriptions given here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$",
        description="lower-case words joined by hyphens, such as `run-forever.stop-first`; never renumbered or reused",
    ),
]
"""An identifier such as `run-forever.stop-first.polls-once`."""

Line = str | list[str]
"""One line of the log, or a group of lines that may come in any order."""

Log = list[Line]

Level = Literal["must", "should", "may"]
Basis = Literal["documentation", "cpython"]
Need = Literal["descriptors", "fork", "ipv6", "policy", "strace", "subprocess", "tls", "unix-sockets"]
Witness = Literal["syscalls"]

IncidentKind = Literal[
    "error-logged",
    "unraisable",
    "thread-exception",
    "resource-warning",
    "runtime-warning",
    "descriptors-left",
    "descriptors-closed",
    "threads-left",
    "children-left",
    "signal-handlers-left",
]
"""What may happen beside the log and fails a case that does not list it (see `loopspec.incidents`)."""

Page = Annotated[
    str,
    Meta(
        pattern=r"^library/[a-z0-9-]+\.html(#[A-Za-z0-9_.-]+)?$",
        description="a page of the Python documentation from its root on, such as `library/asyncio-eventloop.html`",
    ),
]
Specifier = Annotated[
    str,
    Meta(
        pattern=r"^((~=|==|!=|<=|>=|<|>)[0-9][0-9.*]*(,(?=[~=!<>]))?)*$",
        description="a PEP 440 specifier such as '>=3.12' or '>=3.10,<3.14'; empty for every version",
    ),
]
Sentence = Annotated[str, Meta(min_length=12, description="a sentence in the project's own words")]


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A small program and what must be observed when it runs."""

    id: Slug
    about: Sentence
    """Why this case exists: the mistake that only it would catch."""
    run: Annotated[str, Meta(min_length=1, description="Python, played with a fresh `loop` and the stage's words")]
    log: Log
    accepts: list[Log] = []
    """Further logs that the documentation allows as well."""
    incidents: list[IncidentKind] = []
    """Kinds of incident that must happen in this case; any other fails it."""
    each: list[dict[str, Any]] = []
    """Play the script once per row with the row's names bound; `id`, `log` and `accepts` in a row are the row's own."""
    needs: list[Need] = []
    """What the machine must have, else the case is skipped with that reason."""
    platforms: list[str] = []
    """Values of `sys.platform` on which the case can be played; empty for all."""
    python: Specifier = ""
    environment: dict[str, str] = {}
    """Environment variables with which the process that plays the case is started."""
    timeout: Annotated[float, Meta(gt=0, le=60)] = 5.0
    """Seconds until the case counts as hung."""
    witness: Witness | None = None
    """Also record the polls that the loop makes as lines of the log, by strace."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One atomic, testable statement of the documentation."""

    id: Slug
    subject: Annotated[str, Meta(min_length=3)]
    """The documented name that the rule is about, such as `loop.run_forever`."""
    anchor: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+$", description="an anchor of the page, without `#`")]
    """Where the page says it: an anchor, which the documentation keeps stable."""
    page: Page | None = None
    """The page of the anchor where it is not the chapter's own."""
    level: Level
    basis: Basis = "documentation"
    python: Specifier = ""
    says: Sentence
    untestable: Annotated[str, Meta(min_length=12)] | None = None
    """Why no program can observe it, in place of cases."""
    case: list[Case] = []


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case file: one chapter of the documentation."""

    chapter: Annotated[str, Meta(min_length=3)]
    page: Page
    rule: Annotated[list[Rule], Meta(min_length=1)]


ROW_KEYS = frozenset({"id", "log", "accepts"})
"""Keys of a row in `each` that belong to the format and are not bound as names."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a case file."""
    generated = msgspec.json.schema(Chapter)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A chapter of loopspec's rules and cases",
        **generated,
    }
