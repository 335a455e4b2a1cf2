"""TLS upgrade.

library/asyncio-eventloop.html#tls-upgrade
"""

import asyncio
import ssl

from refloop.chapter import Chapter
from refloop.transports.opening import completed
from refloop.transports.streams import StreamTransport
from refloop.transports.tls import TLSTransport
from refloop.transports.tls_options import tls_options


class TLSUpgrade(Chapter):
    """start_tls()."""

    async def start_tls(
        self,
        transport: asyncio.WriteTransport,
        protocol: asyncio.BaseProtocol,
        sslcontext: ssl.SSLContext,
        *,
        server_side: bool = False,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> asyncio.Transport | None:
        """Shake hands over *transport*; return the transport that *protocol* has to use from now on.

        None if *transport* is closing. TypeError if it can't carry TLS, or *sslcontext* is none.

        library/asyncio-eventloop.html#asyncio.loop.start_tls
        """
        # rule: start-tls.sslcontext, start-tls.server-side, start-tls.server-hostname
        # rule: start-tls.ssl-handshake-timeout, start-tls.ssl-shutdown-timeout
        options = tls_options(sslcontext, server_side, server_hostname, ssl_handshake_timeout, ssl_shutdown_timeout)
        # rule: start-tls.transport, start-tls.over-tls, start-tls.transport.refused
        if not isinstance(transport, (StreamTransport, TLSTransport)):
            raise TypeError(f"{transport!r} can't carry TLS")
        if transport.is_closing():
            return None  # rule: start-tls.closing-transport
        ready = self.create_future()
        above = TLSTransport(self, protocol, options, ready, announce=False)  # rule: start-tls.connection-callbacks
        transport.set_protocol(above)
        above.lie_on(transport)
        above.connection_made(transport)  # rule: start-tls.upgrades
        transport.resume_reading()  # whatever the protocol wanted
        await completed(ready, transport)  # rule: start-tls.cancelled
        return above  # rule: start-tls.returns
