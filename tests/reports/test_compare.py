"""What has changed between two sets of results, what of it is news, and which columns are compared."""

import io

import pytest
from rich.console import Console

from loopreport import compared, terminal
from loopreport.compare import NEWS, Comparison, What, compare
from loopreport.merge import merge
from loopreport.model import Kind, Verdict
from loopreport.results import Results, ResultsError
from tests.reports.approved import approved
from tests.reports.building import described, results

CASES = described("a/1", "a/2", "b/1", apart=("c/1",))


def compared_with(old: Results | list[Results], new: Results | list[Results]) -> Comparison:
    before, after = (merge(found if isinstance(found, list) else [found]) for found in (old, new))
    return compare(before, after, CASES)


def change(old: Kind | None, new: Kind | None, planned: bool = True) -> What | None:
    """Return what became of the case a/1."""
    before = results({"b/1": "pass", **({"a/1": old} if old else {})})
    plan = ["a/1", "b/1"] if planned else ["b/1"]
    after = results({"b/1": "pass", **({"a/1": new} if new else {})}, cases=plan, selected=len(plan), cut=True)
    changes = compared_with(before, after).pairs[0].changes
    assert [found.case for found in changes] in ([], ["a/1"])
    return changes[0].what if changes else None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("pass", "pass", None),
        ("fail", "fail", None),
        ("skip", "skip", None),
        ("pass", "fail", "newly failing"),
        ("pass", "unsupported", "newly failing"),
        ("pass", "flaky", "newly failing"),
        ("skip", "fail", "newly failing"),
        (None, "fail", "newly failing"),
        (None, "hang", "newly failing"),
        ("fail", "crash", "worse"),
        ("flaky", "hang", "worse"),
        ("fail", "unsupported", "changed"),
        ("crash", "fail", "changed"),
        ("crash", "hang", "worse"),
        ("fail", "flaky", "changed"),
        ("fail", "pass", "fixed"),
        ("unsupported", "pass", "fixed"),
        ("flaky", "pass", "fixed"),
        ("pass", "skip", "no longer played"),
        ("fail", "skip", "no longer played"),
        ("pass", None, "no longer played"),
        ("fail", None, "no longer played"),
        ("skip", None, None),
        ("skip", "pass", "added"),
        (None, "pass", "added"),
        (None, "skip", None),
    ],
)
def test_what_becomes_of_a_case(old: Kind | None, new: Kind | None, what: What | None) -> None:
    assert change(old, new) == what


def test_what_was_not_to_be_played_is_removed_and_no_news() -> None:
    assert change("pass", None, planned=False) == "removed"
    assert "removed" not in NEWS and "changed" not in NEWS and "fixed" not in NEWS


def test_what_does_not_count_is_no_news() -> None:
    comparison = compared_with(results({"c/1": "pass"}), results({"c/1": "crash"}))
    assert [found.what for found in comparison.pairs[0].changes] == ["newly failing"]
    assert not comparison.news
    assert compared.conclusion(comparison) == "No news; besides: 1 not counted"


def test_what_was_expected_is_no_news() -> None:
    known = Verdict(loop="swift", case="a/1", kind="fail", expected="known")
    comparison = compared_with(results({"a/1": "pass"}), results({"a/1": known}))
    assert not comparison.news
    assert compared.conclusion(comparison) == "No news; besides: 1 newly failing (expected)"


def test_a_case_that_is_not_known_counts() -> None:
    comparison = compared_with(results({"z/1": "pass"}), results({"z/1": "fail"}))
    assert comparison.news == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"version": "0.9"}, {"version": "0.10"}),
        ({"python": "3.12.1"}, {"python": "3.13.0"}),
        ({"loop": "swift"}, {"loop": "slow"}),
    ],
)
def test_two_single_columns_are_compared_whatever_they_are(old: dict[str, str], new: dict[str, str]) -> None:
    comparison = compared_with(results({"a/1": "pass"}, **old), results({"a/1": "fail"}, **new))
    assert comparison.news == 1


def test_of_many_columns_those_of_one_python_are_compared() -> None:
    def files(version: str, minors: list[int]) -> list[Results]:
        return [results({"a/1": "pass"}, version=version, python=f"3.{minor}.1") for minor in minors]

    comparison = compared_with(files("0.9", [10, 11, 12]), files("0.10", [11, 12, 13]))
    titles = [(pair.old.title, pair.new.title) for pair in comparison.pairs]
    assert titles == [
        ("swift 0.9, Python 3.11.1", "swift 0.10, Python 3.11.1"),
        ("swift 0.9, Python 3.12.1", "swift 0.10, Python 3.12.1"),
    ]
    assert [column.title for column in comparison.gone] == ["swift 0.9, Python 3.10.1"]
    assert [column.title for column in comparison.come] == ["swift 0.10, Python 3.13.1"]
    assert comparison.news == 1


def test_a_loop_with_one_column_on_either_side_is_compared() -> None:
    old = [results({"a/1": "pass"}, python="3.12.1"), results({"a/1": "pass"}, loop="slow")]
    new = [results({"a/1": "fail"}, python="3.13.1"), results({"a/1": "pass"}, loop="new")]
    comparison = compared_with(old, new)
    assert [(pair.old.loop.name, pair.new.loop.name) for pair in comparison.pairs] == [("swift", "swift")]
    assert [column.loop.name for column in (*comparison.gone, *comparison.come)] == ["slow", "new"]


def test_versions_that_are_on_both_sides_are_compared_with_themselves() -> None:
    def files(*versions: str) -> list[Results]:
        return [results({"a/1": "pass"}, version=version) for version in versions]

    comparison = compared_with(files("1", "2"), files("2", "3"))
    assert [(pair.old.loop.version, pair.new.loop.version) for pair in comparison.pairs] == [("2", "2"), ("1", "3")]
    with pytest.raises(ResultsError, match="cannot tell which of these to compare: swift 1, swift 2, swift 3, swift 4"):
        compared_with(files("1", "2"), files("3", "4"))


def everything() -> Comparison:
    old = results(
        {"a/1": "pass", "a/2": "fail", "b/1": "fail", "c/1": "pass", "old/1": "pass", "gone/1": "pass", "d/1": "fail"},
    )
    failing = Verdict(loop="swift", case="a/1", kind="fail", summary="expected '1', observed <b>'2'</b> | @you")
    known = Verdict(loop="swift", case="e/1", kind="fail", summary="late", expected="known")
    new = results(
        {
            "a/1": failing,
            "a/2": "pass",
            "b/1": "crash",
            "c/1": "hang",
            "d/1": "unsupported",
            "e/1": known,
            "f/1": "pass",
        },
        version="0.10",
        cases=["a/1", "a/2", "b/1", "c/1", "d/1", "e/1", "f/1", "gone/1"],
        selected=8,
        cut=True,
        catalogue="f00",
    )
    return compared_with(
        [old, results({"a/1": "pass"}, loop="other")], [new, results({}, loop="late", catalogue="f00")]
    )


def test_the_text_is_as_it_was_approved() -> None:
    console = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    terminal.write(console, compared.text(everything()))
    approved("comparison.txt", console.file.getvalue())


def test_the_page_is_as_it_was_approved() -> None:
    approved("comparison.md", compared.page(everything()))


def test_nothing_new_is_said_shortly() -> None:
    comparison = compared_with(results({"a/1": "pass"}), results({"a/1": "pass"}))
    assert compared.conclusion(comparison) == "No news"
    assert (
        compared.page(comparison)
        == "### loopspec: what has changed\n\n**No news**\n\n<code>swift 0.9</code>: no verdict has changed\n"
    )
