"""The list of what is not proved holds what it says, and no more than it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopspec.catalogue import load
from tests.proof.state import StateError
from tests.proof.unproved import MOST, complaints, reasons


def test_every_listed_rule_exists_and_they_are_few() -> None:
    rules = {rule.id for _, rule in load().rules if not rule.untestable}
    assert complaints(reasons(), rules, set(), len(rules)) == []


def test_a_rule_that_there_is_not_or_that_is_proved_is_told() -> None:
    assert complaints({"gone": "why", "proved": "why", "open": "why"}, {"proved", "open"}, {"proved"}, 100) == [
        "unproved.toml: gone: there is no such rule",
        "unproved.toml: proved: it is proved: take it off the list",
    ]


def test_too_many_are_told() -> None:
    listed = {f"rule-{number}": "why" for number in range(int(100 * MOST) + 1)}
    assert "6 of 100 rules are listed" in complaints(listed, listed, set(), 100)[0]


@pytest.mark.parametrize("text", ["x = ", "x = ' '", "x = 1"])
def test_a_file_that_is_wrong_is_one_clear_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "unproved.toml"
    file.write_text(text)
    with pytest.raises(StateError, match=r"unproved\.toml: "):
        reasons(file)
