"""The vocabulary of the cases: what a script may use besides Python and its library.

A case's script runs in a namespace that holds the public methods of one `Stage` by their names, the `loop` under test,
and the modules in `MODULES`. The stage keeps the log, and closes after the case whatever was opened through it.

This module and `loopspec.words` need nothing but the standard library (and trustme for the words about TLS), because
`loopspec script` copies the words that a case uses into the program that it writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from loopspec.words.children import child_to_its_end, wait_until_exited
from loopspec.words.endpoints import bound_to_one_port, connected, filled, takes_no_host, which_hears
from loopspec.words.recording import recording
from loopspec.words.tasks import unsupported_in_a_task

MODULES = (
    "asyncio",
    "concurrent.futures",
    "contextlib",
    "contextvars",
    "errno",
    "functools",
    "gc",
    "inspect",
    "logging",
    "os",
    "signal",
    "socket",
    "ssl",
    "subprocess",
    "sys",
    "threading",
    "time",
    "warnings",
    "weakref",
)
"""Modules whose names are bound in every script (`concurrent` is bound for `concurrent.futures`)."""


class Stage:
    """One case's words, its log, and what must be closed after it."""

    def __init__(self, new_loop: Callable[[], Any], policy: Callable[[], Any] | None = None) -> None:
        self.lines: list[str] = []
        self.errors: list[BaseException] = []
        self._factory = new_loop
        self._policy = policy
        self._begin = time.monotonic()
        self._closing = contextlib.ExitStack()
        self._threads: list[threading.Thread] = []
        self._polling = False
        self._mark("case begins")

    def log(self, *values: object) -> None:
        """Write one line of the log, as `print` would."""
        self.lines.append(" ".join(map(str, values)))
        if self._polling:
            self._mark("line")

    @contextlib.contextmanager
    def raises(self, *expected: type[BaseException]) -> Iterator[None]:
        """Log the name of the exception that ends the block, or `nothing raised`.

        An exception of one of the `expected` types (or of a subclass) is logged by the expected type's name. Anything
        else that is an `Exception` is logged by its own type's name. A loop's NotImplementedError passes through
        unless it is expected: what a loop does not support is no wrong answer.
        """
        try:
            yield
        except BaseException as error:
            missing = isinstance(error, NotImplementedError) and NotImplementedError not in expected  # of RuntimeError
            for kind in expected:
                if isinstance(error, kind) and not missing:
                    self.log(kind.__name__)
                    return
            if missing or not isinstance(error, Exception):
                raise
            self.errors.append(error)
            self.log(type(error).__name__)
        else:
            self.log("nothing raised")

    @contextlib.contextmanager
    def warns(self, *expected: type[Warning]) -> Iterator[None]:
        """Log the category of each warning issued in the block, or `no warning`.

        With `expected`, only warnings of these categories count, each logged by the expected category's name.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        names = []
        for warning in caught:
            if not expected:
                names.append(warning.category.__name__)
            names += [kind.__name__ for kind in expected if issubclass(warning.category, kind)][:1]
        for name in names or ["no warning"]:
            self.log(name)

    @contextlib.contextmanager
    def logs(self, level: int = logging.WARNING) -> Iterator[list[logging.LogRecord]]:
        """Log the level's name of each record that the block writes, or `nothing logged`.

        Gives the list of records to the block. They are kept from any other handler, so that an error which a case
        expects is no incident. That all of them are to be the logger "asyncio"'s is a rule of its own: what a loop
        writes to another logger counts here as well.
        """
        records: list[logging.LogRecord] = []

        class Keep(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                records.append(record)

        keep = Keep(level)
        with contextlib.ExitStack() as restoring:
            for logger in (logging.getLogger("asyncio"), logging.getLogger()):
                restoring.callback(self._restore_logger, logger, logger.handlers[:], logger.level, logger.propagate)
                logger.handlers, logger.propagate = [keep], False
                logger.setLevel(level)
            yield records
        for name in [record.levelname for record in records] or ["nothing logged"]:
            self.log(name)

    def on_error(self, *given: Any) -> None:
        """Log an exception handler's call: `handler:` and the exception's type, or the message where there is none.

        What a handler is called with, the loop and the context, is the rule `set-exception-handler.signature`. This one
        takes what it gets, so that a loop that leaves the loop out is told only there.
        """
        context: dict[str, Any] = given[-1]
        error = context.get("exception")
        self.log("handler:", type(error).__name__ if error is not None else context.get("message"))

    def new_loop(self) -> Any:
        """Make one more loop by the factory under test; it is closed after the case."""
        loop = self._factory()
        self._closing.callback(self._close_loop, loop)
        return loop

    def new_policy(self) -> Any:
        """Make an event loop policy of the loop under test, and install no policy after the case."""
        if self._policy is None:
            raise NotImplementedError("this loop has no policy of its own")
        self._closing.callback(self._reset_policy)
        return self._policy()

    def socketpair(self, family: int = socket.AF_UNIX) -> tuple[socket.socket, socket.socket]:
        """Return two connected non-blocking stream sockets; they are closed after the case.

        With AF_INET or AF_INET6 they are the two ends of a TCP connection over the loopback.
        """
        pair = connected(family)
        for end in pair:
            end.setblocking(False)
            self._closing.callback(end.close)
        return pair

    def listening_socket(self, family: int = socket.AF_INET) -> socket.socket:
        """Return a non-blocking socket that listens on a free port of the loopback; it is closed after the case."""
        listener = socket.socket(family, socket.SOCK_STREAM)
        self._closing.callback(listener.close)
        listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        listener.listen(100)
        listener.setblocking(False)
        return listener

    async def two_addresses(self) -> list[socket.socket]:
        """Return non-blocking sockets for the addresses of a host of None, bound to one port; closed after the case.

        These are the loopback's addresses of IPv4 and IPv6, in the order in which getaddrinfo() gives them. Nothing
        listens yet: the case decides which of the two refuses a connection, which accepts it, and which never answers.
        Raises NotImplementedError if the loop connects to no host of None: no page says that it must.
        """
        await takes_no_host()
        bound = bound_to_one_port()
        for one in bound:
            self._closing.callback(one.close)
        return bound

    def datagram_socket(self, family: int = socket.AF_INET) -> socket.socket:
        """Return a non-blocking datagram socket with a free address of its own; it is closed after the case.

        That is a port of the loopback, or with AF_UNIX a file in the case's folder.
        """
        made = socket.socket(family, socket.SOCK_DGRAM)
        self._closing.callback(made.close)
        if family == socket.AF_INET:
            made.bind(("127.0.0.1", 0))
        elif family == socket.AF_INET6:
            made.bind(("::1", 0))
        else:
            made.bind(str(self.tmp_path / f"socket-{made.fileno()}"))
        made.setblocking(False)
        return made

    def pipe(self) -> tuple[int, int]:
        """Return the descriptors of a non-blocking pipe, reading end first; they are closed after the case."""
        ends = os.pipe()
        for end in ends:
            os.set_blocking(end, False)
            self._closing.callback(self._close_descriptor, end)
        return ends

    def pipe_files(self) -> tuple[Any, Any]:
        """Return a non-blocking pipe as two unbuffered binary files, reading end first; they are closed after the case.

        These are what connect_read_pipe() and connect_write_pipe() are given, and whose transports close them.
        """
        ends = os.pipe()
        for end in ends:
            os.set_blocking(end, False)
        reading = self._closing.enter_context(os.fdopen(ends[0], "rb", 0))
        writing = self._closing.enter_context(os.fdopen(ends[1], "wb", 0))
        return reading, writing

    def fill(self, end: socket.socket | int) -> int:
        """Write to a non-blocking socket or descriptor until it takes no more; return how many bytes that were.

        What a transport writes to a Unix socket or a pipe that is full stays in its buffer until the other end reads.
        """
        return filled(end)

    async def received(self, end: socket.socket | int, size: int | None = None) -> bytes:
        """Return the next `size` bytes from a non-blocking socket or descriptor, or all until it has ended.

        It asks again and again, and so needs nothing of the loop but asyncio.sleep(). Raises TimeoutError if for two
        seconds nothing comes.
        """
        data = bytearray()
        while size is None or len(data) < size:
            most = 65536 if size is None else min(65536, size - len(data))
            ask = functools.partial(os.read, end, most) if isinstance(end, int) else functools.partial(end.recv, most)
            chunk = await self._answer(ask, f"after {len(data)} bytes came neither more nor the end")
            if not chunk:
                break
            data += chunk
        return bytes(data)

    async def arrives(self, sock: socket.socket, size: int = 65536) -> tuple[bytes, Any]:
        """Return the next datagram that arrives at a non-blocking socket, cut to `size`, and its sender's address.

        Like `received` it needs nothing of the loop but asyncio.sleep(), and raises TimeoutError after two seconds.
        """
        answer: tuple[bytes, Any] = await self._answer(functools.partial(sock.recvfrom, size), "no datagram arrived")
        return answer

    async def accepted(self, listener: socket.socket) -> tuple[socket.socket, Any]:
        """Return the next connection to a non-blocking listening socket, and the peer's address.

        The connection is non-blocking, and closed after the case. Like `received` this needs nothing of the loop but
        asyncio.sleep(), and raises TimeoutError after two seconds.
        """
        connection, address = await self._answer(listener.accept, "nobody has connected")
        self._closing.callback(connection.close)
        connection.setblocking(False)
        return connection, address

    async def connected_to(self, transport: Any, listeners: Iterable[socket.socket]) -> int:
        """Return which of these non-blocking sockets a stream transport is connected to, counted from 0.

        No page says that a transport knows its peer's address: it writes a byte, and its peer is who receives that. All
        connections that there are by then are accepted, and closed after the case.
        """
        ends: list[tuple[int, socket.socket]] = []
        transport.write(b"?")
        hears = functools.partial(which_hears, list(listeners), ends)
        try:
            number: int = await self._answer(hears, "none of the listeners has received what was written")
        finally:
            for _, end in ends:
                self._closing.callback(end.close)
        return number

    async def address_of(self, endpoint: Any, family: int = socket.AF_INET) -> Any:
        """Return the address by which others on this machine reach a datagram transport.

        No page says that it knows that: of one that does not tell it, the address is that of a datagram which it sends.
        """
        address = endpoint.get_extra_info("sockname")
        if address is None:
            asks = self.datagram_socket(family)
            endpoint.sendto(b"?", asks.getsockname())
            _, address = await self.arrives(asks)
        return address

    async def tls_peer(self, end: socket.socket, server_side: bool = False, context: Any = None) -> Any:
        """Shake hands over a non-blocking socket and return the ssl.SSLSocket, which is closed after the case.

        It is the other end of a connection that the loop has under way, by OpenSSL itself: it needs nothing of the
        loop but asyncio.sleep(). Without a `context` it is a client of `server_tls`, or a server for `client_tls`.
        """
        context = context or (self.server_tls() if server_side else self.client_tls())
        name = None if server_side else "localhost"
        peer = context.wrap_socket(end, server_side, do_handshake_on_connect=False, server_hostname=name)
        self._closing.callback(peer.close)
        await self._answer(peer.do_handshake, "hands were not shaken")
        return peer

    async def until(self, condition: Callable[[], object], failure: str = "what was awaited did not happen") -> None:
        """Wait until `condition()` is true, asking again and again; TimeoutError if it is not within two seconds."""
        polls, deadline = 0, time.monotonic() + 2
        while not condition():
            # Time alone does not tell: a machine under full load may not have let the loop work meanwhile. Nor does the
            # clock where a loop only simulates time: so often it asks in two seconds of no other.
            if (polls > 200 and time.monotonic() > deadline) or polls > 5000:
                raise unsupported_in_a_task() or TimeoutError(failure)
            polls += 1
            await asyncio.sleep(0.001 if polls < 100 else 0.005)

    async def _answer(self, ask: Callable[[], Any], failure: str) -> Any:
        """Call `ask` until it does not say that it would block, and return its answer."""
        answers: list[Any] = []

        def answered() -> bool:
            try:
                answers.append(ask())
            except OSError as error:
                if isinstance(error, BlockingIOError) or "SSLWant" in type(error).__name__:
                    return False
                # A method that is not supported can have closed its socket, which the other end is told.
                raise unsupported_in_a_task() or error from None
            return True

        await self.until(answered, failure)
        return answers[0]

    def in_thread(self, function: Callable[..., object], *args: object) -> threading.Thread:
        """Call `function(*args)` in a new thread and return it, started; it is joined before the loop is closed."""
        thread = threading.Thread(target=function, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def join_threads(self) -> None:
        """Wait for the threads of `in_thread`, at most five seconds: what they do to a loop must not race its end."""
        deadline = time.monotonic() + 5
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def elapsed(self) -> float:
        """Return the seconds since the case began, by the system's monotonic clock."""
        return time.monotonic() - self._begin

    def python(self, code: str) -> list[str]:
        """Return the command line of a child process that runs the Python `code`."""
        return [sys.executable, "-I", "-S", "-c", code]

    async def run_child(
        self, start: Callable[..., Any], *arguments: object, **options: object
    ) -> tuple[int | None, bytes, bytes]:
        """Start a child by `start`, wait for its end and return its return code, and what it wrote to 1 and to 2.

        `start` is `loop.subprocess_exec` or `loop.subprocess_shell`, and its end the protocol's `process_exited`, for
        which four seconds are enough, with `connection_lost` if that comes within another three. The child has nothing
        to read unless `options` has another `stdin`.
        """
        return await child_to_its_end(start, arguments, {"stdin": subprocess.DEVNULL, **options})

    def until_exited(self, *processes: int) -> None:
        """Block until these children have exited, for at most four seconds; their exit statuses stay to be read.

        Meanwhile the loop does not run. If a thread of its own waits for them, too, it gets the time to be first.
        """
        wait_until_exited(processes)

    @property
    def tmp_path(self) -> Path:
        """A folder of the case's own, made at its first use and removed after the case."""
        made = getattr(self, "_tmp_path", None)
        if made is None:
            made = self._tmp_path = Path(tempfile.mkdtemp(prefix="loopspec-"))
            self._closing.callback(shutil.rmtree, made, ignore_errors=True)
        return made

    def recorder(
        self, name: str = "", kind: type[asyncio.BaseProtocol] = asyncio.Protocol, silent: bool = False
    ) -> Any:
        """Return a protocol of the documented base class `kind` that logs each of its callbacks by name.

        A line is the callback's name, after `name` where one is given, and what it was called with: the data received,
        the exception's type, the child's descriptor. The transport is kept as `transport`, what a stream brought as
        `arrived`; `received` and `lost` are `asyncio.Event`s, which each call with data or a datagram, and
        `connection_lost`, set. One that is `silent` logs nothing.
        """

        def line(callback: str, *values: object) -> None:
            if not silent:
                self.log(*filter(None, [name, callback]), *values)

        return recording(line, kind)

    def datagram_recorder(self, name: str = "") -> Any:
        """Return a `recorder` whose base class is DatagramProtocol."""
        return self.recorder(name, asyncio.DatagramProtocol)

    def server_tls(self) -> Any:
        """Return an ssl.SSLContext for a server named `localhost`, with a certificate that `client_tls` trusts.

        The file that it was loaded from is there until the case has ended: a loop with a TLS of its own may read it.
        """
        import ssl

        made = self._authority().issue_cert("localhost", "127.0.0.1", "::1").private_key_and_cert_chain_pem
        descriptor, name = tempfile.mkstemp(".pem", dir=self.tmp_path)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(name)
        return context

    def client_tls(self) -> Any:
        """Return an ssl.SSLContext for a client that trusts the certificates of `server_tls` and nothing else."""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority().configure_trust(context)
        return context

    @contextlib.contextmanager
    def polls(self) -> Iterator[None]:
        """Mark the block whose polls become lines of the log: `poll(0)`, `poll(timed)` or `poll(forever)`.

        Only in a case with `witness = "syscalls"`: the lines are read off strace's record of the process.
        """
        self._mark("polls begin")
        self._polling = True
        try:
            yield
        finally:
            self._polling = False
            self._mark("polls end")

    def _mark(self, name: str) -> None:
        """Leave a mark in the record of system calls, with the number of log lines written so far."""
        os.access(f"/loopspec-mark/{len(self.lines)}/{name}", os.F_OK)

    def close(self) -> None:
        """Close and remove what was opened through the stage, the newest first."""
        self._closing.close()

    def words(self) -> dict[str, object]:
        """Return the vocabulary by name, but for `tmp_path`, which is made only for scripts that name it."""
        return {name: getattr(self, name) for name in WORDS}

    def _authority(self) -> Any:
        import trustme

        made = getattr(self, "_made_authority", None)
        if made is None:
            made = self._made_authority = trustme.CA()
        return made

    @staticmethod
    def _restore_logger(logger: logging.Logger, handlers: list[logging.Handler], level: int, propagate: bool) -> None:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)

    @staticmethod
    def _close_loop(loop: Any) -> None:
        if not loop.is_closed():
            loop.close()

    @staticmethod
    def _reset_policy() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            asyncio.set_event_loop_policy(None)

    @staticmethod
    def _close_descriptor(descriptor: int) -> None:
        with contextlib.suppress(OSError):
            os.close(descriptor)


WORDS = (
    "log",
    "raises",
    "warns",
    "logs",
    "on_error",
    "new_loop",
    "new_policy",
    "socketpair",
    "listening_socket",
    "two_addresses",
    "datagram_socket",
    "pipe",
    "pipe_files",
    "fill",
    "received",
    "arrives",
    "accepted",
    "connected_to",
    "address_of",
    "tls_peer",
    "until",
    "in_thread",
    "elapsed",
    "python",
    "run_child",
    "until_exited",
    "recorder",
    "datagram_recorder",
    "server_tls",
    "client_tls",
    "polls",
)
"""The methods of a stage that a script calls by name (with `loop`, `tmp_path` and the modules of `MODULES`)."""
