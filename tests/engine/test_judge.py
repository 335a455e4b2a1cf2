from pathlib import Path

import pytest

from loopspec.catalogue import Entry
from loopspec.format import Case, Chapter, Rule
from loopspec.judge import differ, judge, judge_again, matches
from loopspec.observation import Death, Incident, Observation, Problem


def entry(log, accepts=(), incidents=()):
    case = Case(id="case", about="Says why it exists.", run="pass", log=log, incidents=list(incidents))
    rule = Rule(id="rule", subject="loop.x", anchor="x", level="must", says="It says something.", case=[case])
    chapter = Chapter(chapter="Chapter", page="library/x.html", rule=[rule])
    return Entry("rule/case", chapter, rule, case, Path("x.toml"), 1, {}, (log, *accepts))


def seen(*log, **more):
    return Observation(id="rule/case", log=list(log), **more)


@pytest.mark.parametrize(
    ("expected", "observed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),
        (["a", "b"], ["a"], False),
        (["a"], ["a", "b"], False),
        ([["a", "b"], "c"], ["b", "a", "c"], True),
        ([["a", "b"], "c"], ["b", "c", "a"], False),
        ([["a", "a"], "c"], ["a", "c"], False),
        ([["a", "b"]], ["a", "a"], False),
        ([], [], True),
        ([], ["a"], False),
    ],
)
def test_logs_match_in_order_and_groups_in_any_order(expected, observed, same):
    assert matches(expected, observed) is same


def test_a_group_is_shown_in_the_observed_order():
    difference = differ([["a", "b"], "end"], ["b", "a", "late", "end"])
    assert [(line.mark, line.text) for line in difference] == [(" ", "b"), (" ", "a"), ("+", "late"), (" ", "end")]


def test_an_accepted_log_passes_and_the_closest_one_is_shown():
    case = entry(["a", "b"], accepts=[["b", "a"]])
    assert judge("x", case, seen("b", "a")).kind == "pass"
    verdict = judge("x", case, seen("b", "a", "c"))
    assert (verdict.kind, [line.mark for line in verdict.difference]) == ("fail", [" ", " ", "+"])
    assert verdict.summary == "observed 'c', which nothing expects here"


def test_what_nobody_expected_fails_the_case():
    incident = Incident("threads-left", "the non-daemon thread 'x' still runs")
    verdict = judge("x", entry(["a"]), seen("a", incidents=[incident]))
    assert (verdict.kind, verdict.summary) == ("fail", "threads-left: the non-daemon thread 'x' still runs")


def test_an_expected_incident_must_happen():
    case = entry(["a"], incidents=["unraisable"])
    assert judge("x", case, seen("a", incidents=[Incident("unraisable", "…")])).kind == "pass"
    verdict = judge("x", case, seen("a"))
    assert (verdict.kind, verdict.summary) == ("fail", "expected incident did not happen: unraisable")


@pytest.mark.parametrize(
    ("kind", "verdict"), [("raised", "fail"), ("unsupported", "unsupported"), ("factory", "fail"), ("broken", "broken")]
)
def test_a_problem_decides(kind, verdict):
    problem = Problem(kind, "KeyError", "gone", "Traceback …")
    judged = judge("x", entry(["a"]), seen("a", problem=problem))
    assert judged.kind == verdict
    assert "KeyError: gone" in judged.summary


def test_a_script_that_raised_does_not_pass_though_its_log_is_whole():
    problem = Problem("raised", "KeyError", "gone", "Traceback …")
    verdict = judge("x", entry(["a"]), seen("a", problem=problem))
    assert [(line.mark, line.text) for line in verdict.difference] == [(" ", "a"), ("+", "KeyError ended the script")]


def test_what_a_loop_does_not_support_may_come_out_of_a_task_that_nobody_awaits():
    said = (
        "Task exception was never retrieved\nfuture: <Task finished exception={0}('no TLS')>\nTraceback …\n{0}: no TLS"
    )
    problem = Problem("raised", "TimeoutError", "hands were not shaken", "Traceback …")

    def judged(error, *log):
        incident = Incident("error-logged", said.format(error))
        return judge("x", entry(["a"]), seen(*log, problem=problem, incidents=[incident]))

    assert judged("NotImplementedError").kind == "unsupported"
    assert judged("NotImplementedError").summary == "NotImplementedError: no TLS"
    assert judged("ValueError").kind == "fail"
    printed = said.format("NotImplementedError")
    assert judge("x", entry(["a"]), seen(problem=problem, output=printed)).kind == "unsupported"


SAID_IN_A_CALLBACK = """Exception in callback schedule() at case.toml:96
Traceback (most recent call last):
  File "case.toml", line 97, in schedule
    loop.remove_reader(near)
NotImplementedError: no readers"""


def test_what_a_loop_does_not_support_may_come_out_of_a_callback_or_a_thread():
    logged = Incident("error-logged", SAID_IN_A_CALLBACK)
    in_thread = Incident("thread-exception", "in thread Thread-1 (work): NotImplementedError('no signals')")
    other = Incident("thread-exception", "in thread Thread-1 (work): ValueError('NotImplementedError()')")
    assert judge("x", entry(["a"]), seen("b", incidents=[logged])).summary == "NotImplementedError: no readers"
    assert judge("x", entry(["a"]), seen("b", output=SAID_IN_A_CALLBACK)).kind == "unsupported"
    assert judge("x", entry(["a"]), seen("b", incidents=[in_thread])).kind == "unsupported"
    assert judge("x", entry(["a"]), seen("b", incidents=[other])).kind == "fail"
    assert judge("x", entry(["a"]), seen("b", output="it raises NotImplementedError")).kind == "fail"


@pytest.mark.parametrize(("kind", "verdict"), [("crash", "crash"), ("hang", "unsupported")])
def test_who_counts_on_what_a_loop_does_not_support_may_wait_for_ever(kind, verdict):
    death = Death(id="rule/case", kind=kind, how="killed", output=f"Timeout!\n{SAID_IN_A_CALLBACK}")
    assert judge("x", entry(["a"]), death).kind == verdict


@pytest.mark.parametrize(("kind", "verdict"), [("crash", "crash"), ("hang", "hang"), ("refused", "fail")])
def test_a_death_says_how(kind, verdict):
    judged = judge("x", entry(["a"]), Death(id="rule/case", kind=kind, how="killed by SIGSEGV"))
    assert (judged.kind, judged.summary) == (verdict, "killed by SIGSEGV")


RAISED = Problem("raised", "ValueError", "no", "Traceback of the ValueError")


@pytest.mark.parametrize(
    ("kind", "problem", "expected", "verdict", "summary"),
    [
        ("hang", RAISED, ["a"], "fail", "ValueError: no (then, while the loop was closed, it hung)"),
        ("crash", RAISED, ["a"], "crash", "it hung, while the loop was closed after ValueError: no"),
        ("hang", RAISED, ["ValueError ended the script"], "hang", "it hung"),
        (
            "hang",
            Problem("unsupported", "NotImplementedError", "", ""),
            ["a"],
            "unsupported",
            "NotImplementedError (then, while the loop was closed, it hung)",
        ),
    ],
)
def test_a_death_after_an_exception_tells_both(kind, problem, expected, verdict, summary):
    death = Death(id="rule/case", kind=kind, how="it hung", output="stacks", before=seen(problem=problem))
    judged = judge("x", entry(expected), death)
    assert (judged.kind, judged.summary) == (verdict, summary)
    assert judged.details.endswith("stacks")


def test_failing_first_and_passing_alone_is_flaky_and_never_green():
    case = entry(["a"])
    first, second = judge("x", case, seen("b")), judge("x", case, seen("a"))
    again = judge_again(first, second)
    assert (again.kind, again.at_first) == ("flaky", first.kind)
    assert judge_again(first, first) == first
