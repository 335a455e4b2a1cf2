"""Verdicts one at a time, for a caller that asks case by case: from workers that are kept, or from this process."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import msgspec

from loopreport.model import Verdict
from loopspec.catalogue import Entry
from loopspec.check import job_for, play_for
from loopspec.habits import Habits, habits
from loopspec.isolation.workers import Crew, Job
from loopspec.judge import judge, judge_again
from loopspec.loops import Loop, bring_up
from loopspec.machine import why_not
from loopspec.observation import Death, Outcome
from loopspec.play import compile_script, namespace, play, run_script
from loopspec.stage import Stage


class RefusedError(Exception):
    """No case can be played, because the loop could not be brought up; the text is one line with the reason."""

    def __init__(self, reason: str, details: str) -> None:
        super().__init__(reason)
        self.details = details


class Player(Protocol):
    """What gives verdicts on one loop until it is closed."""

    def verdict(self, entry: Entry) -> Verdict:
        """Have `entry` played and return the verdict on it; raises RefusedError."""

    def close(self) -> None:
        """Give back whatever was taken to play; a later `verdict` takes it again."""


class Isolated:
    """Plays in worker processes that go on from one case to the next for as long as nothing in them is damaged."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._crew: Crew | None = None
        self._habits: Habits | None = None

    def verdict(self, entry: Entry) -> Verdict:
        """Have `entry` played, a second time and alone if it does not pass, and return the verdict on it."""
        if reason := why_not(entry, self._loop):
            return Verdict(loop=self._loop.name, case=entry.id, kind="skip", summary=reason)
        job = job_for(entry)
        first = self._judged(entry, job)
        if first.kind in ("pass", "broken"):
            return first
        return judge_again(first, self._judged(entry, replace(job, alone=True)))

    def close(self) -> None:
        """End the workers and what came from them."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.__exit__(None, None, None)

    def _judged(self, entry: Entry, job: Job) -> Verdict:
        outcome = self._outcome(job)
        known = self._habits or Habits()
        return judge(self._loop.name, entry, known.excuse(entry, outcome))

    def _outcome(self, job: Job) -> Outcome:
        if self._crew is None:
            self._crew = Crew(self._loop, jobs=1)
        try:
            if self._habits is None:
                self._habits = habits(self._crew)
            outcomes = self._crew.outcomes(deque([job]))
            _, outcome = next(outcomes)
            if isinstance(outcome, Death) and outcome.kind == "refused":
                raise RefusedError(outcome.how, outcome.output)
            for _ in outcomes:
                pass
        except RefusedError:
            raise
        except BaseException:
            # An interruption (Ctrl-C, a time-out of pytest's) leaves a worker in the middle of a case.
            self.close()
            raise
        return outcome


class InProcess:
    """Plays in this process, where a debugger can stop: without a time-out, a replay, or protection from the loop."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._brought_up: tuple[Callable[[], Any], Callable[[], Any] | None] | None = None

    def verdict(self, entry: Entry) -> Verdict:
        """Play `entry` and return the verdict on it.

        Raises RefusedError, and KeyboardInterrupt also where a debugger was left.
        """
        if reason := why_not(entry, self._loop) or _needs_a_process(entry):
            return Verdict(loop=self._loop.name, case=entry.id, kind="skip", summary=reason)
        try:
            factory, policy = self._loop_and_policy()
        except Exception as error:
            how = f"the loop could not be brought up: {type(error).__name__}: {error}"
            raise RefusedError(how, traceback.format_exc()) from error
        with _environment({**self._loop.environment, **entry.case.environment}):
            observation = play(play_for(entry), factory, policy)
        if observation.problem and observation.problem.type in _ENDS_THE_SESSION:
            raise KeyboardInterrupt(observation.problem.text)
        incidents = [incident for incident in observation.incidents if _DEBUGGER not in incident.text]
        return judge(self._loop.name, entry, msgspec.structs.replace(observation, incidents=incidents))

    def run_bare(self, entry: Entry) -> None:
        """Run the script of `entry` once more and let what it raises pass, for a debugger to look at its frames."""
        __tracebackhide__ = True  # pytest and its debugger then show the script's frames and those below
        factory, policy = self._loop_and_policy()
        stage = Stage(factory, policy)
        with _environment({**self._loop.environment, **entry.case.environment}), contextlib.closing(stage):
            loop = factory()
            try:
                code = compile_script(entry.case.run, str(entry.path), entry.line)
                names = namespace(stage, loop, entry.case.run, entry.bindings)
                run_script(code, names, loop)
            finally:
                stage.join_threads()
                if not loop.is_closed():
                    loop.close()

    def close(self) -> None:
        """Do nothing: every loop was closed when its case had been played."""

    def _loop_and_policy(self) -> tuple[Callable[[], Any], Callable[[], Any] | None]:
        if self._brought_up is None:
            with _environment(self._loop.environment):
                self._brought_up = bring_up(self._loop)
        return self._brought_up


_ENDS_THE_SESSION = frozenset({"KeyboardInterrupt", "Exit", "BdbQuit"})
"""Exceptions that come from the person at the keyboard, by name: Ctrl-C, and the ways in which a debugger is left."""

_DEBUGGER = "Pdb.sigint_handler"
"""What pdb leaves set as the handler of SIGINT when it goes on after a breakpoint: not the loop's doing."""


def _needs_a_process(entry: Entry) -> str | None:
    if entry.case.witness:
        return "watched by strace from the start of a process of its own, so not in this one"
    if job_for(entry).alone:
        variables = ", ".join(f"{name}={value}" for name, value in entry.case.environment.items())
        return f"needs an interpreter that is started with {variables}, so not this one"
    return None


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
