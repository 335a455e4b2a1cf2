"""Working with pipes.

library/asyncio-eventloop.html#working-with-pipes
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from refloop.chapter import Chapter
from refloop.transports.opening import completed
from refloop.transports.pipes import ReadPipeTransport, WritePipeTransport

P = TypeVar("P", bound=asyncio.BaseProtocol)


class WorkingWithPipes(Chapter):
    """connect_read_pipe() and connect_write_pipe()."""

    async def connect_read_pipe(self, protocol_factory: Callable[[], P], pipe: Any) -> tuple[asyncio.ReadTransport, P]:
        """Read from *pipe*, a file object, which is non-blocking from now on; return transport and protocol.

        ValueError if it's no pipe, socket or character device.

        library/asyncio-eventloop.html#asyncio.loop.connect_read_pipe
        """
        protocol = protocol_factory()  # rule: connect-read-pipe.protocol-factory
        ready = self.create_future()
        transport = ReadPipeTransport(self, pipe, protocol, ready)  # rule: connect-read-pipe.registers
        await completed(ready, transport)
        return transport, protocol  # rule: connect-read-pipe.returns

    async def connect_write_pipe(
        self, protocol_factory: Callable[[], P], pipe: Any
    ) -> tuple[asyncio.WriteTransport, P]:
        """Write to *pipe*, a file object, which is non-blocking from now on; return transport and protocol.

        ValueError if it's no pipe, socket or character device.

        library/asyncio-eventloop.html#asyncio.loop.connect_write_pipe
        """
        protocol = protocol_factory()  # rule: connect-write-pipe.protocol-factory
        ready = self.create_future()
        transport = WritePipeTransport(self, pipe, protocol, ready)  # rule: connect-write-pipe.registers
        await completed(ready, transport)
        return transport, protocol  # rule: connect-write-pipe.returns
