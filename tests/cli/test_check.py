"""`loopspec check`: what it plays, what it says, and its exit status."""

import os
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from loopreport.results import read
from tests.cli.conftest import HERE, Run

CASES = ("--cases", "cases", "-j", "2")


def test_a_loop_that_conforms(run: Run) -> None:
    ended = run("check", "stdlib", *CASES)
    assert ended.status == 0
    assert "stdlib  conforms  5 of 5 documented cases pass; 2 skipped" in ended.out
    assert not ended.err


def test_a_loop_that_does_not(run: Run) -> None:
    ended = run("check", "wrong_loops:StackEventLoop", *CASES)
    assert ended.status == 1
    for line in (
        "FAIL order.fifo/one-after-the-other/count=3",
        "  What is scheduled first is called first.",
        "  A loop that keeps its callbacks on a stack calls the last one first.",
        "    - expected only   + observed only",
        "  case     cases/first.toml:16",
        "  alone    loopspec check wrong_loops:StackEventLoop -k order.fifo/one-after-the-other/count=3 --cases cases",
    ):
        assert line in ended.out.splitlines()
    assert "https://docs.python.org/3." in ended.out
    assert "library/asyncio-eventloop.html#asyncio.loop.call_soon" in ended.out


def test_the_command_that_it_names_plays_that_row_alone(run: Run) -> None:
    ended = run("check", "wrong_loops:StackEventLoop", "-k", "order.fifo/one-after-the-other/count=3", *CASES)
    assert ended.status == 1
    assert "0 of 1 documented case pass: 1 fail" in ended.out


@pytest.mark.parametrize(
    ("loop", "kind", "words"),
    [
        ("NoDelaysEventLoop", "UNSUPPORTED", "NotImplementedError: no \\x1b[31mtimers\\x1b[0m"),
        ("CrashingEventLoop", "CRASH", "SIGSEGV"),
        ("HangingEventLoop", "HANG", "seconds"),
    ],
)
def test_every_kind_of_failure_has_its_word(run: Run, loop: str, kind: str, words: str) -> None:
    ended = run("check", f"wrong_loops:{loop}", "-k", "later", *CASES)
    assert ended.status == 1
    assert f"{kind} later.called/after-what-is-ready" in ended.out
    assert words in ended.out


def test_what_fails_only_at_first_is_flaky(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_LOOPS_MARK", str(tmp_path / "mark"))
    ended = run("check", "wrong_loops:WrongAtFirstEventLoop", "-k", "close.again/twice", *CASES)
    assert ended.status == 1
    assert "FLAKY close.again/twice" in ended.out


def test_what_is_not_documented_does_not_count(run: Run) -> None:
    ended = run("check", "wrong_loops:Anonymous", *CASES)
    assert ended.status == 0
    assert "wrong_loops:Anonymous: 1 failure that does not count" in ended.out
    assert "fail text.class/in-brackets" in ended.out
    assert "conforms  5 of 5 documented cases pass; 2 skipped; not counted: 1 of 1 fails" in ended.out


def test_a_loop_that_cannot_be_made_is_told_once(run: Run) -> None:
    ended = run("check", "wrong_loops:failing", *CASES)
    assert ended.status == 1
    assert "FAIL 5 cases, for the same reason" in ended.out
    assert ended.out.count("the loop's factory raised OSError: no memory for a loop") == 1


def test_several_loops_beside_each_other(run: Run) -> None:
    ended = run("check", "stdlib", "wrong_loops:StackEventLoop", "stdlib", *CASES, "-k", "order")
    assert ended.status == 1
    assert "3 cases for stdlib, wrong_loops:StackEventLoop\n" in ended.out
    assert re.search(r"\n  First things +3/3 +1/3  2 fail\n", ended.out)


def test_filters_are_those_of_the_list(run: Run) -> None:
    ended = run("check", "stdlib", "-k", "order.fifo/one-a*", "--chapter", "first", *CASES)
    assert ended.status == 0
    assert "3 cases for stdlib" in ended.out


def test_a_module_that_cannot_be_looked_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "made_by_hand", ModuleType("made_by_hand"))
    ended = run("check", "made_by_hand:new")
    assert ended.status == 2
    assert ended.err.startswith("loop 'made_by_hand:new': its module cannot be found: ")


def test_exit_first_ends_at_the_first_failure_that_counts(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    ended = run("check", "wrong_loops:StackEventLoop", "stdlib", *CASES, "-j", "1", "-x", "--json", str(results))
    assert ended.status == 1
    assert "does not conform  only" in ended.out
    assert "not decided" in ended.out
    failing = [verdict for verdict in read(results).verdicts if verdict.kind == "fail"]
    assert len(failing) == 1
    assert read(results).footer


def test_exit_first_goes_on_after_what_does_not_count(run: Run) -> None:
    ended = run(
        "check", "wrong_loops:Anonymous", "-k", "text", "-k", "close.again", "-j", "1", "-x", "--cases", "cases"
    )
    assert ended.status == 0


def test_verbose_tells_each_verdict(run: Run) -> None:
    ended = run("check", "stdlib", *CASES, "-v")
    assert "pass        order.fifo/one-after-the-other/count=2" in ended.out.splitlines()
    assert "skip        close.again/elsewhere  for nowhere, and this is " in ended.out
    more = run("check", "stdlib", *CASES, "-k", "fifo", "-vv")
    assert "            What is scheduled first is called first." in more.out.splitlines()
    assert "            cases/first.toml:16, 0." in more.out


def test_results_are_written_for_every_loop(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    ended = run("check", "stdlib", "wrong_loops:StackEventLoop", *CASES, "--json", str(results))
    assert f"Results written to {results}" in ended.out
    found = read(results)
    assert [loop.name for loop in found.header.loops] == ["stdlib", "wrong_loops:StackEventLoop"]
    assert found.header.selected == 8
    assert len(found.verdicts) == 16
    assert found.footer and not found.footer.interrupted and not found.missing
    assert found.footer.verdicts == 16


def test_every_case_skipped_is_no_success(run: Run) -> None:
    ended = run("check", "stdlib", *CASES, "-k", "close.never-on")
    assert ended.status == 2
    assert ended.err == "stdlib: every case was skipped, so that nothing is known of the loop\n"
    ended = run("check", "stdlib", *CASES, "-k", "close.never-on", "-k", "text.class")
    assert ended.status == 2
    assert ended.err.startswith("stdlib: every documented case was skipped")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "loopspec check: Missing argument 'LOOP...' (see loopspec check --help)"),
        (["check", "stdlbi"], "unknown loop 'stdlbi': did you mean 'stdlib'?"),
        (["check", "wrong_loops"], "unknown loop 'wrong_loops'"),
        (["check", "nowhere.at.all:new"], "loop 'nowhere.at.all:new': there is no module 'nowhere' here"),
        (["check", "wrong_loops:"], "loop 'wrong_loops:': write module:callable"),
        (
            ["check", "stdlib", "-k", "ordr.fifo", *CASES],
            "no case selected: nothing matches -k 'ordr.fifo': did you mean",
        ),
        (["check", "stdlib", "--chapter", "third", *CASES], "no case selected: nothing matches --chapter 'third'"),
        (["check", "stdlib", "-k", "text", "--level", "should", *CASES], "no case selected: no case meets all"),
        (["check", "stdlib", "--level", "most"], "loopspec check: Invalid value for '--level'"),
        (["check", "stdlib", "--jobs", "0"], "loopspec check: Invalid value for '-j' / '--jobs'"),
        (["check", "stdlib", "--cases", "nowhere.toml"], "nowhere.toml:1: cannot be read"),
        (
            ["check", "stdlib", "--json", "nowhere/out.json", *CASES],
            "nowhere/out.json: cannot be written: no such file",
        ),
        (["check", "stdlib", "--json", "cases", *CASES], "cases: cannot be written: is a directory"),
        (["check", "stdlib", "--expect", "nowhere.toml", *CASES], "nowhere.toml: cannot be read: no such file"),
        (["chek"], "loopspec: no command 'chek': did you mean 'check'? (see loopspec --help)"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(run: Run, arguments: list[str], said: str) -> None:
    ended = run(*arguments)
    assert ended.status == 2
    assert ended.err.startswith(said)
    assert not ended.out


def test_a_mistake_in_a_case_file_is_told_and_which_files_are_fine(run: Run, tmp_path: Path) -> None:
    text = (HERE / "cases" / "first.toml").read_text()
    wrong = text.replace("order.fifo", "other.fifo").replace("later.called", "other.later")
    (tmp_path / "good.toml").write_text(text)
    (tmp_path / "bad.toml").write_text(wrong.replace('level = "must"', 'levl = "must"'))
    ended = run("check", "stdlib", "--cases", str(tmp_path))
    assert ended.status == 2
    first, last = ended.err.splitlines()
    assert first.startswith(f"{tmp_path}/bad.toml:8: rule other.fifo: key `levl`: unknown; did you mean `level`?")
    assert last == "Nothing was played. Without a mistake: good.toml"


def test_the_results_file_is_not_touched_by_a_run_that_cannot_begin(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text("precious")
    assert run("check", "stdlbi", "--json", str(results), *CASES).status == 2
    assert run("check", "stdlib", "-k", "nothing-such", "--json", str(results), *CASES).status == 2
    assert results.read_text() == "precious"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_the_run_with_a_line(run: Run) -> None:
    ended = run("check", "stdlib", "--json", "/dev/full", *CASES)
    assert ended.status == 2
    assert ended.err == "/dev/full: cannot be written further: no space left on device\n"
    assert not ended.out


def test_results_can_go_into_a_pipe(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("check", "stdlib", "--json", str(pipe), *CASES).status == 0
        assert os.read(reader, 1 << 16).count(b"\n") == 10
    finally:
        os.close(reader)
