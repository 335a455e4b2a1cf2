"""What a loop leaves behind whatever it does: found once with cases that do next to nothing, and told only there.

A loop that never closes its descriptors would otherwise fail every case with the same words, and nobody could see
which rules it keeps. The same goes for one that keeps the socket of every connection, or what it handles signals by.
They fail for it in the rule `close.leaves-nothing`.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

import msgspec

from loopspec.catalogue import Entry
from loopspec.isolation.workers import Crew, Job
from loopspec.observation import Incident, Observation, Outcome, Play

RULE = "close.leaves-nothing"
"""The rule whose cases are about habits, and judged with them."""

OF_CONNECTIONS = frozenset({RULE, "connect-accepted-socket.ownership", "create-connection.sock.ownership"})
"""The rules whose cases are about what is left of a connection."""


@dataclass(frozen=True)
class Probe:
    """What is played to find habits."""

    script: str
    told_in: frozenset[str] = frozenset({RULE})
    """The rules in whose cases that which it leaves behind counts."""
    of: str = ""
    """What a case's script must contain for such an incident to be a habit there."""


# Without any timer: what a loop leaves behind with each would be taken for a habit.
_PROBES = (
    Probe("await asyncio.sleep(0)\n"),
    Probe("loop.call_soon(int)\n"),
    Probe(
        """\
listener = listening_socket()
protocol = recorder(silent=True)
transport, _ = await loop.create_connection(lambda: protocol, *listener.getsockname())
transport.close()
await protocol.lost.wait()
""",
        OF_CONNECTIONS,
    ),
    Probe(
        """\
loop.add_signal_handler(signal.SIGUSR1, int)
await asyncio.sleep(0)
loop.remove_signal_handler(signal.SIGUSR1)
""",
        of="signal_handler",
    ),
)

_CHANGING = re.compile(r"0x[0-9a-fA-F]+|\d+")


@dataclass(frozen=True)
class Habits:
    """The incidents that happen with a loop in every case, or with every connection or handler of a signal."""

    known: dict[tuple[str, str], Probe] = field(default_factory=dict)
    """By kind and text, but for the numbers in it: what was played when they happened first."""

    def has(self, incident: Incident) -> bool:
        """Whether this happens time and again."""
        return _told(incident) in self.known

    def excuse(self, entry: Entry, outcome: Outcome) -> Outcome:
        """Return `outcome` without what is the loop's habit, unless `entry` is about that."""
        if not self.known or not isinstance(outcome, Observation):
            return outcome
        others = [incident for incident in outcome.incidents if not self._is_habit(incident, entry)]
        return msgspec.structs.replace(outcome, incidents=others)

    def _is_habit(self, incident: Incident, entry: Entry) -> bool:
        probe = self.known.get(_told(incident))
        return probe is not None and entry.rule.id not in probe.told_in and probe.of in entry.case.run


def habits(crew: Crew) -> Habits:
    """Have the crew play cases that do next to nothing, and return what happened beside them.

    From then on the crew goes on with a worker in which no more than that has happened.
    """
    known: dict[tuple[str, str], Probe] = {}
    for probe in _PROBES:
        bare = Play(id="next to nothing", script=probe.script, path=__file__, line=1, bindings={}, timeout=5.0)
        for _, outcome in crew.outcomes(deque([Job(bare, {})])):
            # An ending of its own is no habit, nor is what it may have brought about.
            if isinstance(outcome, Observation) and outcome.problem is None:
                for incident in outcome.incidents:
                    known.setdefault(_told(incident), probe)
    found = Habits(known)
    crew.harmless = found.has
    return found


def _told(incident: Incident) -> tuple[str, str]:
    return incident.kind, _CHANGING.sub("#", incident.text)
