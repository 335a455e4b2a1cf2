"""A run that was stopped goes on: what is known is found again, and only what it holds for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof import state as module
from tests.proof.playing import Catch, Played
from tests.proof.state import State, StateError

CATCH = Catch("rule/case", "d2", "fail", "expected 'a', observed 'b'")


def written(folder: Path, *played: Played) -> State:
    state = State(folder)
    for one in played:
        state.add("subject", "in words", one)
    state.close()
    return State(folder)


def test_what_was_played_is_known_in_the_next_run(tmp_path: Path) -> None:
    known = written(tmp_path, Played(["d1"]), Played([], [CATCH])).known("subject")
    assert [digest for digest in ("d1", "d2", "d3") if known.is_open(digest)] == ["d3"]
    assert known.catch(["d1", "d2"], {"fail"}) == CATCH


def test_a_catch_counts_for_its_own_case_and_kind_only(tmp_path: Path) -> None:
    known = written(tmp_path, Played([], [CATCH])).known("subject")
    assert known.catch(["d1"], {"fail"}) is None
    assert known.catch(["d2"], {"hang"}) is None


def test_a_loop_that_cannot_be_made_is_not_played_again(tmp_path: Path) -> None:
    known = written(tmp_path, Played(stillborn="NameError")).known("subject")
    assert not known.is_open("d1")


def test_another_subject_or_python_is_not_known(tmp_path: Path) -> None:
    state = written(tmp_path, Played(["d1"]))
    assert state.known("another").is_open("d1")
    assert state.known("subject", "3.9").is_open("d1")


def test_what_another_engine_saw_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, Played(["d1"])).close()
    monkeypatch.setattr(module, "engine_digest", lambda: "another")
    assert State(tmp_path).known("subject").is_open("d1")


def test_a_line_cut_short_is_dropped_and_written_anew(tmp_path: Path) -> None:
    written(tmp_path, Played(["d1"]), Played(["d2"])).close()
    file = tmp_path / "plays.jsonl"
    file.write_bytes(file.read_bytes()[:-10])
    state = written(tmp_path, Played(["d3"]))
    assert [digest for digest in ("d1", "d2", "d3") if state.known("subject").is_open(digest)] == ["d2"]


def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "plays.jsonl").write_text("{}\n")
    with pytest.raises(StateError, match=r"plays\.jsonl:1: .*: remove this line"):
        State(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="name another folder"):
        State(tmp_path / "file" / "state")
