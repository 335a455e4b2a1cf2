"""How a command says that it cannot do what it was asked."""

from __future__ import annotations


class CommandError(Exception):
    """What is wrong, a line each, and what to do: printed to standard error, and the exit status is 2."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
