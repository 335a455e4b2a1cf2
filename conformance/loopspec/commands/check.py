"""`loopspec check`: play the selected cases on each loop, report, and say by the exit status whether they conform."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from loopreport import terminal
from loopreport.manner import Manner
from loopreport.merge import merge
from loopreport.model import FAILING, Header, Shard, Verdict
from loopreport.results import Results, ResultsError, Writer
from loopreport.summary import Summary, summarize
from loopspec import describe
from loopspec.baseline import Baseline, BaselineError, read_baseline
from loopspec.catalogue import Catalogue, Entry, Selection
from loopspec.check import check
from loopspec.commands.common import console, exactly, find_loops, load_cases, none_selected
from loopspec.commands.errors import CommandError
from loopspec.commands.outputs import Outputs
from loopspec.commands.progress import Live, Sparse, Verbose, Watcher
from loopspec.handbook import handbook
from loopspec.loops import Loop
from loopspec.signals import Signals, Stopped

CONFORMS, DOES_NOT, ERROR = 0, 1, 2


@dataclass(frozen=True)
class Request:
    """What `loopspec check` was asked to do."""

    loops: Sequence[str]
    selection: Selection
    cases: Sequence[str] = ()
    jobs: int = 1
    expect: str | None = None
    json: str | None = None
    shard: str | None = None
    """Which part of the selected cases, as `1/4`."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """By the name of a report's format, the file to write it to."""
    exit_first: bool = False
    verbose: int = 0


def run(request: Request, signals: Signals) -> int:
    """Do what `request` asks and return the exit status. Raises CommandError where something cannot be done.

    One of `signals` that comes while cases are played ends that, and what was played is written and reported.
    """
    loops = find_loops(request.loops)
    catalogue = load_cases(request.cases)
    entries = exactly(request.selection, catalogue).entries(catalogue)
    if not entries:
        raise none_selected(request.selection, catalogue)
    shard = _shard(request.shard, len(entries))
    baseline = _baseline(request)
    outputs = Outputs(request.outputs, [loop.name for loop in loops])
    header = describe.header(catalogue, loops, entries, shard)
    entries = describe.part(entries, shard)
    with contextlib.ExitStack() as stack:
        writer = None
        if request.json is not None:
            try:
                writer = stack.enter_context(Writer(Path(request.json), header))
            except ResultsError as error:
                raise CommandError(str(error)) from None
        return _Run(request, signals, catalogue, loops, entries, baseline, header, writer, outputs).run()


def _shard(text: str | None, cases: int) -> Shard | None:
    if text is None:
        return None
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= 1000):
        raise CommandError(f"--shard {text!r}: write which part of how many, such as 1/4")
    if int(of) > cases:
        few = "only one case is" if cases == 1 else f"only {cases} cases are"
        raise CommandError(f"--shard {text}: {few} selected: use at most {cases} shards")
    return Shard(number=int(number), of=int(of))


def _baseline(request: Request) -> Baseline:
    if request.expect is None:
        return Baseline(Path())
    try:
        return read_baseline(Path(request.expect))
    except BaselineError as error:
        raise CommandError(*error.mistakes) from None


class _Run:
    """One run: its verdicts so far, and everything that hears of each."""

    def __init__(
        self,
        request: Request,
        signals: Signals,
        catalogue: Catalogue,
        loops: Sequence[Loop],
        entries: Sequence[Entry],
        baseline: Baseline,
        header: Header,
        writer: Writer | None,
        outputs: Outputs,
    ) -> None:
        self._request, self._signals = request, signals
        self._catalogue, self._loops, self._entries = catalogue, loops, entries
        self._baseline, self._header, self._writer, self._outputs = baseline, header, writer, outputs
        self._cases = describe.case_infos(catalogue.entries)
        self._console = console()
        self._verdicts: list[Verdict] = []
        self._begin = time.monotonic()

    def run(self) -> int:
        """Play, report, and return the exit status."""
        with self._signals.held():
            stopped, failed = self._play_all()
            complaints = self._complaints(bool(stopped))
            seconds = time.monotonic() - self._begin
            footer = describe.footer(seconds, len(self._verdicts), bool(stopped or failed), complaints)
            if self._writer and not isinstance(failed, ResultsError):
                try:
                    self._writer.write(footer)
                except ResultsError as error:
                    failed = failed or error
        if isinstance(failed, BrokenPipeError):
            raise failed
        return self._report(Results(self._header, tuple(self._verdicts), footer), complaints, stopped, failed)

    def _play_all(self) -> tuple[int, Exception | None]:
        """Play what can be played, and return which signal has ended that, or what has."""
        try:
            terminal.write(self._console, terminal.opening(self._header))
            with self._watcher() as watcher:
                self._play(watcher)
        except Stopped as signalled:
            return signalled.number, None
        except (OSError, ResultsError) as error:
            return 0, error
        return 0, None

    def _watcher(self) -> Watcher:
        infos = self._header.loops
        watcher: Watcher
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            watcher = Live(self._console, infos, len(self._entries))
        else:
            watcher = Sparse(self._console, len(self._entries))
        if self._request.verbose:
            watcher = Verbose(self._console, watcher, self._cases, len(infos) > 1, self._request.verbose > 1)
        return watcher

    def _play(self, watcher: Watcher) -> None:
        for loop, info in zip(self._loops, self._header.loops):
            watcher.begin(info)
            reached = check(loop, self._entries, self._request.jobs, heed=self._signals.heed)
            with contextlib.closing(cast("Generator[Verdict, None, None]", reached)):
                for plain in reached:
                    verdict = self._baseline.apply(plain)
                    self._verdicts.append(verdict)
                    if self._writer:
                        self._writer.write(verdict)
                    watcher.see(verdict)
                    if self._request.exit_first and self._decides(verdict):
                        return

    def _decides(self, verdict: Verdict) -> bool:
        return verdict.kind in FAILING and not verdict.expected and self._cases[verdict.case].counts

    def _complaints(self, stopped: bool) -> list[str]:
        complaints = [*self._baseline.unfilled(), *self._baseline.stale()]
        if not stopped:
            every = [entry.id for entry in self._catalogue.entries]
            complaints += self._baseline.unmatched([loop.name for loop in self._loops], every)
        return complaints

    def _report(self, results: Results, complaints: Sequence[str], stopped: int, failed: Exception | None) -> int:
        """Print the report, write the others, and return the exit status."""
        merged = merge([results])
        manner = Manner(
            in_full=self._request.verbose > 0,
            arguments=[part for path in self._request.cases for part in ("--cases", path)],
            complaints=complaints,
            results="" if isinstance(failed, ResultsError) else self._request.json or "",
            width=self._console.width,
            handbook=lambda: handbook(self._catalogue, merged),
        )
        terminal.write(self._console, terminal.report(merged, self._cases, manner))
        wrong = [_in_words(failed)] if failed else []
        try:
            self._outputs.write(merged, self._cases, manner)
        except CommandError as error:
            wrong += error.lines
        if wrong:
            raise CommandError(*wrong)
        if stopped:
            return 128 + stopped
        summaries = summarize(merged, self._cases)
        if complaints or any(summary.failures for summary in summaries):
            return DOES_NOT
        if results.missing:
            raise CommandError(f"{results.missing} of the selected cases got no verdict: this run says nothing")
        unknown = [f"{summary.column.title}: {reason}" for summary in summaries if (reason := _nothing_known(summary))]
        if unknown and not self._header.shard:
            raise CommandError(*unknown)
        return CONFORMS


def _in_words(failed: Exception) -> str:
    """Say why a run has ended before everything was played."""
    return str(failed) if isinstance(failed, ResultsError) else f"the run cannot go on: {failed}"


def _nothing_known(summary: Summary) -> str:
    """Return why the verdicts on a loop, none of which failed, say nothing about it; empty if they do."""
    if not summary.total.played and not summary.total_apart.played:
        return "every case was skipped, so that nothing is known of the loop"
    if not summary.total.played and summary.counted:
        return "every documented case was skipped, so that nothing is known of the loop"
    return ""
