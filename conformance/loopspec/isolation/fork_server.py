"""The process from which workers are forked, so that none of them has to import again what all of them need.

Of the loop under test it imports only what is known to be `inert` (see `loopspec.loops`): another loop's package may
start threads or open descriptors, which no fork survives.

`main` is called with the number of a descriptor: a socket on which it is told what to do (see
`loopspec.isolation.starting`). When its keeper closes the other end, the process ends the workers that are left, and
itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import importlib
import os
import signal
import socket
import sys
import time
import traceback

import msgspec

from loopspec.isolation import worker
from loopspec.isolation.channel import MARK

PACKET = 4096
"""Bytes that no message is longer than."""


class Fork(msgspec.Struct, frozen=True, tag="fork"):
    """Fork a worker with this mark. Three descriptors come with it: its channel, its output, and where stacks go.

    The answer is its process id, or the error number of what went wrong as a negative one.
    """

    mark: str
    modules: tuple[str, ...]
    """What it will import, and is imported before the first such fork, once for all."""


class Wait(msgspec.Struct, frozen=True, tag="wait"):
    """Wait so many seconds for the end of a worker that has been killed.

    The answer is as `subprocess.Popen.returncode`: None if it has not ended, stuck in the kernel.
    """

    process: int
    seconds: float


# What is made here is not made anew in each worker.
_MESSAGES = msgspec.msgpack.Decoder(Fork | Wait)
_find = ctypes.CDLL(None).getenv
_find.argtypes, _find.restype = [ctypes.c_char_p], ctypes.c_void_p


def main(channel: int) -> None:
    """Serve the keeper at the other end of the socket `channel` until it is closed."""
    if len(os.listdir("/proc/self/task")) > 1:
        os._exit(1)  # what runs whenever Python starts here has begun a thread, which may hold a lock at any moment
    keeper = socket.socket(fileno=channel)
    workers: set[int] = set()
    tried: set[str] = set()
    _freeze()
    answer: int | None
    while (received := socket.recv_fds(keeper, PACKET, 3))[0]:
        message, descriptors = _MESSAGES.decode(received[0]), received[1]
        if isinstance(message, Wait):
            answer = _wait(message.process, message.seconds)
            if answer is not None:
                workers.discard(message.process)
        else:
            if missing := [module for module in message.modules if module not in tried]:
                _import(missing)
                tried.update(missing)
            answer = _fork(message.mark, descriptors, keeper)
            if answer > 0:
                workers.add(answer)
        keeper.send(msgspec.msgpack.encode(answer))
    for process in workers:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
    os._exit(0)


def _import(modules: list[str]) -> None:
    """Import what can be imported; a worker that needs the rest will say why it cannot."""
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    _freeze()


def _freeze() -> None:
    """Let no collection look again at what is there now, which would copy the memory it is in."""
    gc.collect()
    gc.freeze()


def _wait(process: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while not (ended := os.waitpid(process, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            return None
        time.sleep(0.001)
    return os.waitstatus_to_exitcode(ended[1])


def _fork(mark: str, descriptors: list[int], keeper: socket.socket) -> int:
    try:
        process = os.fork()
    except OSError as error:
        process = -(error.errno or errno.EAGAIN)
    if process == 0:
        keeper.close()
        _be_a_worker(mark, *descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    return process


def _be_a_worker(mark: str, channel: int, output: int, stacks: int) -> None:
    try:
        os.setsid()
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)
        _bear(mark)
        worker.serve(channel, stacks)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _bear(mark: str) -> None:
    """Change the mark with which this process was started for one as long, as if it had been started with that.

    What the system shows as the environment of a process is the memory where it stood in the beginning.
    """
    ctypes.memmove(_find(MARK.encode()), mark.encode(), len(mark))
    os.environ[MARK] = mark
