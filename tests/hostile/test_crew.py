"""The crew itself: nobody pays for what happens between two cases, or for a caller who takes his time."""

from __future__ import annotations

import os
import select
import shutil
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from loopspec.catalogue import load
from loopspec.check import check
from loopspec.isolation import keeper, workers
from loopspec.isolation.workers import Crew
from loopspec.observation import Death, Observation
from tests.hostile.conftest import HERE, PLAIN, Checks, hostile, job, logs, scripted


def workers_of(crew: Crew) -> list[psutil.Process]:
    return [psutil.Process(worker.process.pid) for worker in crew._workers]


def test_workers_that_die_between_two_cases_cost_none() -> None:
    with Crew(hostile(PLAIN), 2) as crew:
        for times in range(1, 4):
            assert len(logs(crew, *[job("soon/before")] * 4)) == 4
            assert crew.hired == 2 * times
            for process in workers_of(crew):
                process.kill()
                while process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.005)


def test_a_worker_that_nothing_has_happened_to_is_kept() -> None:
    with Crew(hostile(PLAIN), 1) as crew:
        for _ in range(3):
            assert len(logs(crew, job("soon/before"))) == 1
        assert crew.hired == 1
        assert len(logs(crew, replace(job("soon/before"), alone=True), job("soon/before"))) == 2
        assert crew.hired == 2


def test_what_a_case_has_imported_is_not_looked_at_again_by_every_collection() -> None:
    scripts = "log(gc.get_freeze_count())", "import xmlrpc.client", "log(gc.get_freeze_count())"
    with Crew(hostile(PLAIN), 1) as crew:
        (first,), _, (last,) = logs(crew, *map(scripted, scripts))
    assert int(last) > int(first) + 1000


def test_a_worker_that_only_waits_does_not_keep_others_from_working(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    waits, comes = (scripted(f"open(path, {mode!r}).close()", path=str(tmp_path / "fifo")) for mode in ("r", "w"))
    with Crew(hostile(PLAIN), 1) as crew:
        assert logs(crew, waits, comes) == [[], []]


def test_nor_does_one_that_asks_again_and_again_whether_something_has_happened(tmp_path: Path) -> None:
    asks, makes = (
        scripted(script, path=str(tmp_path / "made"))
        for script in ("while not os.path.exists(path):\n    time.sleep(0.001)", "os.mkdir(path)")
    )
    with Crew(hostile(PLAIN), 1) as crew:
        assert logs(crew, asks, makes) == [[], []]


def test_the_second_play_of_what_waits_begins_before_the_first_has_ended(tmp_path: Path) -> None:
    chapter = (HERE / "cases" / "timers.toml").read_text(encoding="utf-8").partition("[[rule.case]]")[0]
    waits = f"""
[[rule.case]]
id = "waits"
about = "Its first play waits for the second, which waits for ever."
timeout = 60
run = '''
os.chdir({str(tmp_path)!r})
if not os.path.exists("first"):
    os.mkdir("first")
    while not os.path.exists("second"):
        time.sleep(0.001)
else:
    os.mkdir("second")
    await loop.create_future()
'''
log = []
"""
    (tmp_path / "waiting.toml").write_text(chapter + waits, encoding="utf-8")
    (verdict,) = check(hostile(PLAIN), load([tmp_path / "waiting.toml"]).entries, 1)
    assert verdict.kind == "pass", verdict


def test_a_job_that_is_dropped_comes_to_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    waits = scripted("open(path).close()", path=str(tmp_path / "fifo"))
    with Crew(hostile(PLAIN), 1) as crew:
        crew.in_vain = crew.drop
        found = [played.play.id for played, _ in crew.outcomes(deque([waits, job("soon/before")]))]
        assert not crew._workers[0].has_ended()
    assert found == ["soon/before"]


def test_a_worker_that_computes_has_the_processor_for_itself() -> None:
    script = f"end = time.monotonic() + {keeper.STILL * 2}\nwhile time.monotonic() < end:\n    pass"
    with Crew(hostile(PLAIN), 1) as crew:
        assert len(logs(crew, scripted(script), job("soon/before"))) == 2
        assert crew.hired == 1


def test_an_answer_that_waits_for_a_slow_caller_is_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0]))
    with Crew(hostile(PLAIN), 2) as crew:
        found = []
        for _, outcome in crew.outcomes(deque([job("soon/before")] * 8)):
            found.append(outcome)
            busy = [worker.channel for worker in crew._workers if worker.job]
            assert not busy or select.select(busy, [], [])[0]
            passed[0] += 1000
    assert [type(outcome) for outcome in found] == [Observation] * 8


def test_a_crash_names_what_was_played_before_in_the_same_process() -> None:
    with Crew(hostile("Segfaults"), 1) as crew:
        names = ["soon/before", "soon-again/after", "later/calls"]
        *_, (_, death) = crew.outcomes(deque(map(job, names)))
    assert isinstance(death, Death)
    assert death.output.endswith("played before in the same process: soon/before, soon-again/after")


def test_what_follows_the_script_has_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    passed = [0.0]
    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0]))

    class Patient(keeper.Worker):
        def more_time(self, seconds: float) -> None:
            told.append(seconds)
            passed[0] += 1000
            assert self.out_of_time()
            super().more_time(seconds)
            assert not self.out_of_time()

    monkeypatch.setattr(workers, "Worker", Patient)
    with Crew(hostile("LeavesAThread"), 1) as crew:
        ((_, seen),) = crew.outcomes(deque([job("later/calls")]))
    assert isinstance(seen, Observation)
    assert [incident.kind for incident in seen.incidents] == ["threads-left"]
    # For the thread, for the second play that makes sure, and for the thread of that.
    assert told == [10.2, 30.0, 10.2]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("factory", "kind", "summary"),
    [
        ("Segfaults", "crash", "killed by SIGSEGV, at line "),
        ("Exits", "crash", "exited with status 0 in the middle of the case"),
        ("LeavesADaemon", "fail", "children-left: "),
        ("ClosesAll", "crash", "closed descriptors that it does not own"),
        ("EndsItsParent", "crash", "killed by SIGKILL, which loopspec did not send"),
    ],
)
def test_under_strace_as_well(checked: Checks, factory: str, kind: str, summary: str) -> None:
    verdicts = checked(factory, "syscalls")
    if verdicts["polls/once"].kind == "skip":
        pytest.skip(verdicts["polls/once"].summary)
    assert (verdicts["polls/once"].kind, verdicts["polls/misbehaves"].kind) == ("pass", kind)
    assert verdicts["polls/misbehaves"].summary.startswith(summary)
