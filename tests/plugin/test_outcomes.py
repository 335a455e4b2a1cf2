"""What verdicts become: outcomes of tests and subtests, what they say, and the exit status."""

import sys
import xml.etree.ElementTree as ElementTree

SUITE = ("--pyargs", "loopspec", "--loop")
RULE = "answering right"


def test_a_loop_that_keeps_every_rule_passes(run_pytest):
    done = run_pytest(*SUITE, "askable:Right")
    assert done.status == 0, done.out + done.errors
    assert done.outcomes() == {
        "answering Right answer.right": "passed",
        "answering Right answer.politely": "passed",
        "answering Right answer.privately": "passed",
        "answering Right answer.in-the-past": "skipped",
        "behaving Right behave.calmly": "passed",
    }
    assert done.cases("answering Right answer.right") == {
        "plain": "passed",
        "numbered/number=1": "passed",
        "numbered/number=2": "passed",
    }
    assert "for Python <3.0" in done.text("answering Right answer.in-the-past")
    assert "5 rules, 8 cases in worker processes, on askable:Right" in done.out


def test_a_failure_says_all_that_one_needs_to_know(run_pytest, site):
    done = run_pytest(*SUITE, "askable:Wrong", "-k", "answer.right")
    assert done.status == 1
    assert done.text("answering Wrong answer.right", "plain").splitlines() == [
        "fail: expected 'right', observed 'wrong'",
        "",
        "rule   The answer to a plain question is right.",
        f"cited  {cited('asyncio.loop.answer')}",
        "case   A loop that was never asked may not know.",
        f"       {site}/loopspec/cases/answering.toml:15",
        "",
        "log    - expected, + observed",
        "       asked",
        "     - right",
        "     + wrong",
        "",
        "alone  loopspec check askable:Wrong -k answer.right/plain",
        "debug  pytest --pyargs loopspec --loop askable:Wrong -k answer.right --loop-in-process --pdb",
    ]
    assert "Traceback" not in done.out
    assert "loopspec/pytest_suite/suite.py" not in done.out


def test_a_failing_row_is_told_from_the_others(run_pytest):
    done = run_pytest(*SUITE, "askable:WrongAboutOne", "-k", "answer.right")
    assert done.cases("answering WrongAboutOne answer.right") == {
        "plain": "passed",
        "numbered/number=1": "failed",
        "numbered/number=2": "passed",
    }
    assert done.outcomes() == {"answering WrongAboutOne answer.right": "failed"}
    assert "1 of 3 cases failed: numbered/number=1" in done.text("answering WrongAboutOne answer.right")


def test_what_a_loop_does_not_support_fails_as_such(run_pytest):
    done = run_pytest(*SUITE, "askable:Silent", "-k", "answer.right")
    assert done.status == 1
    assert done.text("answering Silent answer.right", "plain").startswith("unsupported: NotImplementedError")


def test_an_exception_shows_the_line_of_the_case_file(run_pytest, site):
    done = run_pytest(*SUITE, "askable:Raising")
    text = done.text("behaving Raising behave.calmly", "when-told-to")
    assert text.startswith("fail: ValueError: will not behave")
    assert f'File "{site}/loopspec/cases/behaving.toml", line 17, in <module>\n    loop.behave()' in text


def test_what_a_loop_says_at_length_is_shortened(run_pytest):
    done = run_pytest(*SUITE, "askable:Verbose", "-k", "behave")
    text = done.text("behaving Verbose behave.calmly", "when-told-to")
    assert "word 0." in text
    assert "lines left out …" in text
    assert "word 999." in text
    assert len(text.splitlines()) < 100


def test_a_crash_costs_its_case_alone(run_pytest):
    done = run_pytest(*SUITE, "askable:Aborting")
    assert done.status == 1
    assert "SIGABRT" in done.text("behaving Aborting behave.calmly", "when-told-to").splitlines()[0]
    assert done.cases("behaving Aborting behave.calmly")["in-a-strict-interpreter"] == "passed"
    assert done.outcomes()["answering Aborting answer.right"] == "passed"


def test_what_passes_only_when_played_again_is_flaky_and_fails(run_pytest):
    done = run_pytest(*SUITE, "askable:Improving", "-k", "behave")
    assert done.status == 1
    assert done.text("behaving Improving behave.calmly", "when-told-to").startswith("flaky: fail at first, then pass")


def test_what_does_not_count_is_expected_to_fail(run_pytest):
    done = run_pytest(*SUITE, "askable:Tactless")
    assert done.status == 0, done.out + done.errors
    assert done.outcomes()["answering Tactless answer.politely"] == "xfailed"
    assert done.outcomes()["answering Tactless answer.privately"] == "xfailed"
    why = "expected 'right', observed 'wrong'"
    polite = done.text("answering Tactless answer.politely")
    private = done.text("answering Tactless answer.privately")
    assert f"does not count, a permission: fail: {why}" in polite
    assert f"does not count, not documented: fail: {why}" in private


def test_what_does_not_count_fails_with_runxfail(run_pytest):
    done = run_pytest(*SUITE, "askable:Tactless", "--runxfail")
    assert done.status == 1
    assert done.outcomes()["answering Tactless answer.politely"] == "failed"
    text = done.text("answering Tactless answer.politely", "with-a-word-of-thanks")
    assert text.startswith("fail: expected 'right', observed 'wrong'")


def test_an_expected_failure_is_reported_with_its_reason(run_pytest):
    baseline(run_pytest, "answer.right/numbered/number=1", "one is no number to it")
    done = run_pytest(*SUITE, "askable:WrongAboutOne", "--loop-expect", "known.toml")
    assert done.status == 0, done.out + done.errors
    assert done.outcomes()["answering WrongAboutOne answer.right"] == "xfailed"
    assert done.cases("answering WrongAboutOne answer.right")["numbered/number=1"] == "xfailed"
    assert "one is no number to it" in done.text("answering WrongAboutOne answer.right")


def test_a_failure_beside_the_expected_one_fails(run_pytest):
    baseline(run_pytest, "answer.right/numbered/number=1", "one is no number to it")
    done = run_pytest(*SUITE, "askable:Wrong", "--loop-expect", "known.toml", "-k", "answer.right")
    assert done.status == 1
    assert done.cases("answering Wrong answer.right") == {
        "plain": "failed",
        "numbered/number=1": "xfailed",
        "numbered/number=2": "failed",
    }


def test_an_expected_failure_that_passes_fails(run_pytest):
    baseline(run_pytest, "answer.right/numbered", "it cannot count")
    done = run_pytest(*SUITE, "askable:WrongAboutOne", "--loop-expect", "known.toml", "-k", "answer.right")
    assert done.status == 1
    assert done.cases("answering WrongAboutOne answer.right") == {
        "plain": "passed",
        "numbered/number=1": "xfailed",
        "numbered/number=2": "failed",
    }
    text = done.text("answering WrongAboutOne answer.right", "numbered/number=2")
    assert "known.toml:2: answer.right/numbered/number=2 passes now on askable:WrongAboutOne" in text


def test_a_loop_that_cannot_be_brought_up_fails_every_test_and_is_explained_once(run_pytest):
    done = run_pytest(*SUITE, "askable:nothing", "--loop", "askable:Right")
    assert done.status == 1
    assert done.outcomes()["answering Right answer.right"] == "passed"
    refused = [report for report in done.reports if "askable:nothing" in report.test and not report.case]
    assert [report.outcome for report in refused] == ["failed"] * 3 + ["skipped", "failed"]
    for report in refused:
        if report.outcome == "failed":
            assert report.text.startswith("the loop could not be brought up: AttributeError")
    assert done.out.count("Traceback") == 1


def test_a_factory_that_raises_is_a_failure_of_the_loop(run_pytest):
    done = run_pytest(*SUITE, "askable:refusing", "-k", "answer.right")
    assert done.status == 1
    text = done.text("answering refusing answer.right", "plain")
    assert text.startswith("fail: the loop's factory raised OSError: no loop today")


def test_cases_go_on_in_the_same_process(run_pytest):
    done = run_pytest(*SUITE, "askable:Counting", "-k", "answer or when-told-to")
    assert done.status == 0
    # One for all, and one for the case that needs an interpreter of its own.
    assert len(list(run_pytest.folder.glob("process-*"))) == 2


def test_junit_xml_has_a_testcase_for_each_rule_and_loop(run_pytest):
    run_pytest(*SUITE, "askable:Wrong", "--loop", "askable:Right", "--junitxml", "out.xml", "-k", "answer.right")
    tree = ElementTree.parse(run_pytest.folder / "out.xml")
    failing, passing = tree.iter("testcase")
    assert failing.get("classname") == "loopspec.cases.answering.toml.askable:Wrong"
    assert failing.get("name") == passing.get("name") == "answer.right"
    texts = [failure.text for failure in failing.iter("failure")]
    assert any("The answer to a plain question is right." in text for text in texts)
    assert list(passing) == []


def test_xdist_gives_the_same_outcomes(run_pytest):
    alone = run_pytest(*SUITE, "askable:WrongAboutOne", "--loop", "askable:Tactless")
    spread = run_pytest(*SUITE, "askable:WrongAboutOne", "--loop", "askable:Tactless", "-n2")
    assert spread.status == alone.status == 1
    assert spread.outcomes() == alone.outcomes()
    assert by_test(spread) == by_test(alone)


def by_test(done):
    return sorted((report.test, report.case, report.outcome) for report in done.reports)


def baseline(run_pytest, case, reason):
    text = f'# Known.\n[[expect]]\ncase = "{case}"\nreason = "{reason}"\n'
    (run_pytest.folder / "known.toml").write_text(text)


def cited(anchor):
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"https://docs.python.org/{version}/library/asyncio-eventloop.html#{anchor}"
