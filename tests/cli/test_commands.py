"""The commands that play nothing: list, show, schema, help, version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loopspec import kept
from loopspec.cli import loopspec as group
from loopspec.schema import schema_text
from tests.cli.conftest import HERE, Run

CASES = ("--cases", "cases")


def ids(run: Run, *arguments: str) -> list[str]:
    ended = run("list", "--json", *CASES, *arguments)
    assert ended.status == 0
    return [case["case"] for rule in json.loads(ended.out) for case in rule["cases"]]


def rules(run: Run, *arguments: str) -> list[str]:
    return [rule["rule"] for rule in json.loads(run("list", "--json", *CASES, *arguments).out)]


def test_list_is_a_tree_by_chapter(run: Run) -> None:
    ended = run("list", *CASES)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[:6] == [
        "First things  first.toml",
        "  order.fifo  must",
        "    What is scheduled first is called first.",
        "      one-after-the-other (2 rows)",
        "      one-alone",
        "  later.called  should",
    ]
    assert "  text.class  must, cpython" in lines
    assert "      untestable: It is said to those who use a loop." in lines
    assert f"      elsewhere  skipped here: for nowhere, and this is {sys.platform}" in lines
    assert lines[-1] == "6 rules, 1 of them untestable, 7 cases, 8 with their rows, 2 of them skipped here"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ((), 8),
        (("-k", "order.fifo"), 3),
        (("-k", "fifo"), 3),
        (("--select", "close*", "-k", "text"), 4),
        (("-k", "order.fifo/one-a*"), 3),
        (("-k", "order.fifo/one-alone"), 1),
        (("-k", "order.fifo/one-after-the-other/count=2"), 1),
        (("--chapter", "second"), 4),
        (("--chapter", "FIRST THINGS", "--level", "should"), 1),
        (("--basis", "cpython"), 1),
        (("--level", "must", "--level", "should"), 8),
    ],
)
def test_filters(run: Run, arguments: tuple[str, ...], count: int) -> None:
    assert len(ids(run, *arguments)) == count


def test_an_id_means_itself_and_not_what_begins_like_it(run: Run, tmp_path: Path) -> None:
    text = (HERE / "cases" / "first.toml").read_text()
    path = tmp_path / "more.toml"
    path.write_text(text.replace('id = "one-alone"', 'id = "one-after-the-other-one"'))
    words = ("-k", "order.fifo/one-after-the-other")
    found = json.loads(run("list", "--json", "--cases", str(path), *words).out)
    assert [case["case"].split("/")[1] for case in found[0]["cases"]] == ["one-after-the-other"] * 2


def test_list_of_what_cannot_be_tested(run: Run) -> None:
    assert rules(run, "--untestable") == ["close.not-while-needed"]
    assert rules(run, "--uncovered") == ["close.never-on"]
    assert rules(run, "--untestable", "--uncovered") == ["close.never-on", "close.not-while-needed"]


def test_list_of_loops(run: Run) -> None:
    ended = run("list", "--loops")
    assert ended.status == 0
    assert "stdlib" in ended.out and "asyncio:new_event_loop" in ended.out
    loops = {loop["loop"]: loop for loop in json.loads(run("list", "--loops", "--json").out)}
    assert loops["stdlib"]["version"] == sys.version.partition(" ")[0]


def test_show_a_rule(run: Run) -> None:
    ended = run("show", "order.fifo", *CASES)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[:2] == ["order.fifo", "  What is scheduled first is called first."]
    assert "  level     must" in lines
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    url = f"https://docs.python.org/{version}/library/asyncio-eventloop.html#asyncio.loop.call_soon"
    assert f"  cited     {url}" in lines
    assert "  file      cases/first.toml:16" in lines
    assert "  16 for number in range(count):" in lines
    assert "  row count=3: count = 3" in lines
    assert "order.fifo/one-alone" in lines


def test_show_a_case_and_a_row(run: Run) -> None:
    lines = run("show", "order.fifo/one-alone", *CASES).out.splitlines()
    assert "order.fifo/one-after-the-other" not in lines
    assert lines[-3:] == ["", "  expected", "    called"]
    lines = run("show", "order.fifo/one-after-the-other/count=2", *CASES).out.splitlines()
    assert "  row count=2: count = 2" in lines
    assert "  row count=3: count = 3" not in lines


def test_show_what_is_not_tested(run: Run) -> None:
    ended = run("show", "close.not-while-needed", *CASES)
    assert "  untestable: It is said to those who use a loop." in ended.out.splitlines()


@pytest.mark.parametrize("command", ["show", "script"])
def test_an_unknown_id(run: Run, command: str) -> None:
    ended = run(command, "order.filo", *CASES)
    assert ended.status == 2
    assert ended.err.startswith("no rule or case 'order.filo': did you mean order.fifo")
    assert run(command, "zz/zz", *CASES).err.endswith(": loopspec list shows them all\n")


def test_where_the_reference_keeps_a_rule(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "refloop"
    (package / "core").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "core" / "turn.py").write_text(
        "def turn(ready):\n"
        "    handle = ready.popleft()  # rule: order.fifo, other.rule\n"
        "    # rule: order.fifo.more\n"
        "    # rules: later.called order.fifo\n"
        "    # which is why\n"
        "    handle.run()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "refloop", raising=False)
    assert [(place.line, place.text) for place in kept.kept_at("order.fifo")] == [
        (2, "handle = ready.popleft()"),
        (6, "handle.run()"),
    ]
    ended = run("show", "order.fifo", *CASES)
    assert f"  kept at   {package}/core/turn.py:2  handle = ready.popleft()" in ended.out.splitlines()


def test_what_keeps_a_rule_for_the_reference(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "refloop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "kept_by_asyncio.toml").write_text('"order.fifo" = "asyncio.Queue"\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "refloop", raising=False)
    shown = run("show", "order.fifo", *CASES).out.splitlines()
    assert "  kept by   asyncio.Queue, on which the reference loop builds: no statement of its own does" in shown
    assert not [line for line in shown if line.startswith("  kept at")]


def test_the_schema_that_case_files_name_is_current(run: Run) -> None:
    import loopspec

    committed = Path(loopspec.__file__).with_name("case.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(), "write it again: loopspec schema > conformance/loopspec/case.schema.json"
    assert run("schema").out == committed


def test_the_schema_says_what_each_key_is_for() -> None:
    schema = json.loads(schema_text())
    keys = schema["$defs"]["Case"]["properties"]
    assert keys["accepts"]["description"] == "Further logs that the documentation allows as well."
    assert set(keys) >= {"id", "about", "run", "log", "each", "needs", "timeout"}
    assert schema["$defs"]["Case"]["additionalProperties"] is False


def test_version(run: Run) -> None:
    ended = run("--version")
    assert ended.status == 0
    assert ended.out.startswith("loopspec ")


@pytest.mark.parametrize("command", ["", *sorted(group.commands)])
def test_every_command_helps_with_examples(run: Run, command: str) -> None:
    ended = run(*command.split(), "--help")
    assert ended.status == 0
    assert "Example" in ended.out
    assert f"loopspec {command}" in ended.out
    assert run(*command.split(), "-h").out == ended.out


HEAVY = {"asyncio", "rich", "msgspec", "tomli", "packaging", "psutil", "pytest", "trustme"}


def test_help_imports_nothing_that_takes_time() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "loopspec", "--help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "click" in imported
    assert not {name for name in imported if name.partition(".")[0] in HEAVY}
    assert not {
        name for name in imported if name.startswith("loopspec.commands.") and name != "loopspec.commands.errors"
    }


@pytest.mark.parametrize("command", ["list", "schema", "check stdlib -v -k order"])
def test_a_reader_that_has_seen_enough_is_no_error(command: str) -> None:
    arguments = [sys.executable, "-m", "loopspec", *command.split()]
    if command != "schema":
        arguments += CASES
    reading, writing = os.pipe()
    process = subprocess.Popen(arguments, cwd=HERE, stdout=writing, stderr=subprocess.PIPE)
    os.close(reading)
    os.close(writing)
    _, errors = process.communicate(timeout=30)
    assert errors == b""
    assert process.returncode == 141


def test_what_the_encoding_lacks_is_written_as_an_escape() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    command = [sys.executable, "-m", "loopspec", "check", "wrong_loops:StackEventLoop", "-k", "order", *CASES]
    ended = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert not ended.stderr


def test_list_coverage_tells_what_no_rule_is_about(run: Run) -> None:
    ended = run("list", "--coverage", *CASES)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert "First things" in ended.out
    assert "  loop.create_server  library/asyncio-eventloop.html" in lines
    assert "documented names and" in " ".join(lines[-2:])


def test_list_coverage_as_json(run: Run) -> None:
    rows = {row["subject"]: row for row in json.loads(run("list", "--coverage", "--json", *CASES).out)}
    assert rows["loop.create_server"]["rules"] == 0
    assert "backlog" in rows["loop.create_server"]["missing"]
    assert rows["loop.create_server"]["complete"] is False
