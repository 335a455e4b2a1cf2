"""How a file gets into a socket: by the kernel alone, or by hand, piece by piece.

For sock_sendfile() and sendfile(), which differ only in what they send to.
"""

import asyncio
import contextlib
import errno
import io
import os
from collections.abc import Awaitable, Callable
from typing import IO

from refloop.core.poller import HasFileno

# The kernel is asked for at most this much at a time (Linux itself stops at 2 GiB), so that a count of None needs
# no other treatment than a large one.
AT_ONCE = 1 << 30
# Read and sent at a time when it is done by hand.
PIECE = 256 * 1024
# By these the kernel says that it can't send from this file, or to this socket.
UNABLE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTSOCK}


def check_file(file: IO[bytes], offset: int, count: int | None) -> None:
    """ValueError or TypeError if not exactly *count* bytes (None: all) from *offset* on can be read from *file*."""
    if "b" not in getattr(file, "mode", "b"):
        # rule: sendfile.file.binary
        raise ValueError("the file should be opened in binary mode")
    if offset < 0:
        raise ValueError(f"offset must be at least 0, not {offset}")
    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1, not {count}")


async def send_by_kernel(
    target: HasFileno,
    file: IO[bytes],
    offset: int,
    count: int | None,
    until_writable: Callable[[], Awaitable[None]],
) -> int:
    """Send with os.sendfile() to the socket *target*; return the number of bytes.

    The file's position is behind them in the end. SendfileNotAvailableError if it isn't possible; then nothing was
    sent.
    """
    try:
        source, sendfile = file.fileno(), os.sendfile
    except (AttributeError, io.UnsupportedOperation) as error:
        raise asyncio.SendfileNotAvailableError(  # rule: sock-sendfile.fallback.false.file-type
            "os.sendfile() needs a regular file and a system that has it"
        ) from error
    sent = 0
    try:
        while count is None or sent < count:  # rule: sock-sendfile.count
            try:
                # rule: sendfile.offset, sendfile.count, sock-sendfile.offset
                number = sendfile(target.fileno(), source, offset + sent, AT_ONCE if count is None else count - sent)
            except BlockingIOError:
                await until_writable()
                continue
            except OSError as error:
                if sent == 0 and error.errno in UNABLE:
                    raise asyncio.SendfileNotAvailableError(f"os.sendfile() failed: {error}") from error
                raise
            if number == 0:  # rule: sock-sendfile.count.beyond-the-end
                break  # the end of the file
            sent += number
    finally:
        with contextlib.suppress(OSError, ValueError):  # it may be closed by now
            # rule: sendfile.position, sendfile.position.on-error, sock-sendfile.position
            file.seek(offset + sent)
    return sent  # rule: sock-sendfile.returns


async def send_by_hand(
    loop: asyncio.AbstractEventLoop,
    send: Callable[[memoryview], Awaitable[None]],
    file: IO[bytes],
    offset: int,
    count: int | None,
) -> int:
    """Read pieces of the file, in a thread since disks block, and *send* them; return the number of bytes."""
    buffer = bytearray(PIECE)
    sent = 0
    with memoryview(buffer) as view:
        try:
            file.seek(offset)
            while count is None or sent < count:
                wanted = view if count is None else view[: count - sent]
                number = await loop.run_in_executor(None, file.readinto, wanted)  # type: ignore[attr-defined]  # of all binary files
                # rule: sendfile.count.beyond-the-end
                if not number:
                    break
                await send(view[:number])
                sent += number
        finally:
            with contextlib.suppress(OSError, ValueError):
                file.seek(offset + sent)
    return sent
