"""How the loop learns that a child process has ended: by a descriptor where there is one, else by a thread."""

import asyncio
import contextlib
import os
import subprocess
import threading
from collections.abc import Callable


class ExitWatch:
    """Calls *ended* in the loop when *process* has ended. Signals are not involved, nor is the main thread.

    On Linux a descriptor for the process becomes readable then. Elsewhere a thread waits for it.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, process: "subprocess.Popen[bytes]", ended: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._process = process
        self._ended = ended
        self._fd: int | None = None
        try:
            # rule: subprocess-transport.sigchld, subprocess-transport.others-children, asyncio-subprocess.threads
            self._fd = os.pidfd_open(process.pid)
        except (AttributeError, OSError):
            # A daemon, since nobody ends it but the process.
            threading.Thread(target=self._wait, name=f"asyncio-wait-{process.pid}", daemon=True).start()
        else:
            loop.add_reader(self._fd, self._readable)

    def _readable(self) -> None:
        self.close()
        self._ended()

    def _wait(self) -> None:
        self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
            self._loop.call_soon_threadsafe(self._ended)

    def close(self) -> None:
        """Release the descriptor; *ended* is not called by it any more."""
        fd, self._fd = self._fd, None
        if fd is not None:
            self._loop.remove_reader(fd)
            os.close(fd)
