"""The machine: a ready queue, timers, a poller, a wake-up, and the turn that drives them.

Nothing in here knows of tasks, transports or signals. Every chapter above is built on what the core offers,
and all but half a dozen of them through documented loop methods only.
"""

from refloop.core.handles import Handle, TimerHandle
from refloop.core.turn import Core

__all__ = ["Core", "Handle", "TimerHandle"]
