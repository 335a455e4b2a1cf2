"""Playing cases with a changed reference loop, until one of them does not pass.

Such a loop is hostile: it hangs, crashes, floods its memory. The engine bounds all that. What it cannot know is how
long a case takes with an unchanged loop; who waits much longer than that may well stop waiting. A case that is given up
in this way counts as caught by a hang only once it was played again with all the time that the suite gives it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Sequence
from pathlib import Path

import msgspec

from loopspec.catalogue import Entry
from loopspec.check import job_for
from loopspec.isolation.workers import Crew, Job
from loopspec.judge import judge
from loopspec.loops import Loop
from loopspec.observation import Death
from tests.proof.mutations import Mutation

IN_WORKER = Path(__file__).with_name("in_worker.py")

LEAST = 1.5
"""Seconds that a case is waited for at least."""

MUCH_LONGER = 10
"""How many times as long as usual a case is waited for."""

_HANGS = 2
"""How many cases may be given up before the first of them is played again with all its time."""


_NONSENSE = ("TypeError", "AttributeError", "NameError", "UnboundLocalError")


class Interrupted(Exception):  # noqa: N818  # it is no error
    """Somebody asked for the end."""


class Catch(msgspec.Struct, frozen=True):
    """A case that a changed loop did not pass."""

    case: str
    digest: str
    """What tells this case from what it was before or will be later."""
    kind: str
    """The verdict: fail, crash, hang or unsupported."""
    summary: str

    @property
    def crude(self) -> bool:
        """Whether the script was ended by an error that any nonsense in the loop's code leads to."""
        return self.summary.startswith(_NONSENSE)


class Played(msgspec.Struct, frozen=True):
    """What came of playing some cases with a changed loop."""

    passed: list[str] = []
    """The digests of the cases that passed."""
    catches: list[Catch] = []
    broken: list[str] = []
    """The digests of those among `passed` whose script blamed itself: their verdict was `broken`."""
    stillborn: str = ""
    """Why no loop could be made at all, in which case nothing was played."""


def mutant(mutation: Mutation) -> Loop:
    """Return the reference loop with `mutation`, as the engine takes a loop."""
    begin = f"{IN_WORKER.read_text()}\nnew_event_loop = mutated({mutation.module!r}, "
    return Loop(name="mutant", prepare=f"{begin}{mutation.source!r})\n")


def play(
    loop: Loop,
    entries: Sequence[Entry],
    usual: Callable[[Entry], float],
    decisive: Container[str],
    stop: Callable[[], bool],
) -> Played:
    """Play `entries` in their order until one has a verdict in `decisive`. Raises Interrupted once `stop` says so.

    `usual` says how many seconds an entry takes with an unchanged loop.
    """
    rows = {entry.id: entry for entry in entries}
    jobs = deque(_hasty(job_for(entry), usual(entry)) for entry in entries)
    passed, broken, hung = [], [], []
    catches: list[Catch] = []
    with Crew(loop, 1) as crew:
        for job, outcome in crew.outcomes(jobs):
            if stop():
                raise Interrupted
            entry = rows[job.play.id]
            verdict = judge(loop.name, entry, outcome)
            if isinstance(outcome, Death) and outcome.kind == "refused":
                return Played(stillborn=verdict.summary)
            if verdict.kind == "hang" and job.play.timeout < entry.case.timeout:
                hung.append(job_for(entry))
            elif verdict.kind in ("pass", "broken"):
                passed.append(entry.digest)
                broken += [entry.digest] if verdict.kind == "broken" else []
            else:
                catches.append(Catch(entry.id, entry.digest, verdict.kind, verdict.summary))
                if verdict.kind in decisive:
                    break
            if len(hung) >= _HANGS or not jobs:
                jobs.extendleft(reversed(hung))
                hung = []
    return Played(passed, catches, broken)


def _hasty(job: Job, usual: float) -> Job:
    seconds = min(job.play.timeout, max(LEAST, MUCH_LONGER * usual))
    return Job(msgspec.structs.replace(job.play, timeout=seconds), job.environment, job.alone)
