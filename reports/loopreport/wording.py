"""What several reports say in the same words, and how they shorten what is long."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from loopreport import inert
from loopreport.manner import Manner
from loopreport.model import CaseInfo, Difference, Verdict

LINES = 30
"""As many lines are shown of the difference between two logs."""
_NEAR = 4
"""As many lines that are alike are shown before and after one that differs."""
_FOLD_FROM = 4
"""As many failures of a loop for one and the same reason are told once."""
_RESTATED = ("expected ", "observed ")
"""How a summary begins that says no more than the difference does."""


def number(count: int, noun: str) -> str:
    """Return `1 case`, `2 cases`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def told(verdict: Verdict, case: CaseInfo, manner: Manner) -> str:
    """Tell a failure in full as plain text: the rule and its citation, what was observed, and how to see it again."""
    lines = [inert.text(case.says), inert.text(case.about), case.url]
    if verdict.difference:
        lines += ["", "- expected only   + observed only", *difference(verdict)]
    if not restated(verdict):
        lines += ["", inert.text(verdict.summary)]
    if verdict.details:
        lines += ["", inert.text(verdict.details)]
    lines += [
        "",
        f"case     {case.file}:{case.line}",
        f"alone    {alone(verdict, manner.arguments)}",
        f"program  {program(verdict, manner.arguments)}",
    ]
    return "\n".join(lines)


def difference(verdict: Verdict) -> Iterator[str]:
    """Give the lines of the difference, inert, each behind its mark."""
    for line in without_middles(verdict.difference):
        yield inert.escaped(f"{line.mark} {inert.cut(line.text)}".rstrip()).replace("\n", "\\n")


def restated(verdict: Verdict) -> bool:
    """Whether the verdict's summary says no more than its difference does."""
    return bool(verdict.difference) and verdict.summary.startswith(_RESTATED)


def alone(verdict: Verdict, arguments: Sequence[str] = ()) -> str:
    """Return the command that plays the verdict's case alone; `arguments` name the case files."""
    return _command("loopspec", "check", verdict.loop, "-k", verdict.case, *arguments)


def program(verdict: Verdict, arguments: Sequence[str] = ()) -> str:
    """Return the command that writes the verdict's case as a program."""
    return _command("loopspec", "script", verdict.case, "--loop", verdict.loop, *arguments)


def _command(*words: str) -> str:
    """Return the words as a shell takes them, in one line that can be shown; no real name needs to be cut."""
    return inert.escaped(inert.cut(shlex.join(words))).replace("\n", "\\n")


def folded(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """Put failures together that say the same word for word, where there are many of them."""
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(reason(verdict), []).append(verdict)
    found: list[list[Verdict]] = []
    for group in groups.values():
        found += [group] if len(group) >= _FOLD_FROM else [[verdict] for verdict in group]
    return found


def reason(verdict: Verdict) -> tuple[str, ...]:
    """Return what failures have in common that have one reason; a difference in the log is a case's own."""
    return (verdict.kind, verdict.summary, verdict.details, verdict.case if verdict.difference else "")


def without_middles(lines: Sequence[Difference]) -> Iterator[Difference]:
    """Leave out what is far from any change, and the middle of what is still too long."""
    near = [
        place
        for place in range(len(lines))
        if any(line.mark != " " for line in lines[max(0, place - _NEAR) : place + _NEAR + 1])
    ]
    if len(near) > LINES:
        near = near[: LINES // 2] + near[-LINES // 2 :]
    before = -1
    for place in [*near, len(lines)]:
        if left_out := place - before - 1:
            yield Difference(" ", f"… {number(left_out, 'line')} left out …") if left_out > 1 else lines[before + 1]
        if place < len(lines):
            yield lines[place]
        before = place
