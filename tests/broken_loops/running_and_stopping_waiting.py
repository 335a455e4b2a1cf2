"""Broken loops for what a run does while it waits, and what it leaves to wake up by, each with one mistake.

TABLE says which case catches which.
"""

import signal

from broken import Broken
from broken import SelectorLoop as Base

from refloop import ReferenceLoop


class NeverSleeps(Base):
    """Asks the selector again and again."""

    def _run_once(self):
        self.call_soon(int)
        super()._run_once()


class WakesForGood(ReferenceLoop):
    """Leaves the byte that woke it up where it is."""

    def __init__(self):
        super().__init__()
        self.add_reader(self._core.wakeup, int)


class RestoresTheWakeupDescriptor(Base):
    """Gives the former wake-up descriptor back without a thought of what has become of it."""

    def run_forever(self):
        former = signal.set_wakeup_fd(self._csock.fileno())
        try:
            super().run_forever()
        finally:
            signal.set_wakeup_fd(former)


TABLE: dict[str, list[Broken]] = {
    "run-forever.idle/although-it-was-woken-up-before": [Broken("NeverSleeps"), Broken("WakesForGood")],
    "run-forever.former-wakeup-fd/closed-in-the-meantime": [Broken("RestoresTheWakeupDescriptor")],
}
