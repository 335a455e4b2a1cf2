"""Play one case with one fresh loop, in this process, and say what was observed."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

from msgspec import structs

from loopspec.incidents import watching
from loopspec.leftovers import Belongings, untimed
from loopspec.observation import Incident, Observation, Play, Problem
from loopspec.plain import shown, text_of, traceback_of
from loopspec.stage import MODULES, Stage

Factory = Callable[[], Any]

_LEAST = ("run_forever", "run_until_complete", "close", "call_soon")
"""Methods without which an object is no event loop at all."""

_GROWING = frozenset({"descriptors-left", "threads-left"})


def untold(observation: Observation) -> None:
    """Tell nobody what was observed by now."""


def play(
    play: Play,
    factory: Factory,
    policy: Factory | None = None,
    more_time: Callable[[float], None] = untimed,
    ended: Callable[[Observation], None] = untold,
) -> Observation:
    """Play the case once and return what was observed.

    Descriptors and threads that are left behind are reported only if a second play leaves new ones: what a library
    opens once for the whole process is no leak. After a script that an exception has ended, they are not reported.
    `more_time` is called with a number of seconds before something that may take so long and is no part of the script,
    `ended` with what is known by then if an exception ends the script, before what it has left is closed.
    """
    first = _play_once(play, factory, policy, more_time, ended)
    others = [incident for incident in first.incidents if incident.kind not in _GROWING]
    if len(others) == len(first.incidents):
        return first
    if first.problem:
        return structs.replace(first, incidents=others)
    more_time(play.timeout)
    again = _play_once(play, factory, policy, more_time, ended)
    if not others:
        return again
    return structs.replace(first, incidents=[*others, *(seen for seen in again.incidents if seen.kind in _GROWING)])


def compile_script(script: str, path: str, line: int) -> types.CodeType:
    """Compile a script so that its first line is line `line` of the file at `path`; top-level `await` is allowed.

    Raises SyntaxError with the place in that file.
    """
    in_place = "\n" * (line - 1) + script
    code: types.CodeType = compile(in_place, path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def namespace(stage: Stage, loop: Any, script: str, bindings: dict[str, Any]) -> dict[str, Any]:
    """Return the names that a script finds: the modules, the stage's words, the loop, and the row's own names."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    for module in MODULES:
        importlib.import_module(module)
        top = module.partition(".")[0]
        names[top] = sys.modules[top]
    names |= stage.words()
    if "tmp_path" in script:
        names["tmp_path"] = stage.tmp_path
    return names | {"loop": loop} | bindings


def run_script(code: types.CodeType, names: dict[str, Any], loop: Any) -> None:
    """Run what `compile_script` made, with `names`: by the loop if it awaits, outside of the loop if it does not.

    What the script raises passes through.
    """
    __tracebackhide__ = True  # a debugger of pytest's then shows the script's frames and those below
    if code.co_flags & inspect.CO_COROUTINE:
        loop.run_until_complete(eval(code, names))
    else:
        exec(code, names)


def _play_once(
    play: Play,
    factory: Factory,
    policy: Factory | None,
    more_time: Callable[[float], None],
    ended: Callable[[Observation], None],
) -> Observation:
    _forget_loops()
    before = Belongings()
    begin = time.monotonic()
    stage = Stage(factory, policy)
    problem = None
    with watching() as watch:
        try:
            problem = _run(play, stage, factory, ended)
        finally:
            for incident in _closed_badly(stage):
                watch.incidents.append(incident)
            _forget_loops()  # a loop that the script has made the current one may free what it has with itself
    incidents = [*watch.incidents, *before.leftovers(more_time)]
    unexpected = "\n".join(traceback_of(error, play.path) for error in stage.errors)
    stage.errors.clear()
    return Observation(
        id=play.id,
        log=_log(stage),
        incidents=incidents,
        problem=problem,
        traceback=unexpected,
        seconds=time.monotonic() - begin,
    )


def _run(play: Play, stage: Stage, factory: Factory, ended: Callable[[Observation], None]) -> Problem | None:
    """Make the loop, run the script and close the loop; return what went wrong."""
    try:
        code = compile_script(play.script, play.path, play.line)
    except SyntaxError as error:
        return Problem("broken", "SyntaxError", f"line {error.lineno}: {error.msg}", "")
    try:
        loop = factory()
    except BaseException as error:
        return Problem("factory", type(error).__name__, text_of(error), traceback_of(error, play.path))
    if missing := [name for name in _LEAST if not _can(loop, name)]:
        text = f"the factory returned {shown(loop)}, which has no {missing[0]}()"
        return Problem("factory", "TypeError", text, "")
    problem = None
    try:
        names = namespace(stage, loop, play.script, play.bindings)
        run_script(code, names, loop)
    except BaseException as error:
        problem = _problem(error, loop, play)
        ended(Observation(id=play.id, log=_log(stage), problem=problem))
    try:
        stage.join_threads()
        if not loop.is_closed():
            loop.close()
    except BaseException as error:
        problem = problem or _problem(error, loop, play)
    names = {}
    return problem


def _log(stage: Stage) -> list[str]:
    return [str(line) for line in stage.lines]


def _closed_badly(stage: Stage) -> list[Incident]:
    try:
        stage.close()
    except BaseException as error:
        return [Incident("unraisable", f"while closing what the case had opened: {shown(error)}")]
    return []


def _problem(error: BaseException, loop: Any, play: Play) -> Problem:
    text, details = text_of(error), traceback_of(error, play.path)
    kind: Any = "raised"
    if isinstance(error, NotImplementedError) or _lacks_a_method(loop, error):
        kind = "unsupported"
    elif isinstance(error, (NameError, SyntaxError)) and _innermost(error) == play.path:
        kind = "broken"
    name = type(error).__name__
    with contextlib.suppress(Exception):
        traceback.clear_frames(error.__traceback__)
    return Problem(kind, name, text, details)


def _lacks_a_method(loop: Any, error: BaseException) -> bool:
    """Whether the loop was asked for what it does not have; a private name is one that it has itself got wrong."""
    return isinstance(error, AttributeError) and error.obj is loop and not str(error.name).startswith("_")


def _can(loop: Any, name: str) -> bool:
    try:
        return callable(getattr(loop, name, None))
    except Exception:
        return False


def _innermost(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename if frames else ""


def _forget_loops() -> None:
    """Undo what an earlier loop may have left in the interpreter, so that no case pays for another's loop."""
    sys.set_asyncgen_hooks(None, None)
    sys.set_coroutine_origin_tracking_depth(0)
    asyncio._set_running_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(None)
