"""What a loop leaves behind whatever it does: found once with a case that does next to nothing, and told only there.

A loop that never closes its descriptors would otherwise fail every case with the same words, and nobody could see
which rules it keeps. The rule `close.leaves-nothing` is where it fails for it.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

import msgspec

from loopspec.catalogue import Entry
from loopspec.isolation.workers import Crew, Job
from loopspec.observation import Incident, Observation, Outcome, Play

RULE = "close.leaves-nothing"
"""The rule whose cases are about habits, and judged with them."""

_BARE = Play(
    id="next to nothing",
    script="await asyncio.sleep(0)\n",
    path=__file__,
    line=1,
    bindings={},
    timeout=5.0,
)
_CHANGING = re.compile(r"0x[0-9a-fA-F]+|\d+")


@dataclass(frozen=True)
class Habits:
    """The incidents, but for the numbers in them, that happen with a loop in every case."""

    known: frozenset[tuple[str, str]] = frozenset()

    def has(self, incident: Incident) -> bool:
        """Whether this happens in every case."""
        return _told(incident) in self.known

    def excuse(self, entry: Entry, outcome: Outcome) -> Outcome:
        """Return `outcome` without what is the loop's habit, unless `entry` is about that."""
        if not self.known or not isinstance(outcome, Observation) or entry.rule.id == RULE:
            return outcome
        others = [incident for incident in outcome.incidents if not self.has(incident)]
        return msgspec.structs.replace(outcome, incidents=others)


def habits(crew: Crew) -> Habits:
    """Have the crew play a case that does next to nothing, and return what happened beside it.

    From then on the crew goes on with a worker in which no more than that has happened.
    """
    known = Habits()
    for _, outcome in crew.outcomes(deque([Job(_BARE, {})])):
        if isinstance(outcome, Observation):
            known = Habits(frozenset(map(_told, outcome.incidents)))
    crew.harmless = known.has
    return known


def _told(incident: Incident) -> tuple[str, str]:
    return incident.kind, _CHANGING.sub("#", incident.text)
