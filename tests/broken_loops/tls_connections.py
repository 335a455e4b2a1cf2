"""Broken loops for TLS connections, each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import ssl as tls

from broken import Broken
from tls_upgrade import like

from refloop import ReferenceLoop as Base


def is_context(ssl):
    return isinstance(ssl, tls.SSLContext)


class ItsOwnContext(Base):
    async def create_connection(self, *args, ssl=None, **options):
        return await super().create_connection(*args, ssl=like(ssl) if is_context(ssl) else ssl, **options)


class ReportsToTheHandlerAsWell(Base):
    async def create_connection(self, *args, **options):
        try:
            return await super().create_connection(*args, **options)
        except tls.SSLError as error:
            self.call_exception_handler({"message": "handshake failed", "exception": error})
            raise


class AnotherErrorForTLS(Base):
    async def create_connection(self, *args, **options):
        try:
            return await super().create_connection(*args, **options)
        except tls.SSLError as error:
            raise OSError("TLS failed") from error


class WaitsForTLS(Base):
    """What comes instead of TLS is passed over, as if the rest were still to come."""

    async def create_connection(self, *args, **options):
        try:
            return await super().create_connection(*args, **options)
        except tls.SSLError:
            return await asyncio.sleep(60)


class TrustsAnybody(Base):
    async def create_connection(self, *args, ssl=None, **options):
        if is_context(ssl):
            ssl.check_hostname, ssl.verify_mode = False, tls.CERT_NONE
        return await super().create_connection(*args, ssl=ssl, **options)


class TellsNoName(Base):
    """Matches the certificate by itself, and the server hears no name."""

    async def create_connection(self, *args, ssl=None, server_hostname=None, **options):
        if not is_context(ssl) or not server_hostname:
            return await super().create_connection(*args, ssl=ssl, server_hostname=server_hostname, **options)
        ssl.check_hostname = False
        transport, protocol = await super().create_connection(*args, ssl=ssl, server_hostname="", **options)
        if ("DNS", server_hostname) not in transport.get_extra_info("peercert")["subjectAltName"]:
            transport.abort()
            raise tls.SSLCertVerificationError("another name")
        return transport, protocol


class WaitsForWhoIsGone(Base):
    async def create_connection(self, *args, **options):
        try:
            return await super().create_connection(*args, **options)
        except ConnectionResetError:
            return await asyncio.sleep(60)


class EndsWithAFailedClient(Base):
    """A server that closes when the handshake of a client fails."""

    async def create_server(self, *args, ssl=None, **options):
        class Ending(tls.SSLObject):
            def do_handshake(self):
                try:
                    super().do_handshake()
                except tls.SSLWantReadError:
                    raise
                except tls.SSLError:
                    server.close()
                    raise

        if is_context(ssl):
            ssl.sslobject_class = Ending
        server = await super().create_server(*args, ssl=ssl, **options)
        return server


class ReportsEveryScanner(Base):
    async def create_server(self, *args, ssl=None, **options):
        loop = self

        class Reporting(tls.SSLObject):
            def do_handshake(self):
                try:
                    super().do_handshake()
                except tls.SSLWantReadError:
                    raise
                except tls.SSLError as error:
                    loop.call_exception_handler({"message": "handshake failed", "exception": error})
                    raise

        if is_context(ssl):
            ssl.sslobject_class = Reporting
        return await super().create_server(*args, ssl=ssl, **options)


class ReturnsAnotherProtocol(Base):
    async def connect_accepted_socket(self, *args, **options):
        transport, _ = await super().connect_accepted_socket(*args, **options)
        return transport, asyncio.Protocol()


class IgnoresTheTimes(Base):
    async def create_connection(self, *args, ssl_handshake_timeout=None, ssl_shutdown_timeout=None, **options):
        return await super().create_connection(*args, **options)

    async def create_unix_connection(self, *args, ssl_handshake_timeout=None, ssl_shutdown_timeout=None, **options):
        return await super().create_unix_connection(*args, **options)


class KeepsTheTimer(Base):
    """The handshake's timer goes on after the handshake."""

    async def create_connection(self, *args, ssl_handshake_timeout=None, **options):
        transport, protocol = await super().create_connection(
            *args, ssl_handshake_timeout=ssl_handshake_timeout, **options
        )
        if ssl_handshake_timeout:
            self.call_later(ssl_handshake_timeout, transport.abort)
        return transport, protocol


class NoneIsNoTime(Base):
    async def create_connection(self, *args, ssl_handshake_timeout=None, **options):
        seconds = 0.005 if ssl_handshake_timeout is None else ssl_handshake_timeout
        return await super().create_connection(*args, ssl_handshake_timeout=seconds, **options)


class AnotherErrorForTime(Base):
    async def create_connection(self, *args, **options):
        try:
            return await super().create_connection(*args, **options)
        except ConnectionAbortedError as error:
            raise TimeoutError("the handshake took too long") from error


TABLE: dict[str, list[Broken]] = {
    "create-connection.ssl.context.as-configured/it-and-no-other": [Broken("ItsOwnContext")],
    "create-connection.certificate/of-an-unknown-authority": [
        Broken("ReportsToTheHandlerAsWell"),
        Broken("TrustsAnybody"),
    ],
    "create-connection.certificate/the-peer-speaks-no-tls": [Broken("WaitsForTLS", hangs=True)],
    "create-connection.certificate.error/by-its-class": [Broken("AnotherErrorForTLS")],
    "create-connection.certificate/the-peer-goes-away": [Broken("WaitsForWhoIsGone", hangs=True)],
    "create-server.ssl.each-client/a-failed-handshake-concerns-nobody-else": [Broken("EndsWithAFailedClient")],
    "create-connection.server-hostname.told/so-that-it-knows-which": [Broken("TellsNoName")],
    "create-server.ssl.failed-handshake/reset-and-garbage": [Broken("ReportsEveryScanner")],
    "connect-accepted-socket.ssl.returns/and-the-pair-is-the-caller-s": [Broken("ReturnsAnotherProtocol")],
    "create-connection.ssl-handshake-timeout/nobody-shakes-hands": [Broken("IgnoresTheTimes", hangs=True)],
    "create-connection.ssl-handshake-timeout/in-time": [Broken("KeepsTheTimer", hangs=True)],
    "create-connection.ssl-handshake-timeout/none-is-a-long-time": [Broken("NoneIsNoTime")],
    "create-connection.ssl-handshake-timeout.error/and-in-no-other": [Broken("AnotherErrorForTime")],
    "create-connection.ssl-handshake-timeout.positive/zero-and-less": [Broken("IgnoresTheTimes", hangs=True)],
    "create-unix-connection.ssl-handshake-timeout/nobody-shakes-hands": [Broken("IgnoresTheTimes", hangs=True)],
    "create-connection.ssl-shutdown-timeout/nobody-says-good-bye": [
        Broken("IgnoresTheTimes", since="3.11", hangs=True)
    ],
    "create-unix-connection.ssl-shutdown-timeout/nobody-says-good-bye": [
        Broken("IgnoresTheTimes", since="3.11", hangs=True)
    ],
}
