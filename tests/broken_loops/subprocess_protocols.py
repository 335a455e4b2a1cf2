"""Loops with one mistake each in what they tell a child's protocol, for the cases of subprocess-protocols.toml.

TABLE says which case catches which.
"""

from __future__ import annotations

import asyncio
import os
import subprocess

from broken import Between, Broken, Starting, Wrapper, Wrapping


class TellsAsItSees(Wrapping):
    """What has come through a pipe is told at once; the connection is told when the loop gets to it."""

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport

        def pipe_data_received(self, descriptor, data):
            super().pipe_data_received(descriptor, data)
            super().connection_made(self.transport)
            self.pipe_data_received = super().pipe_data_received


class ConnectsTwice(Wrapping):
    class Protocol(Between):
        def connection_made(self, transport):
            super().connection_made(transport)
            super().connection_made(transport)


class LostWithTheFirstPipe(Wrapping):
    """As where what was kept back is told one by one, and each asks whether all is over."""

    class Protocol(Between):
        lost = False

        def pipe_connection_lost(self, descriptor, error):
            super().pipe_connection_lost(descriptor, error)
            if not self.lost:
                self.lost = True
                super().connection_lost(None)

        def connection_lost(self, error):
            if not self.lost:
                super().connection_lost(error)


class AnErrorForTheEnd(Wrapping):
    class Protocol(Between):
        def connection_lost(self, error):
            super().connection_lost(EOFError())


class Keeping(Wrapping):
    """What the child writes is told at its end."""

    class Protocol(Between):
        def __init__(self, inner):
            super().__init__(inner)
            self.kept = []

        def pipe_data_received(self, descriptor, data):
            self.kept.append((descriptor, data))

        def pipe_connection_lost(self, descriptor, error):
            for kept in [kept for kept in self.kept if kept[0] == descriptor]:
                super().pipe_data_received(*kept)
            super().pipe_connection_lost(descriptor, error)


class NothingFromTheDead(Wrapping):
    """What is still in the pipes when the child has exited is thrown away."""

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport
            super().connection_made(transport)

        def pipe_data_received(self, descriptor, data):
            look = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, self.transport.get_pid(), look) is None:
                super().pipe_data_received(descriptor, data)


class OneBufferForEachPipe(Wrapping):
    """Of each pipe no more is read than a buffer of fixed size holds."""

    class Protocol(Between):
        def __init__(self, inner):
            super().__init__(inner)
            self.room = dict.fromkeys((1, 2), 65536)

        def pipe_data_received(self, descriptor, data):
            if data := data[: self.room[descriptor]]:
                self.room[descriptor] -= len(data)
                super().pipe_data_received(descriptor, data)


class EmptyAtTheEnd(Wrapping):
    class Protocol(Between):
        def pipe_connection_lost(self, descriptor, error):
            if descriptor:
                super().pipe_data_received(descriptor, b"")
            super().pipe_connection_lost(descriptor, error)


class ViewsOfItsBuffer(Wrapping):
    class Protocol(Between):
        def pipe_data_received(self, descriptor, data):
            super().pipe_data_received(descriptor, memoryview(data))


class PipesEndWithTheProcess(Wrapping):
    class Protocol(Between):
        def __init__(self, inner):
            super().__init__(inner)
            self.ends, self.exited = [], False

        def pipe_connection_lost(self, descriptor, error):
            if self.exited:
                super().pipe_connection_lost(descriptor, error)
            else:
                self.ends.append((descriptor, error))

        def process_exited(self):
            self.exited = True
            super().process_exited()
            for end in self.ends:
                super().pipe_connection_lost(*end)


class OneEndIsAll(Wrapping):
    """The end of one pipe closes the others."""

    class Protocol(Between):
        def connection_made(self, transport):
            self.transport = transport
            super().connection_made(transport)

        def pipe_connection_lost(self, descriptor, error):
            super().pipe_connection_lost(descriptor, error)
            self.transport.close()


class EndsOfAllThree(Wrapping):
    """Also what is no pipe has its end told."""

    class Protocol(Between):
        def connection_made(self, transport):
            self.none = [fd for fd in range(3) if not transport.get_pipe_transport(fd)]
            super().connection_made(transport)

        def process_exited(self):
            super().process_exited()
            for descriptor in self.none:
                super().pipe_connection_lost(descriptor, None)


class RuntimeErrorForABrokenPipe(Wrapping):
    class Protocol(Between):
        def pipe_connection_lost(self, descriptor, error):
            super().pipe_connection_lost(descriptor, error and RuntimeError("the handle is closed"))


class ExitAfterThePipes(Wrapping):
    """The process counts as over when its pipes are."""

    class Protocol(Between):
        open = 0
        exited = told = False

        def connection_made(self, transport):
            self.open = sum(bool(transport.get_pipe_transport(fd)) for fd in range(3))
            super().connection_made(transport)

        def pipe_connection_lost(self, descriptor, error):
            self.open -= 1
            super().pipe_connection_lost(descriptor, error)
            self.tell()

        def process_exited(self):
            self.exited = True
            self.tell()

        def tell(self):
            if self.exited and not self.open and not self.told:
                self.told = True
                super().process_exited()


class ExitWithTheOutput(Wrapping):
    """The end of the output is taken for the end of the process."""

    class Protocol(Between):
        told = False

        def pipe_connection_lost(self, descriptor, error):
            super().pipe_connection_lost(descriptor, error)
            self.process_exited()

        def process_exited(self):
            if not self.told:
                self.told = True
                super().process_exited()


class ExitByAnyNews(Wrapping):
    """A child that was stopped counts as one that has ended: waitpid() had news."""

    class Transport(Wrapper):
        def send_signal(self, number):
            self.inner.send_signal(number)
            loop = asyncio.get_running_loop()
            loop.call_soon(self.inner.get_protocol().process_exited)


class NeverPauses(Wrapping):
    class Protocol(Between):
        def pause_writing(self):
            pass

        def resume_writing(self):
            pass


class NeverResumes(Wrapping):
    class Protocol(Between):
        def resume_writing(self):
            pass


class FarEndsTwice(Starting):
    """The child has its ends of the pipes under other numbers as well."""

    async def start(self, start, factory, command, options):
        names = ("stdin", "stdout", "stderr")
        pipes = [fd for fd, name in enumerate(names) if options.get(name, subprocess.PIPE) == subprocess.PIPE]
        copies = [f"{7 + fd}>&{fd}" for fd in pipes]
        return await start(factory, "/bin/sh", "-c", f'exec "$@" {" ".join(copies)}', "sh", *command, **options)


TABLE: dict[str, list[Broken]] = {
    "subprocess-protocol.connection-made/though-the-child-has-ended-already": [
        Broken("TellsAsItSees"),
        Broken("ConnectsTwice"),
    ],
    "subprocess-protocol.connection-lost/though-the-child-has-ended-already": [
        Broken("LostWithTheFirstPipe"),
        Broken("AnErrorForTheEnd"),
    ],
    "subprocess-protocol.pipe-data-received/as-it-is-written": [Broken("Keeping", hangs=True)],
    "subprocess-protocol.pipe-data-received/all-of-it-and-in-order": [
        Broken("OneBufferForEachPipe"),
    ],
    "subprocess-protocol.pipe-data-received/of-many-children-that-end-at-once": [Broken("NothingFromTheDead")],
    "subprocess-protocol.pipe-data-received.bytes/of-an-empty-write-and-of-the-end": [
        Broken("EmptyAtTheEnd"),
        Broken("ViewsOfItsBuffer"),
    ],
    "subprocess-protocol.pipe-connection-lost/by-the-child-that-runs-on": [
        Broken("PipesEndWithTheProcess", hangs=True),
        Broken("FarEndsTwice", hangs=True),
    ],
    "subprocess-protocol.pipe-connection-lost/by-this-side": [Broken("OneEndIsAll")],
    "subprocess-protocol.pipe-connection-lost/once-for-each-pipe-and-for-nothing-else": [Broken("EndsOfAllThree")],
    "subprocess-protocol.pipe-connection-lost/of-stdin-with-something-left-to-write": [
        Broken("RuntimeErrorForABrokenPipe")
    ],
    "subprocess-protocol.process-exited/though-its-pipes-are-still-open": [Broken("ExitAfterThePipes", hangs=True)],
    "subprocess-protocol.process-exited/and-not-before": [Broken("ExitWithTheOutput")],
    "subprocess-protocol.process-exited/of-a-child-that-was-stopped-for-a-while": [Broken("ExitByAnyNews")],
    "subprocess-protocol.flow-control/of-a-child-that-reads-late": [Broken("NeverPauses"), Broken("NeverResumes")],
}
