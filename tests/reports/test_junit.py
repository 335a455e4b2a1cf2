"""JUnit XML: what counts as a failure, and that it is what CI servers read.

After a change that is meant, look at the difference and run this file with LOOPSPEC_GOLDEN=write.
"""

import re
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml, Skipped

from loopreport import junit
from loopreport.manner import Manner
from loopreport.merge import merge
from loopreport.results import Results
from tests.reports.approved import approved
from tests.reports.building import described, results
from tests.reports.sample import CASES, RESULTS

ATTRIBUTES = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"name"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"},) * 2,
    "properties": (set(), set()),
    "property": ({"name", "value"},) * 2,
    "testcase": ({"name", "classname", "time"},) * 2,
    "failure": ({"type", "message"},) * 2,
    "error": ({"type", "message"},) * 2,
    "skipped": ({"message"},) * 2,
    "system-out": (set(), set()),
}
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "properties": ["property"],
    "testcase": ["failure", "skipped", "error", "system-out"],
}
"""What Jenkins' schema (junit-10.xsd) and that of Surefire (surefire-test-report.xsd) both allow, in this order."""


def document(results: Results) -> str:
    return junit.document(merge([results]), CASES, Manner(complaints=["known.toml:1: a/b passes now on swift"]))


def test_it_is_as_it_was_approved() -> None:
    approved("junit.xml", document(RESULTS))


def test_it_is_what_both_schemas_allow() -> None:
    root = ElementTree.fromstring(document(RESULTS))
    for element in root.iter():
        allowed, required = ATTRIBUTES[element.tag]
        assert required <= set(element.attrib) <= allowed
        order = [CHILDREN[element.tag].index(child.tag) for child in element]
        assert order == sorted(order)
        assert re.fullmatch(r"[0-9]+\.[0-9]{3}", element.get("time", "0.000"))


def test_what_a_parser_reads(tmp_path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(document(RESULTS), encoding="utf-8")
    read = JUnitXml.fromfile(str(path))
    suites = {suite.name: suite for suite in read}
    assert list(suites) == [
        "stdlib",
        "stdlib (does not count)",
        "swift 0.9.1",
        "swift 0.9.1 (does not count)",
        "absent.loops:Factory",
        "absent.loops:Factory (does not count)",
        "expected failures",
    ]
    outcomes = {case.name: case.result[0] if case.result else None for case in suites["swift 0.9.1"]}
    kinds = {name: (type(found), getattr(found, "type", None)) for name, found in outcomes.items() if found}
    assert kinds == {
        "call-soon.order/fifo/two=2": (Failure, "fail"),
        "call-soon.context/kept": (Skipped, None),
        "call-soon.handle/cancelled": (Failure, "fail"),
        "stop.batch/finishes": (Error, "crash"),
        "stop.twice/returns": (Error, "hang"),
        "stop.witness/polls": (Skipped, None),
        "close.again/nothing": (Failure, "flaky"),
    }
    apart = [case.result[0] for case in suites["swift 0.9.1 (does not count)"]]
    assert all(isinstance(found, Skipped) for found in apart)
    assert apart[0].message == "does not count: fail: expected 'early', observed nothing"
    assert (read.tests, read.failures, read.errors) == (31, 12, 2)


def test_unsupported_is_no_pass_and_neither_is_what_is_missing() -> None:
    found = results({"a/1": "unsupported"}, cases=["a/1", "b/1"], shard=(1, 2))
    text = junit.document(merge([found]), described("a/1", "b/1"), Manner())
    suite = ElementTree.fromstring(text)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "1")
    missing = suite[2][0]
    assert missing.tag == "error" and missing.get("type") == "missing"
    assert missing.get("message") == "no verdict: 1 of 2 cases have no verdict (missing: shard 2/2)"
