"""Mistakes in how the suite is asked for: one clear line each, exit status 4, and never a green run without tests."""

import shutil

import pytest

SUITE = ("--pyargs", "loopspec")


def only_error(done):
    """Return the one line that the run printed, having begun nothing."""
    assert done.status == pytest.ExitCode.USAGE_ERROR, done.out + done.errors
    assert done.out.strip() == ""
    assert done.reports == []
    (line,) = done.errors.strip().splitlines()
    return line.removeprefix("ERROR: ")


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_no_loop(run_pytest, workers):
    assert only_error(run_pytest(*SUITE, *workers)).startswith("no loop to test: add --loop NAME")


def test_a_loop_that_nobody_knows(run_pytest):
    assert only_error(run_pytest(*SUITE, "--loop", "uvlop")).startswith("unknown loop 'uvlop': did you mean 'uvloop'?")


def test_a_loop_without_a_module(run_pytest):
    assert "there is no module 'nowhere' here" in only_error(run_pytest(*SUITE, "--loop", "nowhere:new"))


def test_a_loop_without_the_suite(run_pytest):
    (run_pytest.folder / "test_own.py").write_text("def test_own(): pass\n")
    assert "add --pyargs loopspec" in only_error(run_pytest("--loop", "askable:Right"))
    assert "add --pyargs loopspec" in only_error(run_pytest("--loop", "askable:Right", "test_own.py"))


def test_a_loop_without_the_suite_in_a_project_with_its_environment_inside(run_pytest, site):
    within = run_pytest.folder / ".venv" / "packages"
    shutil.copytree(site, within)
    run_pytest.environment["PYTHONPATH"] = run_pytest.environment["PYTHONPATH"].replace(str(site), str(within))
    (run_pytest.folder / "test_own.py").write_text("def test_own(): pass\n")
    done = run_pytest("--loop", "askable:Right")
    assert done.status == pytest.ExitCode.USAGE_ERROR, done.out
    assert "add --pyargs loopspec" in done.errors
    assert done.reports == []
    done = run_pytest()
    assert done.outcomes() == {"test_own.py test_own": "passed"}
    (run_pytest.folder / "pytest.ini").write_text("[pytest]\nloopspec_loops = no:such\n")
    done = run_pytest()
    assert done.outcomes() == {"test_own.py test_own": "passed"}
    done = run_pytest("--loop", "askable:Right", "--pyargs", "loopspec", "test_own.py")
    assert len(done.outcomes()) == 6


def test_a_printed_id_without_a_loop(run_pytest):
    assert only_error(run_pytest("loopspec/cases/answering.toml::askable:Right::answer.right")).startswith("no loop")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "known.toml: cannot be read"),
        ("expect = 1", "known.toml:1: write each expectation as [[expect]]"),
        ("[[expect]]\ncase = 'answer.right'\n", "known.toml:1: object missing required field `reason`"),
        ("[[expect]]\ncase = 'answer.rihgt'\nreason = 'a slip'\n", "did you mean answer.right?"),
    ],
)
def test_a_baseline_with_a_mistake(run_pytest, text, message):
    if text is not None:
        (run_pytest.folder / "known.toml").write_text(text)
    assert message in only_error(run_pytest(*SUITE, "--loop", "askable:Right", "--loop-expect", "known.toml"))


def test_no_subtests(run_pytest):
    done = run_pytest(*SUITE, "--loop", "askable:Right", "-p", "no:subtests")
    assert "pip install pytest-subtests" in only_error(done)


def test_a_case_file_with_a_mistake(run_pytest, tmp_path, site):
    shutil.copytree(site, tmp_path / "site")
    path = tmp_path / "site" / "loopspec" / "cases" / "answering.toml"
    path.write_text(path.read_text().replace('level = "must"', 'level = "perhaps"', 1))
    run_pytest.environment["PYTHONPATH"] = run_pytest.environment["PYTHONPATH"].replace(
        str(site), str(tmp_path / "site")
    )
    assert f"{path}:8: rule answer.right: key `level`" in only_error(run_pytest(*SUITE, "--loop", "askable:Right"))


def test_help_is_given_without_a_loop_and_has_examples(run_pytest):
    done = run_pytest(*SUITE, "--help")
    assert done.status == 0
    text = " ".join(done.out.split())
    for option in ("--loop=LOOP", "--loop-expect=FILE", "--loop-in-process", "loopspec_loops"):
        assert option in text
    assert "pytest --pyargs loopspec --loop uvloop" in text
