"""What is shown while cases are played: a live line for each loop on a terminal, now and then a line in a pipe."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task, TextColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

from loopreport import terminal
from loopreport.merge import named
from loopreport.model import FAILING, CaseInfo, LoopInfo, Verdict

EVERY = 10.0
"""Seconds between two lines in a pipe."""


class Watcher(Protocol):
    """Sees the verdicts as they come. A context manager."""

    def begin(self, loop: LoopInfo) -> None:
        """A loop's turn comes."""

    def see(self, verdict: Verdict) -> None:
        """A verdict has been reached."""

    def __enter__(self) -> Watcher: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class _Bar(ProgressColumn):
    """The share of the cases that have been played. A loop that waits for its turn has an empty bar, at rest."""

    def __init__(self, width: int | None) -> None:
        super().__init__()
        self._width = width

    def render(self, task: Task) -> ProgressBar:
        return ProgressBar(total=task.total, completed=task.completed, width=self._width)


class _Rate(ProgressColumn):
    """Cases a second: of the last moments while they are played, and over all in the end."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f}/s" if speed else "", style="dim")


class _Failures(ProgressColumn):
    def render(self, task: Task) -> Text:
        failures = task.fields["failures"]
        if failures:
            return Text(f"{failures} failing", style="red")
        return Text("" if not task.completed else "all well", style="dim")


class Live:
    """A bar for each loop, redrawn in place."""

    def __init__(self, console: Console, loops: Sequence[LoopInfo], total: int) -> None:
        narrow = console.width < 60
        columns = [
            TextColumn("{task.description}"),
            *([] if narrow else [_Bar(width=None if console.width < 100 else 40)]),
            TextColumn("{task.completed}/{task.total}"),
            _Failures(),
            *([] if narrow else [_Rate()]),
        ]
        self._progress = Progress(*columns, console=console, expand=console.width < 100, refresh_per_second=8)
        self._tasks = {
            loop.name: self._progress.add_task(named(loop), total=total, start=False, failures=0) for loop in loops
        }

    def begin(self, loop: LoopInfo) -> None:
        """Start the loop's clock."""
        self._progress.start_task(self._tasks[loop.name])

    def see(self, verdict: Verdict) -> None:
        """Move the loop's bar on."""
        task = self._tasks[verdict.loop]
        self._progress.advance(task)
        if verdict.kind in FAILING and not verdict.expected:
            failures = self._progress.tasks[task].fields["failures"]
            self._progress.update(task, failures=failures + 1)

    def __enter__(self) -> Live:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()


class Sparse:
    """A line when a loop has been played, and one every ten seconds in between."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total = console, total
        self._loop: LoopInfo | None = None
        self._count = self._failures = 0
        self._begin = self._told = 0.0

    def begin(self, loop: LoopInfo) -> None:
        """End the loop before, and start counting anew."""
        self._end()
        self._loop, self._count, self._failures = loop, 0, 0
        self._begin = self._told = time.monotonic()

    def see(self, verdict: Verdict) -> None:
        """Count the verdict, and tell how far it is if it is time to."""
        self._count += 1
        self._failures += verdict.kind in FAILING and not verdict.expected
        if time.monotonic() - self._told > EVERY:
            self._tell()

    def __enter__(self) -> Sparse:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        if self._loop is not None:
            self._tell()
        self._loop = None

    def _tell(self) -> None:
        assert self._loop is not None
        self._told = time.monotonic()
        text = f"{named(self._loop)}: {self._count} of {self._total} in {self._told - self._begin:.1f} s"
        self._console.print(Text(f"{text}, {self._failures} failing", no_wrap=True), soft_wrap=True)


class Verbose:
    """Another watcher that tells each verdict besides."""

    def __init__(
        self, console: Console, inner: Watcher, cases: dict[str, CaseInfo], with_loop: bool, details: bool
    ) -> None:
        self._console, self._inner, self._cases = console, inner, cases
        self._with_loop, self._details = with_loop, details

    def begin(self, loop: LoopInfo) -> None:
        """Pass it on."""
        self._inner.begin(loop)

    def see(self, verdict: Verdict) -> None:
        """Tell the verdict."""
        told = terminal.played(verdict, self._cases[verdict.case], self._with_loop, self._details)
        terminal.write(self._console, told)
        self._inner.see(verdict)

    def __enter__(self) -> Verbose:
        self._inner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._inner.__exit__(kind, error, at)
