"""Loops with one mistake each in what asyncio's own functions need, for the cases of asyncio-subprocess.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import asyncio
import subprocess
import threading

from broken import Between, Broken, Starting, Wrapper, Wrapping
from subprocess_transports import PipesLater

__all__ = ["PipesLater"]


class OneAfterTheOther(Starting):
    def __init__(self):
        super().__init__()
        self._free = asyncio.Lock()

    async def start(self, start, factory, command, options):
        await self._free.acquire()

        class Protocol(Between):
            def connection_lost(this, error):  # noqa: N805 - `self` is the loop around it
                self._free.release()
                super().connection_lost(error)

        protocol = factory()
        transport, _ = await start(lambda: Protocol(protocol), *command, **options)
        return transport, protocol


class NoPid(Wrapping):
    class Transport(Wrapper):
        def get_pid(self):
            return None


class PipesForNone(Starting):
    async def start(self, start, factory, command, options):
        streams = {name: options.get(name) or subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return await start(factory, *command, **{**options, **streams})


class ReadsOnce(Wrapping):
    """Of a pipe no more is read than what a small buffer holds."""

    class Protocol(Between):
        def __init__(self, inner):
            super().__init__(inner)
            self.read = set()

        def pipe_data_received(self, descriptor, data):
            if descriptor not in self.read:
                self.read.add(descriptor)
                super().pipe_data_received(descriptor, data[:8])


class DropsWhatComesWhilePaused(Wrapping):
    class Transport(Wrapper):
        class Pipe(Wrapper):
            paused = False

            def pause_reading(self):
                self.paused = True

            def resume_reading(self):
                self.paused = False

        def __init__(self, inner):
            super().__init__(inner)
            self.pipes = {
                fd: self.Pipe(inner.get_pipe_transport(fd)) for fd in range(3) if inner.get_pipe_transport(fd)
            }

        def get_pipe_transport(self, fd):
            return self.pipes.get(fd)

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport
            super().connection_made(transport)

        def pipe_data_received(self, descriptor, data):
            for begin in range(0, len(data), 1000):
                if not self.transport.get_pipe_transport(descriptor).paused:
                    super().pipe_data_received(descriptor, data[begin : begin + 1000])


class WithoutOptions(Starting):
    async def start(self, start, factory, command, options):
        kept = {name: value for name, value in options.items() if name in ("stdin", "stdout", "stderr")}
        return await start(factory, *command, **kept)


class ShellWithoutPipes(Starting):
    async def subprocess_shell(self, factory, cmd, **options):
        return await super().subprocess_shell(factory, cmd, **{**options, "stderr": subprocess.STDOUT})


class DropsWhatIsLarge(Wrapping):
    """The pipe takes what fits and forgets the rest."""

    class Transport(Wrapper):
        class Pipe(Wrapper):
            def write(self, data):
                self.inner.write(data[:65536])

        def get_pipe_transport(self, fd):
            pipe = self.inner.get_pipe_transport(fd)
            return self.Pipe(pipe) if pipe and fd == 0 else pipe


class TwoStreamsForOne(Starting):
    async def start(self, start, factory, command, options):
        if options.get("stderr") == subprocess.STDOUT:
            options["stderr"] = subprocess.PIPE
        return await start(factory, *command, **options)


class ClosedForNull(Starting):
    async def start(self, start, factory, command, options):
        closed = []
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            if options.get(name) == subprocess.DEVNULL:
                closed.append(f"{number}>&-")
        return await start(factory, "/bin/sh", "-c", f'exec "$@" {" ".join(closed)}', "sh", *command, **options)


class MainThreadOnly(Starting):
    async def start(self, start, factory, command, options):
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are watched in the main thread only")
        return await start(factory, *command, **options)


TABLE: dict[str, list[Broken]] = {
    "asyncio-subprocess.in-parallel/each-waits-for-all": [Broken("OneAfterTheOther", hangs=True)],
    "create-subprocess-exec.returns/of-the-child-that-runs": [Broken("NoPid")],
    "create-subprocess-exec.inherits/what-it-writes-is-seen-by-the-world": [Broken("PipesForNone")],
    "create-subprocess-exec.limit/a-line-that-is-longer": [Broken("ReadsOnce")],
    "create-subprocess-exec.limit/a-reader-that-is-slower-than-the-child": [Broken("DropsWhatComesWhilePaused")],
    "create-subprocess-exec.other-parameters/program-arguments-and-keywords": [Broken("WithoutOptions")],
    "create-subprocess-shell.runs/with-pipes-of-all-kinds": [Broken("ShellWithoutPipes")],
    "create-subprocess-shell.inherits/what-it-writes-is-seen-by-the-world": [Broken("PipesForNone")],
    "create-subprocess-shell.limit/a-line-that-is-longer": [Broken("ReadsOnce")],
    "create-subprocess-shell.other-parameters/command-and-keywords": [Broken("WithoutOptions")],
    "asyncio-subprocess.pipe.stdin/to-which-the-child-listens": [Broken("DropsWhatIsLarge")],
    "asyncio-subprocess.pipe.output/that-brings-what-the-child-says": [Broken("PipesLater")],
    "asyncio-subprocess.stdout/through-one-pipe": [Broken("TwoStreamsForOne")],
    "asyncio-subprocess.devnull/for-all-three": [Broken("ClosedForNull")],
    "asyncio-subprocess.threads/by-a-loop-that-is-not-in-the-main-thread": [Broken("MainThreadOnly")],
    "asyncio-subprocess.threads/by-several-loops-at-once": [Broken("MainThreadOnly")],
}
