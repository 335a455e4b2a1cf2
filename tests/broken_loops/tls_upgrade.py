"""Broken loops for the chapter "TLS upgrade", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import socket
import ssl

from broken import Broken

from refloop import ReferenceLoop as Base


def like(context):
    """Return a context that trusts the same authorities, and nothing else of *context*."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in context.get_ca_certs(binary_form=True):
        made.load_verify_locations(cadata=authority)
    return made


class DoesNotUpgrade(Base):
    async def start_tls(self, transport, protocol, sslcontext, **options):
        transport.set_protocol(protocol)
        return transport


class DropsThePlainPart(Base):
    async def start_tls(self, transport, *args, **options):
        transport._buffer.clear()
        return await super().start_tls(transport, *args, **options)


class ForgetsThePaused(Base):
    """Who was paused over the plain part is not resumed."""

    async def start_tls(self, transport, protocol, *args, **options):
        class Between(asyncio.Protocol):
            def connection_lost(self, error):
                protocol.connection_lost(error)

        upgraded = await super().start_tls(transport, Between(), *args, **options)
        upgraded.set_protocol(protocol)
        return upgraded


class LosesTheProtocol(Base):
    async def start_tls(self, *args, **options):
        upgraded = await super().start_tls(*args, **options)
        upgraded.set_protocol(asyncio.Protocol())
        return upgraded


class AnnouncesAgain(Base):
    async def start_tls(self, transport, protocol, *args, **options):
        upgraded = await super().start_tls(transport, protocol, *args, **options)
        protocol.connection_made(upgraded)
        return upgraded


class SilentAfterAFailure(Base):
    """A protocol whose upgrade failed never hears of the end."""

    async def start_tls(self, transport, protocol, *args, **options):
        upgraded = await super().start_tls(transport, asyncio.Protocol(), *args, **options)
        upgraded.set_protocol(protocol)
        return upgraded


class WaitsForAClosingTransport(Base):
    async def start_tls(self, transport, *args, **options):
        while transport.is_closing():
            await asyncio.sleep(0.01)
        return await super().start_tls(transport, *args, **options)


class OnlyTCP(Base):
    async def start_tls(self, transport, *args, **options):
        if transport.get_extra_info("socket").family == socket.AF_UNIX:
            raise TypeError("no TCP transport")
        return await super().start_tls(transport, *args, **options)


class TakesAnyTransport(Base):
    async def start_tls(self, transport, *args, **options):
        if not hasattr(transport, "write"):
            await asyncio.sleep(60)
        return await super().start_tls(transport, *args, **options)


class NoTLSOverTLS(Base):
    async def start_tls(self, transport, *args, **options):
        if transport.get_extra_info("ssl_object"):
            raise TypeError("it is encrypted already")
        return await super().start_tls(transport, *args, **options)


class ItsOwnContext(Base):
    async def start_tls(self, transport, protocol, sslcontext, *, server_side=False, **options):
        context = sslcontext if server_side else like(sslcontext)
        return await super().start_tls(transport, protocol, context, server_side=server_side, **options)


class TakesTrue(Base):
    async def start_tls(self, transport, protocol, sslcontext, **options):
        if not isinstance(sslcontext, ssl.SSLContext):
            sslcontext = ssl.create_default_context()
        return await super().start_tls(transport, protocol, sslcontext, **options)


class AlwaysTheClient(Base):
    async def start_tls(self, transport, protocol, sslcontext, *, server_side=False, **options):
        if server_side:
            options["server_hostname"] = "localhost"
            sslcontext = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return await super().start_tls(transport, protocol, sslcontext, **options)


class IgnoresTheName(Base):
    async def start_tls(self, transport, protocol, sslcontext, **options):
        sslcontext.check_hostname = False
        return await super().start_tls(transport, protocol, sslcontext, **options)


class TellsNoName(Base):
    """Matches the certificate by itself, and the server hears no name."""

    async def start_tls(self, transport, protocol, sslcontext, *, server_hostname=None, **options):
        if not server_hostname:
            return await super().start_tls(transport, protocol, sslcontext, **options)
        sslcontext.check_hostname = False
        upgraded = await super().start_tls(transport, protocol, sslcontext, **options)
        if ("DNS", server_hostname) not in upgraded.get_extra_info("peercert")["subjectAltName"]:
            upgraded.abort()
            raise ssl.SSLCertVerificationError("another name")
        return upgraded


class LeavesTheConnection(Base):
    """A cancelled upgrade goes on."""

    async def start_tls(self, *args, **options):
        return await asyncio.shield(self.create_task(super().start_tls(*args, **options)))


class IgnoresTheTimes(Base):
    async def start_tls(self, *args, ssl_handshake_timeout=None, ssl_shutdown_timeout=None, **options):
        return await super().start_tls(*args, **options)


TABLE: dict[str, list[Broken]] = {
    "start-tls.upgrades/after-words-in-plain-text": [Broken("DoesNotUpgrade", hangs=True)],
    "start-tls.upgrades/while-what-was-written-before-still-waits": [
        Broken("DropsThePlainPart", hangs=True),
        Broken("ForgetsThePaused", hangs=True),
    ],
    "start-tls.returns/with-the-protocol": [Broken("LosesTheProtocol")],
    "start-tls.connection-callbacks/one-connection-one-announcement": [Broken("AnnouncesAgain")],
    "start-tls.connection-callbacks/also-if-the-upgrade-fails": [Broken("SilentAfterAFailure", hangs=True)],
    "start-tls.closing-transport/closed-a-moment-ago": [Broken("WaitsForAClosingTransport", since="3.13", hangs=True)],
    "start-tls.transport/whichever-method-made-it": [Broken("OnlyTCP", hangs=True)],
    "start-tls.transport.refused/one-direction-only": [Broken("TakesAnyTransport", hangs=True)],
    "start-tls.over-tls/through-a-proxy": [Broken("NoTLSOverTLS", since="3.11")],
    "start-tls.sslcontext/its-configuration-is-used": [Broken("ItsOwnContext")],
    "start-tls.sslcontext.type/none-or-true": [Broken("TakesTrue", hangs=True)],
    "start-tls.server-side/each-side": [Broken("AlwaysTheClient")],
    "start-tls.server-hostname/the-right-one-and-a-wrong-one": [Broken("IgnoresTheName")],
    "start-tls.server-hostname.told/so-that-it-knows-which": [Broken("TellsNoName")],
    "start-tls.cancelled/during-the-handshake": [Broken("LeavesTheConnection", hangs=True)],
    "start-tls.ssl-handshake-timeout/nobody-shakes-hands": [Broken("IgnoresTheTimes", hangs=True)],
    "start-tls.ssl-shutdown-timeout/nobody-says-good-bye": [Broken("IgnoresTheTimes", since="3.11", hangs=True)],
    "start-tls.time-outs.positive/zero-and-less": [Broken("IgnoresTheTimes", hangs=True)],
    "start-tls.time-outs.positive/shutdown-zero-and-less": [Broken("IgnoresTheTimes", since="3.11", hangs=True)],
}
