"""What the plugin's tests share: a copy of the package with cases of the tests' own, and pytest run on it elsewhere."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 120
"""Seconds after which a run of pytest is killed; one takes a hundredth of it."""

_MARK = "LOOPSPEC_PLUGIN_TEST"


@dataclass
class Report:
    """What a run of pytest reported of a test, or of a subtest (then with its case)."""

    test: str
    case: str
    outcome: str
    text: str


@dataclass
class Done:
    """A run of pytest that has ended."""

    status: int
    out: str
    errors: str
    reports: list[Report]

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each test by its id, without what all ids have in common."""
        return {_short(report.test): report.outcome for report in self.reports if not report.case}

    def cases(self, test: str) -> dict[str, str]:
        """Return the outcome of each subtest of the test."""
        return {report.case: report.outcome for report in self.reports if report.case and _short(report.test) == test}

    def text(self, test: str, case: str = "") -> str:
        """Return what a report says."""
        (text,) = [report.text for report in self.reports if (_short(report.test), report.case) == (test, case)]
        return text


def _short(test: str) -> str:
    return test.removeprefix("loopspec/cases/").replace(".toml::askable:", " ").replace("::", " ")


@dataclass
class Pytest:
    """Runs pytest in a folder of its own, where nothing but the environment tells it of the project."""

    folder: Path
    environment: dict[str, str]
    plugins: list[str] = field(default_factory=lambda: _plugins())
    """Options that load the plugin where the package is not installed, and the one that records reports."""
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __call__(self, *arguments: str, typed: str = "") -> Done:
        """Run pytest with these arguments and with `typed` as its standard input."""
        running = self.start(*arguments)
        out, errors = running.communicate(typed, timeout=PATIENCE)
        return self.done(running.returncode, out, errors)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start pytest with these arguments, in a session of its own as from a terminal."""
        self._records.unlink(missing_ok=True)
        return subprocess.Popen(
            [sys.executable, HERE / "modules" / "as_command.py", *arguments, *self.plugins],
            cwd=self.folder,
            env={**self.environment, _MARK: self.mark, "LOOPSPEC_TEST_REPORTS": str(self._records)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def done(self, status: int, out: str, errors: str) -> Done:
        """Return what came of a run that ended with `status`."""
        lines = self._records.read_text(encoding="utf-8").splitlines() if self._records.exists() else []
        return Done(status, out, errors, [Report(**json.loads(line)) for line in lines])

    def left(self) -> list[str]:
        """Return the command lines of processes that were started by a run and have not ended."""
        return [" ".join(process.cmdline()) for process in psutil.process_iter() if _bears(process, self.mark)]

    @property
    def _records(self) -> Path:
        return self.folder.parent / "reports.jsonl"


def _plugins() -> list[str]:
    installed = importlib.metadata.entry_points(group="pytest11", name="loopspec")
    return ["-p", "recorded", *([] if installed else ["-p", "loopspec.plugin"])]


def _bears(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder to import from that holds the package with the case files of these tests for its own."""
    site = tmp_path_factory.mktemp("site")
    unwanted = shutil.ignore_patterns("cases", "__pycache__")
    shutil.copytree(ROOT / "conformance" / "loopspec", site / "loopspec", ignore=unwanted)
    shutil.copytree(ROOT / "reports" / "loopreport", site / "loopreport", ignore=unwanted)
    shutil.copytree(HERE / "cases", site / "loopspec" / "cases")
    return site


@pytest.fixture
def run_pytest(site: Path, tmp_path: Path) -> Iterator[Pytest]:
    """Return what runs pytest in an empty folder; fails the test if a process or a temporary folder is left."""
    folder, temporary = tmp_path / "somewhere", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    told = ("PYTEST_", "PYTHON", "COV_", "CI", "BUILD_NUMBER")  # the last two make pytest's summary longer
    kept = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    path = os.pathsep.join([str(site), str(HERE / "modules")])
    run = Pytest(folder, {**kept, "PYTHONPATH": path, "COLUMNS": "200", "TMPDIR": str(temporary)})
    yield run
    deadline = time.monotonic() + 10
    while (left := run.left()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []
    assert list(temporary.glob("loopspec-*")) == []
