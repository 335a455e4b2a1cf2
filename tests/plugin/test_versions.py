"""The other of pytest 8 and 9, in a virtual environment that has the installed package and nothing of the checkout.

Every other test here is about the version that runs it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

OTHER = 9 if pytest.__version__.startswith("8.") else 8

TOUCHING_PYTEST = ("test_outcomes.py", "test_selecting.py")
"""The tests of what the two versions do differently: subtests, ids and reports."""

pytestmark = pytest.mark.slow


@pytest.fixture
def python(tmp_path):
    """Return the Python of an environment that has the other version of pytest."""
    folder = tmp_path / f"pytest-{OTHER}"
    run([sys.executable, "-m", "venv", folder])
    python = folder / "bin" / "python"
    # Only what is imported is compiled, when it is.
    run([python, "-m", "pip", "install", "--quiet", "--no-compile", ROOT, f"pytest=={OTHER}.*", "pytest-xdist"])
    return python


def test_the_suite_runs_from_an_empty_folder_and_the_plugin_behaves_the_same(python, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run([python.with_name("pytest"), "--pyargs", "loopspec", "--loop", "reference"], empty)
    assert f"pytest-{OTHER}." in done
    (collected,) = re.findall(r"^collected (\d+) items$", done, re.MULTILINE)
    assert int(collected) > 200
    assert "loopspec/cases/running-and-stopping.toml" in done
    tests = [HERE / name for name in TOUCHING_PYTEST]
    done = run([python, "-m", "pytest", *tests, "-n2", "-q", "-p", "no:cacheprovider"], ROOT)
    assert re.search(r"^\d\d+ passed", done, re.MULTILINE)


def run(command, folder=None):
    """Run a command without anything of pytest's or Python's in its environment, and return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
