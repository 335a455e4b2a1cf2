"""The score counts what is caught among what makes a loop at all."""

from __future__ import annotations

from tests.proof.mutations import mutations
from tests.proof.playing import Catch
from tests.proof.score import Outcome, score_of

ONE = next(mutations("m.py", "f()\n"))
CATCH = Catch("rule/case", "d", "fail", "")


def test_the_share_of_the_caught_ones() -> None:
    outcomes = [Outcome(ONE, CATCH), Outcome(ONE, CATCH), Outcome(ONE), Outcome(ONE, stillborn="SyntaxError")]
    score = score_of(outcomes)
    assert (score.caught, score.counted, score.stillborn) == (2, 3, 1)
    assert f"{score.share:.1%}" == "66.7%"
    assert [outcome.survives for outcome in outcomes] == [False, False, True, False]


def test_nothing_caught_of_nothing() -> None:
    assert score_of([]).share == 0
