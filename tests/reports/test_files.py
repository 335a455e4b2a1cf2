"""A report's file is there as a whole, or as it was before."""

import contextlib
import os
import pwd
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopreport import files
from loopreport.results import ResultsError


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    files.write(str(path), "first ü\n")
    files.write(str(path), "second\n")
    assert path.read_bytes() == b"second\n"
    assert os.listdir(tmp_path) == ["report.md"]


def test_what_was_there_stays_if_it_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.md"
    path.write_text("precious")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResultsError, match="cannot be written: no space left on device"):
        files.write(str(path), "half")
    assert path.read_text() == "precious"
    assert os.listdir(tmp_path) == ["report.md"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    files.write(str(link), "new")
    assert link.is_symlink() and real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    files.write(str(tmp_path / "report"), "")
    (tmp_path / "other").touch()
    assert (tmp_path / "report").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    files.write(str(pipe), "through")
    reader.join(10)
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    files.write("-", "here\n")
    assert capfd.readouterr().out == "here\n"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "is a directory"),
        ("nowhere/report", "there is no folder"),
        ("file/report", "there is no folder"),
    ],
)
def test_what_cannot_be_written_is_known_before(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "file").touch()
    for function in (files.check, lambda path: files.write(path, "x")):
        with pytest.raises(ResultsError, match=f"{tmp_path}.*: cannot be written: {said}"):
            function(str(tmp_path / path))


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Let root, to whom nothing is forbidden, ask as nobody what is."""
    before = os.getuid()
    if before == 0:
        os.setreuid(pwd.getpwnam("nobody").pw_uid, -1)
    try:
        yield
    finally:
        os.setreuid(before, -1)


def test_what_is_forbidden_is_known_before() -> None:
    # Not in pytest's folder, of which nobody else may see anything.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with ordinary_user(), pytest.raises(ResultsError, match="cannot be written: permission denied"):
            files.check(f"{folder}/report")


def test_what_no_encoding_knows_is_written_as_an_escape(tmp_path: Path) -> None:
    files.write(str(tmp_path / "report"), "\ud800")
    assert (tmp_path / "report").read_bytes() == b"\\ud800"
