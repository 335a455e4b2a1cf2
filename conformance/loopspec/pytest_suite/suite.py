"""The suite as pytest tests: a file of tests for each chapter, a test for each loop and rule, a subtest for each case.

`loopspec.plugin` registers a `Suite` with pytest once a run asks for it. A test's id begins with the package's name and
not with the place where it is installed, so that the ids of two machines can be compared:
`loopspec/cases/running-and-stopping.toml::uvloop::run-forever.stop-first.polls-once`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from loopspec.baseline import BaselineError, read_baseline
from loopspec.catalogue import BUILT_IN, CatalogueError, Entry, load
from loopspec.describe import loop_info
from loopspec.format import Rule
from loopspec.loops import LoopError, find_loop
from loopspec.pytest_suite.findings import Finding, conclusion, find
from loopspec.pytest_suite.verdicts import InProcess, Isolated, Player, RefusedError
from loopspec.reading import ChapterFile

_PACKAGE = BUILT_IN.parent


class SetupError(Exception):
    """A loop, a baseline or a case file that the suite cannot begin with: one line for each mistake."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Suite:
    """What one pytest run plays, and the hooks by which pytest collects it."""

    def __init__(self, names: Sequence[str], baseline: Path | None, in_process: bool) -> None:
        """Find the loops of these `names` and read the case files and the `baseline`; raises SetupError."""
        try:
            loops = [find_loop(name) for name in names]
            self._catalogue = load()
            self.baseline = read_baseline(baseline) if baseline else None
        except (LoopError, CatalogueError, BaselineError) as error:
            raise SetupError(str(error).splitlines()) from None
        if self.baseline:
            cases = [entry.id for entry in self._catalogue.entries]
            unmatched = self.baseline.unmatched([loop.name for loop in loops], cases)
            if untrue := [*self.baseline.unfilled(), *unmatched]:
                raise SetupError(untrue)
        self.in_process = in_process
        self.loops = loops
        self._explained: set[str] = set()
        self.players: dict[str, Player] = {
            loop.name: InProcess(loop) if in_process else Isolated(loop) for loop in loops
        }
        self.chapters = {file.path: file for file in self._catalogue.files}
        self.entries: dict[str, list[Entry]] = {}
        for entry in self._catalogue.entries:
            self.entries.setdefault(entry.rule.id, []).append(entry)

    def close(self) -> None:
        """End what plays the cases."""
        for player in self.players.values():
            player.close()

    def refused(self, refusal: RefusedError) -> str:
        """Return what a test says whose loop could not be brought up: in full only once, for it fails every test."""
        reason = str(refusal)
        text = reason if reason in self._explained else f"{reason}\n\n{refusal.details}".rstrip()
        self._explained.add(reason)
        return text

    def pytest_report_header(self) -> str:
        """Say what is tested, and where the cases are played."""
        loops = ", ".join(f"{loop.name} {loop_info(loop).version}".rstrip() for loop in self.loops)
        where = "in this process" if self.in_process else "in worker processes"
        return f"loopspec: {len(self.entries)} rules, {len(self._catalogue.entries)} cases {where}, on {loops}"

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the package's own folder by its case files alone, whatever `python_files` says."""
        return self.folder(path, parent) if path.name in ("loopspec", "cases") else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a case file that is named by its path."""
        return self.chapter(file_path, parent) if file_path.suffix == ".toml" else None

    def folder(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Return the collector of the package's folder or of its case files' folder, None for any other."""
        for known, name in ((_PACKAGE, "loopspec"), (BUILT_IN, "loopspec/cases")):
            if path == known or os.path.realpath(path) == os.path.realpath(known):
                folder: Folder = Folder.from_parent(parent, path=path, nodeid=name)
                folder.suite = self
                return folder
        return None

    def chapter(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Return the collector of one of the package's case files, None for any other file."""
        known = BUILT_IN / path.name
        if known not in self.chapters or os.path.realpath(path) != os.path.realpath(known):
            return None
        chapter: Chapter = Chapter.from_parent(parent, path=path, nodeid=f"loopspec/cases/{path.name}")
        chapter.suite, chapter.file = self, self.chapters[known]
        chapter.extra_keyword_matches.add(chapter.file.chapter.chapter)
        return chapter


class Folder(pytest.Directory):
    """The package's folder, in which only the case files' folder counts, or the latter."""

    suite: Suite

    def collect(self) -> Iterator[pytest.Collector]:
        """Give the collectors of what is in the folder."""
        for path in sorted(self.path.iterdir()):
            found = self.suite.chapter(path, self) if path.is_file() else self.suite.folder(path, self)
            if found is not None:
                yield found


class Chapter(pytest.Module):
    """A case file. A `Module`, because fixtures of a user's that are per module look for one."""

    suite: Suite
    file: ChapterFile

    def _getobj(self) -> ModuleType:
        return sys.modules[__name__]

    def collect(self) -> Iterator[pytest.Collector]:
        """Give the collector of each loop that is tested."""
        for loop in self.suite.loops:
            tests: LoopTests = LoopTests.from_parent(self, name=loop.name)
            tests.suite, tests.file = self.suite, self.file
            yield tests


class LoopTests(pytest.Collector):
    """The rules of a chapter for one loop."""

    suite: Suite
    file: ChapterFile

    def collect(self) -> Iterator[pytest.Item]:
        """Give a test for each rule that can be tested."""
        for rule, (place, _) in zip(self.file.chapter.rule, self.file.places.rules):
            if not rule.untestable:
                test: RuleTest = RuleTest.from_parent(self, name=rule.id, callobj=keeps_the_rule)
                test.suite, test.rule, test.line, test.loop = self.suite, rule, place.line, self.name
                test.entries = self.suite.entries[rule.id]
                test.extra_keyword_matches.update(entry.case.id for entry in test.entries)
                yield test


class RuleTest(pytest.Function):
    """One rule for one loop."""

    suite: Suite
    rule: Rule
    line: int
    loop: str
    entries: list[Entry]

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the place of the rule in its case file, and what a report's heading calls the test."""
        return self.path, self.line - 1, f"{self.rule.id} on {self.loop}"


def keeps_the_rule(request: pytest.FixtureRequest, subtests: Any) -> None:
    """Test one rule: a subtest for each case or row, and what they come to as the outcome of the test itself."""
    __tracebackhide__ = _hidden
    test = request.node
    player = test.suite.players[test.loop]
    debugging = request.config.getoption("usepdb")
    findings: list[Finding] = []
    for entry in test.entries:
        # Not within the subtest, which with pytest 8 takes even a KeyboardInterrupt for a failure and goes on.
        try:
            verdict = player.verdict(entry)
        except RefusedError as refusal:
            if debugging and refusal.__cause__:
                raise refusal.__cause__ from None
            pytest.fail(test.suite.refused(refusal), pytrace=False)
        finding = find(entry, verdict, test.suite.baseline)
        findings.append(finding)
        with subtests.test(entry.id.partition("/")[2]):
            if debugging and finding.result == "failed" and isinstance(player, InProcess):
                print(finding.text)
                player.run_bare(entry)
            finding.report()
    conclusion(findings).report()


def _hidden(error: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether pytest is to leave the suite's own frames out: where a script raised, for a debugger to look at it."""
    return not error.errisinstance((pytest.fail.Exception, pytest.skip.Exception, pytest.xfail.Exception))
