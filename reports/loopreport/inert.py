"""What a loop wrote, made inert: text that is shown in a terminal, a page or a file, and never obeyed by it.

Results may come from anywhere, and hold whatever a loop, its exceptions and its names held. Every report passes each
of these texts through `text` or `line` first, and then through the escaping of its own format.
"""

from __future__ import annotations

import re

LINES = 30
"""As many lines of one text are shown, by default."""
WIDTH = 1000
"""As many characters of one line are shown, by default."""

_ACTIVE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but for tabulator and newline: escape sequences begin with one
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible, or turning the direction of what stands beside them
    "\ud800-\udfff"  # halves of pairs, which no encoding can express
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"  # no characters at all, and forbidden in XML
    "\U000e0000-\U000e0fff"  # tags, invisible as well
    f"{''.join(chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))}"
    "]"
)


def text(value: str, lines: int = LINES, width: int = WIDTH) -> str:
    """Return `value` with every character that could steer its reader written as an escape, such as `\\x1b`.

    Of more than `lines` lines and of lines longer than `width` characters the middle is left out.
    """
    found = cut(value.replace("\r\n", "\n"), lines * width * 2).rstrip().split("\n")
    if len(found) > lines:
        head = max(1, lines // 3)
        found = [*found[:head], f"… {len(found) - lines} lines left out …", *found[head - lines :]]
    return "\n".join(escaped(cut(one, width)) for one in found)


def line(value: str, width: int = WIDTH) -> str:
    """Return the first line of `value`, inert and at most about `width` characters long."""
    first, _, more = value.strip().partition("\n")
    return escaped(cut(first.strip(), width)) + (" …" if more else "")


def name(value: str) -> str:
    """Return an identifier (of a loop, a version, a case), inert, in one line and short."""
    return escaped(cut(value, 200)).replace("\n", "\\n").replace("\t", "\\t")


def escaped(value: str) -> str:
    """Return `value`, uncut, with every character that could steer its reader but for newlines written as an escape."""
    return _ACTIVE.sub(_escape, value)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cut(value: str, width: int = WIDTH) -> str:
    """Return `value`, its middle left out where it is longer than `width` characters."""
    if len(value) <= width:
        return value
    half = width // 2
    return f"{value[:half]} … {len(value) - 2 * half} characters left out … {value[-half:]}"
