"""The mutation score: how many mutations of the reference loop the whole suite catches, and which it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from loopspec.catalogue import Entry
from tests.proof.mutations import Mutation
from tests.proof.playing import Catch, mutant, play
from tests.proof.relevant import Relevant
from tests.proof.state import State
from tests.proof.usual import Habits

CAUGHT = frozenset({"fail", "crash", "hang", "unsupported"})


@dataclass(frozen=True)
class Outcome:
    """What came of a mutation."""

    mutation: Mutation
    catch: Catch | None = None
    stillborn: str = ""
    """Why it makes no loop at all: such a mutation counts neither way."""
    cases: int = 0
    """How many cases execute what is changed."""
    tagged: tuple[str, ...] = ()
    """The rules whose tag stands on the changed statement."""

    @property
    def survives(self) -> bool:
        """Whether no case notices it."""
        return self.catch is None and not self.stillborn


@dataclass(frozen=True)
class Score:
    """How many mutations there are, and how many of them are caught."""

    caught: int
    counted: int
    stillborn: int

    @property
    def share(self) -> float:
        """The share of the caught ones, from 0 to 1."""
        return self.caught / self.counted if self.counted else 0.0


def score_of(outcomes: Iterable[Outcome]) -> Score:
    """Return the score of some outcomes."""
    found = list(outcomes)
    stillborn = sum(bool(outcome.stillborn) for outcome in found)
    return Score(sum(outcome.catch is not None for outcome in found), len(found) - stillborn, stillborn)


class Scoring:
    """Finds out what comes of a mutation, as far as it is not known already."""

    def __init__(self, entries: Sequence[Entry], relevant: Relevant, habits: Habits, state: State) -> None:
        self._digests = {entry.id: entry.digest for entry in entries}
        self._relevant, self._habits, self._state = relevant, habits, state

    def earlier(self, mutation: Mutation) -> Outcome | None:
        """Return what is known to come of a mutation, if that is known in full."""
        known = self._state.known(mutation.digest)
        entries = self._relevant.entries(mutation)
        tagged = self._relevant.rules(mutation)
        if known.stillborn:
            return Outcome(mutation, stillborn=known.stillborn)
        digests = [self._digests[entry.id] for entry in entries]
        catch = known.catch(digests, CAUGHT)
        if catch is None and any(map(known.is_open, digests)):
            return None
        return Outcome(mutation, catch, cases=len(entries), tagged=tagged)

    def outcome(self, mutation: Mutation, stop: Callable[[], bool]) -> Outcome:
        """Play what is not known and return what comes of the mutation. Raises Interrupted once `stop` says so."""
        known = self._state.known(mutation.digest)
        left = [entry for entry in self._relevant.entries(mutation) if known.is_open(self._digests[entry.id])]
        played = play(mutant(mutation), left, self._habits.seconds, CAUGHT, stop)
        self._state.add(mutation.digest, str(mutation), played)
        found = self.earlier(mutation)
        assert found is not None, "every case was played"
        return found
