"""Live tags: whether each rule's cases catch a mutation of the statement that is said to keep the rule.

A rule that is kept by the standard library is proved by a broken loop of `tests/broken_loops` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loopspec import kept
from loopspec.catalogue import Catalogue, Entry
from loopspec.format import Rule
from loopspec.loops import find_loop
from loopspec.machine import why_not
from tests.proof.broken_loops import Broken, broken_by_case, play_broken
from tests.proof.mutations import Mutation, mutations
from tests.proof.playing import mutant, play
from tests.proof.source import Source
from tests.proof.state import State
from tests.proof.tagged import mutations_at, plainest_first
from tests.proof.usual import Habits

PROOFS = frozenset({"fail", "crash", "hang"})
"""Verdicts that prove a rule: not that a loop has no such method."""


@dataclass(frozen=True)
class Plan:
    """How a rule can be proved: by mutations of what keeps it, or by loops that are broken on purpose."""

    rule: Rule
    every: list[Entry]
    """Its cases."""
    entries: list[Entry]
    """Those that can be played here."""
    mutations: list[Mutation]
    broken: list[Broken]
    keeper: str
    """The tagged lines, or what keeps it in the standard library."""


@dataclass(frozen=True)
class Proof:
    """What came of a rule."""

    rule: str
    by: str = ""
    """The mutation or broken loop that was caught, in words; empty if none was."""
    case: str = ""
    verdict: str = ""
    python: str = ""
    is_mutation: bool = False
    crude: bool = False
    """Whether the case was only seen to end with an error that any nonsense in the loop's code leads to."""
    why_not: str = ""
    """Why there is no proof."""
    tried: list[str] = field(default_factory=list)
    """What was not caught, in words."""


class Plans:
    """The plans for all rules, made of the reference loop's tags and table and of the broken loops' tables."""

    def __init__(self, catalogue: Catalogue) -> None:
        loop = find_loop("reference")
        self._every: dict[str, list[Entry]] = {}
        self._entries: dict[str, list[Entry]] = {}
        for entry in catalogue.entries:
            self._every.setdefault(entry.rule.id, []).append(entry)
            if why_not(entry, loop) is None:
                self._entries.setdefault(entry.rule.id, []).append(entry)
        self._texts = dict(kept.sources())
        self._tags: dict[str, list[kept.Place]] = {}
        for rule, place in kept.tags():
            self._tags.setdefault(rule, []).append(place)
        self._table = kept.table()
        self._broken = broken_by_case()
        self._mutations: dict[str, tuple[Source, list[Mutation]]] = {}

    def of(self, rule: Rule) -> Plan:
        """Return the plan for a rule."""
        every, entries = self._every.get(rule.id, []), self._entries.get(rule.id, [])
        if keeper := self._table.get(rule.id):
            broken = [loop for case in rule.case for loop in self._broken.get(f"{rule.id}/{case.id}", ())]
            return Plan(rule, every, entries, [], broken, keeper)
        places = self._tags.get(rule.id, [])
        found = [mutation for place in places for mutation in self._at(place)]
        keeper = ", ".join(f"{place.relative}:{place.line}" for place in places)
        return Plan(rule, every, entries, plainest_first(list(dict.fromkeys(found))), [], keeper)

    def _at(self, place: kept.Place) -> list[Mutation]:
        path = place.relative
        if path not in self._mutations:
            text = self._texts[path]
            self._mutations[path] = Source(text), [*mutations(path, text)]
        return mutations_at(place.line, *self._mutations[path])


def earlier_proof(plan: Plan, state: State) -> Proof | None:
    """Return the most telling proof of a rule that is known, from this run or an earlier one, on whatever Python."""
    crude = None
    for python in state.pythons():
        for subject, about, digests, is_mutation in _subjects(plan):
            if catch := state.known(subject, python).catch(digests, PROOFS):
                verdict = f"{catch.kind}: {catch.summary}" if catch.summary else catch.kind
                is_crude = is_mutation and catch.crude
                proof = Proof(plan.rule.id, about, catch.case, verdict, python, is_mutation, is_crude)
                if not is_crude:
                    return proof
                crude = crude or proof
    return crude


def prove(plan: Plan, state: State, habits: Habits, stop: Callable[[], bool]) -> Proof:
    """Play the rule's cases with what should break it, one after the other, until one is caught in a telling way.

    Raises Interrupted once `stop` says so.
    """
    if reason := _why_not(plan, habits):
        return earlier_proof(plan, state) or Proof(plan.rule.id, why_not=reason)
    tried = []
    for mutation in plan.mutations:
        known = state.known(mutation.digest)
        if left := [entry for entry in plan.entries if known.is_open(entry.digest)]:
            state.add(mutation.digest, str(mutation), play(mutant(mutation), left, habits.seconds, PROOFS, stop))
        if (proof := earlier_proof(plan, state)) and not proof.crude:
            return proof
        tried.append(str(mutation) + (f" (makes no loop: {known.stillborn})" if known.stillborn else ""))
    for broken in plan.broken:
        known = state.known(broken.subject)
        if any(known.is_open(row.digest) for row in broken.rows):
            state.add(broken.subject, str(broken), play_broken(broken, stop))
        if (proof := earlier_proof(plan, state)) and not proof.crude:
            return proof
        tried.append(str(broken))
    return earlier_proof(plan, state) or Proof(plan.rule.id, why_not="none was caught", tried=tried)


def _why_not(plan: Plan, habits: Habits) -> str:
    """Return why nothing can be played for a rule here; empty if something can."""
    if any(broken.rows for broken in plan.broken):
        return ""
    if not plan.entries:
        return "none of its cases can be played here"
    if not plan.mutations:
        return f"there is nothing to change at {plan.keeper}"
    usual = [habits.of(entry) for entry in plan.entries]
    failing = [f"{one.case} does not pass unchanged: {one.kind} {one.summary}" for one in usual if one.kind != "pass"]
    return failing[0] if failing else ""


def _subjects(plan: Plan) -> list[tuple[str, str, list[str], bool]]:
    """Return what is played for a rule: its digest, what it is in words, with which cases, whether it is a mutation."""
    digests = [entry.digest for entry in plan.every]
    of_rule = [(mutation.digest, str(mutation), digests, True) for mutation in plan.mutations]
    of_case = [(one.subject, str(one), [row.digest for row in one.every], False) for one in plan.broken]
    return of_rule + of_case
