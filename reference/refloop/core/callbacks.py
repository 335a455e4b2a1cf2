"""Callbacks: what may be one, how a person wants to read one in a log message, and where one came from."""

import asyncio
import functools
import inspect
import itertools
import reprlib
import traceback
from collections.abc import Callable
from types import CodeType, FrameType

# Deep enough to leave the frameworks behind, short enough to be read.
STACK_DEPTH = 10


def check_callback(callback: object) -> None:
    """TypeError for what can't be called, as coroutines, and for coroutine functions, whose call would run nothing."""
    if inspect.iscoroutinefunction(callback):
        raise TypeError(f"a callback was expected, not the coroutine function {callback!r}: use create_task()")
    if not callable(callback):  # rule: call-soon.not-callable
        raise TypeError(f"a callable object was expected, not {callback!r}")


def describe_callback(callback: Callable[..., object], arguments: tuple[object, ...] = ()) -> str:
    """Return e.g. ``"ping('host', retries=3) at client.py:12"`` for *callback* called with *arguments*.

    A step of a task is shown as the task, since nobody wrote that step: what one looks for is the coroutine.
    ``functools.partial`` objects are shown as the call that they make, as the note under
    library/asyncio-eventloop.html#asyncio-pass-keywords promises.
    """
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return repr(owner)  # rule: debug.slow-callback.shown
    keywords: dict[str, object] = {}
    while isinstance(callback, functools.partial):
        arguments = (*callback.args, *arguments)
        keywords = {**callback.keywords, **keywords}
        callback = callback.func
    shown = [reprlib.repr(argument) for argument in arguments]
    shown += [f"{name}={reprlib.repr(value)}" for name, value in keywords.items()]
    name = getattr(callback, "__qualname__", None) or reprlib.repr(callback)
    return f"{name}({', '.join(shown)}){_place(callback)}"


def _place(callback: Callable[..., object]) -> str:
    if inspect.isroutine(callback):
        callback = inspect.unwrap(callback)  # a decorator is seldom what one looks for
    code = getattr(callback, "__code__", None)
    return f" at {code.co_filename}:{code.co_firstlineno}" if isinstance(code, CodeType) else ""


def calling_stack() -> traceback.StackSummary:
    """Return the stack that led into refloop, innermost call last, without refloop's own frames."""
    # rule: call-exception-handler.key.source-traceback.ends
    callers = itertools.dropwhile(_is_ours, traceback.walk_stack(inspect.currentframe()))
    # Source lines are read when the stack is printed: most stacks never are.
    stack = traceback.StackSummary.extract(callers, limit=STACK_DEPTH, lookup_lines=False)
    stack.reverse()
    return stack


def _is_ours(place: tuple[FrameType, int]) -> bool:
    return str(place[0].f_globals.get("__name__", "")).partition(".")[0] == "refloop"
