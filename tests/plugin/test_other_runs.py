"""Runs of pytest that have nothing to do with the suite: the plugin is there and costs them nothing."""

import json

import pytest

LOADED = """
import json, sys

def test_own():
    pass

def pytest_sessionfinish(session):
    with open("loaded.json", "w") as file:
        json.dump(sorted(sys.modules), file)
"""


@pytest.mark.parametrize("loops", ["", "loopspec_loops = askable:Right\n"])
def test_nothing_is_imported_for_other_runs(run_pytest, loops):
    (run_pytest.folder / "pytest.ini").write_text(f"[pytest]\n{loops}")
    (run_pytest.folder / "conftest.py").write_text(LOADED)
    (run_pytest.folder / "test_own.py").write_text(LOADED)
    with_plugin = loaded(run_pytest)
    run_pytest.plugins = ["-p", "recorded", "-p", "no:loopspec"]
    without = loaded(run_pytest)
    assert with_plugin - without == {"loopspec", "loopspec.plugin"}


def loaded(run_pytest):
    done = run_pytest()
    assert done.status == 0, done.out + done.errors
    assert done.outcomes() == {"test_own.py test_own": "passed"}
    return set(json.loads((run_pytest.folder / "loaded.json").read_text()))


def test_a_project_with_loops_configured_runs_its_own_tests_alone(run_pytest):
    (run_pytest.folder / "pytest.ini").write_text("[pytest]\nloopspec_loops = no:such\n")
    (run_pytest.folder / "test_own.py").write_text("def test_own(): pass\n")
    done = run_pytest()
    assert done.outcomes() == {"test_own.py test_own": "passed"}


def test_the_package_amid_others_is_left_alone_without_a_loop(run_pytest, site):
    (run_pytest.folder / "test_own.py").write_text("def test_own(): pass\n")
    done = run_pytest("test_own.py", str(site))
    assert done.status == 0, done.out + done.errors
    (test,) = done.outcomes()
    assert test.endswith("test_own.py test_own")


OTHER = """
def pytest_addoption(parser):
    parser.addoption('--loop', {settings})

def pytest_report_header(config):
    return f"other loop: {{config.getoption('--loop')!r}}"
"""


@pytest.mark.parametrize("settings", ["type=int", "action='store'", "type=int, required=True"])
@pytest.mark.parametrize("where", ["conftest", "other"])
def test_others_may_have_an_option_of_the_name(run_pytest, settings, where):
    (run_pytest.folder / f"{where}.py").write_text(OTHER.format(settings=settings))
    (run_pytest.folder / "test_own.py").write_text("def test_own(): pass\n")
    run_pytest.environment["PYTHONPATH"] += f":{run_pytest.folder}"
    plugin = ["-p", "other"] if where == "other" else []
    done = run_pytest(*plugin, "--loop", "3")
    assert done.outcomes() == {"test_own.py test_own": "passed"}, done.errors
    assert "other loop: " in done.out
    done = run_pytest(*plugin, "--loop", "3", "--pyargs", "loopspec", "--loopspec-loop", "askable:Right")
    assert done.status == 0, done.out + done.errors
    assert len(done.outcomes()) == 5


def test_the_option_is_there_although_another_one_is_required(run_pytest):
    (run_pytest.folder / "conftest.py").write_text(OTHER.format(settings="required=True").replace("--loop", "--own"))
    done = run_pytest("--own=1", "--pyargs", "loopspec", "--loop", "askable:Right")
    assert done.status == 0, done.out + done.errors
