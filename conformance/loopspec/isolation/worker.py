"""The process in which cases are played: one loop's, fresh, and given up as soon as anything in it looks damaged.

`main` is called with the numbers of two descriptors: a socket on which it takes orders and answers (see
`loopspec.isolation.channel`), and a pipe for the stacks that are written when a case hangs or crashes. The process
ends when its keeper closes the other end of the socket.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import fcntl
import gc
import importlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from loopspec.isolation.channel import Ended, Hello, MoreTime, Order, Played, Ready, Refused, Unable, encode, receive
from loopspec.isolation.surroundings import Surroundings
from loopspec.loops import bring_up
from loopspec.observation import Observation
from loopspec.plain import shortened, text_of, traceback_of
from loopspec.play import play
from loopspec.stage import MODULES

CHANNEL_LOST = 83
"""Exit code of a worker whose channel to the keeper was closed under it."""

FORKED = 84
"""Exit code of a child that the loop forked and that came back into the engine."""

LINES = 2000
"""Lines of a log that are sent; none that a case expects is nearly as long."""

_HIGH = 700
"""Descriptors from here on are the worker's own, out of the way of a loop that closes what it does not own."""

_IGNORED_BY_PYTHON = {getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)}
_NOT_TO_BE_IGNORED = sorted(signal.valid_signals() - _IGNORED_BY_PYTHON)

_HELLO, _ORDER = msgspec.msgpack.Decoder(Hello), msgspec.msgpack.Decoder(Order)


def main(channel: int, stacks: int) -> None:
    """Serve the keeper at the other end of the socket `channel` until it is closed."""
    _die_with_keeper()
    serve(channel, stacks)


def serve(channel: int, stacks: int) -> None:
    """Do what `main` does in a process whose parent is not the keeper."""
    _start_afresh()
    keeper = _Keeper(socket.socket(fileno=_out_of_the_way(channel)), _out_of_the_way(stacks))
    modules = list(sys.modules)
    hello = _HELLO.decode(receive(keeper.channel))
    sys.path += [folder for folder in hello.path if folder not in sys.path]
    keeper.dump_stacks_in(hello.timeout)
    try:
        factory, policy = bring_up(hello.loop)
        for module in MODULES:
            importlib.import_module(module)
    except BaseException as error:
        keeper.tell(Refused(f"{type(error).__name__}: {text_of(error)}", traceback_of(error)))
        os._exit(0)
    faulthandler.cancel_dump_traceback_later()
    surroundings = Surroundings(modules)
    gc.collect()
    gc.freeze()
    keeper.tell(Ready(os.getpid()))
    imported = len(sys.modules)
    for order in keeper.orders():
        keeper.tell(_play(order, factory, policy, keeper, surroundings))
        if len(sys.modules) > imported:
            # What a case has imported stays for good: the collection after each case need not look at it again.
            imported = len(sys.modules)
            gc.freeze()
    # The interpreter's own way out would wait for threads that a loop has left.
    os._exit(0)


class _Keeper:
    """The worker's side of what joins it with its keeper."""

    def __init__(self, channel: socket.socket, stacks: int) -> None:
        self.channel = channel
        self._stacks = stacks
        self._process = os.getpid()
        self._identity = _identity(channel.fileno())
        faulthandler.enable(stacks)

    def end_if_forked(self) -> None:
        """End the process if it is not the worker but a child that came back from the case as well."""
        if os.getpid() != self._process:
            os._exit(FORKED)

    def dump_stacks_in(self, seconds: float) -> None:
        """Have every thread's stack written in so many seconds, unless this or its cancellation is called before."""
        faulthandler.dump_traceback_later(seconds, file=self._stacks)

    def more_time(self, seconds: float) -> None:
        """Tell that the script has ended and what follows may take so many seconds."""
        self.end_if_forked()
        self.tell(MoreTime(seconds))
        self.dump_stacks_in(seconds)

    def ended(self, observation: Observation) -> None:
        """Tell what an exception that ended the script leaves to be told, whatever comes of closing the loop."""
        self.end_if_forked()
        self.tell(Ended(_of_bearable_length(observation)))

    def orders(self) -> Iterator[Order]:
        """Give the keeper's orders until it closes the channel."""
        while data := receive(self.channel):
            yield _ORDER.decode(data)

    def tell(self, message: msgspec.Struct) -> None:
        """Send a message, or end the process where that cannot be done."""
        try:
            if _identity(self.channel.fileno()) != self._identity:
                os._exit(CHANNEL_LOST)
            self.channel.setblocking(True)
            self.channel.sendall(encode(message))
        except OSError:
            os._exit(CHANNEL_LOST)


def _play(order: Order, factory: Any, policy: Any, keeper: _Keeper, surroundings: Surroundings) -> Played | Unable:
    keeper.dump_stacks_in(order.play.timeout)
    os.environ.update(order.environment)
    try:
        observation = play(order.play, factory, policy, keeper.more_time, keeper.ended)
    except BaseException as error:
        keeper.end_if_forked()
        surroundings.restore()
        return Unable(f"{type(error).__name__}: {text_of(error)}", traceback_of(error))
    keeper.end_if_forked()
    faulthandler.cancel_dump_traceback_later()
    return Played(_of_bearable_length(observation), surroundings.restore())


def _of_bearable_length(observation: Observation) -> Observation:
    log = [shortened(line) for line in observation.log[:LINES]]
    if missing := len(observation.log) - len(log):
        log.append(f"… {missing} lines left out …")
    return msgspec.structs.replace(observation, log=log, traceback=shortened(observation.traceback))


def _start_afresh() -> None:
    """Undo what the process inherits from the keeper's and a loop would notice: ignored and blocked signals.

    A process that dies writes no core file.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in _NOT_TO_BE_IGNORED:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor to a high number, where it is not inherited by what the process starts."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    high = _HIGH if limit == resource.RLIM_INFINITY else min(_HIGH, limit - 16)
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, high)
    os.close(descriptor)
    return moved


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _die_with_keeper() -> None:
    """Ask Linux to end this process when its keeper ends, however that happens."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
