"""Broken loops for the chapter "Creating futures and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken

Base = asyncio.SelectorEventLoop


class PassesNone(Base):
    """Tasks begin at once where nothing was asked for."""

    def create_task(self, coro, *, eager_start=None, **kwargs):
        if self.get_task_factory() is None:
            eager_start = True
        return super().create_task(coro, eager_start=eager_start, **kwargs)


class SwapsTheCoroutine(Base):
    def create_task(self, coro, **kwargs):
        factory = self.get_task_factory()
        if factory is None:
            return super().create_task(coro, **kwargs)

        async def wrapper():
            return await coro

        return factory(self, wrapper(), **kwargs)


class WrapsTasks(Base):
    """Wraps what the factory returns into a task of its own."""

    def create_task(self, coro, **kwargs):
        inner = super().create_task(coro, **kwargs)

        async def outer():
            return await inner

        return asyncio.Task(outer(), loop=self, **kwargs)


class SharedFactory(Base):
    factory = None

    def set_task_factory(self, factory):
        SharedFactory.factory = factory

    def get_task_factory(self):
        return SharedFactory.factory

    def create_task(self, coro, **kwargs):
        if SharedFactory.factory:
            return SharedFactory.factory(self, coro, **kwargs)
        return super().create_task(coro, **kwargs)


class KeepsFactory(Base):
    def set_task_factory(self, factory):
        if factory is not None:
            super().set_task_factory(factory)


class StoresAnything(Base):
    def set_task_factory(self, factory):
        self._task_factory = factory


class PassesName(Base):
    """Passes the name to factories of before it was passed."""

    def create_task(self, coro, *, name=None, context=None):
        if self._task_factory:
            return self._task_factory(self, coro, name=name, context=context)
        return super().create_task(coro, name=name)


class KeepsContext(Base):
    """Does not pass the context on."""

    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class NamesAfterwards(Base):
    """Sets the name of a task that the factory has made."""

    def create_task(self, coro, *, name=None, **kwargs):
        task = super().create_task(coro, **kwargs)
        if name is not None:
            task.set_name(name)
        return task


class FactoryMakesTasks(Base):
    """Takes whatever a factory returns for a task."""

    def create_task(self, coro, *, name=None, **kwargs):
        task = super().create_task(coro, **kwargs)
        task.set_name(name or "unnamed")
        return task


class OwnMainTask(Base):
    """run_until_complete() does not ask the factory."""

    def run_until_complete(self, future):
        if asyncio.iscoroutine(future):
            future = asyncio.Task(future, loop=self)
        return super().run_until_complete(future)


class ReturnsWrapped(Base):
    def get_task_factory(self):
        factory = super().get_task_factory()
        return factory and (lambda *args, **kwargs: factory(*args, **kwargs))


class ReturnsDefault(Base):
    def get_task_factory(self):
        return super().get_task_factory() or asyncio.Task


class EagerWithoutContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class EagerIsNotWoken(Base):
    """A task that began at once and waits is not woken."""

    starting = False

    def create_task(self, coro, **kwargs):
        self.starting = self._task_factory is not None
        try:
            return super().create_task(coro, **kwargs)
        finally:
            self.starting = False

    def call_soon(self, callback, *args, context=None):
        if self.starting:
            return None
        return super().call_soon(callback, *args, context=context)


class OwnEagerTasks(Base):
    """An eager factory's own class is not used."""

    def create_task(self, coro, **kwargs):
        if self._task_factory is not None:
            return asyncio.Task(coro, loop=self, eager_start=True, **kwargs)
        return super().create_task(coro, **kwargs)


TABLE: dict[str, list[Broken]] = {
    "create-task.eager-start.default/as-the-factory-has-it": [Broken("PassesNone")],
    "set-task-factory.used/called-with-the-loop-and-the-coroutine": [Broken("SwapsTheCoroutine")],
    "set-task-factory.used/what-it-returns-is-returned": [Broken("WrapsTasks")],
    "set-task-factory.used/of-one-loop-only": [Broken("SharedFactory")],
    "set-task-factory.none/after-another-one": [Broken("KeepsFactory")],
    "set-task-factory.not-callable/refused-at-once": [Broken("StoresAnything")],
    "set-task-factory.signature.before-kwargs/with-and-without-a-name": [Broken("PassesName")],
    "set-task-factory.signature.before-kwargs/with-a-context": [Broken("KeepsContext")],
    "set-task-factory.kwargs.of-3-13-3/name": [Broken("NamesAfterwards")],
    "set-task-factory.kwargs.without-name/although-one-was-given": [Broken("PassesName")],
    "set-task-factory.kwargs.without-context/none-given-or-none-passed": [Broken("PassesName")],
    "set-task-factory.kwargs.name/as-it-was-given": [Broken("NamesAfterwards")],
    "set-task-factory.kwargs.context/as-it-was-given": [Broken("KeepsContext")],
    "set-task-factory.returns-a-future/that-is-no-task": [Broken("FactoryMakesTasks")],
    "set-task-factory.run-until-complete/for-the-outermost-coroutine": [Broken("OwnMainTask")],
    "get-task-factory.returns-it/the-very-object": [Broken("ReturnsWrapped")],
    "get-task-factory.default/at-first-and-again-after-none": [Broken("ReturnsDefault")],
    "eager-task-factory.begins-at-once/up-to-where-it-first-waits": [Broken("PassesNone")],
    "eager-task-factory.begins-at-once/with-a-name-and-a-context": [Broken("EagerWithoutContext")],
    "eager-task-factory.never-scheduled/done-when-create-task-returns": [Broken("PassesNone")],
    "eager-task-factory.scheduled-if-it-waits/for-a-turn-a-timer-and-a-future": [Broken("EagerIsNotWoken", hangs=True)],
    "create-eager-task-factory.constructor/a-subclass-of-task": [Broken("OwnEagerTasks")],
}
