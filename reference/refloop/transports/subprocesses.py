"""Subprocess transports: a child process, and the pipes to it."""

import asyncio
import signal
import subprocess
import warnings
from typing import Any, Final

from refloop.transports.child_exits import ExitWatch
from refloop.transports.pipes import ReadPipeTransport, WritePipeTransport

# RUNNING until the process ends; EXITED while a pipe is still open, which a child of the child may hold; ENDED when
# connection_lost() was called.
RUNNING: Final = "running"
EXITED: Final = "exited"
ENDED: Final = "ended"


class ChildTransport(asyncio.SubprocessTransport):
    """A transport for the child *process*. *ready* is done when connection_made() was called.

    library/asyncio-protocol.html#subprocess-transports
    """

    state: str = ENDED  # as long as the constructor has not come to its end

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        process: "subprocess.Popen[bytes]",
        protocol: asyncio.BaseProtocol,
        ready: "asyncio.Future[None]",
    ) -> None:
        self._loop = loop
        self._process = process
        self._protocol: Any = protocol
        self._closing = False
        self._waiting: list[asyncio.Future[int]] = []
        self.state = RUNNING
        self._pipes: dict[int, Any] = {}
        self._open_pipes: set[int] = set()
        for fd, pipe in enumerate((process.stdin, process.stdout, process.stderr)):
            if pipe is not None:
                kind = WritePipeTransport if fd == 0 else ReadPipeTransport
                # rule: subprocess-exec.streams.pipe, subprocess-transport.get-pipe-transport
                self._pipes[fd] = kind(loop, pipe, _PipeProtocol(self, fd))
                self._open_pipes.add(fd)
        self._watch = ExitWatch(loop, process, self._exited)
        # After the pipes have got theirs: what comes through them is only read in the turn after this one.
        # rule: subprocess-protocol.connection-made
        loop.call_soon(self._begin, ready)

    def _begin(self, ready: "asyncio.Future[None]") -> None:
        try:
            self._protocol.connection_made(self)
        finally:
            if not ready.done():
                ready.set_result(None)  # rule: subprocess-exec.returns.connected

    # -- the process -----------------------------------------------------------------------------------------

    def get_pid(self) -> int:
        """Return the process's identifier.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.get_pid
        """
        return self._process.pid  # rule: subprocess-transport.get-pid, process.pid

    def get_returncode(self) -> int | None:
        """Return the process's return code; None while it runs.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.get_returncode
        """
        # rule: subprocess-transport.get-returncode, process.returncode, process.returncode.signal
        return self._process.returncode

    def send_signal(self, signal: int) -> None:
        """Send the signal number *signal* to the process; without effect if that has ended.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.send_signal
        """
        # rule: subprocess-transport.send-signal, subprocess-transport.signals.ended, process.send-signal
        self._process.send_signal(signal)

    def terminate(self) -> None:
        """Send SIGTERM, as send_signal() does.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.terminate
        """
        self.send_signal(signal.SIGTERM)  # rule: subprocess-transport.terminate, process.terminate

    def kill(self) -> None:
        """Send SIGKILL, as send_signal() does.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.kill
        """
        self.send_signal(signal.SIGKILL)  # rule: subprocess-transport.kill, process.kill

    def _exited(self) -> None:
        self._process.poll()
        self.state = EXITED
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(self._process.returncode)  # rule: process.wait
        try:
            self._protocol.process_exited()  # rule: subprocess-protocol.process-exited
        finally:
            self._end_if_over()

    async def _wait(self) -> int:
        """Return the return code once there is one: what asyncio.subprocess.Process.wait() waits for."""
        if self.state is RUNNING:
            waiting = self._loop.create_future()
            self._waiting.append(waiting)
            await waiting  # rule: process.wait.asynchronous, process.no-timeout
        return self._process.returncode

    # -- the pipes -------------------------------------------------------------------------------------------

    def get_pipe_transport(self, fd: int) -> Any:
        """Return the transport of the pipe to the child's descriptor *fd*, None if there is none.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.get_pipe_transport
        """
        return self._pipes.get(fd)  # rule: subprocess-transport.get-pipe-transport.none, process.streams.none

    def pipe_lost(self, fd: int, error: BaseException | None) -> None:
        """Tell the protocol that the pipe to *fd* was closed."""
        self._open_pipes.discard(fd)
        try:
            self._protocol.pipe_connection_lost(fd, error)  # rule: subprocess-protocol.pipe-connection-lost
        finally:
            self._end_if_over()

    # -- the end ---------------------------------------------------------------------------------------------

    def _end_if_over(self) -> None:
        if self.state is EXITED and not self._open_pipes:  # rule: subprocess-protocol.connection-lost
            self.state = ENDED
            self._loop.call_soon(self._end)

    def _end(self) -> None:
        protocol = self._protocol
        self._protocol = None
        protocol.connection_lost(None)

    def is_closing(self) -> bool:
        """Return True once close() was called, or everything has ended.

        library/asyncio-protocol.html#asyncio.BaseTransport.is_closing
        """
        return self._closing or self.state is ENDED  # rule: subprocess-transport.is-closing

    def close(self) -> None:
        """Close the pipes, and kill the process if it is still running.

        library/asyncio-protocol.html#asyncio.SubprocessTransport.close
        """
        self._closing = True
        for pipe in self._pipes.values():
            pipe.close()  # rule: subprocess-transport.close.pipes
        # No signal is sent to a process that has ended.
        # rule: subprocess-transport.close.kills, subprocess-exec.killed.closed, subprocess-shell.killed.closed
        self._process.kill()  # rule: subprocess-transport.close.again

    def __del__(self) -> None:
        if self.state is ENDED:
            return
        warnings.warn(f"unclosed transport {self!r}", ResourceWarning, stacklevel=2, source=self)
        self._watch.close()
        self._process.kill()  # rule: subprocess-exec.killed.collected, subprocess-shell.killed.collected

    # -- what is known about it ------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the subprocess.Popen object if *name* is "subprocess", else *default*.

        library/asyncio-protocol.html#asyncio.BaseTransport.get_extra_info
        """
        return self._process if name == "subprocess" else default  # rule: subprocess-transport.extra-info

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* be called from now on.

        library/asyncio-protocol.html#asyncio.BaseTransport.set_protocol
        """
        self._protocol = protocol  # rule: subprocess-transport.protocol

    def get_protocol(self) -> Any:
        """Return the protocol; None after its connection_lost().

        library/asyncio-protocol.html#asyncio.BaseTransport.get_protocol
        """
        return self._protocol

    def __repr__(self) -> str:
        return f"<{type(self).__name__} pid={self._process.pid} {self.state} returncode={self.get_returncode()}>"


class _PipeProtocol(asyncio.Protocol):
    """The protocol of one pipe: it passes everything on to the child's protocol, with the descriptor *fd*."""

    def __init__(self, child: ChildTransport, fd: int) -> None:
        self._child = child
        self._fd = fd

    def data_received(self, data: bytes) -> None:
        # rule: subprocess-protocol.pipe-data-received, subprocess-protocol.pipe-data-received.bytes
        self._child.get_protocol().pipe_data_received(self._fd, data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._child.pipe_lost(self._fd, exc)

    def pause_writing(self) -> None:
        self._child.get_protocol().pause_writing()  # rule: subprocess-protocol.flow-control

    def resume_writing(self) -> None:
        self._child.get_protocol().resume_writing()
