"""The face of a TLS transport towards the transport underneath, to which it is a protocol.

All about TLS itself is in tls_machine.py; here is what its states mean to the two neighbours.
"""

import asyncio
import logging
import ssl
from typing import Any

from refloop.transports.reading import READING
from refloop.transports.streams import ServerSide
from refloop.transports.tls_machine import CLOSED, ESTABLISHED, HANDSHAKING, TLSMachine
from refloop.transports.tls_options import TLSOptions

logger = logging.getLogger("asyncio")


class TLSProtocol(asyncio.Transport, asyncio.Protocol):
    """Shakes hands, decrypts what comes in for *protocol*, and says good-bye.

    The other half of what *protocol* gets as its transport is TLSTransport. Once hands are shaken, connection_made()
    of *protocol* is called if *announce* is true, and *ready* is done. If that fails, *ready* gets the exception.
    """

    reading = READING
    _protocol: Any
    _buffered: bool  # whether the protocol is a BufferedProtocol
    _lower: asyncio.Transport  # from lie_on() on
    _info: dict[str, Any]  # from the end of the handshake on

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol: asyncio.BaseProtocol,
        options: TLSOptions,
        ready: "asyncio.Future[None] | None" = None,
        server: ServerSide | None = None,
        announce: bool = True,
    ) -> None:
        self._loop = loop
        self._options = options
        self._machine = TLSMachine(options.context, options.server_side, options.server_hostname)
        self._ready = ready
        self._server = server
        self._announced = not announce  # whether the protocol had its connection_made()
        self._timer: asyncio.TimerHandle | None = None  # for the handshake, later for the shutdown
        self._lost_by: BaseException | None = None  # if it was TLS that failed, not the connection
        self.set_protocol(protocol)

    # -- to the transport underneath, a protocol -------------------------------------------------------------

    def lie_on(self, transport: asyncio.Transport) -> None:
        """Take *transport* as what is underneath, so that one can abort() before connection_made() is called."""
        self._lower = transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to shake hands."""
        if self._server is not None:
            self._server.attach(self)
        # rule: create-unix-server.ssl-handshake-timeout, connect-accepted-socket.ssl-handshake-timeout
        self._timer = self._loop.call_later(self._options.handshake_timeout, self._handshake_takes_too_long)
        self._shake_hands()

    def data_received(self, data: bytes) -> None:
        """Decrypt *data* and hand it on."""
        machine = self._machine
        machine.feed(data)
        if machine.state is HANDSHAKING:
            self._shake_hands()
        elif machine.state is ESTABLISHED:
            self._decrypt()
        else:
            machine.throw_away()
            self._close_lower_if_done()

    def eof_received(self) -> None:
        """Let the transport underneath close: the peer is gone, whether it said good-bye or not."""
        if self._machine.state is ESTABLISHED:
            self._tell_end_of_input()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell the protocol, or whoever waits for the handshake."""
        self._stop_timer()
        error = self._lost_by or exc
        self._machine.state = CLOSED
        protocol, self._protocol = self._protocol, None
        self._settle_ready(error or ConnectionResetError("the connection was closed during the TLS handshake"))
        try:
            if self._announced:
                protocol.connection_lost(error)  # rule: tls.connection-lost, tls.connection-lost.exception
        finally:
            if self._server is not None:
                self._server.detach(self)

    def pause_writing(self) -> None:
        """Pass it on: there is no buffer but the one underneath."""
        if self._announced:
            self._protocol.pause_writing()  # rule: tls.pause-writing

    def resume_writing(self) -> None:
        """Pass it on."""
        if self._announced:
            self._protocol.resume_writing()  # rule: tls.resume-writing

    # -- shaking hands ---------------------------------------------------------------------------------------

    def _shake_hands(self) -> None:
        machine = self._machine
        try:
            machine.handshake()
        except Exception as error:  # rule: create-server.ssl.failed-handshake
            self._fail(error)
        self._flush()
        if machine.state is ESTABLISHED:
            self._stop_timer()
            self._info = machine.info()
            self._announce()  # rule: tls.connection-made
            self._settle_ready(None)
            self._decrypt()

    def _announce(self) -> None:
        if self._announced:
            return
        self._announced = True
        try:
            self._protocol.connection_made(self)
        except (SystemExit, KeyboardInterrupt):  # rule: tls.errors.exit
            raise
        except BaseException as error:
            self._protocol_failed("protocol.connection_made() failed", error)  # rule: tls.errors

    def _handshake_takes_too_long(self) -> None:
        seconds = self._options.handshake_timeout
        # rule: create-connection.ssl-handshake-timeout.error
        self._fail(ConnectionAbortedError(f"the TLS handshake took longer than {seconds} seconds"))

    def _settle_ready(self, error: BaseException | None) -> None:
        ready, self._ready = self._ready, None
        if ready is None or ready.done():
            return
        if error is None:
            ready.set_result(None)
        else:
            ready.set_exception(error)

    # -- receiving -------------------------------------------------------------------------------------------

    def _decrypt(self) -> None:
        """Hand on what can be decrypted, and what follows from it."""
        machine = self._machine
        if self.is_closing() or self.reading is not READING:
            return  # rule: tls.buffered-protocol.states
        try:
            if machine.plain:
                machine.encrypt()  # it may have waited for what was received now
            ended = self._fill_buffers() if self._buffered else self._hand_on()
        except ssl.SSLError as error:
            self._fail(error)  # rule: tls.garbage
            return
        self._flush()
        if ended and not self.is_closing():
            self._tell_end_of_input()
            self.close()  # rule: tls.eof-received.true

    def _hand_on(self) -> bool:
        """Call data_received(). Return whether the peer sends no more."""
        machine = self._machine
        pieces: list[bytes] = []
        ended = False
        try:
            while machine.may_decrypt():
                piece = machine.decrypt()
                if not piece:
                    ended = piece is not None
                    break
                pieces.append(piece)
        finally:  # what came before an error is still good
            if pieces:
                try:
                    # rule: tls.data-received
                    self._protocol.data_received(b"".join(pieces))
                except (SystemExit, KeyboardInterrupt):  # rule: tls.errors.exit
                    raise
                except BaseException as error:
                    self._protocol_failed("protocol.data_received() failed", error)  # rule: tls.errors
        return ended

    def _fill_buffers(self) -> bool:
        """Call get_buffer() and buffer_updated(). Return whether the peer sends no more."""
        machine = self._machine
        # rule: tls.buffered-protocol.states
        while self.reading is READING and not self.is_closing() and machine.may_decrypt():
            try:
                buffer = self._protocol.get_buffer(-1)
                if not len(buffer):
                    # rule: tls.buffered-protocol.empty
                    raise RuntimeError("get_buffer() returned an empty buffer")
                number = machine.decrypt_into(buffer)  # rule: tls.buffered-protocol
                if number:
                    self._protocol.buffer_updated(number)
            except (SystemExit, KeyboardInterrupt, ssl.SSLError):
                raise
            except BaseException as error:
                self._protocol_failed("filling the protocol's buffer failed", error)
                break
            if not number:
                return number is not None
        return False

    def _tell_end_of_input(self) -> None:
        try:
            keep_open = self._protocol.eof_received()  # rule: tls.eof-received
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            self._protocol_failed("protocol.eof_received() failed", error)  # rule: tls.errors
            return
        if keep_open:
            logger.warning("eof_received() can't keep a TLS connection half open: it is closed")

    def _flush(self) -> None:
        data = self._machine.take()
        if data:
            self._lower.write(data)

    # -- the end ---------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        """Return True once close() or abort() was called, or the connection is lost.

        library/asyncio-protocol.html#asyncio.BaseTransport.is_closing
        """
        open_ = self._machine.state is ESTABLISHED or self._machine.state is HANDSHAKING
        return not open_ or self._lower.is_closing()  # rule: tls.is-closing

    def close(self) -> None:
        """Send what is buffered, say good-bye to the peer, wait for its answer and close.

        library/asyncio-protocol.html#asyncio.BaseTransport.close
        """
        if self._machine.state is HANDSHAKING:
            self.abort()
        elif self._machine.state is ESTABLISHED:
            # rule: create-unix-server.ssl-shutdown-timeout, connect-accepted-socket.ssl-shutdown-timeout
            self._timer = self._loop.call_later(self._options.shutdown_timeout, self._shutdown_takes_too_long)
            self._machine.close()  # rule: tls.close.flushes, tls.close.ends-tls
            self._flush()
            self._lower.resume_reading()  # for the answer
            self._close_lower_if_done()

    def _close_lower_if_done(self) -> None:
        if self._machine.state is CLOSED:
            self._lower.close()

    def _shutdown_takes_too_long(self) -> None:
        seconds = self._options.shutdown_timeout
        self._fail(TimeoutError(f"the TLS shutdown took longer than {seconds} seconds"))

    def abort(self) -> None:
        """Close at once; what isn't sent yet is lost.

        library/asyncio-protocol.html#asyncio.WriteTransport.abort
        """
        self._stop_timer()
        self._lower.abort()  # rule: tls.abort

    def _fail(self, error: BaseException) -> None:
        self._lost_by = self._lost_by or error
        if self._loop.get_debug():
            logger.debug("%r failed", self, exc_info=error)
        self._flush()  # TLS tells the other side what is wrong
        self.abort()

    def _protocol_failed(self, message: str, error: BaseException) -> None:
        context = {"message": message, "exception": error, "transport": self, "protocol": self._protocol}
        self._loop.call_exception_handler(context)  # rule: tls.errors.context
        self._fail(error)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
