"""Loops with one mistake each in a child's transport, for the cases of subprocess-transports.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from broken import Broken, Starting, Wrapper, Wrapping

from refloop.transports import subprocesses


class ForgetsThePid(Wrapping):
    class Transport(Wrapper):
        def get_pid(self):
            return None if self.inner.get_returncode() is not None else self.inner.get_pid()


class HalfATransport(Wrapping):
    """The pipes are read without a transport that programs could use."""

    class Transport(Wrapper):
        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            if pipe and fd:
                pipe = Wrapper(pipe)
                pipe.pause_reading = None
            return pipe


class PipesLater(Wrapping):
    """The transports of the pipes are made after the connection was announced."""

    class Transport(Wrapper):
        ready = False

        def __init__(self, inner):
            super().__init__(inner)
            asyncio.get_running_loop().call_soon(setattr, self, "ready", True)

        def get_pipe_transport(self, fd):
            return self.inner.get_pipe_transport(fd) if self.ready else None


class WritesOnceOnly(Wrapping):
    """What the pipe does not take at once is dropped."""

    class Transport(Wrapper):
        class Pipe(Wrapper):
            def write(self, data):
                with contextlib.suppress(BlockingIOError):
                    os.write(self.inner.get_extra_info("pipe").fileno(), data)

            def writelines(self, parts):
                self.write(b"".join(parts))

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.Pipe(pipe) if pipe and fd == 0 else pipe


class CannotPause(Wrapping):
    class Transport(Wrapper):
        class Pipe(Wrapper):
            paused = False

            def pause_reading(self):
                self.paused = True

            def resume_reading(self):
                self.paused = False

            def is_reading(self):
                return not self.paused

        def __init__(self, inner):
            super().__init__(inner)
            self.pipes = {}

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.pipes.setdefault(fd, self.Pipe(pipe)) if pipe and fd else pipe


class RaisesForNoPipe(Wrapping):
    class Transport(Wrapper):
        def get_pipe_transport(self, fd):
            if not (pipe := self.inner.get_pipe_transport(fd)):
                raise KeyError(fd)
            return pipe


class ZeroWhileItRuns(Wrapping):
    class Transport(Wrapper):
        def get_returncode(self):
            return self.inner.get_returncode() or 0


class KnowsTooLate(Wrapping):
    """The return code is there only when the connection is lost."""

    class Transport(Wrapper):
        def get_returncode(self):
            return self.inner.get_returncode() if self.inner.is_closing() else None


class CodesOfAShell(Wrapping):
    class Transport(Wrapper):
        def get_returncode(self):
            code = self.inner.get_returncode()
            return code if code is None or code >= 0 else 128 - code


class RawStatus(Wrapping):
    class Transport(Wrapper):
        def get_returncode(self):
            code = self.inner.get_returncode()
            return code if code is None else code << 8 if code >= 0 else -code


class SignalWatch:
    """Learns of the end of a child by SIGCHLD, as libuv does."""

    def __init__(self, loop, process, ended):
        self.loop, self.process, self.ended = loop, process, ended
        if not hasattr(loop, "children"):
            loop.children = []
        self.begin()

    def begin(self):
        self.loop.children.append(self)
        self.loop.add_signal_handler(signal.SIGCHLD, self.look)

    def look(self):
        for watch in [watch for watch in self.loop.children if watch.has_ended()]:
            watch.close()
            watch.ended()

    def has_ended(self):
        return self.process.poll() is not None

    def close(self):
        self.loop.children.remove(self)
        if not self.loop.children:
            self.loop.remove_signal_handler(signal.SIGCHLD)


class BySignal(Starting):
    Watch: type = SignalWatch

    async def start(self, start, factory, command, options):
        before, subprocesses.ExitWatch = subprocesses.ExitWatch, self.Watch
        try:
            return await start(factory, *command, **options)
        finally:
            subprocesses.ExitWatch = before


class OneForEachSignal(BySignal):
    class Watch(SignalWatch):
        def look(self):
            for watch in self.loop.children:
                if watch.has_ended():
                    watch.close()
                    watch.ended()
                    return


class BeginsToWatchLater(BySignal):
    class Watch(SignalWatch):
        def begin(self):
            self.loop.call_later(0.001, super().begin)


class WaitsForEveryone(BySignal):
    class Watch(SignalWatch):
        def look(self):
            with contextlib.suppress(ChildProcessError):
                while (found := os.waitpid(-1, os.WNOHANG))[0]:
                    for watch in self.loop.children:
                        if watch.process.pid == found[0]:
                            watch.process.returncode = os.waitstatus_to_exitcode(found[1])
            super().look()

        def has_ended(self):
            return self.process.returncode is not None


def read_status(transport):
    """Read the exit status of a child that has ended, and forget it."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(transport.get_pid(), os.WNOHANG)


class LooksBeforeItSignals(Wrapping):
    class Transport(Wrapper):
        def send_signal(self, number):
            read_status(self.inner)
            self.inner.send_signal(number)

        def terminate(self):
            self.send_signal(signal.SIGTERM)

        def kill(self):
            self.send_signal(signal.SIGKILL)


class LooksBeforeItCloses(Wrapping):
    class Transport(Wrapper):
        def close(self):
            read_status(self.inner)
            self.inner.close()


class KillsGently(Wrapping):
    class Transport(Wrapper):
        def kill(self):
            self.inner.terminate()


class TerminatesByForce(Wrapping):
    class Transport(Wrapper):
        def terminate(self):
            self.inner.kill()


class KnowsTwoSignals(Wrapping):
    class Transport(Wrapper):
        def send_signal(self, number):
            self.inner.kill() if number == signal.SIGKILL else self.inner.terminate()


class NumbersOnly(Wrapping):
    class Transport(Wrapper):
        def send_signal(self, number):
            if type(number) is not int:
                raise TypeError("a number is required")
            self.inner.send_signal(number)


class NothingLeftToSignal(Wrapping):
    class Transport(Wrapper):
        def _send(self, name, *args):
            if self.inner.get_returncode() is not None:
                raise AttributeError(f"'NoneType' object has no attribute {name!r}")
            getattr(self.inner, name)(*args)

        def send_signal(self, number):
            self._send("send_signal", number)

        def terminate(self):
            self._send("terminate")

        def kill(self):
            self._send("kill")


class LeavesAZombie(Wrapping):
    """Once it is closed, nobody waits for the child."""

    class Transport(Wrapper):
        def close(self):
            self.inner.set_protocol(asyncio.SubprocessProtocol())
            self.inner.close()


class KillsOnly(Wrapping):
    class Transport(Wrapper):
        def close(self):
            if self.inner.get_returncode() is None:
                self.inner.kill()


class ClosesOnce(Wrapping):
    class Transport(Wrapper):
        closed = False

        def close(self):
            if self.closed:
                raise RuntimeError("it was closed before")
            self.closed = True
            self.inner.close()


class ClosingWhenItHasEnded(Wrapping):
    class Transport(Wrapper):
        def is_closing(self):
            return self.inner.get_returncode() is not None


class KeepsItsProtocol(Wrapping):
    class Transport(Wrapper):
        def get_protocol(self):
            return self.inner.get_protocol().inner

        def set_protocol(self, protocol):
            pass


class KnowsItselfOnly(Wrapping):
    class Transport(Wrapper):
        def get_extra_info(self, name, default=None):
            return self.inner


TABLE: dict[str, list[Broken]] = {
    "subprocess-transport.get-pid/while-it-runs-and-afterwards": [Broken("ForgetsThePid")],
    "subprocess-transport.get-pipe-transport/with-their-methods": [Broken("HalfATransport")],
    "subprocess-transport.get-pipe-transport/already-in-connection-made": [Broken("PipesLater")],
    "subprocess-transport.get-pipe-transport/for-writing-more-than-a-pipe-holds": [Broken("WritesOnceOnly")],
    "subprocess-transport.get-pipe-transport/for-reading-with-pauses": [Broken("CannotPause")],
    "subprocess-transport.get-pipe-transport.none/each-kind-of-stream-and-other-numbers": [Broken("RaisesForNoPipe")],
    "subprocess-transport.get-returncode/none-while-it-runs": [Broken("ZeroWhileItRuns"), Broken("KnowsTooLate")],
    "subprocess-transport.get-returncode/exit-statuses-and-signals": [Broken("CodesOfAShell"), Broken("RawStatus")],
    "subprocess-transport.get-returncode/of-a-child-that-ends-at-once": [Broken("BeginsToWatchLater", hangs=True)],
    "subprocess-transport.get-returncode/of-many-at-once": [Broken("OneForEachSignal", hangs=True)],
    "subprocess-transport.get-returncode/though-it-is-signalled-after-its-end": [Broken("LooksBeforeItSignals")],
    "subprocess-transport.get-returncode/though-it-is-closed-after-its-end": [Broken("LooksBeforeItCloses")],
    "subprocess-transport.sigchld/by-a-handler-that-comes-later": [Broken("BySignal", hangs=True)],
    "subprocess-transport.others-children/of-the-module-subprocess": [Broken("WaitsForEveryone")],
    "subprocess-transport.kill/which-it-cannot-ignore": [Broken("KillsGently", hangs=True)],
    "subprocess-transport.terminate/which-it-can-handle": [Broken("TerminatesByForce")],
    "subprocess-transport.send-signal/by-its-number-or-its-name-in-signal": [
        Broken("KnowsTwoSignals", hangs=True),
        Broken("NumbersOnly"),
    ],
    "subprocess-transport.signals.ended/nothing-or-a-lookup-error": [Broken("NothingLeftToSignal")],
    "subprocess-transport.close.kills/and-the-loop-waits-for-it": [Broken("LeavesAZombie", hangs=True)],
    "subprocess-transport.close.pipes/each-of-the-three": [Broken("KillsOnly")],
    "subprocess-transport.close.pipes/though-a-grandchild-holds-the-other-side": [Broken("KillsOnly", hangs=True)],
    "subprocess-transport.close.again/twice-and-afterwards": [Broken("ClosesOnce")],
    "subprocess-transport.is-closing/from-close-on": [Broken("ClosingWhenItHasEnded")],
    "subprocess-transport.protocol/callbacks-of-the-child-and-of-its-pipes": [Broken("KeepsItsProtocol", hangs=True)],
    "subprocess-transport.extra-info/of-this-child-or-the-default": [Broken("KnowsItselfOnly")],
}
