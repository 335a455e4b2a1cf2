"""The results file: what is written is read back, and what is wrong with a file is told in a line."""

import gzip
import os
import resource
from pathlib import Path

import msgspec
import pytest

from loopreport.model import FORMAT, Footer
from loopreport.results import ResultsError, Writer, read
from tests.reports.sample import FOOTER, HEADER, RESULTS


def written(tmp_path: Path) -> Path:
    path = tmp_path / "results.json"
    with Writer(path, HEADER) as writer:
        for verdict in RESULTS.verdicts:
            writer.write(verdict)
        writer.write(FOOTER)
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert read(written(tmp_path)) == RESULTS


def test_it_is_a_json_object_a_line(tmp_path: Path) -> None:
    lines = written(tmp_path).read_bytes().splitlines()
    assert [msgspec.json.decode(line)["type"] for line in lines] == ["header", *["verdict"] * 30, "footer"]


def test_each_record_is_there_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with Writer(path, HEADER) as writer:
        assert path.read_bytes().count(b"\n") == 1
        writer.write(RESULTS.verdicts[0])
        assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("rest", [b"", b'{"type":"verdict","loop":"st'])
def test_a_file_cut_short_is_read_up_to_the_cut(tmp_path: Path, rest: bytes) -> None:
    path = written(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:8]) + rest)
    results = read(path)
    assert results.verdicts == RESULTS.verdicts[:7]
    assert results.footer is None
    assert results.missing == 23
    assert results.cut == f"{path}: cut short after line 8: what came after its 7 verdicts is missing"


def test_a_file_cut_at_any_byte_of_its_last_lines_is_read_up_to_the_cut(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(ends[-4], len(whole)):
        path.write_bytes(whole[:size])
        results = read(path)
        lines = sum(end <= size for end in ends)
        assert results.verdicts == RESULTS.verdicts[: lines - 1]
        assert results.footer is None
        assert results.cut.startswith(f"{path}: cut short after line {lines}: ")


def test_a_file_cut_in_its_header_holds_no_results(tmp_path: Path) -> None:
    path = written(tmp_path)
    header, _, _ = path.read_bytes().partition(b"\n")
    for size in range(1, len(header)):
        path.write_bytes(header[:size])
        with pytest.raises(ResultsError, match="does not begin with a header: not a results file"):
            read(path)
    path.write_bytes(header)
    assert read(path).cut and not read(path).verdicts


def test_a_packed_file_is_read_like_any_other(tmp_path: Path) -> None:
    path = written(tmp_path)
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed)
    assert read(path) == RESULTS
    path.write_bytes(packed[: len(packed) * 2 // 3])
    assert 0 < len(read(path).verdicts) < len(RESULTS.verdicts) and read(path).cut
    path.write_bytes(packed[:20] + b"\0" * 20 + packed[40:])
    with pytest.raises(ResultsError, match=r"results\.json: cannot be unpacked: Error -3 "):
        read(path)


def change(path: Path, number: int, **changes: object) -> None:
    lines = path.read_bytes().splitlines()
    lines[number - 1] = msgspec.json.encode({**msgspec.json.decode(lines[number - 1]), **changes})
    path.write_bytes(b"".join(line + b"\n" for line in lines))


@pytest.mark.parametrize(
    ("number", "changes", "said"),
    [
        (1, {"format": FORMAT + 1}, f": in format {FORMAT + 1}, and this loopspec reads up to {FORMAT}: use a newer"),
        (1, {"loops": "stdlib"}, ":1: not a valid header: Expected `array`"),
        (1, {"type": "head"}, ": does not begin with a header: not a results file"),
        (3, {"kind": "passed"}, ":3: not a valid record: Invalid enum value 'passed'"),
        (3, {"type": "opinion"}, ":3: not a valid record: Invalid value 'opinion'"),
        (3, {"loop": "other"}, ":3: a verdict on 'other', a loop that the header does not name"),
        (3, {"case": RESULTS.verdicts[0].case}, f":3: a second verdict on {RESULTS.verdicts[0].case} for stdlib"),
        (32, {"verdicts": 31}, ": its footer counts 31 verdicts, and there are 30"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, number: int, changes: dict[str, object], said: str) -> None:
    path = written(tmp_path)
    change(path, number, **changes)
    with pytest.raises(ResultsError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}{said}")
    assert "\n" not in str(raised.value)


def test_an_unknown_key_of_a_later_loopspec_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path)
    change(path, 3, mood="good")
    assert read(path) == RESULTS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ": is empty: not a results file"),
        (b"\n", ": is empty: not a results file"),
        (b"[[expect]]\n", ": does not begin with a header: not a results file"),
        (b"\x80\x00\xff", ": does not begin with a header: not a results file"),
        (b"[1, 2]\n", ": does not begin with a header: not a results file"),
    ],
)
def test_a_file_that_holds_no_results(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ResultsError) as raised:
        read(path)
    assert str(raised.value).startswith(f"{path}{said}")


def test_two_files_in_one(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(ResultsError, match=r":33: a second header: are these two files in one\?"):
        read(path)
    path = written(tmp_path)
    path.write_bytes(path.read_bytes() + msgspec.json.encode(RESULTS.verdicts[0]))
    with pytest.raises(ResultsError, match=r":33: goes on after its footer"):
        read(path)


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="nowhere: cannot be read: no such file or directory"):
        read(tmp_path / "nowhere")
    with pytest.raises(ResultsError, match="cannot be written: is a directory"):
        Writer(tmp_path, HEADER)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="/dev/full: cannot be written further: no space left on device"):
        Writer(Path("/dev/full"), HEADER)


def test_a_write_that_the_system_cuts_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    with Writer(path, HEADER) as writer:
        inner = writer._file

        class Short:
            def write(self, data: memoryview) -> int:
                return inner.write(data[:7]) or 0

            def close(self) -> None:
                inner.close()

        monkeypatch.setattr(writer, "_file", Short())
        writer.write(Footer(ended="", seconds=1.0, verdicts=0))
    assert read(path).footer == Footer(ended="", seconds=1.0, verdicts=0)
    assert os.listdir(tmp_path) == ["results.json"]


def test_of_a_record_for_which_there_is_no_room_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    first, second = RESULTS.verdicts[:2]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Writer(path, HEADER) as writer:
        writer.write(first)
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 7, limits[1]))
        try:
            with pytest.raises(ResultsError, match=f"{path}: cannot be written further: file too large"):
                writer.write(second)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.stat().st_size == size
    assert read(path).verdicts == (first,)
