"""The tool that plays everything in many surroundings: what it counts, what it keeps, and what it says."""

from __future__ import annotations

import dataclasses
import lzma
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import never_wrong
import never_wrong_record
import never_wrong_surroundings as surroundings
import pytest
from never_wrong_state import FILE, PACKED, State, StateError, Subject

from loopreport.model import Kind, Verdict
from loopspec.catalogue import Entry, load

TOOL = Path(never_wrong.__file__)
SUBJECT = Subject("aloop", "1.0", "CPython 3.12.0")


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return list(load().entries[:3])


def verdicts(entries: list[Entry], *kinds: Kind) -> list[Verdict]:
    return [
        Verdict(loop="aloop", case=entry.id, kind=kind, summary=f"it is {kind}") for entry, kind in zip(entries, kinds)
    ]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), "--state", str(folder / "state"), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)


ONE = ("stdlib", "-k", "call-soon.order/", "-j", "1")


def test_plays_add_up_over_runs_of_the_tool(tmp_path: Path) -> None:
    first = run(tmp_path, *ONE, "--runs", "1")
    assert (first.returncode, first.stderr) == (0, "")
    assert "run   1 of 1  idle" in first.stdout
    again = run(tmp_path, *ONE, "--runs", "2")
    assert again.stdout.count("run   ") == 1 and "run   2 of 2" in again.stdout
    done = run(tmp_path, *ONE, "--runs", "2")
    assert "run   " not in done.stdout and "every verdict the same" in done.stdout


def test_a_verdict_that_differs_is_reported_with_both_logs(
    tmp_path: Path, entries: list[Entry], capsys: pytest.CaptureFixture[str]
) -> None:
    state = State(tmp_path, entries)
    for _ in range(3):
        state.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "pass", "fail"))
    state.add(SUBJECT, "loaded", 1.0, verdicts(entries, "pass", "hang", "fail"))
    assert never_wrong.report(state, [SUBJECT], entries, stopped=False) == 1
    out = capsys.readouterr().out
    assert f"DIFFERS aloop {entries[1].id}: 3 pass, 1 hang\n  idle: 3 pass\n  loaded: 1 hang\n" in out
    assert "the majority: pass\n    the log, as expected" in out
    assert "differs: hang\n    in loaded: it is hang" in out
    assert "aloop 1.0, CPython 3.12.0: 12 plays of 3 cases: 1 differ from the majority" in out


def test_a_skip_differs_from_nothing(tmp_path: Path, entries: list[Entry]) -> None:
    state = State(tmp_path, entries)
    state.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "skip", "fail"))
    state.add(SUBJECT, "no-ipv6", 1.0, verdicts(entries, "skip", "skip", "skip"))
    assert never_wrong.report(state, [SUBJECT], entries, stopped=False) == 0
    assert state.played(SUBJECT, "no-ipv6", entries[0].id) == 1


def test_a_play_in_several_surroundings_at_once_is_one_in_each(tmp_path: Path, entries: list[Entry]) -> None:
    state = State(tmp_path, entries)
    for _ in range(3):
        state.add(SUBJECT, "user+no-ipv6", 1.0, verdicts(entries, "pass", "skip", "skip"))
    everywhere = [[state.played(SUBJECT, name, entry.id) for name in ("user", "no-ipv6", "root")] for entry in entries]
    assert everywhere == [[3, 3, 0], [0, 0, 0], [0, 0, 0]]
    state.add(SUBJECT, "user", 1.0, verdicts(entries, "pass", "pass", "skip"))
    state.add(SUBJECT, "no-ipv6", 1.0, verdicts(entries, "pass", "skip", "skip"))
    everywhere = [[state.played(SUBJECT, name, entry.id) for name in ("user", "no-ipv6", "root")] for entry in entries]
    assert everywhere == [[4, 4, 0], [1, 4, 0], [4, 4, 0]]


def test_what_lacks_in_one_of_several_surroundings_is_played_in_all_of_them(tmp_path: Path) -> None:
    assert run(tmp_path, *ONE, "--in", "dev-mode", "--runs", "1").returncode == 0
    both = run(tmp_path, *ONE, "--in", "time-zone+dev-mode", "--runs", "1")
    assert "run   1 of 1  dev-mode+time-zone" in both.stdout
    for name in ("dev-mode+time-zone", "time-zone"):
        assert "run   " not in run(tmp_path, *ONE, "--in", name, "--runs", "1").stdout


def test_what_is_written_is_read_back_and_what_was_not_played_is_not_counted(
    tmp_path: Path, entries: list[Entry]
) -> None:
    state = State(tmp_path, entries)
    state.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "crash"))
    state.close()
    again = State(tmp_path, entries)
    assert [again.played(SUBJECT, "idle", entry.id) for entry in entries] == [1, 1, 0]
    assert [seen.verdict.summary for seen in again.seen(SUBJECT, entries[1].id)] == ["it is crash"]
    other = Subject("aloop", "1.1", SUBJECT.python)
    assert again.played(other, "idle", entries[0].id) == 0


def test_a_line_that_was_cut_is_dropped_and_written_over(tmp_path: Path, entries: list[Entry]) -> None:
    state = State(tmp_path, entries)
    for _ in range(2):
        state.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "pass", "pass"))
    state.close()
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-5])
    again = State(tmp_path, entries)
    assert again.played(SUBJECT, "idle", entries[0].id) == 1
    again.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "pass", "pass"))
    again.close()
    assert State(tmp_path, entries).played(SUBJECT, "idle", entries[0].id) == 2


def test_a_case_that_has_changed_begins_anew(tmp_path: Path, entries: list[Entry]) -> None:
    state = State(tmp_path, entries)
    state.add(SUBJECT, "idle", 1.0, verdicts(entries, "pass", "pass", "pass"))
    state.close()
    case = msgspec.structs.replace(entries[0].case, run=entries[0].case.run + "# mended\n")
    changed = [dataclasses.replace(entries[0], case=case), *entries[1:]]
    again = State(tmp_path, changed)
    assert [again.played(SUBJECT, "idle", entry.id) for entry in changed] == [0, 1, 1]


def test_the_record_takes_in_what_was_played_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = load().entries
    record, other = tmp_path / "record", tmp_path / "other"
    record.mkdir()
    for folder, kinds in ((other, ("pass", "fail")), (record, ("pass",)), (other, ("pass", "fail"))):
        state = State(folder, entries)
        state.add(SUBJECT, "loaded+user", 1.0, verdicts(entries, *kinds))
        state.close()
    command = [str(TOOL), "--record", str(record)]
    monkeypatch.setattr(sys, "argv", [*command, "--take-in", str(other)])
    for _ in range(2):  # what has been taken in is not there any more
        assert never_wrong_record.main() == never_wrong.SAME
        said = capsys.readouterr().out
        assert "  user                0 each         5 in all\n" in said
        assert "  root                0 each         0 in all\n" in said
        assert f"aloop 1.0, CPython 3.12.0: 5 plays of {len(entries)} cases: every verdict the same" in said
    assert (record / FILE).read_bytes() == b"" and (record / PACKED).exists()
    state = State(record, entries)
    state.add(SUBJECT, "user", 1.0, verdicts(entries, "hang"))
    state.close()
    monkeypatch.setattr(sys, "argv", [*command, "--pack"])
    assert never_wrong_record.main() == never_wrong.DIFFERENT
    assert (record / FILE).read_bytes() == b""
    monkeypatch.setattr(sys, "argv", command)
    assert never_wrong_record.main() == never_wrong.DIFFERENT
    assert f"DIFFERS aloop {entries[0].id}: 3 pass, 1 hang" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"nonsense", b"", lzma.compress(b"nonsense")])
def test_a_record_that_cannot_be_read_is_told_in_a_line(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / PACKED).write_bytes(content)
    monkeypatch.setattr(sys, "argv", [str(TOOL), "--record", str(tmp_path)])
    assert never_wrong_record.main() == never_wrong.INCOMPLETE
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and str(tmp_path / PACKED) in said


@pytest.mark.parametrize("content", [b"nonsense\n", b'{"type":"play"}\n', b"\xff\n"])
def test_a_folder_of_something_else_is_told_in_a_line(tmp_path: Path, entries: list[Entry], content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StateError, match=rf"{FILE}:1: not a line of plays: "):
        State(tmp_path, entries)
    assert (tmp_path / FILE).read_bytes() == content


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path, entries: list[Entry]) -> None:
    state = State(tmp_path, entries)
    with pytest.raises(StateError, match="another run is writing to it"):
        State(tmp_path, entries)
    state.close()
    State(tmp_path, entries).close()


def test_what_cannot_be_had_is_said_and_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(TOOL), *ONE, "--runs", "2", "--in", "loaded", "--state", str(tmp_path)])

    def lacking(start: surroundings.Start) -> object:
        raise surroundings.UnavailableError("there is no such machine")

    monkeypatch.setitem(surroundings.TABLE, "loaded", lacking)
    assert never_wrong.main() == never_wrong.INCOMPLETE
    assert capsys.readouterr().out.count("loaded: not to be had here: there is no such machine\n") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing-such"], "unknown loop 'nothing-such'"),
        (["stdlib", "-k", "nothing-such"], "no case selected"),
        (["stdlib", "--in", "nowhere"], "there is no surrounding 'nowhere': --list names them"),
        (["stdlib", "--in", "idle+"], "there is no surrounding ''"),
        (["stdlib", "--in", "user+time-zone+root"], "root and user cannot be had at once"),
        ([], "name a loop, such as stdlib"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, arguments: list[str], said: str) -> None:
    ended = run(tmp_path, *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr and "Traceback" not in ended.stderr


def test_a_run_that_is_stopped_keeps_what_was_played(tmp_path: Path) -> None:
    command = [sys.executable, str(TOOL), "stdlib", "-k", "call-soon", "--runs", "1000", "--state", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    deadline = time.monotonic() + 200
    while not (tmp_path / FILE).exists() or not (tmp_path / FILE).stat().st_size:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=200)
    assert (process.returncode, errors) == (130, "")
    assert "stopped; " in out and "every verdict the same" in out
    assert (tmp_path / FILE).read_bytes().endswith(b"\n")


@pytest.mark.parametrize("name", surroundings.TABLE)
def test_every_surrounding_says_what_it_does_and_leaves_nothing(name: str) -> None:
    assert (surroundings.TABLE[name].__doc__ or "").count(".") >= 1
    try:
        with surroundings.entered(name) as start:
            folder = start.folder
            assert Path(start.variables()["TMPDIR"]).is_dir()
    except surroundings.UnavailableError as error:
        pytest.skip(str(error))
    assert not folder.exists()


def effect(names: str, code: str) -> str:
    """Return what Python `code` prints in the surrounding, or in all those whose names `+` joins."""
    try:
        with surroundings.entered(*names.split("+")) as start:
            done = subprocess.run(
                start.command("-c", code), env=start.variables(), capture_output=True, text=True, check=True
            )
            return done.stdout.strip()
    except surroundings.UnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "code", "printed"),
    [
        ("few-descriptors", "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))", "(256, 256)"),
        ("slow-disk", "import os; print(os.path.ismount(os.environ['TMPDIR']))", "True"),
        ("asyncio-debug", "import asyncio; print(asyncio.new_event_loop().get_debug())", "True"),
        ("dev-mode", "import sys; print(sys.flags.dev_mode)", "True"),
        ("optimized", "import sys; print(sys.flags.optimize)", "1"),
        (
            "uvloop-policy",
            "import asyncio, warnings; warnings.simplefilter('ignore'); "
            "print(type(asyncio.get_event_loop_policy()).__module__)",
            "uvloop",
        ),
        ("time-zone", "import time; print(time.timezone)", str(-(13 * 60 + 45) * 60)),
        ("ascii-locale", "import sys; print(sys.getfilesystemencoding())", "ascii"),
        ("turkish-locale", "import sys; print(sys.getfilesystemencoding())", "iso8859-9"),
        ("root", "import os; print(os.geteuid())", "0"),
        ("user", "import os; print(os.geteuid() != 0)", "True"),
        ("optimized+dev-mode", "import sys; print(sys.flags.dev_mode, sys.flags.optimize)", "True 1"),
        (
            "no-ipv6+user+turkish-locale+few-descriptors",
            "import os, resource, sys; from loopspec import machine; print(bool(machine._lacks('ipv6')), "
            "os.geteuid() != 0, sys.getfilesystemencoding(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])",
            "True True iso8859-9 256",
        ),
        ("no-ipv6", "from loopspec import machine; print(bool(machine._lacks('ipv6')))", "True"),
    ],
)
def test_a_surrounding_is_what_it_says(name: str, code: str, printed: str) -> None:
    assert effect(name, code) == printed
