"""Broken loops for the chapter "Working with pipes", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import io
import os
import stat

from broken import Broken

from refloop import ReferenceLoop as Base


class Either(Base):
    """A loop whose two methods have the mistake that `_connect_pipe` makes with what they do in `connect`."""

    async def connect_read_pipe(self, protocol_factory, pipe):
        return await self._connect_pipe(super().connect_read_pipe, protocol_factory, pipe)

    async def connect_write_pipe(self, protocol_factory, pipe):
        return await self._connect_pipe(super().connect_write_pipe, protocol_factory, pipe)


class WorksOnce(Either):
    """Reads, or writes, as much as can be at once, and does not watch for more."""

    async def _connect_pipe(self, connect, protocol_factory, pipe):
        transport, protocol = await connect(protocol_factory, pipe)
        self.add_reader, self.add_writer = lambda *args: None, lambda *args: None
        self.remove_reader(pipe)
        return transport, protocol


class ProbesTheFactory(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        protocol_factory()
        return await connect(protocol_factory, pipe)


class PassesThePipe(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        return await connect(lambda: protocol_factory(pipe), pipe)


class OnlyRawFiles(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        if isinstance(pipe, io.BufferedIOBase | io.TextIOBase):
            raise TypeError("an unbuffered binary file is needed")
        return await connect(protocol_factory, pipe)


class ReturnsAnotherProtocol(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        transport, _ = await connect(protocol_factory, pipe)
        return transport, asyncio.Protocol()


class OnlyPipes(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        if not stat.S_ISFIFO(os.fstat(pipe.fileno()).st_mode):
            raise ValueError("no pipe")
        return await connect(protocol_factory, pipe)


class LeavesItBlocking(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        made = await connect(protocol_factory, pipe)
        os.set_blocking(pipe.fileno(), True)
        return made


class ClosesWhatItRefuses(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        try:
            return await connect(protocol_factory, pipe)
        except ValueError:
            pipe.close()
            raise


class ClosesBeneathTheObject(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        class Pipe:
            fileno = pipe.fileno

            def close(self):
                os.close(pipe.fileno())
                pipe.close()

        return await connect(protocol_factory, Pipe())


class TakesAKeyForTheEnd(Either):
    async def _connect_pipe(self, connect, protocol_factory, pipe):
        transport, protocol = await connect(protocol_factory, pipe)
        if stat.S_ISCHR(os.fstat(pipe.fileno()).st_mode):
            self.add_reader(pipe, transport.close)
        return transport, protocol


FACTORY = [Broken("ProbesTheFactory"), Broken("PassesThePipe")]

TABLE: dict[str, list[Broken]] = {
    "connect-read-pipe.registers/what-comes-later-and-the-end": [Broken("WorksOnce", hangs=True)],
    "connect-read-pipe.protocol-factory/once-and-without-arguments": FACTORY,
    "connect-read-pipe.pipe.file-like/of-every-kind-of-file": [Broken("OnlyRawFiles")],
    "connect-read-pipe.returns/a-transport-to-read-by": [Broken("ReturnsAnotherProtocol")],
    "connect-read-pipe.kinds/each-kind": [Broken("OnlyPipes")],
    "connect-read-pipe.non-blocking/whatever-it-was": [Broken("LeavesItBlocking")],
    "connect-pipe.regular-files.refused/refused-and-nothing-is-left-of-it": [Broken("ClosesWhatItRefuses")],
    "connect-pipe.closed-by-the-object/once": [Broken("ClosesBeneathTheObject")],
    "connect-write-pipe.registers/more-than-a-pipe-holds": [Broken("WorksOnce", hangs=True)],
    "connect-write-pipe.protocol-factory/once-and-without-arguments": FACTORY,
    "connect-write-pipe.pipe.file-like/of-every-kind-of-file": [Broken("OnlyRawFiles")],
    "connect-write-pipe.returns/a-transport-to-write-by": [Broken("ReturnsAnotherProtocol")],
    "connect-write-pipe.kinds/each-kind": [Broken("OnlyPipes")],
    "connect-write-pipe.kinds/a-terminal-at-which-somebody-types": [Broken("TakesAKeyForTheEnd")],
    "connect-write-pipe.non-blocking/whatever-it-was": [Broken("LeavesItBlocking")],
}
