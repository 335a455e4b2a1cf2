"""Broken loops for the chapter "Running and stopping the loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import gc
import inspect
import sys

from broken import Broken
from broken import SelectorLoop as Base


class CancelsGenerators(Base):
    async def shutdown_asyncgens(self):
        for generator in list(self._asyncgens):
            await asyncio.gather(generator.athrow(asyncio.CancelledError), return_exceptions=True)


class ClosesTheLastOnly(Base):
    def _asyncgen_firstiter_hook(self, generator):
        self._asyncgens.clear()
        super()._asyncgen_firstiter_hook(generator)


class StopsAtTheFirstFailure(Base):
    async def shutdown_asyncgens(self):
        generators = list(self._asyncgens)
        self._asyncgens.clear()
        for generator in sorted(generators, key=lambda g: g.ag_frame.f_locals["name"]):
            await generator.aclose()


class AListForEachRun(Base):
    def _run_forever_setup(self):
        super()._run_forever_setup()
        self._asyncgens.clear()


class AListForEachTask(Base):
    def _asyncgen_firstiter_hook(self, generator):
        super()._asyncgen_firstiter_hook(generator)
        task = asyncio.current_task()
        if task:
            task.add_done_callback(lambda _: self._asyncgens.discard(generator))


class NeverWarnsOfGenerators(Base):
    def _asyncgen_firstiter_hook(self, generator):
        self._asyncgens.add(generator)


class ForgetsAShutdownOfNoGenerator(Base):
    async def shutdown_asyncgens(self):
        if self._asyncgens:
            await super().shutdown_asyncgens()


class RaisesWhatGeneratorsRaise(Base):
    async def shutdown_asyncgens(self):
        generators = list(self._asyncgens)
        self._asyncgens.clear()
        await asyncio.gather(*(generator.aclose() for generator in generators))


class NoHooks(Base):
    def _run_forever_setup(self):
        super()._run_forever_setup()
        sys.set_asyncgen_hooks(None, None)


class KeepsItsHooks(Base):
    def _run_forever_cleanup(self):
        hooks = sys.get_asyncgen_hooks()
        super()._run_forever_cleanup()
        sys.set_asyncgen_hooks(*hooks)


class HoldsGenerators(Base):
    """Holds on to every generator that it has seen."""

    def __init__(self):
        super().__init__()
        self._asyncgens = set()


class ListsWhatItIsClosing(Base):
    """A generator that was dropped stands in the list although it is being closed."""

    def _asyncgen_finalizer_hook(self, generator):
        super()._asyncgen_finalizer_hook(generator)
        self._dropped = generator

    async def shutdown_asyncgens(self):
        self._asyncgens.add(self._dropped)
        await super().shutdown_asyncgens()


class ClosesTheDroppedAtShutdown(Base):
    """A generator that was dropped is kept, and closed when all are."""

    def _asyncgen_finalizer_hook(self, generator):
        self._dropped = generator

    async def shutdown_asyncgens(self):
        self._asyncgens.add(self._dropped)
        await super().shutdown_asyncgens()


class HookIsNotThreadsafe(Base):
    """A generator that another thread drops does not wake the loop."""

    def _asyncgen_finalizer_hook(self, generator):
        self.call_soon(self.create_task, generator.aclose())


class SchedulesOnAClosedLoop(Base):
    def _asyncgen_finalizer_hook(self, generator):
        self.call_soon_threadsafe(self.create_task, generator.aclose())


class DoesNotWaitForGenerators(Base):
    async def shutdown_asyncgens(self):
        for generator in list(self._asyncgens):
            self.create_task(generator.aclose())
        self._asyncgens.clear()
        await asyncio.sleep(0)


class ClosesAllGeneratorsThereAre(Base):
    async def shutdown_asyncgens(self):
        for generator in filter(inspect.isasyncgen, gc.get_objects()):
            await generator.aclose()


TABLE: dict[str, list[Broken]] = {
    "shutdown-asyncgens.closes-open-generators/which-raises-generator-exit-in-them": [Broken("CancelsGenerators")],
    "shutdown-asyncgens.closes-open-generators/all-of-them": [Broken("ClosesTheLastOnly")],
    "shutdown-asyncgens.closes-open-generators/even-if-one-fails": [Broken("StopsAtTheFirstFailure")],
    "shutdown-asyncgens.closes-open-generators/opened-in-an-earlier-run": [Broken("AListForEachRun")],
    "shutdown-asyncgens.closes-open-generators/opened-in-a-task-that-was-cancelled": [Broken("AListForEachTask")],
    "shutdown-asyncgens.warns-of-new-generators/but-not-before": [Broken("NeverWarnsOfGenerators")],
    "shutdown-asyncgens.warns-of-new-generators/even-if-there-was-nothing-to-close": [
        Broken("ForgetsAShutdownOfNoGenerator")
    ],
    "shutdown-asyncgens.errors-to-the-handler/and-not-to-the-caller": [Broken("RaisesWhatGeneratorsRaise")],
    "asyncgens.hooks-are-set/while-it-runs": [Broken("NoHooks")],
    "asyncgens.hooks-are-restored/however-the-run-ends": [Broken("KeepsItsHooks")],
    "asyncgens.list-is-kept-consistent/one-that-was-dropped-is-closed-once": [Broken("ListsWhatItIsClosing")],
    "asyncgens.dropped-are-closed-soon/without-a-shutdown": [
        Broken("HoldsGenerators", hangs=True),
        Broken("ClosesTheDroppedAtShutdown", hangs=True),
    ],
    "asyncgens.ended-are-let-go/one-that-ended-is-let-go": [Broken("HoldsGenerators")],
    "asyncgens.clean-up-is-deferred/after-a-loop-that-was-left-early": [Broken("NoHooks", hangs=True)],
    "asyncgens.clean-up-from-any-thread/dropped-by-another-thread": [Broken("HookIsNotThreadsafe", hangs=True)],
    "asyncgens.dropped-after-close/in-silence": [Broken("SchedulesOnAClosedLoop")],
    "asyncgens.shutdown-stops-gracefully/with-clean-up-that-awaits": [Broken("DoesNotWaitForGenerators")],
    "asyncgens.iterated-before-the-loop/is-not-closed": [Broken("ClosesAllGeneratorsThereAre")],
}
