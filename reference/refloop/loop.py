"""The event loop: a small core, and the chapters of the documentation around it."""

from collections.abc import Callable
from selectors import BaseSelector

from refloop.core import Core
from refloop.creating_network_servers import CreatingNetworkServers
from refloop.datagram_endpoints import DatagramEndpoints
from refloop.debug_mode import DebugMode
from refloop.delayed_callbacks import DelayedCallbacks
from refloop.dns import DNS
from refloop.error_handling import ErrorHandling
from refloop.executors import Executors
from refloop.futures_and_tasks import FuturesAndTasks
from refloop.opening_network_connections import OpeningNetworkConnections
from refloop.running_and_stopping import RunningAndStopping
from refloop.running_subprocesses import RunningSubprocesses
from refloop.scheduling_callbacks import SchedulingCallbacks
from refloop.tls_upgrade import TLSUpgrade
from refloop.transferring_files import TransferringFiles
from refloop.unix_signals import UnixSignals
from refloop.watching_file_descriptors import WatchingFileDescriptors
from refloop.working_with_pipes import WorkingWithPipes
from refloop.working_with_sockets import WorkingWithSockets


class ReferenceLoop(
    RunningAndStopping,
    SchedulingCallbacks,
    DelayedCallbacks,
    FuturesAndTasks,
    OpeningNetworkConnections,
    DatagramEndpoints,
    CreatingNetworkServers,
    TransferringFiles,
    TLSUpgrade,
    WatchingFileDescriptors,
    WorkingWithSockets,
    DNS,
    WorkingWithPipes,
    UnixSignals,
    Executors,
    ErrorHandling,
    DebugMode,
    RunningSubprocesses,
):
    """A complete asyncio event loop for POSIX: the chapters of library/asyncio-eventloop.html, top to bottom.

    *selector* is any selectors.BaseSelector, which the loop closes in the end (default: the best of the
    platform). *clock* is a function that returns the time in float seconds and never goes back (default:
    time.monotonic).
    """

    def __init__(self, selector: BaseSelector | None = None, clock: Callable[[], float] | None = None) -> None:
        super().__init__(Core(selector, clock))

    def __repr__(self) -> str:
        state = "closed" if self.is_closed() else "running" if self.is_running() else "idle"
        return f"<{type(self).__name__} {state}{' debug' if self.get_debug() else ''}>"


def new_event_loop() -> ReferenceLoop:
    """Return a new event loop: a factory for asyncio.run(), asyncio.Runner and `loopspec check`."""
    return ReferenceLoop()  # rule: new-event-loop.new
