"""Loops with one mistake each in a child's streams, for the cases of running-subprocesses-streams.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys

from broken import Between, Broken, Starting

NAMES = ("stdin", "stdout", "stderr")


class Streams(Starting):
    """Each of the three streams passes by `stream`, where a mistake can be made."""

    async def start(self, start, factory, command, options):
        streams = {name: options.pop(name, subprocess.PIPE) for name in NAMES}
        changed = {name: self.stream(name, value) for name, value in streams.items()}
        return await start(factory, *command, **changed, **options)

    def stream(self, name, value):
        return value


class ErrorsIntoTheOutput(Streams):
    def stream(self, name, value):
        return subprocess.STDOUT if name == "stderr" and value == subprocess.PIPE else value


class SocketsForPipes(Starting):
    """As where the far ends are made by socketpair()."""

    async def start(self, start, factory, command, options):
        pairs = {}
        for name in NAMES:
            if options.get(name) == subprocess.PIPE:
                pairs[name] = socket.socketpair()
                options[name] = pairs[name][1]
        try:
            return await start(factory, *command, **options)
        finally:
            for near, far in pairs.values():
                near.close()
                far.close()


class PopensDefaults(Starting):
    async def start(self, start, factory, command, options):
        return await start(factory, *command, **{**dict.fromkeys(NAMES), **options})


class NullForNone(Streams):
    def stream(self, name, value):
        return subprocess.DEVNULL if value is None else value


class SysForNone(Streams):
    def stream(self, name, value):
        return getattr(sys, name).fileno() if value is None else value


class InheritsForNull(Streams):
    def stream(self, name, value):
        return None if value == subprocess.DEVNULL else value


class PipeForStdout(Streams):
    def stream(self, name, value):
        return subprocess.PIPE if value == subprocess.STDOUT else value


class InheritsForStdout(Streams):
    def stream(self, name, value):
        return None if value == subprocess.STDOUT else value


class ConstantsOnly(Streams):
    def stream(self, name, value):
        if not (value is None or isinstance(value, int)):
            raise ValueError(f"{name} must be a constant or a descriptor")
        return value


class PipesAndSocketsOnly(Streams):
    def stream(self, name, value):
        if isinstance(value, io.IOBase) and value.seekable():
            raise ValueError(f"{name} is neither a pipe nor a socket")
        return value


class KeepsTheFile(Streams):
    """The child's end stays open here: nobody sees the end of the pipe."""

    kept: list[int]

    def stream(self, name, value):
        if isinstance(value, io.IOBase):
            self.kept = [*getattr(self, "kept", []), os.dup(value.fileno())]
        return value


class FilesOnly(Streams):
    def stream(self, name, value):
        if isinstance(value, int) and value >= 0:
            raise TypeError(f"{name} must be a file, not a number")
        return value


class ClosesWhatItWasGiven(Streams):
    async def start(self, start, factory, command, options):
        started = await super().start(start, factory, command, options)
        for value in options.values():
            if type(value) is int and value >= 0:
                os.close(value)
        return started

    def stream(self, name, value):
        return os.dup(value) if type(value) is int and value >= 0 else value


class TranslatesLineEnds(Starting):
    class Protocol(Between):
        def pipe_data_received(self, descriptor, data):
            super().pipe_data_received(descriptor, data.replace(b"\r\n", b"\n"))

    async def start(self, start, factory, command, options):
        return await start(lambda: self.Protocol(factory()), *command, **options)


class GivesByteArrays(Starting):
    class Protocol(Between):
        def pipe_data_received(self, descriptor, data):
            super().pipe_data_received(descriptor, bytearray(data))

    async def start(self, start, factory, command, options):
        protocol = factory()
        transport, _ = await start(lambda: self.Protocol(protocol), *command, **options)
        return transport, protocol


class KeepsBackWhatIsSmall(Starting):
    class Protocol(Between):
        def __init__(self, inner):
            super().__init__(inner)
            self.kept = {}

        def pipe_data_received(self, descriptor, data):
            self.kept[descriptor] = self.kept.get(descriptor, b"") + data

        def connection_lost(self, error):
            for descriptor, data in sorted(self.kept.items()):
                super().pipe_data_received(3 - descriptor, data)
            super().connection_lost(error)

    async def start(self, start, factory, command, options):
        protocol = factory()
        transport, _ = await start(lambda: self.Protocol(protocol), *command, **options)
        return transport, protocol


TABLE: dict[str, list[Broken]] = {
    "subprocess-exec.streams.pipe/all-three-at-once": [Broken("ErrorsIntoTheOutput"), Broken("KeepsBackWhatIsSmall")],
    "subprocess-exec.streams.pipe/a-pipe-and-nothing-like-it": [Broken("SocketsForPipes")],
    "subprocess-exec.streams.default/which-is-not-that-of-popen": [Broken("PopensDefaults")],
    "subprocess-exec.streams.none/for-reading": [Broken("NullForNone"), Broken("SysForNone")],
    "subprocess-exec.streams.none/for-writing": [Broken("NullForNone"), Broken("SysForNone")],
    "subprocess-exec.streams.devnull/each-of-the-three": [Broken("InheritsForNull")],
    "subprocess-exec.streams.stdout/wherever-that-is": [Broken("PipeForStdout"), Broken("InheritsForStdout")],
    "subprocess-exec.streams.file/of-a-pipe": [Broken("ConstantsOnly")],
    "subprocess-exec.streams.file/of-a-regular-file": [Broken("PipesAndSocketsOnly")],
    "subprocess-exec.streams.file.other-side/of-its-input-and-of-its-output": [Broken("KeepsTheFile", hangs=True)],
    "subprocess-exec.stdin.descriptor/and-stays-open-here": [Broken("FilesOnly"), Broken("ClosesWhatItWasGiven")],
    "subprocess-exec.output.descriptor/as-with-popen": [Broken("FilesOnly")],
    "subprocess-exec.streams.bytes/every-byte-both-ways": [Broken("TranslatesLineEnds"), Broken("GivesByteArrays")],
}
