"""Python in colours, small enough to embed: what Pygments finds, as runs of classes and lengths.

The page cuts the text itself into these runs, so that a text is embedded once and never as markup.
"""

from __future__ import annotations

import functools

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

PLAIN = "X"
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (String.Interpol, PLAIN),
    (String, "S"),
    (Comment, "C"),
    (Number, "N"),
    (Keyword.Constant, "N"),
    (Keyword, "K"),
    (Operator.Word, "K"),
    (Name.Decorator, "D"),
    (Name.Function, "F"),
    (Name.Class, "F"),
    (Name.Builtin, "B"),
    (Name.Exception, "B"),
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


# A page that comes out too large is made again of the same code, with less of what loops wrote.
@functools.lru_cache(maxsize=8192)
def runs(text: str) -> str:
    """Return the runs of `text`, each a letter for its class and its length in base 36: `K5X1F4` for `await call`

    Lengths count UTF-16 units, as JavaScript does. The text that follows the last run is plain.
    """
    found: list[tuple[str, int]] = []
    for token, piece in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        letter = _letter(token)
        length = len(piece.encode("utf-16-le", "surrogatepass")) // 2
        if found and found[-1][0] == letter:
            found[-1] = (letter, found[-1][1] + length)
        elif length:
            found.append((letter, length))
    if found and found[-1][0] == PLAIN:
        found.pop()
    return "".join(f"{letter}{_base36(length)}" for letter, length in found)


@functools.cache
def _letter(token: _TokenType) -> str:
    return next((letter for kind, letter in _CLASSES if token in kind), PLAIN)


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
