"""The HTML report as a text: what is in the file, how much it weighs, and that nothing in it steers the page.

After a change that is meant, look at the difference and run this file with LOOPSPEC_GOLDEN=write.
"""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from loopreport.handbook import Handbook
from loopreport.html import html
from loopreport.html.code import runs
from loopreport.html.encode import encode
from loopreport.html.frame import BUDGET, page
from loopreport.manner import Manner
from loopreport.merge import Merged, merge
from loopreport.model import Difference, LoopInfo, Verdict
from tests.reports import large
from tests.reports.book import BOOK
from tests.reports.sample import CASES, HEADER, RESULTS

GOLDEN = Path(__file__).with_name("golden")
MERGED = merge([RESULTS])
HOSTILE = "</script><script>window.hit = 1</script><img src=x onerror=window.hit=1>\x1b[31m\x00\u202e\ud800&amp;"


def text(merged: Merged = MERGED) -> str:
    return html(merged, CASES, Manner(handbook=lambda: BOOK))


def data_of(file: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', file, re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def same_as_golden(name: str, content: str) -> None:
    file = GOLDEN / name
    if os.environ.get("LOOPSPEC_GOLDEN") == "write":
        file.write_text(content, encoding="utf-8")
    assert content == file.read_text(encoding="utf-8")


def test_the_data_is_as_it_was_approved() -> None:
    data = encode(MERGED, BOOK, ("--cases", "my cases"), 400)
    plain = json.loads(msgspec.json.encode(data))
    for case in plain["cases"]:
        # Which runs there are is for Pygments to say, and not the same in each of its versions.
        case[6] = bool(case[6])
    plain["sources"] = [[path, len(source), bool(coloured)] for path, source, coloured in plain["sources"]]
    same_as_golden("html-data.json", json.dumps(plain, indent=1, ensure_ascii=False) + "\n")


def test_the_frame_is_as_it_was_approved() -> None:
    frame = text()
    for tag in ("style", "script"):
        frame = re.sub(rf"(<{tag}[^>]*>).*?(</{tag}>)", r"\1…\2", frame, flags=re.DOTALL)
    frame = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-…", frame)
    same_as_golden("html-frame.html", frame)


def test_the_same_results_give_the_same_bytes() -> None:
    assert text() == text()


def test_nothing_is_fetched_and_no_other_script_is_allowed() -> None:
    file = text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', file)
    assert policy
    assert policy[1].startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", file.partition('id="data"')[0])
    for word in ("@import", "url(http", "url(//", "innerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in file.partition("</style>")[0]
        assert word not in file.rpartition("<script>")[2]


def hostile() -> Merged:
    loop = LoopInfo(name=HOSTILE, factory=HOSTILE, package=HOSTILE, version=HOSTILE)
    header = msgspec.structs.replace(HEADER, loops=[loop], suite=HOSTILE, python=HOSTILE, began=HOSTILE, kernel=HOSTILE)
    verdicts = tuple(
        Verdict(
            loop=HOSTILE,
            case=case,
            kind="fail",
            summary=HOSTILE,
            difference=[Difference("-", HOSTILE), Difference("+", HOSTILE * 20_000)],
            details=f"{HOSTILE}\n" * 20_000,
            expected=HOSTILE,
        )
        for case in CASES
    )
    return merge([replace(RESULTS, header=header, verdicts=verdicts)])


def test_what_a_loop_wrote_is_inert_and_cut() -> None:
    file = text(hostile())
    assert file.count("<script") == file.count("</script>") == 2
    assert "<img" not in file
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", file)
    assert len(file.encode()) < 2**20
    assert "characters left out" in file
    assert "lines left out" in file


def test_a_board_is_light(capsys: pytest.CaptureFixture[str]) -> None:
    rows, columns = len(large.case_infos()), len(large.merged().columns)
    assert (rows, columns) == (1600, 45)
    weight = len(page(large.merged(), large.case_infos(), large.handbook()).encode())
    assert weight < BUDGET < 6 * 2**20


def test_what_would_weigh_too_much_is_cut_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    details = "".join(f"line {number} of something long and of its own\n" for number in range(300))
    verdicts = [msgspec.structs.replace(verdict, details=f"{verdict}\n{details}") for verdict in RESULTS.verdicts]
    merged = merge([replace(RESULTS, verdicts=tuple(verdicts))])
    whole = text(merged)
    assert "line 150 of" in whole
    monkeypatch.setattr("loopreport.html.frame.BUDGET", len(whole.encode()) - 1)
    less = text(merged)
    assert len(less) < len(whole)
    assert "line 150 of" not in less
    assert "lines left out" in less
    assert "line 299 of" in less


def test_the_names_of_columns_in_addresses_are_their_own() -> None:
    other = msgspec.structs.replace(HEADER, python="3.13.7")
    loops = [LoopInfo(name="swift", version="0.9.2")]
    third = msgspec.structs.replace(HEADER, python="3.12.1", loops=loops)
    nothing = ()
    merged = merge([RESULTS, *(replace(RESULTS, header=header, verdicts=nothing) for header in (other, third))])
    keys = [column["key"] for column in data_of(text(merged))["columns"]]
    assert len(set(keys)) == len(keys)
    assert "swift@3.12" in keys
    assert "swift-0.9.1@3.13.7" in keys


def test_without_a_handbook_there_is_a_page_all_the_same() -> None:
    assert 'id="matrix-frame"' in page(MERGED, CASES, Handbook())


def test_a_column_that_lacks_verdicts_is_said_to() -> None:
    cut = merge(
        [replace(RESULTS, verdicts=RESULTS.verdicts[:14], footer=None, cut="out.json: cut short after line 15")]
    )
    file = text(cut)
    assert re.search(r'class="incomplete">.*swift 0\.9\.1: 6 of 10 cases have no verdict \(out\.json: cut short', file)
    cells = [column["cells"] for column in data_of(file)["columns"]]
    assert [row.count(".") for row in cells] == [0, 6, 10]


def test_runs_add_up_to_the_text() -> None:
    source = 'async def f(x: int) -> None:\n    """Ü𝛼"""\n    return await g(f"{x}", 1)  # why\n'
    found = re.findall(r"([A-Z])([0-9a-z]+)", runs(source))
    pieces, place = [], 0
    encoded = source.encode("utf-16-le")
    for letter, length in found:
        end = place + int(length, 36)
        pieces.append((letter, encoded[2 * place : 2 * end].decode("utf-16-le")))
        place = end
    assert ("K", "async") in pieces
    assert ("F", "f") in pieces
    assert ("S", '"""Ü𝛼"""') in pieces
    assert ("C", "# why") in pieces
    assert ("N", "None") in pieces
    assert "".join(piece for _, piece in pieces) + encoded[2 * place :].decode("utf-16-le") == source
