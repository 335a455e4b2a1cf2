"""The board: its page is what its results make, no column is missing, and it stays small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli

from loopreport.merge import Merged, merge
from loopreport.results import read
from loopspec.loops import known_loops
from publish import page

PUBLISHED = Path(__file__).parents[2] / "reports" / "published"
RESULTS = sorted((PUBLISHED / "results").glob("*.json.gz"))
TABLE: list[dict[str, Any]] = tomli.loads((PUBLISHED / "board.toml").read_text(encoding="utf-8"))["loop"]
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def results() -> Merged:
    return merge([read(path) for path in RESULTS])


def minor(python: str) -> str:
    return ".".join(python.split(".")[:2])


def test_each_loop_of_the_table_has_a_column_for_each_of_its_pythons(results: Merged) -> None:
    columns = sorted((column.loop.name, minor(column.header.python)) for column in results.columns)
    assert columns == sorted((loop["name"], python) for loop in TABLE for python in loop["pythons"])


def test_the_table_s_versions_were_played(results: Merged) -> None:
    wanted = dict(package.split("==") for loop in TABLE for package in loop.get("packages", []) if "==" in package)
    played = {column.loop.package: column.loop.version for column in results.columns if column.loop.package}
    shared = {package: played[package] for package in wanted.keys() & played.keys()}
    assert shared == {package: wanted[package] for package in shared}


def test_no_verdict_is_missing(results: Merged) -> None:
    assert [(column.loop.name, column.missing_in_words) for column in results.columns if column.missing] == []


@pytest.mark.slow
def test_the_page_is_what_the_results_make() -> None:
    made = page()
    kept = (PUBLISHED / "index.html").read_text(encoding="utf-8")
    assert made == kept, "run python reports/publish.py --page-only"


def test_the_table_names_loops_that_are_known() -> None:
    assert [loop["name"] for loop in TABLE if loop["name"] not in known_loops()] == []


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in PUBLISHED.rglob("*") if path.is_file()) < 8 * MEBIBYTE
    assert (PUBLISHED / "index.html").stat().st_size < 6 * MEBIBYTE
