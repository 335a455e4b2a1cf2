"""Loops with one mistake each in what a Process needs, for the cases of asyncio-subprocess-process.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess

from broken import Between, Broken, Starting, Wrapper, Wrapping
from subprocess_protocols import Keeping

__all__ = ["Keeping"]


class WakesOne(Wrapping):
    class Transport(Wrapper):
        waiting = False

        async def _wait(self):
            if self.waiting and self.inner.get_returncode() is None:
                await asyncio.get_running_loop().create_future()
            self.waiting = True
            return await self.inner._wait()


class WaitsForThePipes(Wrapping):
    class Transport(Wrapper):
        def __init__(self, inner):
            super().__init__(inner)
            self.over = asyncio.Event()

        async def _wait(self):
            await self.over.wait()
            return await self.inner._wait()

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport
            super().connection_made(transport)

        def connection_lost(self, error):
            self.transport.over.set()
            super().connection_lost(error)


class WaitsWithoutTheLoop(Wrapping):
    class Transport(Wrapper):
        async def _wait(self):
            os.waitid(os.P_PID, self.inner.get_pid(), os.WEXITED | os.WNOWAIT)
            return await self.inner._wait()


class CancelsTheChild(Wrapping):
    """Whoever stops to wait ends the child."""

    class Transport(Wrapper):
        async def _wait(self):
            try:
                return await self.inner._wait()
            except asyncio.CancelledError:
                self.inner.terminate()
                raise

        class Pipe(Wrapper):
            def close(self):
                self.inner.close()

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport
            super().connection_made(transport)

        def pipe_connection_lost(self, descriptor, error):
            if descriptor == 0 and self.transport.get_returncode() is None:
                self.transport.terminate()
            super().pipe_connection_lost(descriptor, error)


class BytesForText(Starting):
    """What asks for text is ignored."""

    async def start(self, start, factory, command, options):
        options.pop("universal_newlines", None)
        return await start(factory, *command, **options)


class HandsTextOn(Starting):
    class Protocol(Between):
        def pipe_data_received(self, descriptor, data):
            super().pipe_data_received(descriptor, data.decode())

    async def start(self, start, factory, command, options):
        if not options.pop("universal_newlines", False):
            return await start(factory, *command, **options)
        protocol = factory()
        transport, _ = await start(lambda: self.Protocol(protocol), *command, **options)
        return transport, protocol


class NeverClosesStdin(Wrapping):
    """Closing the pipe to the child waits for something to be written."""

    class Transport(Wrapper):
        class Pipe(Wrapper):
            written = False

            def write(self, data):
                self.written = self.written or bool(data)
                self.inner.write(data)

            def close(self):
                if self.written:
                    self.inner.close()

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            if pipe and fd == 0:
                self.pipe = getattr(self, "pipe", None) or self.Pipe(pipe)
                return self.pipe
            return pipe


class NeverEndsTheInput(Wrapping):
    class Transport(Wrapper):
        class Pipe(Wrapper):
            def close(self):
                pass

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.Pipe(pipe) if pipe and fd == 0 else pipe


class BlocksWhileItWrites(Wrapping):
    class Transport(Wrapper):
        class Pipe(Wrapper):
            def write(self, data):
                descriptor = self.inner.get_extra_info("pipe").fileno()
                os.set_blocking(descriptor, True)
                while data:
                    data = data[os.write(descriptor, data) :]
                os.set_blocking(descriptor, False)

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.Pipe(pipe) if pipe and fd == 0 else pipe


class OverWithTheOutput(Wrapping):
    class Transport(Wrapper):
        async def _wait(self):
            return self.inner.get_returncode()


class RuntimeErrorForABrokenPipe(Wrapping):
    class Transport(Wrapper):
        class Pipe(Wrapper):
            def write(self, data):
                if self.inner.is_closing():
                    raise RuntimeError("the handle is closed")
                self.inner.write(data)

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.Pipe(pipe) if pipe and fd == 0 else pipe

    class Protocol(Between):
        def pipe_connection_lost(self, descriptor, error):
            super().pipe_connection_lost(descriptor, error and RuntimeError("the handle is closed"))


class PipesForNone(Starting):
    async def start(self, start, factory, command, options):
        streams = {name: options.get(name) or subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return await start(factory, *command, **{**options, **streams})


class TerminatesWhateverIsAsked(Wrapping):
    class Transport(Wrapper):
        def send_signal(self, number):
            self.inner.terminate()

        def kill(self):
            self.inner.terminate()


class KillsWhateverIsAsked(Wrapping):
    class Transport(Wrapper):
        def terminate(self):
            self.inner.kill()


class PidOfAHelper(Starting):
    async def start(self, start, factory, command, options):
        if len(command) == 1:
            return await start(factory, f"/bin/sh -c '{command[0]}'; exit $?", **options)
        return await start(factory, "/bin/sh", "-c", '"$@"; exit $?', "sh", *command, **options)


class LooksWhenAsked(Wrapping):
    """The exit status is read when somebody waits."""

    class Transport(Wrapper):
        waited = False

        def get_returncode(self):
            return self.inner.get_returncode() if self.waited else None

        async def _wait(self):
            self.waited = True
            return await self.inner._wait()


class CodesOfAShell(Wrapping):
    class Transport(Wrapper):
        async def _wait(self):
            code = await self.inner._wait()
            return code if code >= 0 else 128 - code


class SignalsOfTheCommand(Wrapping):
    """A code above 128 is taken for a signal, in a shell as well."""

    class Transport(Wrapper):
        async def _wait(self):
            code = await self.inner._wait()
            return 128 - code if 128 < code < 128 + signal.NSIG else code


TABLE: dict[str, list[Broken]] = {
    "process.wait/before-and-after-the-end": [Broken("WakesOne", hangs=True)],
    "process.wait/though-its-output-is-held-open": [Broken("WaitsForThePipes", hangs=True)],
    "process.wait.asynchronous/the-child-ends-by-another-task": [Broken("WaitsWithoutTheLoop", hangs=True)],
    "process.no-timeout/and-the-child-is-there-afterwards": [Broken("CancelsTheChild")],
    "process.no-universal-newlines/bytes-or-an-error": [Broken("HandsTextOn")],
    "process.no-universal-newlines.refused/refused-by-both-functions": [Broken("BytesForText")],
    "process.communicate/all-of-it": [Broken("NeverEndsTheInput", hangs=True)],
    "process.communicate/more-than-pipes-hold-in-all-directions": [Broken("BlocksWhileItWrites", hangs=True)],
    "process.communicate/the-child-outlives-its-output": [Broken("OverWithTheOutput")],
    "process.communicate.empty-input/the-child-reads-the-end": [Broken("NeverClosesStdin", hangs=True)],
    "process.communicate.no-input/the-child-reads-the-end": [Broken("NeverClosesStdin", hangs=True)],
    "process.communicate.broken-pipe/much-input-for-a-child-that-does-not-read": [Broken("RuntimeErrorForABrokenPipe")],
    "process.communicate.broken-pipe/input-for-a-child-that-has-ended": [Broken("RuntimeErrorForABrokenPipe")],
    "process.communicate.none/of-each-of-the-two": [Broken("PipesForNone")],
    "process.send-signal/one-that-the-other-methods-do-not-send": [Broken("TerminatesWhateverIsAsked")],
    "process.terminate/which-it-can-handle": [Broken("KillsWhateverIsAsked")],
    "process.kill/which-it-cannot-ignore": [Broken("TerminatesWhateverIsAsked", hangs=True)],
    "process.streams.none/beside-one-that-is-not": [Broken("PipesForNone", hangs=True)],
    "process.streams.dialogue/question-and-answer": [Broken("Keeping", hangs=True)],
    "process.pid/as-the-process-itself-knows-it": [Broken("PidOfAHelper")],
    "process.returncode/without-any-wait": [Broken("LooksWhenAsked", hangs=True)],
    "process.returncode.signal/of-its-own-and-of-ours": [Broken("CodesOfAShell")],
    "process.returncode.shell/as-the-shell-has-it": [Broken("SignalsOfTheCommand")],
}
