"""TLS as a machine without input and output: bytes go in, bytes come out, and the state says what they mean.

The ssl module does the cryptography, between two buffers in memory. Nothing in here knows of sockets, transports
or loops.
"""

import ssl
from typing import Any, Final, cast

# The life of a TLS connection. HANDSHAKING until both sides agree; ESTABLISHED until one of them wants to close;
# CLOSING when we said so and the peer has not yet; CLOSED when both have. FAILED when the peer did not keep to the
# rules of TLS, or did not prove who it is.
HANDSHAKING: Final = "handshaking"
ESTABLISHED: Final = "established"
CLOSING: Final = "closing"
CLOSED: Final = "closed"
FAILED: Final = "failed"

# More than a TLS record holds (16 KiB): SSLObject.read() never returns more than one.
RECORD = 64 * 1024


class TLSMachine:
    """One side of a TLS connection. *server_hostname* is whose certificate the client wants to see.

    Without one, a context that wants to check it is a ValueError from Python 3.14.8 on; before, nothing is checked.
    """

    def __init__(self, context: ssl.SSLContext, server_side: bool, server_hostname: str | None) -> None:
        self.state = HANDSHAKING
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # rule: create-connection.server-hostname.check-hostname, create-connection.ssl.context.as-configured
        # rule: create-connection.server-hostname.check-hostname.empty
        # rule: create-connection.server-hostname.told, start-tls.server-hostname.told
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_side, server_hostname or None)
        self._context = context
        # What encrypt() couldn't encrypt yet: in the middle of a renegotiation it has to wait for the peer.
        self.plain = b""

    # -- the side of the network -----------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Take what was received."""
        self._incoming.write(data)

    def take(self) -> bytes:
        """Return what has to be sent; b"" if there is nothing."""
        return self._outgoing.read()

    def may_decrypt(self) -> bool:
        """Return False if there is certainly nothing to decrypt."""
        return bool(self._incoming.pending or self.object.pending())

    # -- the steps -------------------------------------------------------------------------------------------

    def handshake(self) -> None:
        """Go on with the handshake as far as possible. ssl.SSLError if the two sides can't agree."""
        try:
            self.object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError:
            self.state = FAILED
            raise
        self.state = ESTABLISHED

    def decrypt(self, number: int = RECORD) -> bytes | None:
        """Return some of what the peer sent; None if more has to be received first, b"" if it sends no more."""
        try:
            return self.object.read(number)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError:
            self.state = FAILED
            raise

    def decrypt_into(self, buffer: Any) -> int | None:
        """Do as decrypt() does, but into *buffer*; return the number of bytes, or None."""
        try:
            return cast("int", self.object.read(len(buffer), buffer))
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return 0
        except ssl.SSLError:
            self.state = FAILED
            raise

    def encrypt(self, data: bytes | bytearray | memoryview = b"") -> None:
        """Encrypt what had to wait, then *data*, as far as that is possible now."""
        rest = memoryview(self.plain + data)
        try:
            while rest:
                rest = rest[self.object.write(rest) :]
        except ssl.SSLWantReadError:
            pass
        self.plain = bytes(rest)

    def close(self) -> None:
        """Tell the peer that we send no more. Whatever it sends until it agrees is thrown away."""
        self.state = CLOSING
        # What came already first: OpenSSL doesn't say good-bye properly while there is something to read.
        self.throw_away()
        try:
            self.object.unwrap()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError:
            pass  # we wanted to close anyhow
        self.state = CLOSED

    def throw_away(self) -> None:
        """Throw away what was received while CLOSING, in search of the peer's agreement."""
        try:
            while (data := self.decrypt()) is not None:
                if not data:
                    self.state = CLOSED
                    return
        except ssl.SSLError:
            self.state = CLOSED  # likewise  # rule: tls.close.garbage

    # -- what is known about it ------------------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Return what get_extra_info() tells about TLS connections, once hands are shaken."""
        return {
            "sslcontext": self._context,
            "ssl_object": self.object,
            "peercert": self.object.getpeercert(),
            "cipher": self.object.cipher(),
            "compression": self.object.compression(),
        }
