"""A badge says what it counts, and is green only if everything passes."""

import json
from xml.etree import ElementTree

import pytest

from loopreport import badge
from loopreport.manner import Manner
from loopreport.merge import merge
from loopreport.model import Kind, Verdict
from loopreport.results import Results, ResultsError
from tests.reports.approved import approved
from tests.reports.building import described, results
from tests.reports.sample import CASES, RESULTS
from tests.reports.test_terminal import only

KNOWN = described("a/1", "a/2", "b/1", "b/2", apart=("c/1",))
PASS: dict[str, Kind | Verdict] = dict.fromkeys(KNOWN, "pass")
EXPECTED = Verdict(loop="swift", case="a/1", kind="fail", expected="known")


def said(*found: Results) -> tuple[str, str]:
    shown = badge.describe(merge(found), KNOWN)
    return shown.message, shown.colour


@pytest.mark.parametrize(
    ("found", "message", "colour"),
    [
        (PASS, "4/4 documented cases", "green"),
        ({**PASS, "c/1": "fail"}, "4/4 documented cases", "green"),
        ({**PASS, "a/1": "fail"}, "3/4 documented cases", "red"),
        ({**PASS, "a/1": "unsupported"}, "3/4 documented cases", "red"),
        ({**PASS, "a/1": "flaky"}, "3/4 documented cases", "red"),
        ({**PASS, "a/1": EXPECTED}, "3/4 documented cases", "yellow"),
        ({**PASS, "a/1": "skip"}, "3/3 documented cases", "green"),
        ({**PASS, "a/1": "broken"}, "3/4 documented cases", "grey"),
        (dict.fromkeys(KNOWN, "skip"), "0/0 documented cases", "grey"),
    ],
)
def test_what_it_says(found: dict[str, Kind | Verdict], message: str, colour: str) -> None:
    assert said(results(found)) == (message, colour)


def test_a_part_of_the_cases_says_of_how_many() -> None:
    assert said(results({"a/1": "pass", "a/2": "pass"})) == ("2/2 of 4 documented cases", "grey")


def test_what_is_missing_is_said() -> None:
    part = results({"a/1": "pass", "b/1": "pass"}, cases=list(KNOWN), shard=(1, 2))
    assert said(part) == ("2/4 documented cases, 2 missing", "grey")
    failing = results({"a/1": "fail", "b/1": "pass"}, cases=list(KNOWN), shard=(1, 2))
    assert said(failing) == ("1/4 documented cases, 2 missing", "red")


def test_of_several_pythons_the_least_is_shown() -> None:
    files = [results(PASS), results({**PASS, "a/1": "fail", "a/2": "fail"}, python="3.9.1")]
    shown = badge.describe(merge(files), KNOWN)
    assert shown.message == "2/4 documented cases"
    assert shown.title == "loopspec 0.1.0: 2/4 documented cases pass (swift 0.9, Python 3.9.1, the least of 2)"


def test_it_is_about_one_loop() -> None:
    with pytest.raises(ResultsError, match="a badge is about one loop, and there are results of stdlib, swift, absent"):
        badge.svg(merge([RESULTS]), CASES, Manner())


def test_the_picture_is_as_it_was_approved() -> None:
    approved("badge.svg", badge.svg(merge([only(RESULTS, "swift")]), CASES, Manner()))


def test_the_picture_is_read_to_those_who_do_not_see_it() -> None:
    root = ElementTree.fromstring(badge.svg(merge([only(RESULTS, "stdlib")]), CASES, Manner()))
    told = "loopspec 1.2: 8/8 documented cases pass (stdlib)"
    assert root.get("role") == "img" and root.get("aria-label") == told
    assert root[0].text == told


def test_what_shields_io_is_given() -> None:
    data = json.loads(badge.shields(merge([only(RESULTS, "swift")]), CASES, Manner()))
    assert data == {"schemaVersion": 1, "label": "loopspec 1.2", "message": "1/7 documented cases", "color": "#b3261e"}
