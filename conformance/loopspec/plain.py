"""Plain text of objects that a loop under test gave: of any length, and whatever their own methods do when asked."""

from __future__ import annotations

import traceback

LENGTH = 10_000
"""Characters of one text that are kept."""


def text_of(value: object, length: int = LENGTH) -> str:
    """Return `str(value)`, cut to `length` characters; words about it where it cannot be made."""
    try:
        return shortened(str(value), length)
    except BaseException as error:
        return f"(a {type(value).__name__} whose text cannot be made: {type(error).__name__})"


def shown(value: object, length: int = 200) -> str:
    """Return `repr(value)`, cut to `length` characters; words about it where it cannot be made."""
    try:
        return shortened(repr(value), length)
    except BaseException:
        return f"a {type(value).__name__}"


def traceback_of(error: BaseException, path: str = "") -> str:
    """Return the traceback of `error`, from its first frame in the file at `path` on if there is one."""
    begin = error.__traceback__
    while begin is not None and begin.tb_frame.f_code.co_filename != path:
        begin = begin.tb_next
    try:
        lines = traceback.format_exception(type(error), error, begin or error.__traceback__)
    except BaseException as another:
        return f"{type(error).__name__} (its traceback cannot be formatted: {type(another).__name__})"
    return shortened("".join(lines))


def shortened(text: str, length: int = LENGTH) -> str:
    """Return `text`, its middle left out where it is longer than `length` characters."""
    if len(text) <= length:
        return text
    half = length // 2
    return f"{text[:half]} … ({len(text) - 2 * half} characters left out) … {text[-half:]}"
