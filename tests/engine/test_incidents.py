"""What happens beside the log: gathered once, in words that can always be shown, and with every hook put back."""

import gc
import logging
import sys
import threading
import warnings

import pytest

from loopspec.incidents import COUNT, LENGTH, watching

LOGGER = logging.getLogger("asyncio")


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def seen(action):
    with watching() as watch:
        action()
    return [(incident.kind, incident.text) for incident in watch.incidents]


def test_only_errors_of_the_asyncio_logger_are_incidents():
    def log():
        LOGGER.warning("a warning")
        LOGGER.error("an error: %s", 1)
        LOGGER.critical("worse")
        logging.getLogger("another").error("not this")

    assert seen(log) == [("error-logged", "an error: 1"), ("error-logged", "worse")]


def test_an_error_s_exception_stands_in_its_text():
    def log():
        try:
            raise ValueError("inner")
        except ValueError:
            LOGGER.exception("outer")

    ((kind, text),) = seen(log)
    assert kind == "error-logged"
    assert text.startswith("outer\nTraceback") and text.endswith("ValueError: inner")


@pytest.mark.parametrize(("message", "argument"), [("%d", "x"), ("%s", UnspeakableError()), (UnspeakableError(), 1)])
def test_an_error_that_cannot_be_formatted_is_still_one(message, argument):
    ((kind, text),) = seen(lambda: LOGGER.error(message, argument))
    assert kind == "error-logged"
    assert "cannot be formatted" in text


def test_records_go_nowhere_else():
    elsewhere = []

    class Handler(logging.Handler):
        def emit(self, record):
            elsewhere.append(record)

    handler = Handler()
    for logger in (LOGGER, logging.getLogger()):
        logger.addHandler(handler)
    try:
        assert len(seen(lambda: LOGGER.error("x"))) == 1
        assert elsewhere == []
        LOGGER.error("y")
        assert len(elsewhere) == 2
    finally:
        for logger in (LOGGER, logging.getLogger()):
            logger.removeHandler(handler)


class Cycle:
    def __init__(self, error):
        self.itself, self.error = self, error

    def __del__(self):
        raise self.error

    def __repr__(self):
        return "a cycle"


def test_what_is_unreachable_is_collected_before_the_end():
    def leave():
        Cycle(ValueError("in the finalizer"))

    gc.disable()
    try:
        ((kind, text),) = seen(leave)
    finally:
        gc.enable()
    assert kind == "unraisable"
    assert "ValueError('in the finalizer')" in text


def test_an_exception_that_cannot_be_shown_is_named_by_its_type():
    def leave():
        Cycle(UnspeakableError())
        thread = threading.Thread(target=fail, name="worker-7")
        thread.start()
        thread.join()

    def fail():
        raise UnspeakableError

    kinds = dict(seen(leave))
    assert kinds.keys() == {"unraisable", "thread-exception"}
    assert kinds["thread-exception"] == "in thread worker-7: a UnspeakableError"
    assert kinds["unraisable"].endswith("a UnspeakableError")


def test_warnings_of_two_categories_are_incidents_and_each_of_them():
    def warn():
        for _ in range(2):
            warnings.warn("left open", ResourceWarning, stacklevel=1)
        warnings.warn("never awaited", RuntimeWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    assert seen(warn) == [
        ("resource-warning", "ResourceWarning: left open"),
        ("resource-warning", "ResourceWarning: left open"),
        ("runtime-warning", "RuntimeWarning: never awaited"),
    ]


def test_neither_number_nor_length_grow_without_end():
    def log():
        for number in range(3 * COUNT):
            LOGGER.error("%d%s", number, "x" * 5 * LENGTH)

    found = seen(log)
    assert len(found) == COUNT
    assert all(len(text) < LENGTH + 100 for _, text in found)
    assert found[0][1].startswith("0xxx")


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_everything_is_put_back(error):
    def state():
        handlers = LOGGER.handlers[:], LOGGER.level, LOGGER.propagate, LOGGER.disabled
        return sys.unraisablehook, threading.excepthook, warnings.filters[:], warnings.showwarning, handlers

    def change():
        sys.unraisablehook = threading.excepthook = print
        LOGGER.handlers, LOGGER.propagate, LOGGER.disabled = [], True, True
        LOGGER.setLevel(logging.CRITICAL)
        if error:
            raise error

    before = state()
    try:
        seen(change)
    except KeyboardInterrupt:
        assert error
    assert state() == before
