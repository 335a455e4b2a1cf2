"""What one can choose about a TLS connection, and what is assumed if one doesn't."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class TLSOptions:
    """What one can choose: the time-outs are in seconds."""

    context: ssl.SSLContext
    server_side: bool
    server_hostname: str | None
    handshake_timeout: float
    shutdown_timeout: float


def tls_options(
    context: ssl.SSLContext | bool,
    server_side: bool,
    server_hostname: str | None,
    handshake_timeout: float | None,
    shutdown_timeout: float | None,
) -> TLSOptions:
    """Return the options for these arguments of a loop method, of which None means the default.

    TypeError if *context* is none, ValueError for a time-out that isn't positive.
    """
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f"ssl must be an SSLContext, not {context!r}")  # rule: start-tls.sslcontext.type
    times = []
    for name, seconds, default in (
        ("ssl_handshake_timeout", handshake_timeout, 60.0),
        ("ssl_shutdown_timeout", shutdown_timeout, 30.0),
    ):
        if seconds is not None and seconds <= 0:
            # rule: start-tls.time-outs.positive, create-connection.ssl-handshake-timeout.positive
            raise ValueError(f"{name} must be a positive number of seconds, not {seconds}")
        times.append(default if seconds is None else seconds)
    return TLSOptions(context, server_side, server_hostname, *times)
