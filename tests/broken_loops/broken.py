"""What the tables say about a broken loop, and what several of these loops derive from."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import refloop


class Broken(NamedTuple):
    """A factory that a table's module defines, and when what is wrong with it can be seen."""

    loop: str
    policy: str = ""
    """The factory of the event loop policy to which the mistake belongs, where it is not the loop's."""
    since: str = "3.10"
    until: str = ""
    """The first and the last Python whose asyncio has what the mistake is made in; empty for no last one."""
    hangs: bool = False
    """Whether the mistake is that a case does not end: only then does that prove anything."""

    def here(self) -> bool:
        """Whether this Python can show the mistake."""
        return _number(self.since) <= sys.version_info[:2] <= (_number(self.until) if self.until else (9, 0))


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


class SelectorLoop(asyncio.SelectorEventLoop):
    """CPython's loop with the inner structure of its newer versions, for mistakes that are made in between."""

    if sys.version_info < (3, 13):

        def run_forever(self):
            self._run_forever_setup()
            try:
                while True:
                    self._run_once()
                    if self._stopping:
                        break
            finally:
                self._run_forever_cleanup()

        def _run_forever_setup(self):
            self._check_closed()
            self._check_running()
            self._hooks = sys.get_asyncgen_hooks()
            self._set_coroutine_origin_tracking(self._debug)
            self._thread_id = threading.get_ident()
            sys.set_asyncgen_hooks(self._asyncgen_firstiter_hook, self._asyncgen_finalizer_hook)
            asyncio._set_running_loop(self)

        def _run_forever_cleanup(self):
            self._stopping = False
            self._thread_id = None
            asyncio._set_running_loop(None)
            self._set_coroutine_origin_tracking(False)
            sys.set_asyncgen_hooks(*self._hooks)

    if sys.version_info < (3, 12):

        async def shutdown_default_executor(self, timeout=None):
            await super().shutdown_default_executor()


def transports(mistake: type) -> Callable[[], Any]:
    """Return the factory of a reference loop each of whose transports derives from the class `mistake` first.

    It changes what refloop's modules make. Each broken loop is played in processes of its own.
    """
    from refloop import ReferenceLoop, working_with_pipes
    from refloop.transports import opening
    from refloop.transports.pipes import ReadPipeTransport, WritePipeTransport
    from refloop.transports.streams import StreamTransport

    def factory() -> Any:
        opening.StreamTransport = type("Stream", (mistake, StreamTransport), {})
        working_with_pipes.ReadPipeTransport = type("Reading", (mistake, ReadPipeTransport), {})
        working_with_pipes.WritePipeTransport = type("Writing", (mistake, WritePipeTransport), {})
        return ReferenceLoop()

    return factory


def datagrams(mistake: type) -> Callable[[], Any]:
    """Return the same for datagram transports."""
    from refloop import ReferenceLoop, datagram_endpoints
    from refloop.transports.datagrams import DatagramTransport

    def factory() -> Any:
        datagram_endpoints.DatagramTransport = type("Datagrams", (mistake, DatagramTransport), {})
        return ReferenceLoop()

    return factory


class Starting(refloop.ReferenceLoop):
    """Both ways to start a child go through `start`, for mistakes that they have in common."""

    async def subprocess_exec(self, factory, *command, **options):
        return await self.start(super().subprocess_exec, factory, command, options)

    async def subprocess_shell(self, factory, cmd, **options):
        return await self.start(super().subprocess_shell, factory, (cmd,), options)

    async def start(self, start, factory, command, options):
        return await start(factory, *command, **options)


class Wrapper:
    """Stands for a transport, but for what a subclass does otherwise."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Between(Wrapper, asyncio.SubprocessProtocol):
    """Stands for a child's protocol, but for what a subclass does otherwise."""

    def connection_made(self, transport):
        self.inner.connection_made(transport)

    def connection_lost(self, error):
        self.inner.connection_lost(error)

    def pause_writing(self):
        self.inner.pause_writing()

    def resume_writing(self):
        self.inner.resume_writing()

    def pipe_data_received(self, descriptor, data):
        self.inner.pipe_data_received(descriptor, data)

    def pipe_connection_lost(self, descriptor, error):
        self.inner.pipe_connection_lost(descriptor, error)

    def process_exited(self):
        self.inner.process_exited()


class Wrapping(Starting):
    """Puts `Transport` in place of a child's transport, and `Protocol` in place of its protocol."""

    Transport: type[Wrapper] = Wrapper
    Protocol: type[Between] = Between

    async def start(self, start, factory, command, options):
        wrap = self.Transport
        wrapped = []

        class Protocol(self.Protocol):
            def connection_made(self, transport):
                wrapped.append(wrap(transport))
                super().connection_made(wrapped[0])

        protocol = factory()
        await start(lambda: Protocol(protocol), *command, **options)
        return wrapped[0], protocol
