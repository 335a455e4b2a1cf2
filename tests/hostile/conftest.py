"""What the tests with hostile loops share: checking one of them, and making sure that nothing is left of it."""

from __future__ import annotations

import re
import signal
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from loopreport.model import Verdict
from loopspec.catalogue import Entry, load
from loopspec.check import check, job_for
from loopspec.isolation import keeper
from loopspec.isolation.workers import Crew, Job
from loopspec.loops import Loop
from loopspec.observation import Observation, Play

HERE = Path(__file__).parent
PLAIN = "asyncio:SelectorEventLoop"
"""The factory of a loop that is not hostile."""

PATIENCE = 300
"""Seconds after which a test that hangs is ended: none takes a tenth of it on a machine at full load."""

_MARK = "LOOPSPEC_HOSTILE_TEST"

Checks = Callable[..., dict[str, Verdict]]


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files of everything that the test starts."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _ends_by_itself(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> Iterator[None]:
    """Fail a test that hangs, or that leaves a process or a file."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv(_MARK, mark)
    monkeypatch.chdir(HERE)
    monkeypatch.syspath_prepend(HERE)
    # Time enough for what a process does when it ends, under any load.
    monkeypatch.setattr(keeper, "GRACE", 20.0)
    before = signal.signal(signal.SIGALRM, _hung)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    left = [process.info for process in psutil.process_iter(["pid", "cmdline"]) if _bears(process, mark)]
    assert not left
    assert not list(temporary.iterdir())


def _hung(*_: object) -> None:
    pytest.fail(f"the run did not end within {PATIENCE} seconds")


def _bears(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.environ().get(_MARK) == mark) and process.pid != psutil.Process().pid
    except psutil.Error:
        return False


def entries(cases: str) -> list[Entry]:
    """Return the cases of a file in the folder of them."""
    return list(load([HERE / "cases" / f"{cases}.toml"]).entries)


def job(case: str, cases: str = "timers") -> Job:
    """Return what plays that case of a file in the folder of them."""
    return job_for(next(entry for entry in entries(cases) if entry.id == case))


def scripted(script: str, **bindings: object) -> Job:
    """Return what plays a script in which these names are bound."""
    return Job(Play(id="scripted", script=script, path="script", line=1, bindings=bindings, timeout=60))


def logs(crew: Crew, *jobs: Job) -> list[list[str]]:
    """Play the jobs and return what each has logged, in the order in which they have ended."""
    found = []
    for _, outcome in crew.outcomes(deque(jobs)):
        assert isinstance(outcome, Observation), outcome
        found.append(outcome.log)
    return found


def hostile(factory: str) -> Loop:
    """Return the loop of that name in one of the modules `hostile_*`, or the one that `module:callable` means."""
    if ":" not in factory:
        defined = re.compile(rf"^(class|def) {factory}\b", re.MULTILINE)
        (module,) = (path.stem for path in HERE.glob("hostile_*.py") if defined.search(path.read_text()))
        factory = f"{module}:{factory}"
    return Loop(name="hostile", factory=factory)


@pytest.fixture
def checked() -> Checks:
    """Return a function from a factory's name and a case file's to the verdict on each case."""

    def checked(factory: str, cases: str = "timers", *, jobs: int = 1) -> dict[str, Verdict]:
        verdicts = list(check(hostile(factory), entries(cases), jobs))
        assert len(verdicts) == len({verdict.case for verdict in verdicts})
        return {verdict.case: verdict for verdict in verdicts}

    return checked
