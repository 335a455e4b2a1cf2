"""Broken loops for the chapter "Opening network connections": Happy Eyeballs.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken

from refloop import ReferenceLoop as Base


class AlwaysRaces(Base):
    async def create_connection(self, *args, happy_eyeballs_delay=0.001, **kwargs):
        return await super().create_connection(*args, happy_eyeballs_delay=happy_eyeballs_delay, **kwargs)


class NeverRaces(Base):
    async def create_connection(self, *args, happy_eyeballs_delay=None, **kwargs):
        return await super().create_connection(*args, **kwargs)


class CountsOnLazyTasks(Base):
    """Starts attempts in tasks, which look for themselves in a list that they are not yet in if they start at once."""

    async def _connect(self, addresses, local, delay, all_errors):
        running = []

        async def attempt():
            if not running:
                raise AssertionError("this task has not been noted")
            return await super(CountsOnLazyTasks, self)._connect(addresses, local, delay, all_errors)

        running.append(self.create_task(attempt()))
        return await running[0]


class AllAtOnce(Base):
    async def create_connection(self, *args, happy_eyeballs_delay=None, **kwargs):
        if happy_eyeballs_delay is not None:
            happy_eyeballs_delay = 0.0
        return await super().create_connection(*args, happy_eyeballs_delay=happy_eyeballs_delay, **kwargs)


class SleepsBetweenAttempts(Base):
    """Waits for the delay also where the attempt has failed."""

    async def create_connection(self, *args, happy_eyeballs_delay=None, **kwargs):
        self._delay = happy_eyeballs_delay
        return await super().create_connection(*args, happy_eyeballs_delay=happy_eyeballs_delay, **kwargs)

    async def _connect_to(self, info, local):
        try:
            return await super()._connect_to(info, local)
        except OSError:
            if self._delay is not None:
                await asyncio.sleep(self._delay)
            raise


class DelayIsATimeout(Base):
    """Gives an attempt up when the next one is due."""

    async def _connect(self, addresses, local, delay, all_errors):
        failure = OSError("no address")
        for info in addresses:
            try:
                return await asyncio.wait_for(self._connect_to(info, local), delay)
            except (OSError, asyncio.TimeoutError) as error:
                failure = OSError(str(error))
        raise failure


class ForgetsWhoElseHasConnected(Base):
    """Gives up the attempts that still run when one has connected, and no other that has connected by then."""

    async def _connect(self, addresses, local, delay, all_errors):
        if delay is None:
            return await super()._connect(addresses, local, delay, all_errors)
        self._attempts = []
        for info in addresses:
            self._attempts.append(asyncio.ensure_future(self._connect_to(info, local)))
            await asyncio.wait(self._attempts, timeout=delay)
        done, running = await asyncio.wait(self._attempts, return_when=asyncio.FIRST_COMPLETED)
        for attempt in running:
            attempt.cancel()
        return done.pop().result()


class NeverInterleaves(Base):
    async def create_connection(self, *args, interleave=None, **kwargs):
        return await super().create_connection(*args, interleave=0, **kwargs)


class InterleavesAlways(Base):
    """Any number means one."""

    async def create_connection(self, *args, interleave=None, **kwargs):
        return await super().create_connection(*args, interleave=1, **kwargs)


class KeepsTheOrderByDefault(Base):
    """interleave is 0 by default also with a delay."""

    async def create_connection(self, *args, interleave=0, **kwargs):
        return await super().create_connection(*args, interleave=interleave, **kwargs)


TABLE: dict[str, list[Broken]] = {
    "create-connection.happy-eyeballs.if-given/not-while-the-first-does-not-answer": [Broken("AlwaysRaces")],
    "create-connection.happy-eyeballs.next/past-an-address-that-does-not-answer": [Broken("NeverRaces", hangs=True)],
    "create-connection.happy-eyeballs.next/in-tasks-that-start-at-once": [Broken("CountsOnLazyTasks", since="3.12")],
    "create-connection.happy-eyeballs.waits/the-second-is-left-in-peace": [Broken("AllAtOnce")],
    "create-connection.happy-eyeballs.waits/but-not-for-an-attempt-that-has-failed": [
        Broken("SleepsBetweenAttempts", hangs=True)
    ],
    "create-connection.happy-eyeballs.parallel/the-first-still-counts-when-the-second-has-failed": [
        Broken("DelayIsATimeout")
    ],
    "create-connection.happy-eyeballs.losers/of-two-that-wait-for-their-answer": [Broken("ForgetsWhoElseHasConnected")],
    "create-connection.interleave/three-of-ipv4-and-two-of-ipv6": [
        Broken("NeverInterleaves"),
        Broken("InterleavesAlways"),
    ],
    "create-connection.interleave.default/without-a-delay-and-with-one": [
        Broken("InterleavesAlways"),
        Broken("KeepsTheOrderByDefault"),
    ],
}
