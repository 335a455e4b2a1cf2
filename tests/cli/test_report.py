"""`loopspec report`, `loopspec diff`, shards, and the reports that `loopspec check` writes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from loopreport.results import Results, Writer, read
from tests.cli.conftest import HERE, Run

CASES = ("--cases", "cases")
FORMATS = ("--markdown", "--junit", "--badge", "--shields", "--html")
WRONG = "wrong_loops:StackEventLoop"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play two loops, once for all tests."""
    folder = tmp_path_factory.mktemp("once")
    for loop in ("stdlib", WRONG):
        file = str(folder / f"{loop.replace(':', '-')}.json")
        command = [sys.executable, "-m", "loopspec", "check", loop, *CASES, "-j", "2", "--json", file]
        subprocess.run(command, cwd=HERE, capture_output=True, check=False)
    return folder


@pytest.fixture
def played(once: Path, tmp_path: Path) -> Path:
    """Return a folder with the results of two loops."""
    return Path(shutil.copytree(once, tmp_path / "results"))


def rewritten(path: Path, **changes: object) -> None:
    """Change the header of a results file."""
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(msgspec.json.encode({**msgspec.json.decode(first), **changes}) + b"\n" + rest)


def test_every_format_is_written(run: Run, played: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("r.md", "r.xml", "r.svg", "r.json", "r.html")]
    options = [part for option, path in zip(FORMATS, paths) for part in (option, str(path))]
    ended = run("report", str(played), *CASES, "--loop", WRONG, *options)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    markdown, junit, badge, shields, html = (path.read_text(encoding="utf-8") for path in paths)
    assert f"| <code>{WRONG}</code> | ❌ does not conform | 3/5 |" in markdown
    assert ElementTree.fromstring(junit).get("failures") == "2"
    assert "3/5 documented cases" in badge
    assert json.loads(shields)["message"] == "3/5 documented cases"
    assert html.startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(path.name for path in paths), "results"])


def test_without_a_format_the_report_is_printed(run: Run, played: Path) -> None:
    ended = run("report", str(played), *CASES)
    assert ended.status == 0
    assert "FAIL order.fifo/one-after-the-other/count=3\n" in ended.out
    assert "16 verdicts from 2 files" in ended.out
    assert "-- expected" not in ended.out


def test_with_terminal_it_is_printed_besides(run: Run, played: Path, tmp_path: Path) -> None:
    markdown = tmp_path / "r.md"
    ended = run("report", str(played), *CASES, "--markdown", str(markdown), "--terminal")
    assert "16 verdicts from 2 files" in ended.out
    assert markdown.exists()


def test_a_report_can_go_to_standard_output(run: Run, played: Path) -> None:
    ended = run("report", str(played), *CASES, "--loop", "stdlib", "--shields", "-")
    assert json.loads(ended.out)["message"] == "5/5 documented cases"


def test_strict_is_what_check_would_say(run: Run, played: Path) -> None:
    assert run("report", str(played), *CASES, "--strict").status == 1
    assert run("report", str(played), *CASES, "--strict", "--loop", "stdlib").status == 0


def test_check_writes_the_same_reports(run: Run, tmp_path: Path) -> None:
    paths = {option: tmp_path / option.strip("-") for option in FORMATS}
    options = [part for option, path in paths.items() for part in (option, str(path))]
    ended = run("check", WRONG, *CASES, "-j", "2", "--json", str(tmp_path / "results"), *options)
    assert ended.status == 1
    for option, path in paths.items():
        again = tmp_path / "again"
        assert run("report", str(tmp_path / "results"), *CASES, option, str(again)).status == 0
        if option != "--html":
            assert path.read_text(encoding="utf-8") == again.read_text(encoding="utf-8")


@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_shards_are_balanced_and_together_are_all(run: Run, tmp_path: Path, of: int) -> None:
    files = [str(tmp_path / f"{number}.json") for number in range(1, of + 1)]
    for number, file in enumerate(files, 1):
        ended = run("check", "stdlib", *CASES, "-j", "2", "--shard", f"{number}/{of}", "--json", file)
        assert ended.status == 0
    shards = [read(Path(file)) for file in files]
    played = [verdict.case for shard in shards for verdict in shard.verdicts]
    assert sorted(played) == sorted(shards[0].header.cases)
    assert len(played) == 8
    sizes = {shard.header.selected for shard in shards}
    assert max(sizes) - min(sizes) <= 1
    assert [str(shard.header.shard) for shard in shards] == [f"{number}/{of}" for number in range(1, of + 1)]
    assert run("report", *files, *CASES, "--strict").status == 0


def test_a_shard_says_that_it_is_one(run: Run) -> None:
    ended = run("check", "stdlib", *CASES, "-j", "2", "--shard", "2/4")
    assert ended.status == 0
    assert "2 cases of 8 (shard 2/4) for stdlib\n" in ended.out
    assert "not decided" in ended.out and "only 2 of 8 cases played (only: shard 2/4)" in ended.out


def test_a_shard_that_fails_fails(run: Run) -> None:
    ended = run("check", WRONG, *CASES, "-j", "2", "--shard", "1/1")
    assert ended.status == 1


def test_a_missing_shard_is_never_green(run: Run, tmp_path: Path) -> None:
    files = [str(tmp_path / f"{number}.json") for number in (1, 3)]
    for number, file in zip((1, 3), files):
        run("check", "stdlib", *CASES, "-j", "2", "--shard", f"{number}/3", "--json", file)
    markdown = tmp_path / "r.md"
    ended = run("report", *files, *CASES, "--markdown", str(markdown))
    assert ended.status == 1
    assert ended.err == "stdlib: 3 of 8 cases have no verdict (missing: shard 2/3)\n"
    assert "not decided" in markdown.read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", [1, 2, 40, "footer", "footer and a byte", "verdict", "verdict and a byte"])
def test_a_file_that_is_cut_short_is_never_green(run: Run, played: Path, missing: int | str) -> None:
    path = played / "stdlib.json"
    *_, verdict, footer = path.read_bytes().splitlines(keepends=True)
    at_the_end_of_a_line = {"footer": len(footer), "verdict": len(footer) + len(verdict)}
    count = missing if isinstance(missing, int) else at_the_end_of_a_line[missing.split()[0]] + missing.endswith("byte")
    path.write_bytes(path.read_bytes()[:-count])
    known = path.read_bytes().count(b"\n") - 1
    where = f"{path}: cut short after line {known + 1}"
    ended = run("report", str(path), *CASES, "--strict")
    if known < 8:
        assert (ended.status, ended.err) == (1, f"stdlib: {8 - known} of 8 cases have no verdict ({where})\n")
    else:
        # All verdicts are there, and only the line that counts them is not.
        assert (ended.status, ended.err) == (1, f"{where}: what came after its 8 verdicts is missing\n")
    assert run("diff", str(played / "stdlib.json"), str(path), *CASES).status in (0, 1)
    assert run("expect", str(path), *CASES).status == 0


def test_a_pass_carries_no_log(played: Path) -> None:
    lines = [json.loads(line) for line in (played / "stdlib.json").read_text().splitlines()]
    passing = [line for line in lines if line.get("kind") == "pass"]
    assert len(passing) == 6
    assert {key for line in passing for key in line} == {"type", "loop", "case", "kind", "seconds"}


BAD = {
    "empty": (b"", ": is empty: not a results file (write one with loopspec check --json FILE)"),
    "garbage": (b"\x80garbage\x00", ": does not begin with a header: not a results file"),
    "newer": (
        b'{"type":"header","format":99}\n',
        ": in format 99, and this loopspec reads up to 1: use a newer loopspec",
    ),
    "half a header": (b'{"type":"header","format":1', ": does not begin with a header"),
    "a wrong header": (
        b'{"type":"header","format":1}\n',
        ":1: not a valid header: Object missing required field `suite`",
    ),
    "deep": (b'{"type":' + b"[" * 100_000, ": does not begin with a header"),
}


@pytest.mark.parametrize("command", ["report", "expect", "diff"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_in_a_line(run: Run, played: Path, tmp_path: Path, command: str, name: str) -> None:
    content, said = BAD[name]
    bad = tmp_path / "bad.json"
    bad.write_bytes(content)
    out = tmp_path / "out"
    option = "-o" if command == "expect" else "--markdown"
    ended = run(command, str(played / "stdlib.json"), str(bad), *CASES, option, str(out))
    assert ended.status == 2
    assert ended.err.startswith(f"{bad}{said}") and ended.err.count("\n") == 1
    assert not ended.out and not out.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"type":"verdict","loop":"stdlib","case":"zz/zz","kind":"pass"}', ":2: a verdict on 'zz/zz', a case that"),
        (
            b'{"type":"verdict","loop":"zz","case":"order.fifo/one-alone","kind":"pass"}',
            ":2: a verdict on 'zz', a loop that",
        ),
        (b'{"type":"verdict"', ":2: not a valid record: Input data was truncated"),
        (b'{"type":"verdict","loop":"\xed\xa0\x80"}', ":2: not a valid record: "),
        (b'{"type":"verdict","loop":' + b"[" * 100_000, ":2: not a valid record: "),
    ],
)
def test_a_bad_line_is_told_with_its_number(run: Run, played: Path, line: bytes, said: str) -> None:
    path = played / "stdlib.json"
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(first + b"\n" + line + b"\n" + rest)
    ended = run("report", str(path), *CASES)
    assert ended.status == 2
    assert ended.err.startswith(f"{path}{said}") and ended.err.count("\n") == 1


def test_results_of_other_case_files(run: Run, played: Path) -> None:
    path = played / "stdlib.json"
    ended = run("report", str(path))
    assert ended.status == 2
    assert ended.err.startswith(f"{path}: played with other case files (digest ") and "--cases" in ended.err
    rewritten(path, catalogue="f00")
    ended = run("report", str(played), *CASES)
    assert ended.status == 2
    assert ended.err.startswith(f"{played}/wrong_loops-StackEventLoop.json: played with other case files (digest ")


def test_cases_that_the_case_files_do_not_have(run: Run, played: Path) -> None:
    path = played / "stdlib.json"
    header = read(path).header
    rewritten(path, cases=[*header.cases, "\x1b[2Jowned"])
    ended = run("report", str(path), *CASES)
    assert ended.status == 2
    assert ended.err == f"{path}: names a case that its own case files do not have: \\x1b[2Jowned\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report"], "loopspec report: Missing argument 'RESULTS...'"),
        (["report", "nowhere.json"], "nowhere.json: cannot be read: no such file or directory"),
        (["report", "cases"], "cases: holds no results file (*.json or *.jsonl, or one of these packed as .gz)"),
        (["report", "{played}", "--loop", "uvloop"], f"no results for 'uvloop': there are stdlib, {WRONG}"),
        (["report", "{played}", "--markdown", "nowhere/r.md"], "nowhere/r.md: cannot be written: there is no folder"),
        (["report", "{played}", "--junit", "cases"], "cases: cannot be written: is a directory"),
        (["report", "{played}", "--junit", "r", "--badge", "r"], "r: cannot be written: two reports have this name"),
        (
            ["report", "{played}", "--badge", "r.svg"],
            "a badge is about one loop, and there are results of stdlib, wrong",
        ),
        (["report", "{played}", "--markdown", "/dev/full"], "/dev/full: cannot be written: no space left on device"),
        (["diff", "{played}"], "loopspec diff: Missing argument 'NEW'"),
        (["diff", "{played}", "{played}", "--markdown", "cases"], "cases: cannot be written: is a directory"),
        (
            ["expect", "{played}", "-o", "nowhere/known.toml"],
            "nowhere/known.toml: cannot be written: there is no folder",
        ),
        (["check", "stdlib", "--markdown", "nowhere/r.md"], "nowhere/r.md: cannot be written: there is no folder"),
        (
            ["check", "stdlib", WRONG, "--badge", "r.svg"],
            f"--badge is about one loop, and these are 2: stdlib, {WRONG}",
        ),
        (["check", "stdlib", "--shard", "0/4"], "--shard '0/4': write which part of how many, such as 1/4"),
        (["check", "stdlib", "--shard", "5/4"], "--shard '5/4': write which part"),
        (["check", "stdlib", "--shard", "one"], "--shard 'one': write which part"),
        (["check", "stdlib", "--shard", "1/9"], "--shard 1/9: only 8 cases are selected: use at most 8 shards"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(run: Run, played: Path, arguments: list[str], said: str) -> None:
    ended = run(*(argument.format(played=played) for argument in arguments), *CASES)
    assert ended.status == 2
    assert ended.err.startswith(said) and ended.err.count("\n") == 1
    assert not ended.out


def test_results_in_a_file_that_was_interrupted(run: Run, played: Path, tmp_path: Path) -> None:
    whole = read(played / "stdlib.json")
    path = tmp_path / "stopped.json"
    written(path, whole, 3)
    ended = run("report", str(path), *CASES)
    assert ended.status == 1
    assert ended.err == f"stdlib: 5 of 8 cases have no verdict ({path}: interrupted)\n"


def written(path: Path, results: Results, verdicts: int) -> None:
    assert results.footer
    with Writer(path, results.header) as writer:
        for verdict in results.verdicts[:verdicts]:
            writer.write(verdict)
        writer.write(msgspec.structs.replace(results.footer, verdicts=verdicts, interrupted=True))


def test_diff(run: Run, played: Path, tmp_path: Path) -> None:
    good, bad = str(played / "stdlib.json"), str(played / "wrong_loops-StackEventLoop.json")
    ended = run("diff", good, bad, *CASES)
    assert ended.status == 1
    assert ended.out.splitlines()[-1] == "News: 2 newly failing"
    ended = run("diff", bad, good, *CASES, "--markdown", str(tmp_path / "changes.md"))
    assert ended.status == 0
    assert ended.out.splitlines()[-1] == "No news; besides: 2 fixed"
    assert "**No news; besides: 2 fixed**" in (tmp_path / "changes.md").read_text(encoding="utf-8")
    ended = run("diff", str(played), str(played), *CASES, "--markdown", "-")
    assert ended.status == 0
    assert ended.out.startswith("### loopspec: what has changed\n")


def test_diff_says_that_the_case_files_are_others(run: Run, played: Path) -> None:
    path = played / "stdlib.json"
    other = played.parent / "other.json"
    other.write_bytes(path.read_bytes())
    rewritten(other, catalogue="f00")
    ended = run("diff", str(other), str(path), *CASES)
    assert ended.status == 0
    assert "The two were played with different case files" in ended.out


def test_the_schema_of_results(run: Run) -> None:
    import loopreport

    committed = Path(loopreport.__file__).with_name("results.schema.json").read_text(encoding="utf-8")
    assert run("schema", "--results").out == committed
