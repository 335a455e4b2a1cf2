"""Broken loops for the chapter "Server objects", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
from typing import ClassVar

from broken import Broken
from servers import loop_with

from refloop.server_objects import BOUND, CLOSED, SERVING, Server
from refloop.transports.tls import TLSTransport


class WithoutLoop(Server):
    def get_loop(self):
        return None


ForgetsItsLoop = loop_with(WithoutLoop, "create_server", "create_unix_server")


class WithTheRunningLoop(Server):
    def get_loop(self):
        return asyncio.get_running_loop()


TellsTheRunningLoop = loop_with(WithTheRunningLoop)


class LeftOpen(Server):
    async def __aexit__(self, *exc_info):
        pass


LeavesItOpen = loop_with(LeftOpen)


class ClosedOnErrors(Server):
    """Takes the end of a block without an exception for a pause."""

    async def __aexit__(self, *exc_info):
        if exc_info[0] is None:
            await super().__aexit__(*exc_info)


ClosesUnlessThereIsAnError = loop_with(ClosedOnErrors)


class ClosedOnce(Server):
    def close(self):
        if self.state is CLOSED:
            raise RuntimeError("the server is closed")
        super().close()


ClosesOnce = loop_with(ClosedOnce)


class BoundToNothing(Server):
    async def __aenter__(self):
        pass


BindsNothing = loop_with(BoundToNothing)


class WithOneSocket(Server):
    def close(self):
        self._others, self._sockets = self._sockets[1:], self._sockets[:1]
        super().close()


ClosesTheFirst = loop_with(WithOneSocket)


class WaitingToHaveServed(Server):
    served = True

    def close(self):
        self.served = self.state is not BOUND
        super().close()

    async def wait_closed(self):
        if not self.served:
            await self._loop.create_future()
        await super().wait_closed()


WaitsToHaveServed = loop_with(WaitingToHaveServed)


class GoingOnAccepting(Server):
    """Does not look whether the server was closed meanwhile."""

    def _acceptable(self, sock):
        try:
            while True:
                self._accepted(sock.accept()[0])
        except BlockingIOError:
            pass


GoesOnAccepting = loop_with(GoingOnAccepting)


class AttachingLate(Server):
    def _accepted(self, connection):
        self._loop.call_soon(self._attach_later, connection)

    def _attach_later(self, connection):
        assert self.state is SERVING
        super()._accepted(connection)


AttachesLate = loop_with(AttachingLate)


class WithAnEmptyList(Server):
    @property
    def sockets(self):
        return super().sockets or []


KeepsAnEmptyList = loop_with(WithAnEmptyList)


class ClosingConnections(Server):
    def close(self):
        super().close()
        self.close_clients()


ClosesConnections = loop_with(ClosingConnections)


class ServingOn(Server):
    def close(self):
        serving, self._serving_forever = self._serving_forever, None
        super().close()
        self._serving_forever = serving


ServesOn = loop_with(ServingOn)


class ForgettingOne(Server):
    def close_clients(self):
        for transport in list(self._transports)[1:]:
            transport.close()


ForgetsOneClient = loop_with(ForgettingOne)


class ForgettingTLS(Server):
    def attach(self, transport):
        if not isinstance(transport, TLSTransport):
            super().attach(transport)


ForgetsClientsOverTLS = loop_with(ForgettingTLS)


class AbortingClients(Server):
    def close_clients(self):
        self.abort_clients()


AbortsInsteadOfClosing = loop_with(AbortingClients)


class ClosingClients(Server):
    def abort_clients(self):
        self.close_clients()


ClosesInsteadOfAborting = loop_with(ClosingClients)


class WithOneList(Server):
    all_of_them: ClassVar[list] = []

    def attach(self, transport):
        super().attach(transport)
        self.all_of_them.append(transport)

    def close_clients(self):
        for transport in self.all_of_them:
            transport.close()
        self.all_of_them.clear()


OneListForAllServers = loop_with(WithOneList)


TABLE: dict[str, list[Broken]] = {
    "server.created-by/each-of-the-four": [Broken("ForgetsItsLoop")],
    "server.async-with/however-it-ends": [Broken("LeavesItOpen"), Broken("ClosesUnlessThereIsAnError")],
    "server.async-with/of-one-that-is-closed-already": [Broken("ClosesOnce")],
    "server.async-with.target/the-same-object": [Broken("BindsNothing")],
    "server.close.stops/all-of-them": [Broken("ClosesTheFirst")],
    "server.close.stops/one-that-never-served": [Broken("WaitsToHaveServed")],
    "server.close.stops/from-its-own-callbacks": [Broken("GoesOnAccepting")],
    "server.close.stops/while-a-client-arrives": [Broken("AttachesLate")],
    "server.close.sockets-none/not-an-empty-list": [Broken("KeepsAnEmptyList")],
    "server.close.connections-stay-open/and-can-be-used": [Broken("ClosesConnections")],
    "server.close.twice/at-once-and-later": [Broken("ClosesOnce")],
    "server.close.ends-serve-forever/by-cancelled-error": [Broken("ServesOn")],
    "server.close-clients/all-of-them": [Broken("ForgetsOneClient")],
    "server.close-clients/over-tls": [Broken("ForgetsClientsOverTLS")],
    "server.close-clients/after-what-was-written": [Broken("AbortsInsteadOfClosing")],
    "server.close-clients/but-not-those-of-another-server": [Broken("OneListForAllServers")],
    "server.abort-clients/without-what-was-written": [Broken("ClosesInsteadOfAborting")],
    "server.get-loop/the-same-object": [Broken("ForgetsItsLoop"), Broken("TellsTheRunningLoop")],
}
