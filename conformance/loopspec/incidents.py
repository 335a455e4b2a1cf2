"""What happens beside the log while a case is played.

The kinds are those of `loopspec.format.IncidentKind`:

- `error-logged`: a record at ERROR or above on the logger "asyncio", which is where a loop's default exception handler
  and futures with exceptions that nobody retrieved report (library/asyncio-dev.html#logging);
- `unraisable`, `thread-exception`: calls of `sys.unraisablehook` and `threading.excepthook`;
- `resource-warning`, `runtime-warning`: warnings of these categories that the script did not catch;
- `descriptors-left`, `threads-left`, `children-left`, `signal-handlers-left`, `descriptors-closed`: see
  `loopspec.leftovers`.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from loopspec.observation import Incident
from loopspec.plain import shortened, shown, text_of

LENGTH = 2000
"""Characters of an incident's text that are kept."""

COUNT = 200
"""Incidents of one case that are kept: the first ones."""

_WARNINGS = ((ResourceWarning, "resource-warning"), (RuntimeWarning, "runtime-warning"))


class Watch:
    """The incidents of one case, gathered through the interpreter's hooks while `watching` is open."""

    def __init__(self) -> None:
        self.incidents: list[Incident] = []

    def note(self, kind: Any, text: str) -> None:
        """Add an incident, its text cut to a length that a report can show."""
        if len(self.incidents) < COUNT:
            self.incidents.append(Incident(kind, shortened(text, LENGTH)))


class _Keep(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.ERROR)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception as error:
            text = f"{shown(record.msg)} (which cannot be formatted: {type(error).__name__})"
        self._watch.note("error-logged", text)


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Gather what happens beside the log until the block ends; what is then unreachable is collected first."""
    watch = Watch()

    def unraisable(unraised: Any) -> None:
        place = f" in {shown(unraised.object)}" if unraised.object is not None else ""
        watch.note("unraisable", f"{unraised.err_msg or 'Exception ignored'}{place}: {shown(unraised.exc_value)}")

    def thread_exception(failed: Any) -> None:
        name = text_of(getattr(failed.thread, "name", "?"), 100)
        watch.note("thread-exception", f"in thread {name}: {shown(failed.exc_value)}")

    logger = logging.getLogger("asyncio")
    logging_before = logger.handlers[:], logger.level, logger.propagate, logger.disabled
    hooks_before = sys.unraisablehook, threading.excepthook
    logger.handlers, logger.propagate, logger.disabled = [_Keep(watch)], False, False
    logger.setLevel(logging.INFO)
    sys.unraisablehook, threading.excepthook = unraisable, thread_exception
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield watch
            gc.collect()
    finally:
        logger.handlers, level, logger.propagate, logger.disabled = logging_before
        logger.setLevel(level)
        sys.unraisablehook, threading.excepthook = hooks_before
    for warning in caught:
        for category, kind in _WARNINGS:
            if issubclass(warning.category, category):
                watch.note(kind, f"{warning.category.__name__}: {text_of(warning.message)}")
