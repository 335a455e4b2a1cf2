"""pytest 8 and 9, each in a virtual environment that has the installed package and nothing of the checkout."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

TOUCHING_PYTEST = ("test_outcomes.py", "test_selecting.py")
"""The tests of what the two versions do differently: subtests, ids and reports."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[8, 9])
def installed(request, tmp_path_factory):
    """Return the major version of pytest and the Python of an environment that has it."""
    folder = tmp_path_factory.mktemp(f"pytest-{request.param}")
    run([sys.executable, "-m", "venv", folder])
    python = folder / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", ROOT, f"pytest=={request.param}.*", "pytest-xdist"])
    return request.param, python


def test_the_suite_runs_from_an_empty_folder(installed, tmp_path):
    version, python = installed
    done = run([python.with_name("pytest"), "--pyargs", "loopspec", "--loop", "reference"], tmp_path)
    assert f"pytest-{version}." in done
    (collected,) = re.findall(r"^collected (\d+) items$", done, re.MULTILINE)
    assert int(collected) > 200
    assert "loopspec/cases/running-and-stopping.toml" in done


def test_the_plugin_behaves_the_same(installed):
    version, python = installed
    if version == int(pytest.__version__.partition(".")[0]):
        pytest.skip("this pytest is of that version, and every other test here has been about it")
    tests = [HERE / name for name in TOUCHING_PYTEST]
    done = run([python, "-m", "pytest", *tests, "-n2", "-q", "-p", "no:cacheprovider"], ROOT)
    assert re.search(r"^\d\d+ passed", done, re.MULTILINE)


def run(command, folder=None):
    """Run a command without anything of pytest's or Python's in its environment, and return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
