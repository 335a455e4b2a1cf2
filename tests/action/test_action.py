"""The GitHub Action: its YAML, and its shell steps as a runner runs them, with the files that a runner gives them."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "reports" / "action"
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
LOOPS = ROOT / "tests" / "cli"
DEFAULTS = {name: about["default"] for name, about in ACTION["inputs"].items()}
CASES = "--cases\ncases\n-j\n2\n"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the action's steps are run by bash")


@dataclass
class Ran:
    """How a step ended."""

    status: int
    out: str
    outputs: dict[str, str]
    summary: str


def filled(text: str, values: dict[str, str]) -> str:
    """Put the values of expressions into `text`, as the runner does."""
    return re.sub(r"\$\{\{ *([a-z.]+) *\}\}", lambda found: values[found[1]], text)


def run(step: dict[str, Any], tmp_path: Path, cwd: Path = LOOPS, status: str = "", **inputs: str) -> Ran:
    """Run a shell step of the action with these inputs."""
    values = {f"inputs.{name}": value for name, value in {**DEFAULTS, "python": sys.executable, **inputs}.items()}
    values["steps.run.outputs.status"] = status
    assert "${{" not in step["run"], "an input in the text of a script could be a command"
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    environment = {
        **os.environ,
        **{name: filled(value, values) for name, value in step.get("env", {}).items()},
        **{name: str(file) for name, file in files.items()},
        "GITHUB_ACTION_PATH": str(FOLDER),
        "RUNNER_TEMP": str(tmp_path / "temp"),
    }
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    return Ran(ended.returncode, ended.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


INSTALL, CHECK, KEEP, FAIL = STEPS


def test_it_is_a_composite_action_whose_inputs_are_described() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for about in (ACTION, *ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert about["description"].endswith(".")
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)
    used = set(re.findall(r"inputs\.([a-z]+)", (FOLDER / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])


def test_outputs_are_those_of_the_step(tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, loops="stdlib", arguments=CASES)
    assert set(ran.outputs) == set(ACTION["outputs"])
    for name, about in ACTION["outputs"].items():
        assert about["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_a_loop_that_conforms(tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, loops="stdlib", arguments=CASES)
    assert ran.status == 0
    assert ran.outputs["status"] == "0"
    assert "✅ conforms" in ran.summary
    folder, name = Path(ran.outputs["folder"]), ran.outputs["name"]
    assert re.fullmatch(r"loopspec-stdlib-[A-Za-z]+-3\.[0-9a-z.+]+-[a-z]+", name)
    assert sorted(file.name for file in folder.iterdir()) == [f"{name}.{end}" for end in ("html", "json", "md", "xml")]


def test_a_loop_that_does_not_conform_fails_after_its_results_are_kept(tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, loops="stdlib\nwrong_loops:StackEventLoop\n", arguments=CASES, shard="1/1")
    assert ran.status == 0
    assert ran.outputs["status"] == "1"
    assert ran.outputs["name"].startswith("loopspec-stdlib-wrong_loops-StackEventLoop-")
    assert ran.outputs["name"].endswith("-shard-1-of-1")
    assert "❌ does not conform" in ran.summary
    assert run(FAIL, tmp_path, status=ran.outputs["status"]).status == 1
    assert STEPS.index(KEEP) < STEPS.index(FAIL)
    assert KEEP["with"]["path"] == "${{ steps.run.outputs.folder }}"


def test_expected_failures_and_a_summary_that_was_begun(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[[expect]]\ncase = "order.fifo/one-after-the-other"\nreason = "a stack"\n')
    (tmp_path / "GITHUB_STEP_SUMMARY").write_text("# begun\n")
    ran = run(CHECK, tmp_path, loops="wrong_loops:StackEventLoop", arguments=CASES, expect=str(known))
    assert ran.outputs["status"] == "0"
    assert ran.summary.startswith("# begun\n### loopspec")


def test_what_cannot_be_done_fails_and_says_so(tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, loops="stdlbi", arguments=CASES)
    assert ran.outputs["status"] == "2"
    assert "did you mean 'stdlib'?" in ran.out
    assert ran.summary == "loopspec could not report anything: see the log of this job.\n"
    assert run(FAIL, tmp_path, status="2").status == 2


def test_shards_are_joined(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    for number in (1, 2):
        part = tmp_path / str(number)
        part.mkdir()
        ran = run(CHECK, part, loops="stdlib", arguments=CASES, shard=f"{number}/2")
        for file in Path(ran.outputs["folder"]).iterdir():
            shutil.copy(file, results)
        (part / "last").mkdir()
        last = run(CHECK, part / "last", results=str(results), arguments="--cases\ncases\n")
        assert last.outputs["name"] == "loopspec-report"
        assert last.outputs["status"] == str(2 - number)
        assert ("not decided" in last.summary) == (number == 1), last.out


def test_inputs_are_no_commands(tmp_path: Path) -> None:
    evil = "stdlib $(touch owned) `touch owned` ; touch owned"
    select = f"--cases\ncases\n-k\n$(touch {tmp_path}/owned)"
    ran = run(CHECK, tmp_path, loops=evil, arguments=select, shard="$(touch owned)")
    assert ran.outputs["status"] == "2"
    assert not (tmp_path / "owned").exists() and not (LOOPS / "owned").exists()
    assert re.fullmatch(r"[A-Za-z0-9._-]+", ran.outputs["name"])


def test_what_a_loop_writes_is_no_command_to_the_runner(tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, loops="stdlib", arguments=CASES)
    lines = ran.out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{64}", token)
    assert lines[-1] == f"::{token}::"


@pytest.mark.parametrize(("install", "wanted"), [("", f"{FOLDER}/../.."), ("loopspec==1.2", "loopspec==1.2")])
def test_what_is_installed(tmp_path: Path, install: str, wanted: str) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nfor word; do echo "$word"; done\n')
    python.chmod(0o755)
    ran = run(INSTALL, tmp_path, python=str(python), install=install)
    assert ran.out.splitlines() == ["-m", "pip", "install", "--quiet", wanted]
    assert (FOLDER / ".." / ".." / "pyproject.toml").is_file()


def recipes() -> list[Any]:
    """Return the YAML that the READMEs show."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "reports/README.md")]
    return [yaml.safe_load(block) for text in texts for block in re.findall(r"(?ms)^```yaml\n(.*?)^```$", text)]


def steps(recipe: Any) -> list[dict[str, Any]]:
    if isinstance(recipe, list):
        return recipe
    return [step for job in recipe["jobs"].values() for step in job["steps"]]


def test_the_recipes_use_the_action_as_it_is() -> None:
    version = re.search(r'(?m)^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    used = [step for recipe in recipes() for step in steps(recipe) if "loopspec" in step.get("uses", "")]
    assert len(used) == 3
    for step in used:
        assert version and step["uses"] == f"OWNER/loopspec/reports/action@v{version[1]}"
        assert set(step["with"]) <= set(ACTION["inputs"])


def test_the_whole_recipe_joins_what_its_jobs_keep() -> None:
    workflow = next(recipe for recipe in recipes() if isinstance(recipe, dict))
    check, report = workflow["jobs"]["check"], workflow["jobs"]["report"]
    assert report["needs"] == "check" and report["if"] == "${{ !cancelled() }}"
    download = report["steps"][1]["with"]
    assert download["pattern"] == "loopspec-*" and download["merge-multiple"] is True
    assert report["steps"][2]["with"]["results"] == download["path"]
    shards = [shard.split("/") for shard in check["strategy"]["matrix"]["shard"]]
    assert shards == [[str(number), str(len(shards))] for number in range(1, len(shards) + 1)]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: str(step["name"]))
def test_the_scripts_are_sound(step: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "step.sh"
    variables = "".join(f"{name}=\n" for name in step["env"])
    script.write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{variables}{step['run']}")
    checked = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
