"""What counts as a rule about a documented name and its parameters."""

from pathlib import Path

import pytest

from loopspec.catalogue import Catalogue, load
from loopspec.coverage import Covered, coverage
from loopspec.interface import Name, documented_names

SEND = Name("loop.send", "asyncio.loop.send", "library/asyncio-eventloop.html", ("data", "reuse_port"))


@pytest.fixture
def catalogue(tmp_path: Path):
    def write(*rules: str) -> Catalogue:
        head = 'chapter = "Sending"\npage = "library/asyncio-eventloop.html#dns"\n'
        (tmp_path / "sending.toml").write_text(head + "".join(rules))
        return load([tmp_path])

    return write


def rule(says: str, run: str, subject: str = "loop.send", anchor: str = "asyncio.loop.send", id: str = "send") -> str:
    return f"""
[[rule]]
id = "{id}"
subject = "{subject}"
anchor = "{anchor}"
level = "must"
says = "{says}"
[[rule.case]]
id = "one"
about = "A mistake that is easily made."
run = '''
{run}
'''
log = []
"""


def only(catalogue: Catalogue) -> Covered:
    (row,) = coverage(catalogue, [SEND])
    return row


def test_a_name_that_no_rule_is_about_is_listed_with_all_it_takes(catalogue) -> None:
    other = rule("Something else is said.", "pass", subject="loop.other", anchor="asyncio.loop.other")
    assert [(row.subject, row.rules, row.missing) for row in coverage(catalogue(other), [SEND])] == [
        ("loop.other", 1, ()),
        ("loop.send", 0, ("data", "reuse_port")),
    ]


@pytest.mark.parametrize(
    ("says", "run", "missing"),
    [
        ("It sends the data that it is given.", "pass", ("reuse_port",)),
        ("It sends what it is given.", "loop.send(b'x')", ("reuse_port",)),
        ("It sends what it is given.", "loop.send(b'x', reuse_port=True)", ()),
        ("It sends what it is given.", "await loop.send(b'x', True)", ()),
        ("It sends what it is given.", "loop.receive(data=1, reuse_port=True)", ("data", "reuse_port")),
        ("A database is another thing.", "pass", ("data", "reuse_port")),
        ("Sends data if reuse_port is true.", "pass", ()),
        ("It sends what it is given.", "class P:\n    def send(self, data): pass", ("reuse_port",)),
    ],
)
def test_a_parameter_is_covered_by_a_statement_or_a_call(catalogue, says, run, missing) -> None:
    row = only(catalogue(rule(says, run)))
    assert row.missing == missing
    assert row.complete is (not missing)


def test_a_parameter_is_covered_by_a_row_that_names_it(catalogue) -> None:
    in_a_row = rule("It sends what it is given.", "loop.send(**given)").replace(
        "log = []", "each = [{ id = 'one', given = { reuse_port = true } }]\nlog = []"
    )
    assert only(catalogue(in_a_row)).missing == ("data",)


def test_a_rule_is_about_a_name_by_its_anchor_too(catalogue) -> None:
    told = catalogue(rule("It sends the data to reuse_port.", "pass", subject="event loop"))
    assert [(row.subject, row.rules) for row in coverage(told, [SEND])] == [("event loop", 1)]


def test_an_id_names_a_parameter_with_hyphens(catalogue) -> None:
    assert only(catalogue(rule("It sends the data.", "pass", id="send.reuse-port"))).missing == ()


def test_names_are_read_off_the_classes_of_this_python() -> None:
    names = {name.subject: name for name in documented_names()}
    assert names["loop.create_server"].anchor == "asyncio.loop.create_server"
    assert {"host", "port", "sock", "backlog", "start_serving"} <= {*names["loop.create_server"].parameters}
    assert names["loop.call_soon"].parameters == ("callback", "args", "context")
    assert names["BufferedProtocol.get_buffer"].parameters == ("sizehint",)
    assert "TimerHandle.cancel" not in names, "it is inherited"
    assert not [subject for subject in names if "._" in subject]


def test_what_is_missing_of_a_name_that_rules_have_as_their_anchor_only_is_told(catalogue) -> None:
    told = catalogue(rule("It sends the data.", "pass", subject="event loop"))
    assert [(row.subject, row.missing) for row in coverage(told, [SEND])] == [("event loop", ("reuse_port",))]
