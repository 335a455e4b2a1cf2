"""The command `rules`: prove each rule, and report which could not be proved."""

from __future__ import annotations

import argparse

from loopspec.catalogue import Entry, Selection, load
from tests.proof import unproved
from tests.proof.rules import Plan, Plans, Proof, earlier_proof, prove
from tests.proof.run import Progress, Run
from tests.proof.state import State, StateError
from tests.proof.usual import Habits

_SHOWN = 6
"""Mutations that are shown of a rule that none of them proves."""


def prove_rules(options: argparse.Namespace) -> int:
    """Prove the rules that `options` select, print what was found, and return the exit status."""
    catalogue = load()
    selection = Selection(words=tuple(options.words), chapters=tuple(options.chapter))
    rules = [rule for _, rule in selection.rules(catalogue) if not rule.untestable]
    if not rules:
        raise StateError("no rule is selected: loopspec list shows them")
    listed = unproved.reasons()
    plans = Plans(catalogue)
    state = State(options.state)
    habits = Habits(state)
    with Run(options.jobs) as run:
        work = [plans.of(rule) for rule in rules]
        found = {proof.rule: proof for plan in work if (proof := earlier_proof(plan, state))}
        open_plans = [plan for plan in work if plan.rule.id not in found or found[plan.rule.id].crude]
        if options.known:
            open_plans = []
        entries = [entry for plan in open_plans if plan.mutations for entry in plan.entries]
        learn(habits, entries, run, lines=False)
        progress = Progress("rules", len(open_plans))

        def proof_of(plan: Plan) -> Proof:
            return prove(plan, state, habits, run.stopped)

        for plan, proof in run.each(open_plans, proof_of):
            found[plan.rule.id] = proof
            progress.step(f"{sum(not one.by for one in found.values())} not proved")
        stopped = run.stopped()
    state.close()
    by_id = {rule.id: rule for _, rule in catalogue.rules}
    testable = sum(not rule.untestable for rule in by_id.values())
    proofs = [found[plan.rule.id] for plan in work if plan.rule.id in found]
    proved = {proof.rule for proof in proofs if proof.by}
    wrong = unproved.complaints(listed, by_id, proved, testable)
    _report(proofs, work, listed, options.verbose)
    for line in wrong:
        print(line)
    if stopped:
        return 130
    return 1 if wrong or any(not proof.by and proof.rule not in listed for proof in proofs) else 0


def learn(habits: Habits, entries: list[Entry], run: Run, *, lines: bool) -> None:
    """Play what is not known of the unchanged loop."""
    missing = habits.missing(entries, lines=lines)
    if missing and not run.stopped():
        progress = Progress("unchanged loop", len(missing))
        habits.learn(missing, run.jobs, run.stopped, progress.step)


def _report(proofs: list[Proof], plans: list[Plan], listed: dict[str, str], verbose: bool) -> None:
    keepers = {plan.rule.id: plan.keeper for plan in plans}
    for proof in proofs:
        if proof.by and verbose:
            print(f"{proof.rule}\n  {proof.by}\n  {proof.case}: {proof.verdict}")
        elif not proof.by:
            print(f"{proof.rule}: not proved: {proof.why_not}\n  kept at {keepers[proof.rule]}")
            if proof.rule in listed:
                print(f"  listed: {listed[proof.rule]}")
            for line in proof.tried[: None if verbose else _SHOWN]:
                print(f"  not caught: {line}")
            if len(proof.tried) > _SHOWN and not verbose:
                print(f"  and {len(proof.tried) - _SHOWN} more: -v shows them")
    by_mutation = sum(proof.is_mutation for proof in proofs)
    by_broken_loop = sum(bool(proof.by) and not proof.is_mutation for proof in proofs)
    proved = by_mutation + by_broken_loop
    crude = sum(proof.crude for proof in proofs)
    print(
        f"{proved} of {len(plans)} rules proved ({proved / len(plans):.1%}): {by_mutation} by a mutation of the tagged "
        f"statement, {by_broken_loop} by a broken loop ({crude} only by an error such as any nonsense leads to); "
        f"{len(listed.keys() & keepers.keys())} listed in unproved.toml, {len(plans) - len(proofs)} not played"
    )
