"""The handbook of a report with pages: what it says of rules and cases, and the program for each case that failed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence

from loopreport.handbook import CaseText, Handbook, LoopText, Place, RowText, RuleText, Source
from loopreport.merge import Merged
from loopreport.model import FAILING, LoopInfo
from loopspec.catalogue import Catalogue, Entry, citation
from loopspec.describe import shortened
from loopspec.format import Case, Chapter, Rule
from loopspec.kept import sources, table, tags
from loopspec.loops import Loop, known_loops
from loopspec.programs.script import ScriptError, environment_helper, template
from loopspec.programs.slots import CERTIFICATES, filling

_FACTORY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_PACKAGE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?")


def handbook(catalogue: Catalogue, merged: Merged) -> Handbook:
    """Return the handbook of `catalogue` for a report on `merged`.

    Only the cases that some column fails get programs: making them takes longer than all the rest.
    """
    pythons = dict.fromkeys(".".join(column.header.python.split(".")[:2]) for column in merged.columns)
    failed = {one.case for column in merged.columns for one in column.verdicts if one.kind in FAILING}
    places: dict[str, list[Place]] = {}
    for rule, place in tags():
        places.setdefault(rule, []).append(Place(place.relative, place.line))
    kept_by = table()
    return Handbook(
        catalogue=catalogue.digest(),
        rules=[
            _rule(chapter, rule, pythons, places.get(rule.id, []), kept_by.get(rule.id, ""))
            for chapter, rule in catalogue.rules
        ],
        cases=_cases(catalogue.entries, failed),
        loops=_loops(column.loop for column in merged.columns),
        helper=environment_helper(),
        sources=[Source(path=path, text=text) for path, text in sources()],
    )


def _rule(chapter: Chapter, rule: Rule, pythons: Iterable[str], kept_at: list[Place], kept_by: str) -> RuleText:
    return RuleText(
        id=rule.id,
        chapter=chapter.chapter,
        subject=rule.subject,
        says=rule.says,
        level=rule.level,
        basis=rule.basis,
        python=rule.python,
        cited={python: citation(chapter, rule, python) for python in pythons},
        untestable=rule.untestable or "",
        kept_at=kept_at,
        kept_by=kept_by,
    )


def _cases(entries: Sequence[Entry], with_programs: Collection[str]) -> list[CaseText]:
    rows: dict[str, list[RowText]] = {}
    first: dict[str, Entry] = {}
    for entry in entries:
        case = f"{entry.rule.id}/{entry.case.id}"
        first.setdefault(case, entry)
        rows.setdefault(case, []).append(_row(entry, entry.id in with_programs))
    return [
        CaseText(
            rule=entry.rule.id,
            id=case,
            about=entry.case.about,
            file=shortened(entry.path),
            line=entry.line,
            script=entry.case.run,
            conditions=_conditions(entry.case),
            incidents=list(entry.case.incidents),
            rows=rows[case],
        )
        for case, entry in first.items()
    ]


def _row(entry: Entry, with_program: bool) -> RowText:
    program = ""
    if with_program:
        with contextlib.suppress(ScriptError):
            program = template(entry)
    return RowText(
        id=entry.id,
        bindings={name: repr(value) for name, value in entry.bindings.items()},
        logs=list(entry.logs),
        # Certificates are made for one program alone: the command has to do it.
        program="" if CERTIFICATES in program else program,
        environment=entry.case.environment,
    )


def _conditions(case: Case) -> dict[str, str]:
    values = {
        "needs": ", ".join(case.needs),
        "platforms": ", ".join(case.platforms),
        "python": case.python,
        "environment": ", ".join(f"{name}={value}" for name, value in case.environment.items()),
        "witness": case.witness or "",
        "timeout": f"{case.timeout:g} s",
    }
    return {name: value for name, value in values.items() if value}


def _loops(infos: Iterable[LoopInfo]) -> dict[str, LoopText]:
    known = known_loops()
    texts: dict[str, LoopText] = {}
    for info in infos:
        loop = known.get(info.name) or Loop(name=info.name, factory=info.factory, package=info.package)
        # Results may be a stranger's, and what is copied out of a report is run.
        if loop.name in known or (_FACTORY.fullmatch(loop.factory) and _PACKAGE.fullmatch(loop.package)):
            filled = filling(loop, version="", python="")
            texts[info.name] = LoopText(
                needs=filled.needs,
                make="\n".join(filled.make),
                make_policy="\n".join(filled.make_policy),
                environment=loop.environment,
            )
    return texts
