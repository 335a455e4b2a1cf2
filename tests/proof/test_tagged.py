"""A tag asks for the mutations of the statement that it stands on."""

from __future__ import annotations

from loopspec import kept
from tests.proof.mutations import mutations
from tests.proof.source import Source
from tests.proof.tagged import mutations_at, plainest_first

TEXT = """\
def f(x, y=1):
    if x and y:
        raise ValueError
    context = {
        "a": x,
        "b": y,
    }
    try:
        g(x)
    except OSError:
        h(x)
    return context
"""


def tagged(line: int) -> list[str]:
    found = mutations_at(line, Source(TEXT), mutations("m.py", TEXT))
    return [f"{mutation.lines[0]} {mutation.operator}" for mutation in found]


def test_a_condition_without_what_depends_on_it() -> None:
    assert tagged(2) == ["2 never", "2 negate", "2 drop-operand", "2 drop-operand", "2 always", "2 and-or"]
    assert tagged(3) == ["3 drop"]


def test_a_line_within_a_statement() -> None:
    assert tagged(5) == ["5 drop-entry", "5 constant"]
    assert tagged(4) == ["5 drop-entry", "6 drop-entry", "5 constant", "6 constant", "4 none"]


def test_a_line_within_a_statement_on_which_nothing_can_be_changed() -> None:
    assert tagged(7) == tagged(4)


def test_a_clause_that_catches() -> None:
    assert tagged(10) == ["10 never"]


def test_a_signature() -> None:
    assert tagged(1) == ["1 constant", "1 constant"]


def test_every_change_of_the_reference_has_its_place_among_the_others() -> None:
    for path, text in kept.sources():
        every = list(mutations(path, text))
        assert sorted(map(str, plainest_first(every))) == sorted(map(str, every))


def test_a_line_of_no_statement() -> None:
    assert mutations_at(1, Source("# nothing\n"), []) == []
