"""From what was observed to a verdict: pure functions of an observation and a case."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence

from msgspec import structs

from loopreport.model import Difference, Kind, Verdict
from loopspec.catalogue import Entry
from loopspec.format import Log
from loopspec.observation import Death, Observation, Outcome

_SHOWN_LINE = 500
_NOT_IMPLEMENTED = re.compile(r"^NotImplementedError\b.*", re.MULTILINE)
_UNSUPPORTED_IN_THREAD = re.compile(r"^in thread .*?: (NotImplementedError)\((.*)\)")


def judge(loop: str, entry: Entry, outcome: Outcome) -> Verdict:
    """Return the verdict on `entry` for the loop named `loop`."""
    if isinstance(outcome, Death):
        if outcome.before and (first := judge(loop, entry, outcome.before)).kind != "pass":
            return _after_an_exception(first, outcome)
        kind: Kind = "fail" if outcome.kind == "refused" else outcome.kind
        how = outcome.how
        # What nobody awaits leaves those waiting who count on it.
        if kind == "hang" and (unsupported := _end_of_a_traceback(outcome.output)):
            kind, how = "unsupported", unsupported
        return Verdict(
            loop=loop, case=entry.id, kind=kind, summary=how, details=outcome.output, seconds=outcome.seconds
        )
    kind, summary, difference = _compare(entry, outcome)
    return Verdict(
        loop=loop,
        case=entry.id,
        kind=kind,
        summary=summary,
        difference=difference,
        details="" if kind == "pass" else _details(outcome),
        seconds=round(outcome.seconds, 4),
    )


def judge_again(first: Verdict, second: Verdict) -> Verdict:
    """Return the verdict on a case that was played again, alone, because it had not passed at first.

    The second play decides, except that a case which passes then is flaky: it did fail once.
    """
    if second.kind not in ("pass", "skip"):
        return second
    summary = f"{first.kind} at first, then pass when played again alone: {first.summary}"
    return Verdict(
        loop=first.loop,
        case=first.case,
        kind="flaky",
        summary=summary,
        difference=first.difference,
        details=first.details,
        at_first=first.kind,
        seconds=first.seconds,
    )


def _after_an_exception(first: Verdict, death: Death) -> Verdict:
    """Return the verdict where a worker died only when it closed what a script had left that an exception ended.

    A hang there is no more than a consequence: a script that did not come to its end has not set free what waits for
    it. A crash is the loop's own, whatever came before.
    """
    details = "\n\n".join(filter(None, [first.details, death.output]))
    if death.kind == "hang":
        summary = f"{first.summary} (then, while the loop was closed, {death.how})"
        return structs.replace(first, summary=summary, details=details, seconds=death.seconds)
    summary = f"{death.how}, while the loop was closed after {first.summary}"
    return structs.replace(first, kind="crash", summary=summary, details=details, seconds=death.seconds)


def _compare(entry: Entry, seen: Observation) -> tuple[Kind, str, list[Difference]]:
    problem = seen.problem
    said = _first_line(f"{problem.type}: {problem.text}".rstrip(": ")) if problem else ""
    if problem and problem.kind == "broken":
        return "broken", f"the case itself is wrong: {said}", []
    if problem and problem.kind == "unsupported":
        return "unsupported", said, []
    if problem and problem.kind == "factory":
        return "fail", f"the loop's factory raised {said}" if problem.traceback else _first_line(problem.text), []
    log = [*seen.log, f"{problem.type} ended the script"] if problem else seen.log
    missing = [kind for kind in entry.case.incidents if kind not in {incident.kind for incident in seen.incidents}]
    surprising = [incident for incident in seen.incidents if incident.kind not in entry.case.incidents]
    if any(matches(expected, log) for expected in entry.logs):
        if surprising:
            more = f" (and {len(surprising) - 1} more)" if len(surprising) > 1 else ""
            return "fail", f"{surprising[0].kind}: {_first_line(surprising[0].text)}{more}", []
        if missing:
            return "fail", f"expected incident did not happen: {', '.join(missing)}", []
        return "pass", "", []
    if unsupported := _said_elsewhere(seen):
        return "unsupported", unsupported, []
    difference = min((differ(expected, log) for expected in entry.logs), key=_distance)
    return "fail", said or _difference_in_words(difference), difference


def matches(expected: Log, observed: Sequence[str]) -> bool:
    """Whether `observed` is the log `expected`, in which a nested array is a group of lines in any order."""
    place = 0
    for line in expected:
        group = [line] if isinstance(line, str) else line
        if Counter(observed[place : place + len(group)]) != Counter(group):
            return False
        place += len(group)
    return place == len(observed)


def differ(expected: Log, observed: Sequence[str]) -> list[Difference]:
    """Return the difference between the two logs, the lines of any-order groups put in the observed order."""
    wanted = _ordered(expected, observed)
    lines: list[Difference] = []
    matcher = difflib.SequenceMatcher(None, wanted, list(observed), autojunk=False)
    for operation, begin, end, other_begin, other_end in matcher.get_opcodes():
        if operation == "equal":
            lines += [Difference(" ", text) for text in wanted[begin:end]]
        else:
            lines += [Difference("-", text) for text in wanted[begin:end]]
            lines += [Difference("+", _shortened(text)) for text in observed[other_begin:other_end]]
    return lines


def _said_elsewhere(seen: Observation) -> str:
    """Return what the loop raised as NotImplementedError where it did not come out of the script.

    From a callback, or from a task that nobody awaits, it is reported to the logger, or by a default exception handler
    of another kind to standard error.
    """
    told = [incident.text for incident in seen.incidents if incident.kind == "error-logged"]
    if said := next(filter(None, map(_end_of_a_traceback, [*told, seen.output])), ""):
        return said
    threads = [incident.text for incident in seen.incidents if incident.kind == "thread-exception"]
    found = next(filter(None, map(_UNSUPPORTED_IN_THREAD.match, threads)), None)
    return _first_line(f"{found[1]}: {found[2]}") if found else ""


def _end_of_a_traceback(text: str) -> str:
    """Return the line about a NotImplementedError that ends a traceback in `text`, if there is one."""
    found = _NOT_IMPLEMENTED.search(text, text.index("Traceback")) if "Traceback" in text else None
    return _first_line(found[0]) if found else ""


def _ordered(expected: Log, observed: Sequence[str]) -> list[str]:
    ordered: list[str] = []
    for line in expected:
        if isinstance(line, str):
            ordered.append(line)
        else:
            rank = {text: place for place, text in reversed(list(enumerate(observed)))}
            ordered += sorted(line, key=lambda text: rank.get(text, len(observed)))
    return ordered


def _distance(difference: list[Difference]) -> int:
    return sum(line.mark != " " for line in difference)


def _difference_in_words(difference: list[Difference]) -> str:
    for place, line in enumerate(difference):
        if line.mark == "-":
            if any(other.mark == "+" and other.text == line.text for other in difference):
                return f"observed {line.text!r} at another place than expected"
            instead = next((other.text for other in difference[place:] if other.mark == "+"), None)
            return f"expected {line.text!r}, observed {'nothing' if instead is None else repr(instead)}"
        if line.mark == "+":
            return f"observed {line.text!r}, which nothing expects here"
    return "the log differs"


def _details(seen: Observation) -> str:
    parts = [seen.problem.traceback if seen.problem else "", seen.traceback]
    parts += [f"{incident.kind}: {incident.text}" for incident in seen.incidents]
    parts += [f"written to standard output and error:\n{seen.output}"] if seen.output else []
    return "\n".join(part.rstrip() for part in parts if part)


def _first_line(text: str) -> str:
    return _shortened(text.strip().partition("\n")[0])


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_LINE else f"{text[:_SHOWN_LINE]} … ({len(text)} characters)"
