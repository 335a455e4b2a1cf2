"""Every documented name and parameter of the Python that runs this has a rule."""

from loopspec.catalogue import load
from loopspec.coverage import coverage
from loopspec.interface import documented_names

ROWS = coverage(load(), documented_names())


def test_every_documented_name_has_a_rule() -> None:
    assert [row.subject for row in ROWS if not row.rules] == []


def test_every_parameter_has_a_rule() -> None:
    assert {row.subject: row.missing for row in ROWS if row.missing} == {}
