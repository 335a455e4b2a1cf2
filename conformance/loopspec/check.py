"""Check one loop: plan which cases can be played, have them played, judge, and play again what did not pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from loopreport.model import Verdict
from loopspec.catalogue import Entry
from loopspec.habits import habits
from loopspec.isolation.workers import Crew, Job, undisturbed
from loopspec.judge import judge, judge_again
from loopspec.loops import Loop
from loopspec.machine import why_not
from loopspec.observation import Death, Outcome, Play

_READ_AT_START = "PYTHON"
_READ_LATER = "PYTHONASYNCIODEBUG"

_IMPORTED = {"subprocess": "psutil", "tls": "trustme"}
"""By what a case needs, the module with which that is given or looked after."""


def check(
    loop: Loop,
    entries: Iterable[Entry],
    jobs: int,
    *,
    again: bool = True,
    alone: bool = False,
    heed: Callable[[], None] = undisturbed,
) -> Iterator[Verdict]:
    """Give the verdict on each of `entries` for `loop`, as it is reached, by up to `jobs` worker processes.

    A case that does not pass is played again, alone in a fresh worker, before its verdict is given, unless `again` is
    false or the loop has said itself that it does not support it; `alone` has every case played so at once. The second
    play of a case that waits, perhaps in vain, begins before the first has ended, and is dropped if that passes.

    What the loop leaves behind in every case is held against it in one rule only (see `loopspec.habits`). Closing the
    iterator ends the workers, and so does what `heed` raises, which is called while they are waited for.
    """
    waiting: deque[Job] = deque()
    by_id: dict[str, Entry] = {}
    for entry in entries:
        if reason := why_not(entry, loop):
            yield Verdict(loop=loop.name, case=entry.id, kind="skip", summary=reason)
        else:
            by_id[entry.id] = entry
    # What has processes of its own takes longest: begun first, it is not what the whole run waits for in the end.
    waiting.extend(job_for(entry, alone) for entry in sorted(by_id.values(), key=_has_no_processes))
    if not waiting:
        return
    seconds: dict[str, Job] = {}
    verdicts: dict[str, Verdict] = {}  # of cases of which one of two plays has ended

    def play_again(job: Job) -> None:
        if again and job.play.id not in seconds:
            seconds[job.play.id] = second = replace(job, alone=True)
            waiting.appendleft(second)

    with Crew(loop, jobs, heed) as crew:
        known = habits(crew)
        crew.in_vain = play_again
        for job, outcome in crew.outcomes(waiting):
            entry = by_id[job.play.id]
            verdict = judge(loop.name, entry, known.excuse(entry, outcome))
            other, second = verdicts.pop(entry.id, None), seconds.get(entry.id)
            if job is not second and _is_final(verdict, outcome, again):
                if second:
                    _drop(second, waiting, crew)
                yield verdict
            elif other:
                yield judge_again(other, verdict) if job is second else judge_again(verdict, other)
            else:
                verdicts[entry.id] = verdict
                play_again(job)


def _has_no_processes(entry: Entry) -> bool:
    return "subprocess" not in entry.case.needs


def _is_final(first: Verdict, outcome: Outcome, again: bool) -> bool:
    """Whether nothing that a second play may show would change the verdict of the first."""
    refused = isinstance(outcome, Death) and outcome.kind == "refused"
    return first.kind in ("pass", "unsupported", "broken") or refused or not again


def _drop(job: Job, waiting: deque[Job], crew: Crew) -> None:
    """Do without a job, whether it is waiting or being played."""
    if job in waiting:
        waiting.remove(job)
    else:
        crew.drop(job)


def play_for(entry: Entry) -> Play:
    """Return what a worker needs to play `entry`."""
    return Play(
        id=entry.id,
        script=entry.case.run,
        path=str(entry.path),
        line=entry.line,
        bindings=entry.bindings,
        timeout=entry.case.timeout,
        witness=entry.case.witness is not None,
    )


def job_for(entry: Entry, alone: bool = False) -> Job:
    """Return the first job for `entry`: in any case alone if the interpreter reads its environment when it starts."""
    environment = entry.case.environment
    modules = tuple(_IMPORTED[need] for need in entry.case.needs if need in _IMPORTED)
    return Job(play_for(entry), environment, alone or _at_start(environment), modules)


def _at_start(environment: Mapping[str, str]) -> bool:
    return any(name.startswith(_READ_AT_START) and name != _READ_LATER for name in environment)
