"""Ctrl-C and SIGTERM: the run ends soon, what was played is told and written, and no process stays behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from loopreport.results import read
from tests.cli.conftest import HERE

MANY = """\
chapter = "Many"
page = "library/asyncio-eventloop.html"

[[rule]]
id = "many"
subject = "loop.close"
anchor = "asyncio.loop.close"
level = "must"
says = "There are many cases of it."

[[rule.case]]
id = "case"
about = "Enough of them for a signal to come in between."
each = [{rows}]
run = '''
log(number >= 0)
'''
log = ["True"]
"""


def begun(tmp_path: Path, count: int, **streams: object) -> tuple["subprocess.Popen[bytes]", Path]:
    cases = tmp_path / "many.toml"
    cases.write_text(MANY.replace("{rows}", ", ".join(f"{{ number = {number} }}" for number in range(count))))
    results = tmp_path / "results.json"
    command = [sys.executable, "-m", "loopspec", "check", "wrong_loops:SlowEventLoop", "stdlib", "-j", "2"]
    process = subprocess.Popen(
        [*command, "--cases", str(cases), "--json", str(results)],
        cwd=HERE,
        stdout=streams.get("stdout", subprocess.PIPE),  # type: ignore[arg-type]  # a descriptor or the constant
        stderr=streams.get("stderr", subprocess.PIPE),  # type: ignore[arg-type]  # a descriptor or the constant
    )
    deadline = time.monotonic() + 20
    while not (results.exists() and results.read_bytes().count(b"\n") > 3):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    return process, results


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_played_is_told_and_written(tmp_path: Path, number: signal.Signals, status: int) -> None:
    process, results = begun(tmp_path, 60)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(number)
    process.send_signal(number)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == status
    assert errors == b""
    found = read(results)
    assert found.footer and found.footer.interrupted
    assert 3 <= len(found.verdicts) < 60
    text = out.decode()
    assert f"Interrupted after {found.footer.seconds:.1f} s, {found.missing} cases not played." in text
    assert f"not decided  only {len(found.verdicts)} of 60 cases played" in text
    assert "conforms  " not in text
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive


@pytest.mark.parametrize(
    ("first", "status", "said"), [("raise_signal(SIGTERM)", 0, "stopped by 15\n"), ("pass", -signal.SIGTERM, "")]
)
def test_later_ones_are_ignored_until_the_end_but_only_if_one_has_come(first: str, status: int, said: str) -> None:
    program = f"""
from signal import SIGHUP, SIGINT, SIGTERM, raise_signal
from loopspec.signals import Signals, Stopped
try:
    with Signals():
        {first}
except Stopped as stopped:
    said = f"stopped by {{stopped.number}}"
else:
    said = "ended"
for number in SIGTERM, SIGINT, SIGHUP:
    raise_signal(number)
print(said)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, said, "")


def test_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process, results = begun(tmp_path, 60, stdout=theirs, stderr=theirs)
    os.close(theirs)
    process.send_signal(signal.SIGINT)
    shown = b""
    while True:
        try:
            data = os.read(ours, 1 << 16)
        except OSError:
            break
        shown += data
        if not data:
            break
    os.close(ours)
    assert process.wait(20) == 130
    assert b"Interrupted after" in shown
    assert b"/60" in shown
    assert b"Traceback" not in shown
    assert shown.rstrip().endswith(b"results.json") or b"\x1b[?25h" in shown
    assert read(results).footer
