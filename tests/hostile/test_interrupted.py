"""The command line with hostile loops: its exit status, and what is left when it is stopped from outside."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from loopreport.model import Footer, Header, Verdict
from tests.hostile.conftest import HERE, PATIENCE, hostile

Starts = Callable[..., "subprocess.Popen[str]"]
Read = Callable[[], list[Header | Verdict | Footer]]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


@pytest.fixture
def read(results: Path) -> Read:
    """Return a function that reads what has been written to the results file by now."""

    def read() -> list[Header | Verdict | Footer]:
        text = results.read_bytes() if results.exists() else b""
        whole = text[: text.rfind(b"\n") + 1].splitlines()
        return [msgspec.json.decode(line, type=Header | Verdict | Footer) for line in whole]

    return read


@pytest.fixture
def start(results: Path) -> Starts:
    """Return a function that starts `loopspec check` on a hostile loop."""

    def start(factory: str, cases: Path, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "loopspec", "check", hostile(factory).factory]
        return subprocess.Popen(
            [*command, "--cases", str(cases), "--json", str(results), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            text=True,
        )

    return start


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Return a case file whose second case hangs for a minute."""
    text = (HERE / "cases" / "hanging.toml").read_text(encoding="utf-8")
    assert "timeout = 0.4" in text
    path = tmp_path / "endless.toml"
    path.write_text(text.replace("timeout = 0.4", "timeout = 60"), encoding="utf-8")
    return path


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE / 2
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("factory", ["Segfaults", "Exits", "LeavesADaemon", "ClosesAll", "WritesGarbage"])
def test_the_exit_status_says_that_the_loop_does_not_conform(start: Starts, read: Read, factory: str) -> None:
    run = start(factory, HERE / "cases" / "timers.toml")
    output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, output
    *_, footer = read()
    assert isinstance(footer, Footer)
    assert (footer.verdicts, footer.interrupted) == (4, False)


@pytest.mark.parametrize(
    ("factory", "number", "times"),
    [
        ("SpinsInC", signal.SIGINT, 1),
        ("IsDeafToSignals", signal.SIGINT, 5),
        ("IsDeafToSignals", signal.SIGTERM, 1),
        ("IsDeafToSignals", signal.SIGHUP, 1),
    ],
)
def test_a_signal_ends_the_run_and_keeps_what_was_played(
    start: Starts, read: Read, endless: Path, factory: str, number: int, times: int
) -> None:
    run = start(factory, endless, "-j", "1")
    _wait_until(lambda: any(isinstance(record, Verdict) for record in read()))
    begin = time.monotonic()
    for _ in range(times):
        run.send_signal(number)
    output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 128 + number, output
    assert "Traceback" not in output
    assert time.monotonic() - begin < 50, "it waited for the case that hangs"
    header, *verdicts, footer = read()
    assert isinstance(header, Header)
    assert [(verdict.case, verdict.kind) for verdict in verdicts if isinstance(verdict, Verdict)] == [
        ("soon/before", "pass")
    ]
    assert isinstance(footer, Footer)
    assert (footer.verdicts, footer.interrupted) == (1, True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with the one that started it")
def test_workers_do_not_outlive_a_keeper_that_is_killed(
    start: Starts, read: Read, endless: Path, temporary: Path
) -> None:
    run = start("SpinsInC", endless, "-j", "1")
    _wait_until(lambda: any(isinstance(record, Verdict) for record in read()))
    workers = psutil.Process(run.pid).children(recursive=True)
    assert workers
    run.kill()
    run.communicate(timeout=PATIENCE)
    _wait_until(lambda: not any(_runs(worker) for worker in workers))
    for left in temporary.iterdir():
        shutil.rmtree(left)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_the_command_line_names_the_line_at_which_a_loop_hangs(start: Starts) -> None:
    run = start("SleepsInC", HERE / "cases" / "hanging.toml")
    output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert re.search(r"the case had not ended after \d\.\d seconds, at line \d+ of hanging\.toml", output), output
