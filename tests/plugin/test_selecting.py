"""What is collected: node ids, -k, paths, configuration files, and what was selected before."""

import pytest

SUITE = ("--pyargs", "loopspec", "--loop")
IDS = [
    "loopspec/cases/answering.toml::askable:Right::answer.right",
    "loopspec/cases/answering.toml::askable:Right::answer.politely",
    "loopspec/cases/answering.toml::askable:Right::answer.privately",
    "loopspec/cases/answering.toml::askable:Right::answer.in-the-past",
    "loopspec/cases/behaving.toml::askable:Right::behave.calmly",
]
ODD = """
[pytest]
python_files = *.py
python_classes = *
python_functions = *
testpaths = nowhere
norecursedirs = cases loopspec
addopts = --strict-markers --strict-config --import-mode=importlib
filterwarnings = error
xfail_strict = true
"""


def collected(done):
    return [line for line in done.out.splitlines() if "::" in line]


def test_a_test_for_each_rule_that_can_be_tested(run_pytest):
    done = run_pytest(*SUITE, "askable:Right", "--collect-only", "-q")
    assert done.status == 0, done.out + done.errors
    assert collected(done) == IDS


def test_a_test_for_each_rule_and_loop(run_pytest):
    done = run_pytest(
        *SUITE, "askable:Right", "--loop", "askable:Wrong", "--loop", "askable:Right", "--collect-only", "-q"
    )
    assert sorted(collected(done)) == sorted(IDS + [line.replace("Right", "Wrong") for line in IDS])


@pytest.mark.parametrize(
    ("words", "tests"),
    [
        ("answer.right", ["Right answer.right", "Wrong answer.right"]),
        ("answer.right and Wrong", ["Wrong answer.right"]),
        ("answer.right and not askable:Wrong", ["Right answer.right"]),
        ("behaving and Right", ["Right behave.calmly"]),
        ("well and Right", ["Right behave.calmly"]),
        ("in-a-strict-interpreter and Right", ["Right behave.calmly"]),
    ],
)
def test_k_takes_rules_cases_chapters_and_loops(run_pytest, words, tests):
    loops = ("askable:Right", "--loop", "askable:Wrong")
    done = run_pytest(*SUITE, *loops, "-k", words, "--collect-only", "-q")
    assert [line.rpartition("askable:")[2].replace("::", " ") for line in collected(done)] == tests


def test_k_that_takes_nothing_is_no_success(run_pytest):
    done = run_pytest(*SUITE, "askable:Right", "-k", "nonsense")
    assert done.status == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("pyargs", [[], ["--pyargs"]])
@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_a_printed_id_selects_its_test_again(run_pytest, pyargs, workers):
    done = run_pytest("--loop", "askable:Right", *pyargs, *workers, IDS[0], IDS[-1])
    assert done.status == 0, done.out + done.errors
    assert sorted(done.outcomes()) == ["answering Right answer.right", "behaving Right behave.calmly"]


def test_a_file_and_its_loops_are_selected_by_path(run_pytest, site):
    path = site / "loopspec" / "cases" / "answering.toml"
    done = run_pytest(
        "--loop", "askable:Right", "--loop", "askable:Wrong", f"{path}::askable:Right", "-q", "--collect-only"
    )
    assert collected(done) == IDS[:4]
    done = run_pytest("--loop", "askable:Right", str(path.parent), "-q", "--collect-only")
    assert collected(done) == IDS
    done = run_pytest("--loop", "askable:Right", str(site), "-q", "--collect-only")
    assert collected(done) == IDS


def test_odd_configuration_changes_nothing(run_pytest):
    (run_pytest.folder / "pytest.ini").write_text(ODD)
    (run_pytest.folder / "own.py").write_text("def own(): assert False\n")
    done = run_pytest(*SUITE, "askable:Right")
    assert done.status == 0, done.out + done.errors
    assert len(done.outcomes()) == len(IDS)


def test_fixtures_that_a_project_uses_everywhere_work(run_pytest):
    fixture = "@pytest.fixture(autouse=True, scope={0!r})\ndef for_each_{0}(request):\n    yield\n"
    scopes = ("function", "class", "module", "package", "session")
    (run_pytest.folder / "conftest.py").write_text("\n".join(["import pytest", *map(fixture.format, scopes)]))
    done = run_pytest(*SUITE, "askable:Right", "-k", "answer.right")
    assert done.outcomes() == {"answering Right answer.right": "passed"}


def test_the_configuration_file_names_loops_and_the_command_line_others(run_pytest):
    (run_pytest.folder / "pytest.ini").write_text(
        "[pytest]\nloopspec_loops =\n    askable:Right\n    askable:Tactless\naddopts = -k answer.right\n"
    )
    done = run_pytest("--pyargs", "loopspec")
    assert list(done.outcomes()) == ["answering Right answer.right", "answering Tactless answer.right"]
    done = run_pytest(*SUITE, "askable:Silent")
    assert list(done.outcomes()) == ["answering Silent answer.right"]


def test_a_loop_is_found_in_the_folder_in_which_pytest_is_called(run_pytest):
    (run_pytest.folder / "mine.py").write_text("from askable import Right\n")
    done = run_pytest(*SUITE, "mine:Right", "-k", "answer.right")
    assert done.status == 0, done.out + done.errors


def test_modules_of_the_folder_in_which_pytest_is_called_hide_no_others(run_pytest):
    for name in ("selectors", "msgspec", "askable"):
        (run_pytest.folder / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    for more in ([], ["--loop-in-process"]):
        done = run_pytest(*SUITE, "askable:Right", *more)
        assert done.status == 0, done.out + done.errors


def test_a_loop_is_found_on_the_path_that_pytest_was_told(run_pytest):
    (run_pytest.folder / "src").mkdir()
    (run_pytest.folder / "src" / "mine.py").write_text("from askable import Right\n")
    (run_pytest.folder / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    for more in ([], ["-n2"], ["--loop-in-process"]):
        done = run_pytest(*SUITE, "mine:Right", "-k", "answer.right", *more)
        assert done.status == 0, done.out + done.errors


def test_what_failed_last_is_played_again_and_nothing_else(run_pytest):
    run_pytest(*SUITE, "askable:WrongAboutOne")
    done = run_pytest(*SUITE, "askable:WrongAboutOne", "--lf")
    assert done.outcomes() == {"answering WrongAboutOne answer.right": "failed"}


def test_x_stops_at_the_first_case_that_fails(run_pytest):
    done = run_pytest(*SUITE, "askable:Wrong", "-x")
    assert done.cases("answering Wrong answer.right") == {"plain": "failed"}
    assert list(done.outcomes()) == ["answering Wrong answer.right"]
