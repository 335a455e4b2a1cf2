"""Markdown: short when all is well, complete when not, and readable as GitHub reads it (golden/*.md)."""

import pytest
from markdown_it import MarkdownIt

from loopreport import markdown
from loopreport.manner import Manner
from loopreport.merge import Merged, merge
from loopreport.model import Difference, Verdict
from tests.reports.approved import approved
from tests.reports.building import described, results
from tests.reports.sample import CASES, RESULTS
from tests.reports.test_terminal import INTERRUPTED, only

COMPLAINT = "known.toml:3: call-soon.order/fifo passes now on stdlib: remove or narrow this expectation"


@pytest.mark.parametrize(
    ("name", "merged", "manner"),
    [
        ("all-well", merge([only(RESULTS, "stdlib")]), Manner()),
        ("three-loops", merge([RESULTS]), Manner(complaints=[COMPLAINT], arguments=("--cases", "my cases"))),
        ("interrupted", merge([INTERRUPTED]), Manner()),
    ],
)
def test_it_is_as_it_was_approved(name: str, merged: Merged, manner: Manner) -> None:
    approved(f"{name}.md", markdown.page(merged, CASES, manner))


def test_a_run_in_which_all_is_well_is_told_shortly() -> None:
    page = markdown.page(merge([only(RESULTS, "stdlib")]), CASES, Manner())
    assert len(page.splitlines()) <= 8
    assert "details" not in page


def test_columns_say_on_which_python_they_are() -> None:
    files = [results({"a/1": "pass"}, python=python) for python in ("3.13.1", "3.9.2", "3.14.0")]
    page = markdown.page(merge(files), described("a/1"), Manner())
    places = [page.index(f"swift 0.9, Python {python}") for python in ("3.9.2", "3.13.1", "3.14.0")]
    assert places == sorted(places)
    assert "3 verdicts from 3 files in 3.0 s, 3 Pythons and machines" in page


def test_a_missing_shard_is_no_success() -> None:
    page = markdown.page(
        merge([results({"a/1": "pass"}, cases=["a/1", "b/1"], shard=(1, 2))]), described("a/1", "b/1"), Manner()
    )
    assert "| ⚠️ not decided | 1/1 | 1 missing |" in page
    assert "**1 of 2 cases have no verdict (missing: shard 2/2)**" in page
    assert "conforms" not in page


def test_of_very_many_failures_some_are_told_in_full_and_all_counted() -> None:
    cases = described(*(f"rule-{number}/case" for number in range(500)))
    long = [Difference("-", "x" * 900)] * 20
    verdicts = {
        case: Verdict(loop="swift", case=case, kind="fail", summary=f"in {case}", difference=long, details="y\n" * 9000)
        for case in cases
    }
    files = [results(verdicts, python=f"3.{minor}.0") for minor in range(10, 20)]
    page = markdown.page(merge(files), cases, Manner())
    assert len(page.encode()) < 1 << 20
    assert page.count("<b>500 failures</b>") == 10
    assert page.count("loopspec check swift") == 100


def test_tables_and_details_are_read_as_such() -> None:
    page = markdown.page(merge([RESULTS]), CASES, Manner(complaints=[COMPLAINT]))
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    count = {kind: sum(token.type == kind for token in tokens) for kind in ("table_open", "heading_open", "fence")}
    assert count == {"table_open": 3, "heading_open": 3, "fence": 9}
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    assert blocks.count("<details>") == blocks.count("</details>") == 11


@pytest.mark.parametrize("ticks", ["", "`", "```", "```` a ``````` b"])
def test_the_fence_is_longer_than_any_in_the_text(ticks: str) -> None:
    text = f"before\n{ticks}\nafter"
    tokens = MarkdownIt("commonmark").parse(markdown.block(text))
    assert [(token.type, token.content) for token in tokens] == [("fence", text + "\n")]


@pytest.mark.parametrize(
    "text", ["a|b", "*a* _a_ `a`", "<b>", "&amp;", "[a](b)", "x_y_z", "\\", "http://a.example", "@a #1"]
)
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    rendered = MarkdownIt("commonmark").enable(["table", "linkify"]).parseInline(markdown.escaped(text))
    children = rendered[0].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == text


def test_ids_are_readable_in_the_source_as_well() -> None:
    assert markdown.code("call-soon.order/fifo/two=2") == "<code>call-soon.order/fifo/two=2</code>"
    assert markdown.code("mypackage.loops:new_event_loop") == "<code>mypackage.loops:new_event_loop</code>"
