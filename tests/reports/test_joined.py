"""Many results files as one short one: nothing that a report tells is lost, but for what was too long to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from loopreport.joined import DIFFERENCE_LINES, joined
from loopreport.manner import Manner
from loopreport.merge import merge
from loopreport.model import Difference, Footer, Header, LoopInfo, Verdict
from loopreport.results import Results, ResultsError, read

CASES = ["rule/one", "rule/two", "other/one"]


def results(loop: str, kinds: str = "pfs", python: str = "3.13.0", **of_verdicts: object) -> Results:
    header = Header(
        suite="1",
        catalogue="digest",
        python=python,
        implementation="CPython",
        platform="linux",
        kernel="Linux",
        openssl="OpenSSL",
        began="2026-01-01T00:00:00+00:00",
        loops=[LoopInfo(name=loop, version="1.0")],
        cases=CASES,
        selected=len(kinds),
    )
    names = {"p": "pass", "f": "fail", "s": "skip"}
    verdicts = []
    for case, kind in zip(CASES, kinds):
        told = {} if kind == "p" else {"summary": f"{loop} {kind}", **of_verdicts}
        verdicts.append(Verdict(loop=loop, case=case, kind=names[kind], **told))
    return Results(header, tuple(verdicts), Footer(ended="", seconds=1.5, verdicts=len(kinds)), source=f"{loop}.json")


def again(text: str, tmp_path: Path) -> Results:
    path = tmp_path / "joined.json"
    path.write_text(text)
    return read(path)


def test_the_columns_are_the_same_when_read_again(tmp_path: Path) -> None:
    merged = merge([results("one"), results("two", "fpp")])
    reread = merge([again(joined(merged, {}, Manner()), tmp_path)])
    assert len(reread.columns) == 2
    for before, after in zip(merged.columns, reread.columns):
        assert (after.loop, after.cases) == (before.loop, before.cases)
        assert {verdict.case: verdict for verdict in after.verdicts} == {
            verdict.case: verdict for verdict in before.verdicts
        }
        assert not after.missing


def test_what_is_missing_stays_missing(tmp_path: Path) -> None:
    cut = replace(results("one", "pp"), header=msgspec.structs.replace(results("one").header, selected=3))
    reread = merge([again(joined(merge([cut]), {}, Manner()), tmp_path)])
    assert [column.missing for column in reread.columns] == [("other/one",)]


def test_passes_are_one_line_and_long_texts_are_cut(tmp_path: Path) -> None:
    long = [Difference("+", "x" * 10_000)] * 100
    text = joined(merge([results("one", "pff", details="y" * 100_000, difference=long)]), {}, Manner())
    assert text.count("rule/one") == 1, "only in the header"
    assert len(text) < 40_000
    verdict = again(text, tmp_path).verdicts[-1]
    assert len(verdict.difference) == DIFFERENCE_LINES + 1
    assert "left out" in verdict.details


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([results("two", python="3.14.0")], "results of python 3.13.0 and 3.14.0 cannot stand in one file"),
        ([results("one", python="3.14.0")], "results of python 3.13.0 and 3.14.0"),
    ],
)
def test_what_cannot_stand_under_one_header_is_refused(others: list[Results], told: str) -> None:
    with pytest.raises(ResultsError, match=told):
        joined(merge([results("one"), *others]), {}, Manner())


def test_a_pass_of_no_case_is_told_with_its_line(tmp_path: Path) -> None:
    text = joined(merge([results("one")]), {}, Manner()).replace('"cases":[0]', '"cases":[7]')
    with pytest.raises(ResultsError, match=r"joined.json:2: a pass of a case that the header does not name"):
        again(text, tmp_path)


def test_a_second_verdict_on_what_passed_is_told_with_its_line(tmp_path: Path) -> None:
    text = joined(merge([results("one")]), {}, Manner()).replace('"cases":[0]', '"cases":[0,1]')
    with pytest.raises(ResultsError, match=r"joined.json:3: a second verdict on rule/two for one"):
        again(text, tmp_path)
