"""`--html`: a run, or results files, as one HTML file."""

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run

CHECK = ("check", "stdlib", "wrong_loops:StackEventLoop", "--cases", "cases")


def data_of(file: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_a_run_and_its_results_make_the_same_file(run: Run, tmp_path: Path) -> None:
    page, results, again = tmp_path / "page.html", tmp_path / "results.json", tmp_path / "again.html"
    assert run(*CHECK, "--html", str(page), "--json", str(results)).status == 1
    ended = run("report", str(results), "--cases", "cases", "--html", str(again))
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert again.read_bytes() == page.read_bytes()


def test_what_is_in_it(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run(*CHECK, "--html", str(page))
    data = data_of(page)
    assert [column["name"] for column in data["columns"]] == ["stdlib", "wrong_loops:StackEventLoop"]
    assert set(data["columns"][0]["cells"]) <= set("ps")
    assert "f" in data["columns"][1]["cells"]
    assert data["loops"]["wrong_loops:StackEventLoop"]["make"] == (
        "from wrong_loops import StackEventLoop as new_event_loop"
    )
    assert data["arguments"] == ["--cases", "cases"]
    (rule,) = (rule for rule in data["rules"] if rule[0] == "close.not-while-needed")
    reason = rule[9]
    assert len(reason) > 12


def test_a_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    ended = run(*CHECK, "--html", str(tmp_path / "none" / "page.html"))
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"{tmp_path}/none/page.html: cannot be written: there is no folder {tmp_path}/none\n"
    ended = run(*CHECK, "--html", str(tmp_path))
    assert ended.err == f"{tmp_path}: cannot be written: is a directory\n"
    assert list(tmp_path.iterdir()) == []
