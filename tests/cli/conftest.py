"""Running the command line within the test's process, in the folder of these tests unless a test says otherwise."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from loopspec.cli import main

HERE = Path(__file__).parent


@dataclass
class Ended:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `loopspec` with some arguments and return how it ended."""
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("COLUMNS", "100")

    def run_it(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["loopspec", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as exited:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ended(int(exited.value.code or 0), out, err)

    return run_it
