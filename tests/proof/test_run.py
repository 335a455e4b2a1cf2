"""Many units at a time, and the end that somebody asks for."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from tests.proof.playing import Interrupted
from tests.proof.run import Run


def test_every_unit_is_done_by_as_many_threads_as_asked_for() -> None:
    together = threading.Barrier(2, timeout=10)

    def work(unit: int) -> int:
        together.wait()
        return unit * unit

    with Run(2) as run:
        assert sorted(run.each(range(4), work)) == [(0, 0), (1, 1), (2, 4), (3, 9)]


def test_ctrl_c_ends_what_runs_and_begins_nothing_more(capfd: pytest.CaptureFixture[str]) -> None:
    done = []
    with Run(1) as run:

        def work(unit: int) -> int:
            if unit == 1:
                os.kill(os.getpid(), signal.SIGINT)
            while unit == 1 and not run.stopped():
                pass
            if run.stopped():
                raise Interrupted
            return unit

        done += [unit for unit, _ in run.each(range(5), work)]
    assert done == [0]
    assert "the same command goes on" in capfd.readouterr().err


def test_an_error_passes_through() -> None:
    with Run(1) as run, pytest.raises(ZeroDivisionError):
        list(run.each([0], lambda unit: 1 / unit))
