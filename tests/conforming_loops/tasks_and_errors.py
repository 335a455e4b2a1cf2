"""Conforming loops with tasks, generators, jobs and reports of their own."""

import asyncio
import functools
import logging
import sys

from conforming import Freedom

from refloop import ReferenceLoop

_logger = logging.getLogger("asyncio")


class _Task(asyncio.Task):
    def __repr__(self):
        return f"<task of {self.get_coro().__qualname__}>"


class OwnTasks(ReferenceLoop):
    """Tasks are of a subclass of Task, with a repr() of its own (#asyncio.loop.create_task)."""

    def create_task(self, coro, **keywords):
        if self.get_task_factory() is not None or self.is_closed():
            return super().create_task(coro, **keywords)
        return _Task(coro, loop=self, **keywords)


class PrintsErrors(ReferenceLoop):
    """The default exception handler prints, but for what nobody retrieved: that asyncio-dev.html has logged."""

    def default_exception_handler(self, context):
        if "future" in context or "task" in context:
            super().default_exception_handler(context)
            return
        print("\n".join(f"{key}: {value!r}" for key, value in context.items()), file=sys.stderr)


class LogsInTwoRecords(ReferenceLoop):
    """The default exception handler logs the message, and the details in a second record."""

    def default_exception_handler(self, context):
        _logger.error(context.get("message"))
        super().default_exception_handler(context)


class BindsJobs(ReferenceLoop):
    """An executor is handed one callable with everything bound to it."""

    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, functools.partial(func, *args))


class SubmitsJobsWhenItRuns(ReferenceLoop):
    """run_in_executor() "arranges for" the call, which reaches the executor when the loop runs."""

    def run_in_executor(self, executor, func, *args):
        if self.is_running() or self.is_closed():
            return super().run_in_executor(executor, func, *args)
        answer = self.create_future()
        self.call_soon(self._submit, answer, executor, func, args)
        return answer

    def _submit(self, answer, executor, func, args):
        if answer.cancelled():
            return
        job = super().run_in_executor(executor, func, *args)
        answer.add_done_callback(lambda _: job.cancel())
        job.add_done_callback(functools.partial(_pass_on, answer))


def _pass_on(answer, job):
    if answer.done() or job.cancelled():
        return
    if job.exception() is not None:
        answer.set_exception(job.exception())
    else:
        answer.set_result(job.result())


class CancelsJobs(ReferenceLoop):
    """shutdown_default_executor() cancels the jobs that no thread has begun, and waits for the threads."""

    async def shutdown_default_executor(self, *args, **keywords):
        executor = self._default_executor
        if executor is not None:
            executor.shutdown = functools.partial(type(executor).shutdown, executor, cancel_futures=True)
        await super().shutdown_default_executor(*args, **keywords)


class ClosesGeneratorsLast(ReferenceLoop):
    """A generator that was dropped is closed by shutdown_asyncgens() and not before."""

    def _asyncgen_dropped(self, generator):
        if not self.is_closed():
            self._asyncgens.add(generator)
            self.__dict__.setdefault("_dropped", []).append(generator)

    async def shutdown_asyncgens(self):
        await super().shutdown_asyncgens()
        self.__dict__.pop("_dropped", None)


TABLE = {
    "OwnTasks": Freedom(
        [
            "create-task.*",
            "task.*",
            "set-task-factory.*",
            "debug.*",
            "never-retrieved.*",
            "gather.*",
            "run-until-complete.*",
        ],
        ["freedom/tasks-of-the-class-task"],
    ),
    "PrintsErrors": Freedom(
        ["*exception-handler*", "never-retrieved.*", "debug.*", "logging.*"],
        ["default-exception-handler.logs/an-error-without-a-handler"],
    ),
    "LogsInTwoRecords": Freedom(
        ["*exception-handler*", "never-retrieved.*", "debug.*", "logging.*"],
        ["default-exception-handler.shows-details/in-one-record"],
    ),
    "BindsJobs": Freedom(
        ["run-in-executor.*", "*default-executor*", "to-thread.*", "getaddrinfo.*", "dns.*"],
        ["freedom/jobs-with-their-arguments"],
    ),
    "SubmitsJobsWhenItRuns": Freedom(
        ["run-in-executor.*", "*default-executor*"], ["run-in-executor.begins-at-once/before-the-loop-runs"]
    ),
    "CancelsJobs": Freedom(
        ["run-in-executor.*", "*default-executor*", "close.*"],
        ["shutdown-default-executor.queued-jobs-are-done/to-the-last"],
    ),
    "ClosesGeneratorsLast": Freedom(["*asyncgens*"], ["asyncgens.dropped-are-closed-soon/without-a-shutdown"]),
}
