"""What every case file of the project must keep, beyond what reading it checks."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from loopspec.catalogue import BUILT_IN, applies, load
from loopspec.format import ROW_KEYS
from loopspec.play import compile_script
from loopspec.stage import MODULES, WORDS
from tests.tools.format_cases import OPTIONS, changes, wrapped

CATALOGUE = load()
ENTRIES = {f"{entry.rule.id}/{entry.case.id}": entry for entry in CATALOGUE.entries}
RULES = {rule.id: (chapter, rule) for chapter, rule in CATALOGUE.rules}
ANCHORS = json.loads(Path(__file__).with_name("anchors.json").read_text())
PYTHONS = {
    "3.11": ("3.10.99", "3.11.99", "3.12.99"),
    "3.13": ("3.13.3", "3.13.99"),
    "3.14": ("3.14.99",),
    "3.15": ("3.15.99",),
}
"""The versions of the documentation of which the anchors are known, and the Pythons for which each is taken."""

LONGEST_SLEEP = 0.05
AS_SCRIPTS_ARE_WRITTEN = ["B015", "B018", "F841"]
"""Lone expressions, for what evaluating them does, and names that only keep an object alive."""


def scripts():
    return [pytest.param(entry, id=name) for name, entry in ENTRIES.items()]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_cites_an_anchor_that_its_page_has(rule):
    chapter, told = RULES[rule]
    page = (told.page or chapter.page).partition("#")[0]
    documented = [version for version, pythons in PYTHONS.items() if any(applies(told.python, p) for p in pythons)]
    assert documented, f"{told.python} takes no documented Python"
    newest = documented[-1]
    assert told.anchor in ANCHORS[newest][page], f"{page} of {newest} has no anchor {told.anchor}"


def test_a_chapter_s_page_and_section_exist():
    for file in CATALOGUE.files:
        page, _, section = file.chapter.page.partition("#")
        assert section in ANCHORS["3.14"][page], file.path


@pytest.mark.parametrize("entry", scripts())
def test_a_script_compiles_and_uses_nothing_private(entry):
    compile_script(entry.case.run, str(entry.path), entry.line)
    for node in ast.walk(ast.parse(entry.case.run)):
        if isinstance(node, ast.Attribute):
            private = node.attr.startswith("_") and not (node.attr.startswith("__") and node.attr.endswith("__"))
            hook = node.attr in ("_register_task", "_unregister_task", "_enter_task", "_leave_task")
            assert not private or hook, f"line {entry.line + node.lineno - 1}: .{node.attr} is private"
        assert not isinstance(node, ast.Assert), "an assert is not played under -O: write it to the log"


@pytest.mark.parametrize("entry", scripts())
def test_a_script_has_no_fixed_port_and_sleeps_no_longer_than_it_must(entry):
    for node in ast.walk(ast.parse(entry.case.run)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name.endswith((".bind", ".connect", ".sock_connect", ".create_server", ".create_connection")):
            numbers = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            assert not [n for n in numbers if type(n) is int and 1 < n < 65536], f"a fixed port: {ast.unparse(node)}"
        if name in ("time.sleep", "asyncio.sleep") and isinstance(node.args[0], ast.Constant):
            said = "sleep" in entry.case.about.lower() or "# sleeps" in entry.case.run
            seconds = node.args[0].value
            waited_for = name == "asyncio.sleep" and seconds >= entry.case.timeout
            assert seconds <= LONGEST_SLEEP or waited_for or said, f"sleeps {seconds} s and does not say why"


def test_scripts_are_formatted():
    found = [f"{path}:{line}" for path, scripts in changes([BUILT_IN]).items() for line, _, _ in scripts]
    assert not found, "run python tests/tools/format_cases.py"


def test_scripts_are_linted(tmp_path):
    for number, entry in enumerate(ENTRIES.values()):
        bound = sorted({key for row in entry.case.each for key in row} - ROW_KEYS)
        head = f"# {entry.path.name}:{entry.line}\n"
        (tmp_path / f"case_{number}.py").write_text(head + wrapped(entry.case.run, bound))
    # ExceptionGroup: of the rules that begin with Python 3.11.
    names = json.dumps(
        [*WORDS, "loop", "tmp_path", "ExceptionGroup", *{module.partition(".")[0] for module in MODULES}]
    )
    rules = ["--select=E,F,W,B", f"--ignore={','.join(AS_SCRIPTS_ARE_WRITTEN)}", f"--config=builtins={names}"]
    ruff = [sys.executable, "-m", "ruff", "check", *OPTIONS, *rules, "--output-format=concise", str(tmp_path)]
    linted = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, re.sub(
        r"\S*case_\d+\.py", lambda at: Path(at[0]).read_text().partition("\n")[0], linted.stdout
    )


def test_a_witness_has_a_sibling_that_needs_no_strace():
    for rule in (rule for _, rule in RULES.values()):
        if any(case.witness for case in rule.case):
            assert any(not case.witness for case in rule.case), rule.id


def test_the_words_of_a_witness_are_used_only_there():
    for name, entry in ENTRIES.items():
        assert ("polls()" in entry.case.run) == (entry.case.witness is not None), name


@pytest.mark.parametrize("python", [version for versions in PYTHONS.values() for version in versions])
def test_every_python_has_rules(python):
    assert sum(applies(rule.python, python) for _, rule in RULES.values()) > 0.8 * len(RULES)
