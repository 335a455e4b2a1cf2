"""Conforming loops whose servers listen and close in another way."""

import socket

from conforming import Freedom, with_classes

from refloop import ReferenceLoop
from refloop.server_objects import Server


class DualStack(ReferenceLoop):
    """Where no host is given, one socket listens for both families of addresses (#asyncio.loop.create_server)."""

    async def create_server(self, factory, host=None, port=None, **keywords):
        if host or port is None or keywords.get("sock") or keywords.get("family"):
            return await super().create_server(factory, host, port, **keywords)
        try:
            sock = socket.create_server(
                ("", port),
                family=socket.AF_INET6,
                dualstack_ipv6=True,
                reuse_port=bool(keywords.pop("reuse_port", False)),
            )
        except OSError:  # there is no IPv6 here
            return await super().create_server(factory, host, port, **keywords)
        for option, value in (("reuse_address", socket.SO_REUSEADDR), ("keep_alive", socket.SO_KEEPALIVE)):
            if (on := keywords.pop(option, None)) is not None:
                sock.setsockopt(socket.SOL_SOCKET, value, on)
        return await super().create_server(factory, sock=sock, **keywords)


@with_classes(Server)
class ServerClosesLater:
    """A server has closed a few turns after close(): it "is closed asynchronously" (#asyncio.Server.close)."""

    def close(self):
        self._loop.call_soon(self._loop.call_soon, super().close)


TABLE = {
    "DualStack": Freedom(["create-server.*", "server.*"], ["freedom/a-socket-for-each-family"]),
    "ServerClosesLater": Freedom(
        ["server.*", "create-server.*", "create-unix-server.*", "start-server*"], ["freedom/servers-closed-by-close"]
    ),
}
