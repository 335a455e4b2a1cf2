"""Running subprocesses.

library/asyncio-eventloop.html#running-subprocesses
"""

import asyncio
import subprocess
from collections.abc import Callable
from typing import Any, TypeVar

from refloop.chapter import Chapter
from refloop.transports.opening import completed
from refloop.transports.subprocesses import ChildTransport

P = TypeVar("P", bound=asyncio.BaseProtocol)

# What Popen would do with these needs file objects of its own between us and the pipes.
NOT_OURS = ("universal_newlines", "text", "encoding", "errors", "bufsize")


class RunningSubprocesses(Chapter):
    """subprocess_exec() and subprocess_shell()."""

    async def subprocess_exec(
        self,
        protocol_factory: Callable[[], P],
        *args: Any,
        stdin: Any = subprocess.PIPE,  # rule: subprocess-exec.streams.default
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
        **kwargs: Any,
    ) -> tuple[asyncio.SubprocessTransport, P]:
        """Start the program args[0] with the arguments *args*; return transport and protocol.

        All other keyword arguments go to subprocess.Popen. ValueError for those that ask for text, a shell or a
        buffer, TypeError if an argument is neither str nor bytes, OSError if the program can't be started.

        library/asyncio-eventloop.html#asyncio.loop.subprocess_exec
        """
        if not args:
            raise TypeError("the program to be started is missing")  # rule: subprocess-exec.args.other-types
        pipes = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        # rule: subprocess-exec.argv, subprocess-exec.args.str-and-bytes
        return await self._start_child(protocol_factory, list(args), False, pipes, kwargs)

    async def subprocess_shell(
        self,
        protocol_factory: Callable[[], P],
        cmd: str | bytes,
        *,
        stdin: Any = subprocess.PIPE,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
        **kwargs: Any,
    ) -> tuple[asyncio.SubprocessTransport, P]:
        """Let the shell run the command *cmd*; return transport and protocol. The rest is as with subprocess_exec().

        library/asyncio-eventloop.html#asyncio.loop.subprocess_shell
        """
        if not isinstance(cmd, (str, bytes)):
            # rule: subprocess-shell.cmd.other-types
            raise ValueError(f"a command is str or bytes, not {cmd!r}")
        pipes = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        # rule: subprocess-shell.cmd, subprocess-shell.cmd.str-and-bytes, subprocess-shell.remaining-arguments
        return await self._start_child(protocol_factory, cmd, True, pipes, kwargs)

    async def _start_child(
        self,
        protocol_factory: Callable[[], P],
        command: str | bytes | list[Any],
        shell: bool,
        pipes: dict[str, Any],
        kwargs: dict[str, Any],
    ) -> tuple[asyncio.SubprocessTransport, P]:
        for name in NOT_OURS:
            # rule: subprocess-exec.refused, process.no-universal-newlines, process.no-universal-newlines.refused
            if kwargs.pop(name, None):
                raise ValueError(f"{name} can't be chosen: pipes carry bytes, without a buffer")
        if kwargs.pop("shell", shell) != shell:
            raise ValueError("shell can't be chosen: subprocess_exec() has none, subprocess_shell() has one")
        protocol = protocol_factory()  # rule: subprocess-exec.protocol-factory, subprocess-shell.protocol-factory
        # rule: subprocess-exec.creates, subprocess-exec.popen, subprocess-exec.streams.bytes
        process = subprocess.Popen(command, shell=shell, bufsize=0, **pipes, **kwargs)
        ready = self.create_future()
        transport = ChildTransport(self, process, protocol, ready)
        await completed(ready, transport)  # rule: subprocess-exec.cancelled
        return transport, protocol  # rule: subprocess-exec.returns, subprocess-shell.returns
