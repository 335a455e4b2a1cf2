"""Which mutations a rule's tags ask for: those of the tagged statement, the plainest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.proof.mutations import Mutation
from tests.proof.source import Header, Source

_PLAINEST_FIRST = (
    "drop",
    "never",
    "negate",
    "return-none",
    "sibling",
    "drop-entry",
    "drop-keyword",
    "drop-operand",
    "always",
    "signature",
    "no-default",
    "constant",
    "amount",
    "boundary",
    "and-or",
    "arithmetic",
    "drop-element",
    "swap-arguments",
    "reorder",
    "reorder-assignment",
    "none",
)


def mutations_at(line: int, source: Source, mutations: Iterable[Mutation]) -> list[Mutation]:
    """Return those of a module's `mutations` that change the statement which a tag for `line` means.

    A tag within a statement of several lines means what stands on that line, if anything there can be changed.
    """
    place = source.place_at(line)
    if place is None:
        return []
    whole = [mutation for mutation in mutations if _overlap(mutation.statement, place.header)]
    if line > place.header[0] and (part := [mutation for mutation in whole if mutation.lines[0] == line]):
        whole = part
    return plainest_first(whole)


def plainest_first(mutations: Sequence[Mutation]) -> list[Mutation]:
    """Return `mutations` in the order in which they are worth trying."""
    return sorted(mutations, key=lambda mutation: _PLAINEST_FIRST.index(mutation.operator))


def _overlap(one: Header, other: Header) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
