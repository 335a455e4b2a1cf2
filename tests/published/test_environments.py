"""What an environment of the board has played stays true for the cases that have not changed, and only for those."""

from __future__ import annotations

import dataclasses
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from environments import Environment, end_of_traceback, play, shareable
from loopreport.model import Difference, Header, LoopInfo, Verdict
from loopreport.results import Writer, read
from loopspec.catalogue import Catalogue, load

FAKE = f"""#!{sys.executable}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
told = json.loads((here / "told.json").read_text())
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
words = [value for name, value in zip(sys.argv, sys.argv[1:]) if name == "-k"]
cases = [case for case in told["cases"] if not words or case in words]
header = {{"type": "header", "suite": "1", "platform": "linux", "kernel": "k", "openssl": "o", "began": "now",
    "implementation": "CPython", "loops": [{{"name": "aloop"}}], "cases": cases, "selected": len(cases),
    "catalogue": told["catalogue"], "python": told["python"]}}
lines = [header, *({{"type": "verdict", "loop": "aloop", "case": case, "kind": told["kind"]}} for case in cases)]
lines.append({{"type": "footer", "ended": "now", "seconds": 1, "verdicts": len(cases), "interrupted": False,
    "complaints": []}})
pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text("".join(json.dumps(line) + "\\n" for line in lines))
"""


@pytest.fixture
def catalogue() -> Catalogue:
    whole = load()
    return Catalogue(whole.files[:1], whole.entries[:4])


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "loopspec"
    program.write_text(FAKE)
    program.chmod(0o755)
    return Environment("aloop", "3.11", (), tmp_path)


@pytest.fixture
def played(environment: Environment) -> Callable[..., list[list[str]]]:
    """Play, and return the command lines with which that was done."""

    def played(
        catalogue: Catalogue, kind: str = "pass", python: str = "3.11.7", again: Sequence[str] = ()
    ) -> list[list[str]]:
        told = {"cases": [entry.id for entry in catalogue.entries], "kind": kind, "python": python}
        bin_folder = environment.folder / "bin"
        (bin_folder / "told.json").write_text(json.dumps({**told, "catalogue": catalogue.digest()}))
        (bin_folder / "calls").write_text("")
        assert play(environment, catalogue, 1, again)
        results = read(environment.results)
        assert [verdict.case for verdict in results.verdicts] == results.header.cases == told["cases"]
        assert results.header.catalogue == catalogue.digest()
        assert not results.missing
        return [json.loads(line) for line in (bin_folder / "calls").read_text().splitlines()]

    return played


def selected(calls: list[list[str]]) -> list[list[str]]:
    return [[value for name, value in itertools.pairwise(call) if name == "-k"] for call in calls]


def mended(catalogue: Catalogue) -> Catalogue:
    first, *others = catalogue.entries
    case = msgspec.structs.replace(first.case, run=f"{first.case.run}# mended\n")
    return Catalogue(catalogue.files, (dataclasses.replace(first, case=case), *others))


def moved(catalogue: Catalogue) -> Catalogue:
    return Catalogue(catalogue.files, tuple(dataclasses.replace(one, line=one.line + 1) for one in catalogue.entries))


def test_what_has_not_changed_is_not_played_again(played, catalogue) -> None:
    assert selected(played(catalogue)) == [[]]
    assert played(catalogue) == []
    assert selected(played(catalogue, again=["all"])) == [[]]


def test_what_came_to_a_verdict_of_some_kind_is_played_again(played, catalogue) -> None:
    played(catalogue)
    played(mended(catalogue), kind="hang")
    assert played(mended(catalogue), again=["crash"]) == []
    assert selected(played(mended(catalogue), again=["crash", "hang"])) == [[catalogue.entries[0].id]]
    assert played(mended(catalogue), again=["hang"]) == []


def test_only_what_has_changed_is(played, catalogue, environment) -> None:
    played(catalogue)
    assert selected(played(mended(catalogue), kind="fail")) == [[catalogue.entries[0].id]]
    assert [verdict.kind for verdict in read(environment.results).verdicts] == ["fail", "pass", "pass", "pass"]


def test_a_case_that_is_new_is_played_and_one_that_is_gone_is_left_out(played, catalogue) -> None:
    played(Catalogue(catalogue.files, catalogue.entries[:3]))
    assert selected(played(catalogue)) == [[catalogue.entries[3].id]]
    assert selected(played(Catalogue(catalogue.files, catalogue.entries[2:]))) == [[catalogue.entries[2].id]]


def test_a_traceback_names_lines_so_that_a_failure_that_was_moved_is_played_again(played, catalogue) -> None:
    played(catalogue)
    assert played(moved(catalogue)) == []
    played(catalogue, kind="fail", again=["all"])
    assert selected(played(moved(catalogue), kind="fail")) == [[]]


def test_another_python_has_everything_played_again(played, catalogue) -> None:
    played(catalogue)
    assert selected(played(mended(catalogue), python="3.11.8")) == [[catalogue.entries[0].id], []]


def test_results_of_unknown_cases_are_not_kept(played, catalogue, environment) -> None:
    played(catalogue)
    environment.played.unlink()
    assert selected(played(catalogue)) == [[]]


def test_what_cannot_be_played_is_told_and_keeps_the_results(played, catalogue, environment, capsys) -> None:
    played(catalogue)
    (environment.folder / "bin" / "loopspec").write_text("#!/bin/sh\nexit 2\n")
    before = environment.results.read_bytes()
    assert not play(environment, mended(catalogue), 1, again=[])
    assert "aloop on Python 3.11: cannot be played, see " in capsys.readouterr().err
    assert environment.results.read_bytes() == before


def test_of_what_is_unsupported_the_place_is_shared() -> None:
    frames = "".join(f'  File "{name}", line 1, in f\n    f()\n' for name in "abc")
    start = f"Traceback (most recent call last):\n{frames}"
    details = f"{start}NotImplementedError: no pipes\nresource-warning: more\nwritten to standard output:\nmuch"
    assert end_of_traceback(details) == '    f()\n  File "c", line 1, in f\n    f()\nNotImplementedError: no pipes'
    assert end_of_traceback("RealIOError: no sockets") == "RealIOError: no sockets"
    assert end_of_traceback("") == ""


def test_what_is_shared_says_nothing_of_where_things_are_kept(tmp_path) -> None:
    folder, python = tmp_path / "aloop-3.11", "/opt/python3.11"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text(f"home = {python}/bin\nversion = 3.11.7\n")
    text = f'File "{folder}/lib/a.py", File "{python}/lib/b.py", {python}/bin/python3.11 {python}'
    header = Header(
        suite="1", catalogue="c", python="3.11.7", implementation="CPython", platform="linux", kernel="k", openssl="o",
        began="now", loops=[LoopInfo(name="aloop")], cases=["a/b"], selected=1,
    )  # fmt: skip
    verdict = Verdict(
        loop="aloop", case="a/b", kind="fail", summary=text, details=text, difference=[Difference("+", text)]
    )
    environment = Environment("aloop", "3.11", (), folder)
    with Writer(environment.results, header) as writer:
        writer.write(verdict)
    (shared,) = shareable(environment).verdicts
    shown = f'File "lib/a.py", File "lib/b.py", bin/python3.11 {python}'
    assert (shared.summary, shared.details, shared.difference) == (shown, shown, [Difference("+", shown)])
