"""How a worker process comes to be: forked from a process that has imported what it needs, or started by itself.

It is forked where that can be done, since a loop that fails cases by the dozen needs a fresh worker for each. A case
that asks for an environment which Python reads when it starts, or for strace, gets a process started for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from loopspec.isolation.channel import MARK
from loopspec.isolation.fork_server import PACKET, Fork, Wait
from loopspec.loops import Loop

CAN_FORK = sys.platform == "linux"
"""Elsewhere the libraries of the system may not bear to be forked, or do not show the mark of a process so."""

_PATIENCE = 30.0
"""Seconds in which the process to fork from must have imported what workers need, and answered."""

_BEGIN = (
    "import sys; sys.path.remove('') if '' in sys.path[:1] else None; "
    "from loopspec.isolation.{module} import main; main(*map(int, sys.argv[1:]))"
)
"""What a process runs. Its path does not begin with the current folder, where a loop's checkout may lie, not built."""

_CHANGE_WHAT_A_LOOP_DOES = (
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONOPTIMIZE",
    "PYTHONTRACEMALLOC",
    "PYTHONWARNINGS",
)
"""Variables of the user's own environment that a worker does not inherit: only a case may ask for them."""


class Process(Protocol):
    """What a keeper needs of a process: part of `subprocess.Popen`."""

    pid: int
    returncode: int | None
    """How it ended, once that has been waited for; None also if only a parent of its own knew, and is gone."""

    def kill(self) -> None:
        """Kill it, unless it has been waited for."""

    def wait(self, timeout: float) -> int | None:
        """Wait for its end and return how it ended. Raises subprocess.TimeoutExpired."""


class Starter:
    """Starts the workers of one crew, whose name begins their marks, for one loop.

    `folder` is where they put their temporary files.
    """

    def __init__(self, loop: Loop, crew: str, folder: Path) -> None:
        self.loop, self.folder, self._crew = loop, folder, crew
        self._server: _ForkServer | None = None
        self._can_fork = CAN_FORK

    def mark(self, number: int) -> str:
        """Return the mark of the crew's worker of that number: all are equally long."""
        return f"{self._crew}.{number:010}"

    def start(
        self,
        mark: str,
        environment: dict[str, str],
        before: Sequence[str],
        modules: Sequence[str],
        descriptors: tuple[int, int, int],
    ) -> Process:
        """Start a worker and give it descriptors for its channel, its output and stacks, which stay open here.

        `environment` is what it is started with besides the loop's own, `before` how its command line begins, and
        `modules` what its first case will import. Raises OSError where no process can be started.
        """
        while self._can_fork and not environment and not before:
            try:
                return self._forking().fork(Fork(mark, (*_importable(self.loop), *modules)), descriptors)
            except _LostError:
                # One that a loop has ended, whose parent it is, is started again; not so one that cannot be.
                self._can_fork = self._server is not None and self._server.has_served
                self.close()
        channel, output, stacks = descriptors
        return subprocess.Popen(
            [*before, sys.executable, "-u", "-c", _BEGIN.format(module="worker"), str(channel), str(stacks)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[channel, stacks],
            env=self._variables(mark, environment),
            start_new_session=True,
        )

    def turn_to(self, loop: Loop) -> None:
        """Start workers for another loop from now on, if it can be from the same process."""
        if loop.environment != self.loop.environment or loop.inert != self.loop.inert:
            self.close()
            self._can_fork = CAN_FORK
        self.loop = loop

    def close(self) -> None:
        """End the process from which workers are forked."""
        if self._server:
            self._server.close()
            self._server = None

    def _forking(self) -> _ForkServer:
        if self._server is None:
            try:
                self._server = _ForkServer(self._variables(self.mark(0), {}))
            except OSError as error:
                raise _LostError from error
        return self._server

    def _variables(self, mark: str, environment: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _CHANGE_WHAT_A_LOOP_DOES}
        return {**inherited, "TMPDIR": str(self.folder), **self.loop.environment, **environment, MARK: mark}


def _importable(loop: Loop) -> list[str]:
    """Return what may be imported of the loop in the process from which workers are forked."""
    return [loop.factory.partition(":")[0]] if loop.inert else []


class _LostError(Exception):
    """The process from which workers are forked does not answer."""


class _ForkServer:
    """The process from which workers are forked. Raises OSError where none can be started."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.has_served = False
        """Whether it has ever answered."""
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.settimeout(_PATIENCE)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-u", "-c", _BEGIN.format(module="fork_server"), str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environment,
                    start_new_session=True,
                )
            except BaseException:
                self._channel.close()
                raise

    def fork(self, message: Fork, descriptors: Sequence[int]) -> Process:
        """Fork a worker. Raises OSError where the system has no process for it, and _LostError."""
        process = self._ask(message, descriptors)
        assert process is not None, "None is an answer to Wait only"
        if process < 0:
            raise OSError(-process, os.strerror(-process))
        return _Forked(self, process)

    def wait(self, process: int, seconds: float) -> int | None:
        """Wait for a worker that has been killed and return how it ended, None if it has not. Raises _LostError."""
        return self._ask(Wait(process, seconds))

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _ask(self, message: Fork | Wait, descriptors: Sequence[int] = ()) -> int | None:
        try:
            socket.send_fds(self._channel, [msgspec.msgpack.encode(message)], descriptors)
            answer = self._channel.recv(PACKET)
        except OSError:
            answer = b""
        if not answer:
            # Whatever it says later would be taken for the answer to something else.
            self._channel.close()
            raise _LostError
        self.has_served = True
        return msgspec.msgpack.decode(answer, type=int | None)


class _Forked:
    """A forked process, of which only its parent can say how it ended."""

    def __init__(self, parent: _ForkServer, pid: int) -> None:
        self._parent, self.pid = parent, pid
        self._waited_for = False
        self.returncode: int | None = None

    def kill(self) -> None:
        """Kill it, unless it has been waited for."""
        if not self._waited_for:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float) -> int | None:
        """Wait for the end of what has been killed, and return how it ended. Raises subprocess.TimeoutExpired."""
        if not self._waited_for:
            with contextlib.suppress(_LostError):
                self.returncode = self._parent.wait(self.pid, timeout)
                if self.returncode is None:
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self._waited_for = True
        return self.returncode
