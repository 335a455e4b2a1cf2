"""Broken loops for the chapter "Opening network connections": create_connection() with TLS.

TABLE says which case catches which.
"""

import ssl

from broken import Broken

from refloop import ReferenceLoop as Base


class FalseIsGiven(Base):
    """Whatever is not None asks for TLS."""

    async def create_connection(self, *args, **kwargs):
        if kwargs.get("ssl") is False:
            kwargs["ssl"] = True
        return await super().create_connection(*args, **kwargs)


class ItsOwnContext(Base):
    async def create_connection(self, *args, **kwargs):
        if kwargs.get("ssl"):
            kwargs["ssl"] = True
        return await super().create_connection(*args, **kwargs)


class Adapting(Base):
    """A loop that takes TLS to mean what `adapted` makes of it."""

    def adapted(self, host, options):
        return options

    async def create_connection(self, protocol_factory, host=None, port=None, **kwargs):
        return await super().create_connection(protocol_factory, host, port, **self.adapted(host, kwargs))


class VerifiesNothing(Adapting):
    """The default context trusts anybody."""

    def adapted(self, host, options):
        if options.get("ssl") is True:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return {**options, "ssl": context}
        return options


class BringsItsOwnAuthorities(Adapting):
    """The default context trusts authorities of the loop's own, here none."""

    def adapted(self, host, options):
        if options.get("ssl") is True:
            return {**options, "ssl": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
        return options


class MatchesNothing(Adapting):
    def adapted(self, host, options):
        options["ssl"].check_hostname = False
        return options


class MatchesTheHostOnly(Adapting):
    def adapted(self, host, options):
        return {**options, "server_hostname": host}


class EmptyIsNone(Adapting):
    """An empty server_hostname is taken for none, which means the host."""

    def adapted(self, host, options):
        return {**options, "server_hostname": options.get("server_hostname") or None}


class LocalhostByDefault(Adapting):
    def adapted(self, host, options):
        if options.get("ssl") and not host:
            return {"server_hostname": "localhost", **options}
        return options


class WantsAHost(Adapting):
    def adapted(self, host, options):
        if options.get("ssl") and not host:
            raise ValueError("TLS needs a host")
        return options


class AnEmptyNameEndsTheChecks(Adapting):
    """The context is told to check no names where server_hostname is empty."""

    def adapted(self, host, options):
        if options.get("server_hostname") == "":
            options["ssl"].check_hostname = False
        return options


class DropsTimeouts(Adapting):
    """Takes time-outs of TLS without TLS, and does nothing with them."""

    def adapted(self, host, options):
        if not options.get("ssl"):
            for name in ("ssl_handshake_timeout", "ssl_shutdown_timeout"):
                options.pop(name, None)
        return options


class DropsServerHostname(Adapting):
    def adapted(self, host, options):
        return options if options.get("ssl") else {**options, "server_hostname": None}


TABLE: dict[str, list[Broken]] = {
    "create-connection.ssl.plain/not-given-or-false": [Broken("FalseIsGiven", hangs=True)],
    "create-connection.ssl.context/the-one-that-was-given": [Broken("ItsOwnContext")],
    "create-connection.ssl.true/trusts-what-the-system-trusts-and-nothing-else": [
        Broken("VerifiesNothing"),
        Broken("BringsItsOwnAuthorities"),
    ],
    "create-connection.server-hostname.default/a-host-that-it-names-and-one-that-it-does-not": [
        Broken("MatchesNothing")
    ],
    "create-connection.server-hostname.overrides/a-name-that-it-has-and-one-that-it-has-not": [
        Broken("MatchesTheHostOnly"),
        Broken("MatchesNothing"),
    ],
    "create-connection.server-hostname.required/refused-without": [Broken("LocalhostByDefault")],
    "create-connection.server-hostname.required/enough-with-a-given-socket": [Broken("WantsAHost")],
    "create-connection.server-hostname.empty/with-the-default-context": [Broken("EmptyIsNone")],
    "create-connection.server-hostname.empty/with-a-context-that-checks-names": [
        Broken("EmptyIsNone", until="3.13"),
    ],
    "create-connection.server-hostname.check-hostname/without-a-host": [Broken("LocalhostByDefault", since="3.14")],
    "create-connection.server-hostname.check-hostname.empty/an-empty-name": [
        Broken("AnEmptyNameEndsTheChecks", since="3.14"),
        Broken("EmptyIsNone", since="3.14"),
    ],
    "create-connection.server-hostname.error/one-without-the-other": [
        Broken("LocalhostByDefault"),
        Broken("DropsServerHostname"),
    ],
    "create-connection.ssl.arguments/time-outs-alone": [Broken("DropsTimeouts", since="3.11")],
}
