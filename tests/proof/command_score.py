"""The command `score`: play the mutations of the reference loop, and report which survive."""

from __future__ import annotations

import argparse
from itertools import groupby

from loopspec import kept
from loopspec.catalogue import load
from loopspec.loops import find_loop
from loopspec.machine import why_not
from tests.proof.command_rules import learn
from tests.proof.mutations import Mutation, mutations
from tests.proof.relevant import Relevant, untagged
from tests.proof.run import Progress, Run
from tests.proof.score import Outcome, Scoring, score_of
from tests.proof.state import State, StateError
from tests.proof.statements import FOR_TAGS_ONLY
from tests.proof.usual import Habits


def score(options: argparse.Namespace) -> int:
    """Play the mutations that `options` select, print the score and the survivors, and return the exit status."""
    loop = find_loop("reference")
    texts = dict(kept.sources())
    selected = {path: text for path, text in texts.items() if not options.only or any(p in path for p in options.only)}
    if not selected:
        raise StateError(f"no file of the reference loop has {' or '.join(options.only)} in its path")
    state = State(options.state)
    habits = Habits(state)
    entries = [entry for entry in load().entries if why_not(entry, loop) is None]
    with Run(options.jobs) as run:
        learn(habits, entries, run, lines=True)
        if run.stopped():
            return 130
        steady = [entry for entry in entries if habits.of(entry).kind == "pass"]
        for entry in entries:
            if entry not in steady:
                print(f"{entry.id} does not pass unchanged: {habits.of(entry).kind} {habits.of(entry).summary}")
        executed = {entry.id: habits.of(entry).lines for entry in steady}
        tags = ((rule, place.relative, place.line) for rule, place in kept.tags())
        relevant = Relevant(steady, executed, texts, tags, options.cases)
        found_here = (mutation for path, text in selected.items() for mutation in mutations(path, text))
        every = [mutation for mutation in found_here if mutation.operator not in FOR_TAGS_ONLY]
        here = [mutation for mutation in every if not relevant.is_for_another_python(mutation)]
        elsewhere, every = len(every) - len(here), here
        if options.untagged:
            every = untagged(every, relevant)
        scoring = Scoring(steady, relevant, habits, state)
        found = {mutation: outcome for mutation in every if (outcome := scoring.earlier(mutation))}
        left = [] if options.known else [mutation for mutation in every if mutation not in found]
        progress = Progress("mutations", len(left))

        def outcome_of(mutation: Mutation) -> Outcome:
            return scoring.outcome(mutation, run.stopped)

        survivors = sum(outcome.survives for outcome in found.values())
        for mutation, outcome in run.each(left, outcome_of):
            found[mutation] = outcome
            survivors += outcome.survives
            progress.step(f"{survivors} survive")
        stopped = run.stopped()
    state.close()
    outcomes = [found[mutation] for mutation in every if mutation in found]
    _report(outcomes, options.verbose)
    if len(outcomes) < len(every):
        print(f"{len(every) - len(outcomes)} of {len(every)} mutations are not played yet")
    total = score_of(outcomes)
    print(
        f"score {total.share:.1%}: {total.caught} of {total.counted} mutations caught "
        f"({total.stillborn} more make no loop at all, and {elsewhere} change what only another Python executes: "
        f"these do not count), each played "
        f"against the {options.cases} likeliest of the cases that execute it, where there are so many"
    )
    if stopped:
        return 130
    return 0 if total.share * 100 >= options.at_least and len(outcomes) == len(every) else 1


def _report(outcomes: list[Outcome], verbose: bool) -> None:
    for path, group in groupby(outcomes, key=lambda outcome: outcome.mutation.path):
        of_file = list(group)
        survivors = [outcome for outcome in of_file if outcome.survives]
        if verbose:
            for outcome in survivors:
                near = f", tagged {', '.join(outcome.tagged)}" if outcome.tagged else ""
                print(f"  survives: {outcome.mutation} ({outcome.cases} cases execute it{near})")
        file_score = score_of(of_file)
        print(f"{path:44} {file_score.share:6.1%}  {file_score.caught} of {file_score.counted}")
    by_operator = sorted(outcomes, key=lambda outcome: outcome.mutation.operator)
    print()
    for operator, group in groupby(by_operator, key=lambda outcome: outcome.mutation.operator):
        operator_score = score_of(group)
        print(f"{operator:44} {operator_score.share:6.1%}  {operator_score.caught} of {operator_score.counted}")
    print()
