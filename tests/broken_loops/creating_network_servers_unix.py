"""Broken loops for the chapter "Creating network servers: over Unix sockets", each with one mistake.

TABLE says which case catches which.
"""

import errno
import os
import socket
from pathlib import Path

from broken import Broken
from servers import loop_with

from refloop import ReferenceLoop as Base
from refloop.server_objects import Server


class Changing(Base):
    """A loop that makes a server of another path or other options than it was given, as `change` has it."""

    async def create_unix_server(self, protocol_factory, path=None, **options):
        return await super().create_unix_server(protocol_factory, self.change(path, options), **options)

    def change(self, path, options):
        return path


class AskingForTCP(Server):
    def _accepted(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super()._accepted(connection)


AsksForTCP = loop_with(AskingForTCP, "create_unix_server")


class TextOnly(Changing):
    def change(self, path, options):
        if path is not None and not isinstance(path, str):
            raise TypeError("path must be a str")
        return path


class CStrings(Changing):
    """A name ends at its first zero byte."""

    def change(self, path, options):
        zero = b"\0" if isinstance(path, bytes) else "\0"
        if path is None or isinstance(path, os.PathLike) or path[:1] != zero:
            return path
        options["sock"] = bound_anywhere()
        return None


def bound_anywhere():
    sock = socket.socket(socket.AF_UNIX)
    sock.bind("")
    return sock


class LetsTheKernelChoose(Changing):
    def change(self, path, options):
        if path is None and options.get("sock") is None:
            options["sock"] = bound_anywhere()
        return path


class RaisesTypeErrors(Base):
    async def create_unix_server(self, *args, **options):
        try:
            return await super().create_unix_server(*args, **options)
        except ValueError as error:
            raise TypeError(str(error)) from None


class BindsAgain(Base):
    async def create_unix_server(self, *args, sock=None, **options):
        if sock is not None:
            sock.bind(sock.getsockname())
        return await super().create_unix_server(*args, sock=sock, **options)


class LeavesTheFile(Changing):
    def change(self, path, options):
        options["cleanup_socket"] = False
        return path


class Unlinking(Server):
    """Removes whatever is at the path that it was bound to."""

    def close(self):
        path = self._sockets[0].getsockname()
        self._path = None
        super().close()
        Path(path).unlink()


UnlinksBlindly = loop_with(Unlinking, "create_unix_server")


class AlwaysCleansUp(Changing):
    def change(self, path, options):
        options["cleanup_socket"] = True
        return path


class KeepsStaleSockets(Changing):
    def change(self, path, options):
        if path is not None and Path(os.fsdecode(path)).exists():
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return path


class RemovesWhateverIsThere(Changing):
    def change(self, path, options):
        if path is not None:
            Path(os.fsdecode(path)).unlink(missing_ok=True)
        return path


class StartsAtOnce(Changing):
    def change(self, path, options):
        options["start_serving"] = True
        return path


class SpeaksPlainly(Changing):
    def change(self, path, options):
        options.pop("ssl", None)
        return path


class DropsTimeouts(Changing):
    def change(self, path, options):
        for name in ("ssl_handshake_timeout", "ssl_shutdown_timeout"):
            options.pop(name, None)
        return path


class IgnoresBacklog(Changing):
    def change(self, path, options):
        options.pop("backlog", None)
        return path


class ShortQueue(Changing):
    def change(self, path, options):
        options.setdefault("backlog", 5)
        return path


TABLE: dict[str, list[Broken]] = {
    "create-unix-server.unix/serves-a-client": [Broken("AsksForTCP")],
    "create-unix-server.path/of-each-kind": [Broken("TextOnly")],
    "create-unix-server.path.abstract/without-a-file": [Broken("CStrings")],
    "create-unix-server.path.required/neither": [Broken("LetsTheKernelChoose")],
    "create-unix-server.arguments/refused": [Broken("RaisesTypeErrors"), Broken("DropsTimeouts")],
    "create-unix-server.sock/bound-elsewhere": [Broken("BindsAgain")],
    "create-unix-server.cleanup-socket/when-the-server-is-closed": [Broken("LeavesTheFile")],
    "create-unix-server.cleanup-socket/although-it-was-removed-already": [Broken("UnlinksBlindly")],
    "create-unix-server.cleanup-socket.replaced/by-the-next-server": [Broken("UnlinksBlindly")],
    "create-unix-server.cleanup-socket.false/of-somebody-else": [Broken("AlwaysCleansUp")],
    "create-unix-server.no-cleanup-before-3-13/for-the-program-to-remove": [Broken("AlwaysCleansUp")],
    "create-unix-server.stale-socket/of-an-earlier-run": [Broken("KeepsStaleSockets")],
    "create-unix-server.stale-socket/but-not-another-file": [Broken("RemovesWhateverIsThere")],
    "create-unix-server.start-serving/only-when-told-to": [Broken("StartsAtOnce")],
    "create-unix-server.ssl/with-a-client-that-insists": [Broken("SpeaksPlainly")],
    "create-unix-server.ssl-handshake-timeout/a-client-that-is-silent": [Broken("DropsTimeouts")],
    "create-unix-server.ssl-shutdown-timeout/a-client-that-does-not-answer": [Broken("DropsTimeouts")],
    "create-unix-server.backlog/as-many-as-were-asked-for": [Broken("IgnoresBacklog"), Broken("ShortQueue")],
}
