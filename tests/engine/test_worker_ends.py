"""What is told of a worker that died: its output from both ends, how it ended, and where it was."""

import os
import signal
import subprocess
import time

import pytest

from loopspec.isolation.autopsy import exit_in_words, line_in, size_in_words, together, without_engine
from loopspec.isolation.fork_server import _wait
from loopspec.isolation.output import LIMIT, Output
from loopspec.isolation.worker import CHANNEL_LOST
from loopspec.plain import shortened, shown, text_of, traceback_of


@pytest.fixture
def output():
    made = Output()
    yield made
    made.close()


def written(output, *pieces):
    for piece in pieces:
        os.write(output.writing, piece)
        output.drain()
    return output.text()


def test_little_output_is_kept_whole(output):
    assert output.latest is None
    begin = time.monotonic()
    assert written(output, b"one ", b"two ", "drei €".encode()) == "one two drei €"
    assert begin <= output.latest <= time.monotonic()
    output.clear()
    assert (output.text(), output.latest) == ("", None)


def test_of_much_output_both_ends_are_kept(output):
    text = written(output, b"first ", *[b"x" * 40_000] * 50, b" last")
    assert text.startswith("first xxx") and text.endswith("xxx last")
    assert f"… {50 * 40_000 + 11 - LIMIT} bytes left out …" in text
    assert len(text) < LIMIT + 100


def test_somebody_who_writes_for_ever_is_not_read_for_ever(monkeypatch, output):
    monkeypatch.setattr(os, "read", lambda descriptor, size: b"y" * size)
    output.drain()
    assert output.text().startswith("yyy")


def test_output_that_has_ended_is_no_output(output):
    output.given()
    output.drain()
    assert output.text() == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exited with status 0 in the middle of the case"),
        (3, "exited with status 3 in the middle of the case"),
        (-signal.SIGSEGV, "killed by SIGSEGV"),
        (-signal.SIGTERM, "killed by SIGTERM"),
        (-255, "killed by signal 255"),
        (-signal.SIGKILL, "killed by SIGKILL, which loopspec did not send: perhaps the system was short of memory"),
        (CHANNEL_LOST, "closed descriptors that it does not own, its worker's channel among them"),
    ],
)
def test_how_a_process_ended(code, words):
    assert exit_in_words(code, in_a_case=True) == words
    assert exit_in_words(code, in_a_case=False) == words.removesuffix(" in the middle of the case")


@pytest.mark.parametrize(
    ("size", "words"), [(200 << 20, "200 MiB"), (2 << 30, "2.0 GiB"), (int(2.56 * (1 << 30)), "2.6 GiB")]
)
def test_sizes(size, words):
    assert size_in_words(size) == words


STACKS = """\
Timeout (0:00:05)!
Thread 0x00007f0000000001 [pool] (most recent call first):
  File "/c/chapter.toml", line 12 in helper
  File "/lib/threading.py", line 982 in run

Thread 0x00007f0000000002 (most recent call first):
  File "/lib/selectors.py", line 468 in select
  File "/c/chapter.toml", line 44 in inner
  File "/c/chapter.toml", line 50 in <module>
  File "<string>", line 1 in <module>
"""


def test_the_line_is_the_innermost_of_the_main_thread():
    assert line_in(STACKS, "/c/chapter.toml") == 44
    assert line_in(STACKS.rpartition("Thread")[0], "/c/chapter.toml") == 12
    assert line_in(STACKS, "/c/other.toml") is None
    assert line_in(STACKS, "/c/chapter+toml") is None
    assert line_in("", "/c/chapter.toml") is None


def test_frames_of_the_engine_are_not_shown():
    import loopspec.play
    import loopspec.stage

    frame = '  File "{}", line 1 in f\n'
    stacks = STACKS + frame.format(loopspec.play.__file__) + frame.format(loopspec.stage.__file__)
    shown = without_engine(stacks)
    assert "<string>" not in shown and "play.py" not in shown
    assert "stage.py" in shown and "line 44 in inner" in shown


def test_what_is_known_stands_under_what_it_is():
    assert together("", "", " \n", []) == ""
    assert together("why\n", "stacks\n", "text\n", ["a/b", "c/d"]) == (
        "why\n\nstacks\n\nwritten to standard output and error:\ntext\n\nplayed before in the same process: a/b, c/d"
    )


class UnspeakableError(Exception):
    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__


def test_text_of_what_will_not_be_shown():
    assert text_of(UnspeakableError()) == "(a UnspeakableError whose text cannot be made: KeyboardInterrupt)"
    assert shown(UnspeakableError()) == "a UnspeakableError"
    assert text_of(42) == shown(42) == "42"


def test_long_text_loses_its_middle():
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghijk", 10) == "abcde … (1 characters left out) … ghijk"


def test_a_traceback_begins_in_the_script_and_can_always_be_made():
    script = compile("def inner():\n  raise error\ninner()", "/c/chapter.toml", "exec")
    for error, last in [(ValueError("x"), "ValueError: x"), (UnspeakableError(), "UnspeakableError")]:
        try:
            exec(script, {"error": error})
        except Exception as raised:
            text = traceback_of(raised, "/c/chapter.toml")
            assert last in text
            if last != "UnspeakableError":
                assert "test_worker_ends" not in text
                assert 'File "/c/chapter.toml", line 2, in inner' in text
                assert "test_worker_ends" in traceback_of(raised, "/no/such/file")


def test_what_does_not_end_is_not_waited_for_without_end():
    with subprocess.Popen(["sleep", "600"]) as child:
        assert _wait(child.pid, 0.01) is None
        child.kill()
        assert _wait(child.pid, 60) == -signal.SIGKILL
