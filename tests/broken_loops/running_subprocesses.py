"""Loops with one mistake each in starting children, for the cases of running-subprocesses.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import warnings

from broken import Between, Broken, Starting, Wrapper


class ShellInBetween(Starting):
    async def start(self, start, factory, command, options):
        return await start(factory, "/bin/sh", "-c", '"$@"; exit $?', "sh", *command, **options)


class JoinsForAShell(Starting):
    async def subprocess_exec(self, factory, *command, **options):
        return await super().subprocess_shell(factory, " ".join(map(os.fsdecode, command)), **options)


class DropsEmptyArguments(Starting):
    async def start(self, start, factory, command, options):
        return await start(factory, *filter(None, command), **options)


class PathAsName(Starting):
    async def start(self, start, factory, command, options):
        return await start(factory, shutil.which(command[0]) or command[0], *command[1:], **options)


class EncodesStrictly(Starting):
    async def start(self, start, factory, command, options):
        encoded = [word if isinstance(word, bytes) else word.encode() for word in command]
        return await start(factory, *encoded, **options)


class DecodesWhatItGets(Starting):
    async def start(self, start, factory, command, options):
        text = [word.decode(errors="replace") if isinstance(word, bytes) else word for word in command]
        return await start(factory, *text, **options)


class WantsText(Starting):
    async def start(self, start, factory, command, options):
        if not all(isinstance(word, (str, bytes)) for word in command):
            raise ValueError("arguments are str or bytes")
        return await start(factory, *command, **options)


class TakesAnything(Starting):
    async def start(self, start, factory, command, options):
        words = [word if isinstance(word, (str, bytes)) else str(word) for word in command or ["/bin/sh"]]
        return await start(factory, *words, **options)


class LooksInItsOwnPath(Starting):
    async def start(self, start, factory, command, options):
        if not shutil.which(command[0]):
            raise FileNotFoundError(command[0])
        return await start(factory, *command, **options)


class NoPath(Starting):
    async def start(self, start, factory, command, options):
        if "/" not in os.fsdecode(command[0]):
            raise FileNotFoundError(command[0])
        return await start(factory, *command, **options)


class RuntimeErrorForAll(Starting):
    async def start(self, start, factory, command, options):
        try:
            return await start(factory, *command, **options)
        except OSError as error:
            raise RuntimeError("cannot start it") from error


class LeavesPipesOfAFailedAttempt(Starting):
    async def start(self, start, factory, command, options):
        try:
            return await start(factory, *command, **options)
        except OSError:
            os.pipe()
            raise


class MakesTwoProtocols(Starting):
    async def start(self, start, factory, command, options):
        factory()
        return await start(factory, *command, **options)


class GivesTheLoop(Starting):
    async def start(self, start, factory, command, options):
        return await start(lambda: factory(self), *command, **options)


class ReturnsItsOwnProtocol(Starting):
    async def start(self, start, factory, command, options):
        return await start(lambda: Between(factory()), *command, **options)


class LacksTerminate(Starting):
    class Transport(Wrapper):
        terminate = None

    async def start(self, start, factory, command, options):
        transport, protocol = await start(factory, *command, **options)
        return self.Transport(transport), protocol


class ReturnsBeforeItIsConnected(Starting):
    class Protocol(Between):
        def connection_made(self, transport):
            asyncio.get_running_loop().call_later(0.001, super().connection_made, transport)

    async def start(self, start, factory, command, options):
        protocol = factory()
        transport, _ = await start(lambda: self.Protocol(protocol), *command, **options)
        return transport, protocol


class ClosesThePipesOnly(Starting):
    class Transport(Wrapper):
        def close(self):
            for descriptor in range(3):
                if pipe := self.inner.get_pipe_transport(descriptor):
                    pipe.close()

    async def start(self, start, factory, command, options):
        transport, protocol = await start(factory, *command, **options)
        return self.Transport(transport), protocol


class TerminatesOnly(ClosesThePipesOnly):
    class Transport(ClosesThePipesOnly.Transport):
        def close(self):
            super().close()
            with contextlib.suppress(ProcessLookupError):
                self.inner.terminate()


class ForgetsCollectedTransports(Starting):
    """The transport that programs see is a handle: the child belongs to the loop, which never ends it."""

    class Transport(Wrapper):
        def __del__(self):
            self.inner.get_protocol()

    async def start(self, start, factory, command, options):
        transport, protocol = await start(factory, *command, **options)
        return self.Transport(transport), protocol

    def close(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            super().close()


class LeavesTheChildOfACancelledCall(Starting):
    async def start(self, start, factory, command, options):
        return await asyncio.shield(self.create_task(start(factory, *command, **options)))


class SplitsTheCommand(Starting):
    async def subprocess_shell(self, factory, cmd, **options):
        return await super().subprocess_exec(factory, *shlex.split(os.fsdecode(cmd)), **options)


class RunsLists(Starting):
    async def subprocess_shell(self, factory, cmd, **options):
        if isinstance(cmd, list):
            return await super().subprocess_exec(factory, "/bin/sh", "-c", *cmd, **options)
        return await super().subprocess_shell(factory, cmd, **options)


class ShellWithoutOptions(Starting):
    async def subprocess_shell(self, factory, cmd, **options):
        kept = {name: value for name, value in options.items() if name in ("stdin", "stdout", "stderr")}
        return await super().subprocess_shell(factory, cmd, **kept)


class ShellInherits(Starting):
    async def subprocess_shell(self, factory, cmd, *, stdin=None, stdout=subprocess.PIPE, stderr=None, **options):
        return await super().subprocess_shell(factory, cmd, stdin=stdin, stdout=stdout, stderr=stderr, **options)


class KillsByHangUp(ClosesThePipesOnly):
    class Transport(ClosesThePipesOnly.Transport):
        def close(self):
            super().close()
            with contextlib.suppress(ProcessLookupError):
                self.inner.send_signal(signal.SIGHUP)


TABLE: dict[str, list[Broken]] = {
    "subprocess-exec.creates/a-child-of-this-process": [Broken("ShellInBetween")],
    "subprocess-exec.argv/arguments-as-they-were-given": [Broken("JoinsForAShell"), Broken("DropsEmptyArguments")],
    "subprocess-exec.argv/the-name-by-which-the-program-was-called": [Broken("PathAsName")],
    "subprocess-exec.args.str-and-bytes/what-the-child-gets-in-bytes": [
        Broken("EncodesStrictly"),
        Broken("DecodesWhatItGets"),
    ],
    "subprocess-exec.args.path-like/as-the-program-and-as-an-argument": [Broken("WantsText")],
    "subprocess-exec.args.other-types/and-nothing-is-started": [Broken("TakesAnything")],
    "subprocess-exec.like-popen.path/of-this-process-or-of-env": [Broken("LooksInItsOwnPath"), Broken("NoPath")],
    "subprocess-exec.like-popen.os-error/and-nothing-is-left-of-the-attempt": [
        Broken("RuntimeErrorForAll"),
        Broken("LeavesPipesOfAFailedAttempt"),
    ],
    "subprocess-exec.protocol-factory/called-once-for-each-child": [
        Broken("MakesTwoProtocols"),
        Broken("GivesTheLoop"),
    ],
    "subprocess-exec.returns/what-the-pair-is-made-of": [
        Broken("ReturnsItsOwnProtocol"),
        Broken("LacksTerminate"),
    ],
    "subprocess-exec.returns.connected/also-for-a-child-without-pipes": [Broken("ReturnsBeforeItIsConnected")],
    "subprocess-exec.killed.closed/whatever-it-does-about-other-signals": [
        Broken("ClosesThePipesOnly", hangs=True),
        Broken("TerminatesOnly", hangs=True),
    ],
    "subprocess-exec.killed.collected/if-the-loop-does-not-hold-it": [Broken("ForgetsCollectedTransports", hangs=True)],
    "subprocess-exec.cancelled/before-it-has-returned": [Broken("LeavesTheChildOfACancelledCall", hangs=True)],
    "subprocess-shell.cmd/by-the-syntax-of-the-shell": [Broken("SplitsTheCommand")],
    "subprocess-shell.cmd.str-and-bytes/what-the-shell-gets-in-bytes": [
        Broken("EncodesStrictly"),
        Broken("DecodesWhatItGets"),
    ],
    "subprocess-shell.cmd.other-types/a-list-of-words": [Broken("RunsLists")],
    "subprocess-shell.protocol-factory/called-once-for-each-child": [
        Broken("MakesTwoProtocols"),
        Broken("GivesTheLoop"),
    ],
    "subprocess-shell.remaining-arguments/streams-and-arguments-of-popen": [
        Broken("ShellWithoutOptions"),
        Broken("ShellInherits"),
    ],
    "subprocess-shell.returns/what-the-pair-is-made-of": [Broken("ReturnsItsOwnProtocol"), Broken("LacksTerminate")],
    "subprocess-shell.killed.closed/though-it-heeds-no-other-signal": [
        Broken("ClosesThePipesOnly", hangs=True),
        Broken("KillsByHangUp", hangs=True),
    ],
    "subprocess-shell.killed.collected/if-the-loop-does-not-hold-it": [
        Broken("ForgetsCollectedTransports", hangs=True)
    ],
}
