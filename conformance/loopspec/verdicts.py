"""Verdicts one at a time, for a caller that asks case by case: in worker processes that are kept, or in this process."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from loopreport.model import Verdict

from loopspec.catalogue import Entry
from loopspec.check import job_for, play_for
from loopspec.judge import judge, judge_again
from loopspec.loops import Loop, bring_up
from loopspec.machine import why_not
from loopspec.observation import Death, Outcome
from loopspec.play import compile_script, namespace, play
from loopspec.stage import Stage
from loopspec.workers import Crew, Job


class Player(Protocol):
    """What gives verdicts on one loop until it is closed."""

    def verdict(self, entry: Entry) -> Verdict:
        """Have `entry` played and return the verdict on it."""

    def close(self) -> None:
        """Give back whatever was taken to play; a later `verdict` takes it again."""


class Isolated:
    """Plays in worker processes that go on from one case to the next for as long as nothing in them is damaged."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._crew: Crew | None = None

    def verdict(self, entry: Entry) -> Verdict:
        """Have `entry` played, a second time and alone if it does not pass, and return the verdict on it."""
        if reason := why_not(entry, self._loop):
            return Verdict(loop=self._loop.name, case=entry.id, kind="skip", summary=reason)
        job = job_for(entry)
        outcome = self._outcome(job)
        first = judge(self._loop.name, entry, outcome)
        refused = isinstance(outcome, Death) and outcome.kind == "refused"
        if first.kind in ("pass", "broken") or refused:
            return first
        again = self._outcome(Job(job.play, job.environment, alone=True))
        return judge_again(first, judge(self._loop.name, entry, again))

    def close(self) -> None:
        """End the workers and what came from them."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.__exit__(None, None, None)

    def _outcome(self, job: Job) -> Outcome:
        if self._crew is None:
            # The second place is for the replay of a case that failed: the first worker may still be as good as new.
            self._crew = Crew(self._loop, 2)
        try:
            ((_, outcome),) = self._crew.outcomes(deque([job]))
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

        Passes on KeyboardInterrupt, and the exception with which pytest's debugger quits. What bringing up the loop
        raises passes through as well.
        """
        if reason := why_not(entry, self._loop) or _needs_a_process(entry):
            return Verdict(loop=self._loop.name, case=entry.id, kind="skip", summary=reason)
        with _environment({**self._loop.environment, **entry.case.environment}):
            observation = play(play_for(entry), *self._loop_and_policy())
        if observation.problem and observation.problem.type in _ENDS_THE_SESSION:
            raise KeyboardInterrupt(observation.problem.text)
        return judge(self._loop.name, entry, observation)

    def run_bare(self, entry: Entry) -> None:
        """Run the script of `entry` once more and let what it raises pass, for a debugger to look at its frames."""
        factory, policy = self._loop_and_policy()
        stage = Stage(factory, policy)
        with _environment({**self._loop.environment, **entry.case.environment}), contextlib.closing(stage):
            loop = factory()
            try:
                code = compile_script(entry.case.run, str(entry.path), entry.line)
                names = namespace(stage, loop, entry.case.run, entry.bindings)
                if code.co_flags & inspect.CO_COROUTINE:
                    loop.run_until_complete(eval(code, names))
                else:
                    exec(code, names)
            finally:
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
