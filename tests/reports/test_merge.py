"""Many results files as one table: what becomes one column, what is missing, and what cannot be put together."""

import pytest

from loopreport.merge import Merged, merge
from loopreport.model import Kind
from loopreport.results import Results, ResultsError
from loopreport.summary import summarize
from tests.reports.building import described, results
from tests.reports.sample import RESULTS

PLAN = ["a/1", "a/2", "b/1", "b/2"]


def kinds(merged: Merged) -> list[dict[str, Kind]]:
    return [{verdict.case: verdict.kind for verdict in column.verdicts} for column in merged.columns]


def shard(number: int, of: int, **changes: object) -> Results:
    found: dict[str, Kind] = dict.fromkeys(PLAN[number - 1 :: of], "pass")
    return results(found, cases=PLAN, shard=(number, of), source=f"shard-{number}.json", **changes)


def test_each_loop_of_a_file_is_a_column() -> None:
    merged = merge([RESULTS])
    assert [column.title for column in merged.columns] == ["stdlib", "swift 0.9.1", "absent.loops:Factory"]
    assert merged.verdicts == 30 and not merged.missing and merged.seconds == 8.0


def test_shards_become_one_column() -> None:
    merged = merge([shard(number, 3) for number in (2, 1, 3)])
    assert [column.title for column in merged.columns] == ["swift 0.9"]
    assert kinds(merged) == [dict.fromkeys(PLAN, "pass")]
    assert not merged.missing
    assert merged.seconds == 3.0 and merged.files == 3


@pytest.mark.parametrize(
    ("there", "of", "said"),
    [
        ([1, 3], 3, "1 of 4 cases have no verdict (missing: shard 2/3)"),
        ([1], 4, "3 of 4 cases have no verdict (only: shard 1/4)"),
        ([1, 2], 4, "2 of 4 cases have no verdict (missing: shards 3/4, 4/4)"),
    ],
)
def test_a_missing_shard_is_named_and_no_success(there: list[int], of: int, said: str) -> None:
    merged = merge([shard(number, of) for number in there])
    assert merged.columns[0].missing_in_words == said
    summary = summarize(merged, described(*PLAN))[0]
    assert summary.judgement == "not decided"
    assert summary.total.missing == merged.missing


def test_what_is_missing_is_known_by_name() -> None:
    assert merge([shard(1, 2)]).columns[0].missing == ("a/2", "b/2")


def test_of_very_many_missing_shards_some_are_named() -> None:
    words = merge([shard(1, 1000)]).columns[0].missing_in_words
    assert words.endswith("(only: shard 1/1000)")
    many = [results({}, cases=PLAN, shard=(number, 100)) for number in range(1, 70)]
    assert merge(many).columns[0].missing_in_words.endswith("77/100 and 23 more)")


def test_cut_and_interrupted_files_say_so() -> None:
    cut = results({"a/1": "pass"}, cases=PLAN, selected=4, cut=True, source="x.json")
    assert merge([cut]).columns[0].missing_in_words == ("3 of 4 cases have no verdict (x.json: cut short after line 3)")
    stopped = results({"a/1": "pass"}, cases=PLAN, selected=4, interrupted=True, source="x.json")
    assert merge([stopped]).columns[0].missing_in_words == "3 of 4 cases have no verdict (x.json: interrupted)"
    assert merge([stopped]).interrupted


def test_a_file_that_lost_only_its_end_misses_nothing() -> None:
    whole = results(dict.fromkeys(PLAN, "pass"), cut=True)
    assert not merge([whole]).missing
    assert not merge([whole]).columns[0].gaps


def test_what_another_file_has_is_not_missing() -> None:
    cut = results({"a/1": "pass"}, cases=PLAN, selected=4, cut=True)
    rest = results(dict.fromkeys(PLAN[1:], "pass"))
    assert not merge([cut, rest]).missing


def test_a_loop_that_was_never_reached_is_a_column_without_verdicts() -> None:
    first = RESULTS.header.loops[0].name
    verdicts = tuple(verdict for verdict in RESULTS.verdicts if verdict.loop == first)
    merged = merge([Results(RESULTS.header, verdicts, None, "cut")])
    assert [len(column.missing) for column in merged.columns] == [0, 10, 10]


def test_versions_pythons_and_platforms_are_columns_of_their_own_in_their_order() -> None:
    found: dict[str, Kind] = {"a/1": "pass"}
    files = [
        results(found, loop="other", python="3.9.2"),
        results(found, python="3.13.1"),
        results(found, python="3.9.2"),
        results(found, python="3.9.2", version="0.10"),
        results(found, python="3.9.2", implementation="PyPy"),
        results(found, python="3.9.2", platform="darwin"),
    ]
    titles = [column.title for column in merge(files).columns]
    assert titles == [
        "other 0.9, Python 3.9.2 on linux",
        "swift 0.9, Python 3.9.2 on linux",
        "swift 0.9, PyPy 3.9.2 on linux",
        "swift 0.9, Python 3.9.2 on darwin",
        "swift 0.9, Python 3.13.1 on linux",
        "swift 0.10, Python 3.9.2 on linux",
    ]


def test_verdicts_that_agree_are_one() -> None:
    merged = merge([results({"a/1": "fail"}), results({"a/1": "fail", "b/1": "pass"})])
    assert kinds(merged) == [{"a/1": "fail", "b/1": "pass"}]


def test_verdicts_that_do_not_agree_are_an_error() -> None:
    files = [results({"a/1": "fail"}, source="one.json"), results({"a/1": "pass"}, source="two.json")]
    with pytest.raises(ResultsError) as raised:
        merge(files)
    assert str(raised.value) == (
        "two.json: pass for a/1 on swift 0.9, and fail in one.json: leave out the file that is not to count"
    )


def test_results_of_other_case_files_are_not_mixed() -> None:
    files = [results({"a/1": "pass"}, source="one.json"), results({"a/1": "pass"}, source="two.json", catalogue="f00")]
    with pytest.raises(ResultsError) as raised:
        merge(files)
    assert str(raised.value).startswith("two.json: played with other case files (digest f00) than one.json (0123")
