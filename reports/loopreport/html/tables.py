"""Texts as numbers: what occurs often is embedded once."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Table(Generic[Item]):
    """Items in the order in which they were first given, each once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._numbers: dict[Item, int] = {}

    def number(self, item: Item) -> int:
        """Return the item's number, which it gets the first time."""
        return self._numbers.setdefault(item, len(self._numbers))

    @property
    def items(self) -> list[Item]:
        """All items, each at the place of its number."""
        return list(self._numbers)


LINES = re.compile(r"(?<=\n)")
"""Between the lines of a text, as of a traceback: most lines are in many of them."""

PARAGRAPHS = re.compile(r"(?<=\n\n)|(?<=\n)(?=#)")
"""Between the paragraphs of a program, and the lines of comments, which say much the same in each."""


class Texts:
    """Long texts, taken apart where they are likely to have the parts in common."""

    def __init__(self, between: re.Pattern[str]) -> None:
        """Take texts apart at each place that `between` finds."""
        self._between = between
        self._parts: Table[str] = Table()
        self._texts: Table[tuple[int, ...]] = Table()

    def number(self, text: str) -> int:
        """Return the text's number; 0 is the empty text."""
        self._texts.number(())
        parts = self._between.split(text) if text else []
        return self._texts.number(tuple(self._parts.number(part) for part in parts))

    def as_data(self) -> dict[str, object]:
        """Return all texts as the page reads them: the parts, and for each text the numbers of its parts."""
        self._texts.number(())
        texts = [numbers[0] if len(numbers) == 1 else list(numbers) for numbers in self._texts.items]
        return {"parts": self._parts.items, "texts": texts}
