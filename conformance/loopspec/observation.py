"""Plain data between the process that plays a case and the one that judges it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from loopspec.format import IncidentKind


class Play(msgspec.Struct, frozen=True):
    """What a worker needs to play one case: the script, where it stands, and the names to bind."""

    id: str
    script: str
    path: str
    line: int
    bindings: dict[str, Any]
    timeout: float
    """Seconds until the worker writes every thread's stack to its standard error; its keeper ends it soon after."""
    witness: bool = False


class Incident(msgspec.Struct, frozen=True):
    """Something that happened beside the log."""

    kind: IncidentKind
    text: str


class Problem(msgspec.Struct, frozen=True):
    """An exception that ended the script, or kept it from beginning.

    `raised` came out of the script, `unsupported` is the loop's NotImplementedError or a method that it lacks,
    `factory` came from the loop's factory, and `broken` is the case's own mistake, never the loop's.
    """

    kind: Literal["raised", "unsupported", "factory", "broken"]
    type: str
    text: str
    traceback: str


class Observation(msgspec.Struct, frozen=True, kw_only=True, tag="observation"):
    """What was seen when a case was played."""

    id: str
    log: list[str]
    incidents: list[Incident] = []
    problem: Problem | None = None
    traceback: str = ""
    """The tracebacks of exceptions that `raises()` caught and logged without having been told to expect them."""
    seconds: float = 0.0
    output: str = ""
    """What was written to standard output and standard error, its middle cut out where it was long."""


class Death(msgspec.Struct, frozen=True, kw_only=True, tag="death"):
    """A worker that ended, or was ended, instead of giving an observation."""

    id: str
    kind: Literal["crash", "hang", "refused"]
    """`refused`: the loop could not be brought up at all, so that no case could be played."""
    how: str
    """What happened, in one line: the signal or exit code by name, or the seconds waited."""
    seconds: float = 0.0
    output: str = ""
    before: Observation | None = None
    """What was seen before, if an exception had already ended the script and what it had left was being closed."""


Outcome = Observation | Death
