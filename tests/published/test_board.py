"""The board: its page is what its results make, none is missing, and it stays small."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import tomli

from loopreport.merge import merge
from loopreport.results import read
from loopspec.loops import known_loops

PUBLISHED = Path(__file__).parents[2] / "reports" / "published"
RESULTS = sorted((PUBLISHED / "results").glob("*.json"))
MEBIBYTE = 1024 * 1024


def test_there_are_results_of_every_python() -> None:
    table = tomli.loads((PUBLISHED / "board.toml").read_text())["loop"]
    assert [path.stem for path in RESULTS] == sorted({python for loop in table for python in loop["pythons"]})


def test_the_page_is_what_the_results_make() -> None:
    made = runpy.run_path(str(PUBLISHED.parent / "publish.py"))["page"]()
    kept = (PUBLISHED / "index.html").read_text(encoding="utf-8")
    assert made == kept, "run python reports/publish.py --page-only"


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_results_are_whole(path: Path) -> None:
    assert [column.missing_in_words for column in merge([read(path)]).columns if column.missing] == []


def test_the_table_names_loops_that_are_known() -> None:
    table = tomli.loads((PUBLISHED / "board.toml").read_text())["loop"]
    assert [loop["name"] for loop in table if loop["name"] not in known_loops()] == []


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in PUBLISHED.rglob("*") if path.is_file()) < 8 * MEBIBYTE
    assert (PUBLISHED / "index.html").stat().st_size < 6 * MEBIBYTE
