"""Creating futures and tasks.

library/asyncio-eventloop.html#creating-futures-and-tasks
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar, cast

from refloop import versions
from refloop.chapter import Chapter
from refloop.core import Core

T = TypeVar("T")


class FuturesAndTasks(Chapter):
    """create_future(), create_task() and the factory that the latter uses."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._task_factory: Callable[..., asyncio.Future[Any]] | None = None  # rule: get-task-factory.default

    def create_future(self) -> asyncio.Future[Any]:
        """Return a new Future of this loop.

        library/asyncio-eventloop.html#asyncio.loop.create_future
        """
        return asyncio.Future(loop=self)  # rule: create-future.attached

    # rule: create-task.keyword-only
    def create_task(self, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **keywords: Any) -> asyncio.Task[T]:
        """Return a new Task that runs the coroutine *coro* in this loop.

        The *keywords* go to the task factory, or to the Task: `name` (str or None), since Python 3.11
        `context` (the contextvars.Context to run in, a copy of the current one if None), since 3.12
        `eager_start` (bool: run the task up to where it first waits before this method returns). RuntimeError
        if the loop is closed.

        library/asyncio-eventloop.html#asyncio.loop.create_task
        """
        self._check_open()
        factory = self._task_factory
        if factory is None:  # rule: set-task-factory.none
            # rule: create-task.schedules, create-task.returns-a-task, create-task.name, create-task.kwargs.to-the-task
            return asyncio.Task(cast("Coroutine[Any, Any, T]", coro), loop=self, **keywords)
        if versions.TASK_FACTORY_GETS_ALL_KEYWORDS:
            # rule: set-task-factory.kwargs.name, set-task-factory.kwargs.context, create-task.eager-start.default
            # rule: create-task.kwargs.to-the-factory
            return cast("asyncio.Task[T]", factory(self, coro, **keywords))
        # rule: set-task-factory.kwargs.without-name, set-task-factory.signature.before-kwargs
        name = keywords.pop("name", None)
        if keywords.get("context", ...) is None:  # rule: set-task-factory.kwargs.without-context
            del keywords["context"]
        # rule: set-task-factory.returns-a-future, create-task.kwargs.to-the-factory
        task = cast("asyncio.Task[T]", factory(self, coro, **keywords))
        if name is not None:
            task.set_name(name)
        return task

    def set_task_factory(self, factory: Callable[..., asyncio.Future[Any]] | None) -> None:
        """Let create_task() return what *factory*(loop, coro, **keywords) returns; with None, a Task again.

        TypeError if *factory* can't be called.

        library/asyncio-eventloop.html#asyncio.loop.set_task_factory
        """
        if factory is not None and not callable(factory):  # rule: set-task-factory.not-callable
            raise TypeError(f"a task factory must be callable or None, not {factory!r}")
        self._task_factory = factory  # rule: set-task-factory.used

    def get_task_factory(self) -> Callable[..., asyncio.Future[Any]] | None:
        """Return the task factory, or None if there is none.

        library/asyncio-eventloop.html#asyncio.loop.get_task_factory
        """
        return self._task_factory  # rule: get-task-factory.returns-it
