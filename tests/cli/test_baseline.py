"""Expected failures: what they excuse, and when they are no longer true."""

from pathlib import Path

import pytest

from loopreport.model import Kind, Verdict
from loopreport.results import read
from loopspec.baseline import Baseline, BaselineError, read_baseline
from tests.cli.conftest import Run

CASES = ("--cases", "cases", "-j", "2")


def baseline(tmp_path: Path, text: str, version: str = "3.13.1", system: str = "linux") -> Baseline:
    path = tmp_path / "known.toml"
    path.write_text(text)
    return read_baseline(path, version, system)


def excused(known: Baseline, kind: Kind, case: str = "stop.twice/returns", loop: str = "swift") -> str:
    return known.apply(Verdict(loop=loop, case=case, kind=kind)).expected


FAILS = '[[expect]]\ncase = "stop.twice"\nreason = "slow"\n'


def test_an_expected_failure_is_excused_with_its_reason_and_link(tmp_path: Path) -> None:
    assert excused(baseline(tmp_path, FAILS), "fail") == "slow"
    assert excused(baseline(tmp_path, FAILS + 'link = "https://x.org/1"\n'), "fail") == "slow (https://x.org/1)"


@pytest.mark.parametrize("kind", ["crash", "hang", "unsupported", "broken"])
def test_only_the_verdict_that_is_named_is_excused(tmp_path: Path, kind: Kind) -> None:
    assert not excused(baseline(tmp_path, FAILS), kind)


def test_several_verdicts_can_be_named(tmp_path: Path) -> None:
    known = baseline(tmp_path, FAILS + 'verdict = ["crash", "hang"]\n')
    kinds: list[Kind] = ["fail", "crash", "hang", "unsupported", "flaky"]
    assert [kind for kind in kinds if excused(known, kind)] == ["crash", "hang"]


@pytest.mark.parametrize(
    ("verdict", "excuses"),
    [
        ('"fail"', ["fail"]),
        ('"flaky"', ["fail", "unsupported"]),
        ('["flaky", "crash"]', ["fail", "unsupported", "crash"]),
        ('["hang", "unsupported"]', ["unsupported", "hang"]),
    ],
)
def test_what_passes_when_it_is_played_again_is_excused_by_what_it_was_at_first(
    tmp_path: Path, verdict: str, excuses: list[Kind]
) -> None:
    known = baseline(tmp_path, FAILS + f"verdict = {verdict}\n")
    kinds: list[Kind] = ["fail", "unsupported", "crash", "hang"]
    flaky = [Verdict(loop="swift", case="stop.twice/returns", kind="flaky", at_first=kind) for kind in kinds]
    assert [verdict.at_first for verdict in flaky if known.apply(verdict).expected] == excuses


def test_what_passes_only_sometimes_is_excused_and_never_stale(tmp_path: Path) -> None:
    known = baseline(tmp_path, FAILS)
    assert excused(known, "flaky")
    assert not [*known.stale()]
    known = baseline(tmp_path, FAILS + 'verdict = "flaky"\n')
    assert not excused(known, "pass")
    assert not [*known.stale()]


@pytest.mark.parametrize(
    ("pattern", "case", "takes"),
    [
        ("stop.twice", "stop.twice/returns", True),
        ("stop.twice", "stop.twice/returns/count=2", True),
        ("stop.twice/returns", "stop.twice/returns/count=2", True),
        ("stop.twice/returns/count=2", "stop.twice/returns/count=2", True),
        ("stop.twice/returns/count=2", "stop.twice/returns/count=20", False),
        ("stop.twice", "stop.twice-more/returns", False),
        ("twice", "stop.twice/returns", False),
        ("stop.*", "stop.twice/returns", True),
        ("*/returns", "stop.twice/returns/a/b", True),
        ("stop.twice/returns/items=[1]", "stop.twice/returns/items=[1]", True),
        ("stop.twice/*/path=/tmp", "stop.twice/returns/path=/tmp", True),
    ],
)
def test_which_cases_are_meant(tmp_path: Path, pattern: str, case: str, takes: bool) -> None:
    known = baseline(tmp_path, f'[[expect]]\ncase = "{pattern}"\nreason = "known"\n')
    assert bool(excused(known, "fail", case)) == takes


SEVERAL = '[[expect]]\ncase = ["stop.twice", "close.*", "run.again/first"]\nreason = "slow"\n'


def test_several_cases_for_one_reason(tmp_path: Path) -> None:
    known = baseline(tmp_path, SEVERAL)
    cases = ["stop.twice/returns", "close.again/returns", "run.again/first", "run.again/second"]
    assert [excused(known, "fail", case) for case in cases] == ["slow", "slow", "slow", ""]
    assert not [*known.unmatched(["swift"], cases)]
    assert [*known.unmatched(["swift"], ["stop.twice/returns", "run.again/second"])] == [
        f"{tmp_path}/known.toml:1: no case is named 'close.*': remove it, or correct its `case`",
        f"{tmp_path}/known.toml:1: no case is named 'run.again/first': did you mean run.again?",
    ]
    excused(known, "pass", "close.again/returns")
    assert [*known.stale()] == [
        f"{tmp_path}/known.toml:1: close.again/returns passes now on swift: remove or narrow this expectation"
    ]
    assert [*baseline(tmp_path, SEVERAL.replace("slow", "")).unfilled()] == [
        f"{tmp_path}/known.toml:1: no reason: write why 'stop.twice' and 2 more are expected to fail, or mend it"
    ]


@pytest.mark.parametrize(
    ("line", "takes"),
    [
        ('loop = "swift"', True),
        ('loop = "sw*"', True),
        ('loop = "slow"', False),
        ('python = ">=3.13"', True),
        ('python = ">=3.13,<3.13.1"', False),
        ('python = "<3.13"', False),
        ('platform = "linux"', True),
        ('platform = "darwin"', False),
    ],
)
def test_where_it_holds(tmp_path: Path, line: str, takes: bool) -> None:
    assert bool(excused(baseline(tmp_path, FAILS + line + "\n"), "fail")) == takes


def test_a_pre_release_of_python_counts_as_that_python(tmp_path: Path) -> None:
    assert excused(baseline(tmp_path, FAILS + 'python = ">=3.15"\n', version="3.15.0a3"), "fail")


def test_what_passes_makes_an_expectation_stale(tmp_path: Path) -> None:
    known = baseline(tmp_path, "# known\n\n" + FAILS)
    for case in ("stop.twice/returns", "stop.twice/again", "stop.thrice/returns"):
        excused(known, "pass", case)
    assert [*known.stale()] == [
        f"{tmp_path}/known.toml:3: stop.twice/returns and 1 more pass now on swift: remove or narrow this expectation"
    ]


def test_a_skipped_case_makes_nothing_stale(tmp_path: Path) -> None:
    known = baseline(tmp_path, FAILS)
    excused(known, "skip")
    assert not [*known.stale()]


def test_an_expectation_about_no_case(tmp_path: Path) -> None:
    known = baseline(tmp_path, FAILS)
    assert not [*known.unmatched(["swift"], ["stop.twice/returns"])]
    assert [*known.unmatched(["swift"], ["stop.twise/returns"])] == [
        f"{tmp_path}/known.toml:1: no case is named 'stop.twice': did you mean stop.twise?"
    ]
    other = baseline(tmp_path, FAILS + 'loop = "uvloop"\n')
    assert not [*other.unmatched(["swift"], ["stop.twise/returns"])]


@pytest.mark.parametrize("loop", ["swift", "uvloop", "uv*", "*", "elsewhere.loops:new"])
def test_an_expectation_about_another_loop_than_those_that_are_played_is_no_mistake(tmp_path: Path, loop: str) -> None:
    known = baseline(tmp_path, FAILS + f'loop = "{loop}"\n')
    assert not [*known.unmatched(["swift"], ["stop.twice/returns"])]


@pytest.mark.parametrize(
    ("loop", "hint"), [("uvlop", "did you mean uvloop?"), ("zz*", "remove it, or correct its `loop`")]
)
def test_an_expectation_about_no_loop(tmp_path: Path, loop: str, hint: str) -> None:
    known = baseline(tmp_path, FAILS + f'loop = "{loop}"\n')
    assert [*known.unmatched(["swift"], ["stop.twice/returns"])] == [
        f"{tmp_path}/known.toml:1: no loop is named {loop!r}: {hint}"
    ]


def test_an_expectation_without_a_reason(tmp_path: Path) -> None:
    known = baseline(tmp_path, FAILS + "\n" + FAILS.replace('"slow"', '" "'))
    assert [*known.unfilled()] == [
        f"{tmp_path}/known.toml:5: no reason: write why 'stop.twice' is expected to fail, or mend it"
    ]
    assert excused(baseline(tmp_path, FAILS.replace('"slow"', '""')), "fail") == "no reason given"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[expect]\n", "known.toml:1: not TOML: "),
        ("[[expext]]\n", "known.toml:1: key `expext`: unknown; a baseline is made of [[expect]]"),
        ("[expect]\ncase = 'a'\n", "known.toml:1: write each expectation as [[expect]], at the beginning of a line"),
        ("\n[[expect]]\ncase = 'a'\n", "known.toml:2: object missing required field `reason`"),
        ("[[expect]]\ncase = ''\nreason = 'a'\n", "known.toml:1: key `case`: must not be empty"),
        ("[[expect]]\ncase = ['a', ' ']\nreason = 'a'\n", "known.toml:1: key `case`: must not be empty"),
        ("[[expect]]\ncase = []\nreason = 'a'\n", "known.toml:1: key `case`: name at least one"),
        ("[[expect]]\ncase = [1]\nreason = 'a'\n", "known.toml:1: expected `str`, got `int`, in `case[0]`"),
        ("[[expect]]\nreasn = 'x'\ncase = 'a'\nreason = 'b'\n", "known.toml:1: object contains unknown field `reasn`"),
        (FAILS + "verdict = 'failing'\n", "known.toml:1: key `verdict`: 'failing' cannot be expected; known: crash, "),
        (FAILS + "verdict = 'broken'\n", "known.toml:1: key `verdict`: 'broken' cannot be expected"),
        (FAILS + "verdict = []\n", "known.toml:1: key `verdict`: name at least one"),
        (FAILS + "python = 'three'\n", "known.toml:1: key `python`: 'three' is no PEP 440 specifier such as '>=3.12'"),
        (FAILS + "loop = 3\n", "known.toml:1: expected `str`, got `int`, in `loop`"),
    ],
)
def test_every_mistake_is_a_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BaselineError) as raised:
        baseline(tmp_path, text)
    assert [mistake for mistake in raised.value.mistakes if mistake.startswith(f"{tmp_path}/{said}")]
    assert not any("\n" in mistake for mistake in raised.value.mistakes)


def test_all_mistakes_are_told_at_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text("[[expect]]\ncase = 'a'\n\n[[expect]]\nreason = 'b'\n\n" + FAILS)
    ended = run("check", "stdlib", "--expect", str(path), *CASES)
    assert ended.status == 2
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == [f"{path}:1", f"{path}:4"]


EXPECTED = """\
[[expect]]
case = "order.fifo/one-after-the-other"
loop = "wrong_loops:Stack*"
reason = "a stack"
"""


def test_a_run_whose_failures_are_all_expected_is_good(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(EXPECTED)
    arguments = ["check", "wrong_loops:StackEventLoop", *CASES, "--expect", str(known), "-k", "order"]
    ended = run(*arguments)
    assert ended.status == 0
    assert "conforms  1 of 3 documented cases pass: 2 expected" in ended.out
    assert "a stack" not in ended.out
    assert "expected: a stack" in run(*arguments, "-v").out


def test_a_run_with_an_expectation_that_is_not_true_is_not(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    stale = '[[expect]]\ncase = "order.fifo/one-alone"\nreason = "was so"\n'
    known.write_text(EXPECTED + stale + '[[expect]]\ncase = "order.filo"\nreason = "misspelt"\n')
    ended = run("check", "wrong_loops:StackEventLoop", *CASES, "--expect", str(known), "-k", "order")
    assert ended.status == 1
    assert "The expected failures are not what happens:" in ended.out
    assert f"{known}:5: order.fifo/one-alone passes now on wrong_loops:StackEventLoop: remove or narrow" in ended.out
    assert f"{known}:8: no case is named 'order.filo': did you mean order.fifo?" in ended.out


def test_a_run_fails_while_a_reason_is_not_written(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(EXPECTED.replace("a stack", ""))
    results = tmp_path / "results.json"
    arguments = ("--expect", str(known), "-k", "order", "--json", str(results))
    ended = run("check", "wrong_loops:StackEventLoop", *CASES, *arguments)
    assert ended.status == 1
    said = f"{known}:1: no reason: write why 'order.fifo/one-after-the-other' is expected to fail, or mend it"
    assert f"  {said}" in ended.out.splitlines()
    footer = read(results).footer
    assert footer and footer.complaints == [said]
    ended = run("report", str(results), "--cases", "cases", "--strict")
    assert ended.status == 1
    assert said in ended.out


def test_what_filters_leave_out_is_not_missed(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(EXPECTED + '[[expect]]\ncase = "close.again"\nreason = "left out"\n')
    ended = run("check", "wrong_loops:StackEventLoop", *CASES, "--expect", str(known), "-k", "order")
    assert ended.status == 0
