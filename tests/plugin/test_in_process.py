"""Cases played in pytest's own process, for a debugger."""

HERE = ("--pyargs", "loopspec", "--loop-in-process", "--loop")


def test_outcomes_are_those_of_isolated_workers(run_pytest):
    loops = ["Right", "WrongAboutOne", "Tactless", "Silent", "Raising", "refusing"]
    arguments = [argument for loop in loops for argument in ("--loop", f"askable:{loop}")]
    here = run_pytest("--pyargs", "loopspec", "--loop-in-process", *arguments)
    isolated = run_pytest("--pyargs", "loopspec", *arguments)
    assert here.status == isolated.status == 1
    assert here.outcomes() == isolated.outcomes()
    assert summaries(here) == summaries(isolated)


def summaries(done):
    """Return the first line of what is said of each case but for the one that needs an interpreter of its own."""
    reports = [report for report in done.reports if report.case and report.case != "in-a-strict-interpreter"]
    return {(report.test, report.case): report.text.partition("\n")[0] for report in reports}


def test_cases_are_played_in_this_process(run_pytest):
    run_pytest(*HERE, "askable:Counting")
    assert len(list(run_pytest.folder.glob("process-*"))) == 1


def test_a_case_that_needs_an_interpreter_of_its_own_is_skipped(run_pytest):
    done = run_pytest(*HERE, "askable:Right", "-k", "behave")
    assert done.cases("behaving Right behave.calmly") == {
        "when-told-to": "passed",
        "in-a-strict-interpreter": "skipped",
    }
    assert "started with PYTHONOPTIMIZE=1" in done.text("behaving Right behave.calmly", "in-a-strict-interpreter")


def test_post_mortem_shows_the_line_of_the_case_file(run_pytest, site):
    done = run_pytest(
        *HERE, "askable:Raising", "-k", "behave", "--pdb", typed="up\nlist\nprint(type(loop).__name__)\nq\n"
    )
    assert done.status == 2, done.out + done.errors
    assert f"{site}/loopspec/cases/behaving.toml(17)" in done.out
    assert "->\tloop.behave()" in done.out
    assert "Raising\n" in done.out


def test_post_mortem_of_an_import_that_fails(run_pytest):
    (run_pytest.folder / "mine.py").write_text("number = 1\nnumber.nonsense\n")
    done = run_pytest(*HERE, "mine:new", "--pdb", typed="q\n")
    assert done.status == 2
    assert "mine.py(2)" in done.out
    assert "-> number.nonsense" in done.out


def test_a_breakpoint_stops_above_the_line_of_the_case_file_and_goes_on(run_pytest, site):
    done = run_pytest(*HERE, "askable:Stopping", "-k", "behave", typed="up\nc\n")
    assert f"{site}/loopspec/cases/behaving.toml(17)" in done.out
    assert done.cases("behaving Stopping behave.calmly")["when-told-to"] == "passed"


def test_leaving_the_debugger_ends_the_run(run_pytest):
    done = run_pytest(*HERE, "askable:Stopping", typed="q\n")
    assert done.status == 2
    assert "behaving Stopping behave.calmly" not in done.outcomes()


def test_a_loop_that_cannot_be_brought_up_fails_every_test(run_pytest):
    done = run_pytest(*HERE, "askable:nothing", "-k", "answer.right or behave")
    assert done.status == 1
    assert list(done.outcomes().values()) == ["failed", "failed"]
    assert done.out.count("Traceback") == 1
