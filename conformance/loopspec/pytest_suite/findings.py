"""What a verdict means to pytest: passed, failed, expected to fail or skipped, and the text that it shows."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pytest

from loopreport.model import FAILING, Verdict
from loopspec.baseline import Baseline
from loopspec.catalogue import Entry, citation

_LINES = 60
"""Lines of a verdict's details that a test shows."""


@dataclass(frozen=True)
class Finding:
    """The outcome of a subtest or of a test."""

    result: Literal["passed", "failed", "xfailed", "skipped"]
    case: str = ""
    """The id of the case or row within its rule."""
    reason: str = ""
    """Why it was skipped or is excused."""
    text: str = ""
    """What went wrong, in full."""

    def report(self) -> None:
        """Raise pytest's exception for the outcome; none for a pass."""
        __tracebackhide__ = True
        if self.result == "skipped":
            pytest.skip(self.reason)
        if self.result == "xfailed":
            pytest.xfail(self.reason)
        # With --runxfail the line above does nothing, and what is excused fails as well.
        if self.result != "passed":
            pytest.fail(self.text, pytrace=False)


def find(entry: Entry, verdict: Verdict, baseline: Baseline | None) -> Finding:
    """Return the outcome of the subtest for `entry`, whose failure the `baseline` may excuse, or demand."""
    case = entry.id.partition("/")[2]
    if verdict.kind == "skip":
        return Finding("skipped", case, verdict.summary)
    if baseline:
        # One of its own for each verdict: what then is stale is so because of this verdict.
        baseline = Baseline(baseline.path, baseline.expectations)
        verdict = baseline.apply(verdict)
        if stale := list(baseline.stale()):
            return Finding("failed", case, text="\n".join(stale))
    if verdict.kind not in FAILING:
        return Finding("passed", case)
    excuse = verdict.expected
    if not (excuse or entry.counts or verdict.kind == "broken"):
        why = "a permission" if entry.rule.level == "may" else "not documented"
        excuse = f"does not count, {why}: {_summary(verdict)}"
    return Finding("xfailed" if excuse else "failed", case, excuse, failure(entry, verdict))


def conclusion(findings: Sequence[Finding]) -> Finding:
    """Return the outcome of the test whose subtests had these.

    It is the worst of them, and skipped only if all are. pytest 8 would call the test passed in any case, and then
    forget for `--lf` that subtests failed.
    """
    failed = [finding.case for finding in findings if finding.result == "failed"]
    excused = [finding for finding in findings if finding.result == "xfailed"]
    if failed:
        return Finding("failed", text=f"{len(failed)} of {len(findings)} cases failed: {', '.join(failed)}")
    if excused:
        cases = ", ".join(finding.case for finding in excused)
        return Finding("xfailed", reason=_reasons(excused), text=f"{len(excused)} of {len(findings)} failed: {cases}")
    if all(finding.result == "skipped" for finding in findings):
        return Finding("skipped", reason=_reasons(findings))
    return Finding("passed")


def failure(entry: Entry, verdict: Verdict) -> str:
    """Return what a failing test says: the verdict, the rule with its citation, the difference, and how to go on."""
    rule, loop = shlex.quote(entry.rule.id), shlex.quote(verdict.loop)
    lines = [
        _summary(verdict),
        "",
        f"rule   {entry.rule.says}",
        f"cited  {citation(entry.chapter, entry.rule, platform.python_version())}",
        f"case   {entry.case.about}",
        f"       {entry.path}:{entry.line}",
    ]
    if verdict.difference:
        lines += ["", "log    - expected, + observed"]
        lines += [f"     {line.mark} {line.text}" for line in verdict.difference]
    if verdict.details:
        lines += ["", *_shortened(verdict.details.rstrip().splitlines())]
    lines += [
        "",
        f"alone  loopspec check {loop} -k {shlex.quote(entry.id)}",
        f"debug  pytest --pyargs loopspec --loop {loop} -k {rule} --loop-in-process --pdb",
    ]
    return "\n".join(lines)


def _summary(verdict: Verdict) -> str:
    """Return the verdict in one line. An exception's text may have more of them; the traceback repeats them all."""
    first, _, more = verdict.summary.partition("\n")
    return f"{verdict.kind}: {first}{' …' if more else ''}"


def _shortened(lines: list[str]) -> list[str]:
    """Leave the middle out of what a loop wrote at length."""
    left_out = len(lines) - _LINES
    if left_out <= 0:
        return lines
    head = _LINES // 3
    return [*lines[:head], f"… {left_out} lines left out …", *lines[head + left_out :]]


def _reasons(findings: Sequence[Finding]) -> str:
    return "; ".join(dict.fromkeys(finding.reason for finding in findings))
