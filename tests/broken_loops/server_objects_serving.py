"""Broken loops for the chapter "Server objects: serving, and waiting for the end", each with one mistake.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken
from servers import loop_with

from refloop.server_objects import BOUND, CLOSED, SERVING, Server


class NotStarting(Server):
    async def start_serving(self):
        await asyncio.sleep(0)


NeverStarts = loop_with(NotStarting)


class StartingTheFirst(Server):
    def _watch(self, sock):
        if sock is self._sockets[0]:
            super()._watch(sock)


StartsTheFirst = loop_with(StartingTheFirst)


class StartingOnce(Server):
    async def start_serving(self):
        if self.state is SERVING:
            raise RuntimeError("the server is serving already")
        await super().start_serving()


StartsOnce = loop_with(StartingOnce)


class ReturningIfServing(Server):
    async def serve_forever(self):
        if not self.is_serving():
            await super().serve_forever()


ReturnsIfServing = loop_with(ReturningIfServing)


class SwallowingCancellation(Server):
    async def serve_forever(self):
        try:
            await super().serve_forever()
        except asyncio.CancelledError:
            self.close()


SwallowsCancellation = loop_with(SwallowingCancellation)


class StayingOpen(Server):
    async def serve_forever(self):
        if self.state is not CLOSED:
            self._serve()
        await self._loop.create_future()


StaysOpen = loop_with(StayingOpen)


class ReplacingTheFirst(Server):
    async def serve_forever(self):
        self._serve()
        if self._serving_forever is not None:
            self._serving_forever.cancel()
        self._serving_forever = self._loop.create_future()
        await self._serving_forever


ReplacesTheFirst = loop_with(ReplacingTheFirst)


class AlwaysServing(Server):
    def is_serving(self):
        return True


AlwaysSaysItServes = loop_with(AlwaysServing)


class NotWaitingWithoutClients(Server):
    async def wait_closed(self):
        if self._transports:
            await super().wait_closed()


NoClientsNoWait = loop_with(NotWaitingWithoutClients)


class WakingTheLast(Server):
    async def wait_closed(self):
        self._waiting.clear()
        await super().wait_closed()


WakesTheLast = loop_with(WakingTheLast)


class WaitingForTheNextClose(Server):
    async def wait_closed(self):
        self._waiting.append(self._loop.create_future())
        await self._waiting[-1]


WaitsForTheNextClose = loop_with(WaitingForTheNextClose)


class ReturningIfClosed(Server):
    """As in Python 3.11."""

    async def wait_closed(self):
        if self.state is not CLOSED:
            await super().wait_closed()


ReturnsIfClosed = loop_with(ReturningIfClosed)


class CountingTheMade(Server):
    def attach(self, transport):
        self._kept = [*getattr(self, "_kept", []), transport]
        super().attach(transport)

    def detach(self, transport):
        pass


CountsTheMade = loop_with(CountingTheMade)


class WaitingForConnections(Server):
    """As in Python 3.12."""

    async def wait_closed(self):
        while self._transports:
            await asyncio.sleep(0.01)
        await super().wait_closed()


WaitsForConnections = loop_with(WaitingForConnections)


class WithDescriptors(Server):
    @property
    def sockets(self):
        return [sock.fileno() for sock in self._sockets]


TellsDescriptors = loop_with(WithDescriptors)


class WithSocketsWhenServing(Server):
    @property
    def sockets(self):
        return [] if self.state is BOUND else super().sockets


SocketsWhenServing = loop_with(WithSocketsWhenServing)


class WithItsOwnList(Server):
    @property
    def sockets(self):
        return None if self.state is CLOSED else self._sockets


GivesItsOwnList = loop_with(WithItsOwnList)


TABLE: dict[str, list[Broken]] = {
    "server.start-serving/of-protocols-and-of-streams": [Broken("NeverStarts")],
    "server.start-serving/on-every-socket": [Broken("StartsTheFirst")],
    "server.start-serving.idempotent/twice-and-on-a-serving-one": [Broken("StartsOnce")],
    "server.serve-forever/one-client-after-the-other": [Broken("ReturnsIfServing")],
    "server.serve-forever/as-the-page-has-it": [Broken("SwallowsCancellation")],
    "server.serve-forever.cancelled/and-accepts-no-more": [Broken("StaysOpen")],
    "server.serve-forever.only-one/the-second-is-refused-and-the-first-goes-on": [
        Broken("ReplacesTheFirst"),
        Broken("StaysOpen"),
    ],
    "server.serve-forever.refused/by-its-name": [Broken("StaysOpen"), Broken("ReplacesTheFirst")],
    "server.is-serving/from-the-first-to-the-last-state": [Broken("AlwaysSaysItServes")],
    "server.wait-closed/not-before-close": [Broken("NoClientsNoWait")],
    "server.wait-closed/for-each-that-waits": [Broken("WakesTheLast")],
    "server.wait-closed/after-close-as-well": [Broken("WaitsForTheNextClose")],
    "server.wait-closed.connections/until-the-last-is-lost": [Broken("ReturnsIfClosed")],
    "server.wait-closed.connections/not-for-those-that-ended-before": [Broken("CountsTheMade")],
    "server.wait-closed.before-3-12/with-an-active-connection": [Broken("WaitsForConnections")],
    "server.sockets/each-of-them-and-what-it-can-tell": [Broken("TellsDescriptors")],
    "server.sockets.before-serving/also-before-it-serves": [Broken("SocketsWhenServing")],
    "server.sockets.copy/emptied-by-the-program": [Broken("GivesItsOwnList")],
}
