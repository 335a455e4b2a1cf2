"""A loop that cannot be imported or made: every case says so, and the run ends by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loopspec.isolation import keeper
from tests.hostile.conftest import Checks


@pytest.mark.parametrize(
    ("source", "summary"),
    [
        ("raise RuntimeError('the extension was built for another Python')", "RuntimeError: the extension was built"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def new_event_loop(:", "SyntaxError"),
        ("raise RuntimeError('lone \\udcff surrogate')", r"RuntimeError: lone \\udcff surrogate"),
        ("import sys; sys.exit('goodbye')", "SystemExit: goodbye"),
        ("import os; os._exit(0)", "exited with status 0$"),
        ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV$"),
        ("import os; os.closerange(3, 65536)", "closed descriptors that it does not own"),
        ("new_event_loop = 1", "TypeError: bad_loop:new_event_loop is not callable"),
        ("", "AttributeError: module 'bad_loop' has no attribute 'new_event_loop'"),
    ],
)
def test_the_import_fails(
    checked: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, summary: str
) -> None:
    (tmp_path / "bad_loop.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    verdicts = checked("bad_loop:new_event_loop")
    assert len(verdicts) == 4
    for verdict in verdicts.values():
        assert verdict.kind == "fail"
        assert re.match(f"the loop could not be brought up: {summary}", verdict.summary), verdict.summary


def test_the_import_hangs(checked: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "START_TIMEOUT", 1.0)
    (tmp_path / "bad_loop.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    verdicts = checked("bad_loop:new_event_loop")
    assert len(verdicts) == 4
    for verdict in verdicts.values():
        assert verdict.kind == "fail"
        waited = r"the loop's package was still being imported after \d+\.\d seconds"
        assert re.match(f"the loop could not be brought up: {waited}", verdict.summary), verdict.summary


@pytest.mark.parametrize(
    ("factory", "kind", "summary"),
    [
        ("raises", "fail", "the loop's factory raised OSError: no descriptors left for a loop"),
        ("raises_without_text", "fail", r"the loop's factory raised WithoutTextError: \(a WithoutTextError whose text"),
        ("exits", "fail", "the loop's factory raised SystemExit: goodbye"),
        ("returns_nothing", "fail", r"the factory returned None, which has no run_forever\(\)"),
        ("returns_an_impostor", "fail", r"the factory returned a Impostor, which has no run_forever\(\)"),
    ],
)
def test_the_factory_gives_no_loop(checked: Checks, factory: str, kind: str, summary: str) -> None:
    verdicts = checked(factory, jobs=2)
    assert len(verdicts) == 4
    for verdict in verdicts.values():
        assert verdict.kind == kind
        assert re.match(summary, verdict.summary), verdict.summary
