"""Results as JUnit XML for CI servers: only what the schemas of both Jenkins and Surefire allow.

Each column is two suites, of what counts and of what does not. In the first, a failure is a `failure`, and so is
`unsupported`; a crash, a hang, a broken case and a missing verdict are an `error`; an expected failure is `skipped`,
with its reason. In the second nothing fails, since nothing there decides against a loop: a failure is `skipped`, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from loopreport import inert
from loopreport.manner import Manner
from loopreport.merge import Column, Merged
from loopreport.model import FAILING, CaseInfo, Verdict
from loopreport.summary import Summary, summarize
from loopreport.wording import told

_ERRORS = {"crash", "hang", "broken"}


def document(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the XML document."""
    root = Element("testsuites", name=inert.name(f"loopspec {', '.join(merged.suites)}"))
    for summary in summarize(merged, cases):
        for counts in (True, False):
            _suite(root, summary, counts, cases, manner)
    if manner.complaints:
        _complaints(root, manner)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in root)))
    root.set("time", f"{merged.seconds:.3f}")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(root: Element, summary: Summary, counts: bool, cases: Mapping[str, CaseInfo], manner: Manner) -> None:
    verdicts = [verdict for verdict in summary.verdicts if cases[verdict.case].counts == counts]
    missing = [case for case in summary.column.missing if cases[case].counts == counts]
    if not verdicts and not missing:
        return
    suite = SubElement(root, "testsuite", name=summary.column.title + ("" if counts else " (does not count)"))
    properties = SubElement(suite, "properties")
    for name, value in _properties(summary.column):
        SubElement(properties, "property", name=name, value=inert.name(value))
    for verdict in verdicts:
        test = _test(suite, summary.column, cases[verdict.case], verdict.seconds)
        _outcome(test, verdict, cases[verdict.case], manner)
    for case in missing:
        test = _test(suite, summary.column, cases[case], 0.0)
        SubElement(test, "error", type="missing", message=f"no verdict: {summary.column.missing_in_words}")
    _count(suite, sum(verdict.seconds for verdict in verdicts))


def _test(suite: Element, column: Column, case: CaseInfo, seconds: float) -> Element:
    """Add a test. Servers group tests by what stands before the last dot of their class's name."""
    group, chapter = (name.replace(".", "_") for name in (column.title, inert.name(case.chapter)))
    return SubElement(
        suite, "testcase", name=inert.name(case.case), classname=f"{group}.{chapter}", time=f"{seconds:.3f}"
    )


def _outcome(test: Element, verdict: Verdict, case: CaseInfo, manner: Manner) -> None:
    summary = inert.line(verdict.summary)
    if verdict.kind == "skip":
        SubElement(test, "skipped", message=summary)
    elif verdict.kind in FAILING:
        words = f"{verdict.kind}: {summary}"
        if verdict.expected:
            SubElement(test, "skipped", message=f"expected: {inert.line(verdict.expected)}")
        elif not case.counts:
            SubElement(test, "skipped", message=f"does not count: {words}")
        else:
            tag = "error" if verdict.kind in _ERRORS else "failure"
            SubElement(test, tag, type=verdict.kind, message=words).text = told(verdict, case, manner)
            return
        SubElement(test, "system-out").text = told(verdict, case, manner)


def _complaints(root: Element, manner: Manner) -> None:
    """Add what fails a run although no case does: expectations that are not true."""
    suite = SubElement(root, "testsuite", name="expected failures")
    for number, complaint in enumerate(manner.complaints, 1):
        test = SubElement(suite, "testcase", name=f"expectation {number}", classname="loopspec.expected", time="0.000")
        SubElement(test, "failure", type="expectation", message=inert.line(complaint))
    _count(suite, 0.0)


def _count(suite: Element, seconds: float) -> None:
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{seconds:.3f}")


def _properties(column: Column) -> Iterator[tuple[str, str]]:
    header = column.header
    yield "loop", column.loop.name
    yield "loop version", column.loop.version
    yield "python", f"{header.implementation} {header.python}"
    yield "platform", header.platform
    yield "kernel", header.kernel
    yield "openssl", header.openssl
    yield "loopspec", header.suite
    yield "case files", header.catalogue
