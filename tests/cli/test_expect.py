"""`loopspec expect`: what it writes excuses what fails, and never anything else."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomli

from loopreport.expect import toml
from loopreport.merge import merge
from loopreport.model import Kind, Verdict
from loopreport.results import Results, ResultsError
from loopspec.baseline import read_baseline
from tests.cli.conftest import Run
from tests.reports.building import described, results

CASES = ("--cases", "cases", "-j", "2")
IDS = ["a/one", "a/two/x=1", "a/two/x=2", "a.b/one", "b/one/n=[1]", "b/one/n=1", "b/one/n=*", "c/one"]
KNOWN = described(*IDS, apart=("d/one",))


def entries(*files: Results, every: bool = False) -> list[dict[str, str]]:
    """Return the entries without what they are always made of."""
    found = tomli.loads(toml(merge(files), KNOWN, every)).get("expect", [])
    for entry in found:
        assert entry.pop("loop") == "swift"
        assert entry.pop("reason") == ""
    return found


def on(found: Mapping[str, Kind | Verdict], **place: str) -> Results:
    """Return results in which everything passes that is not in `found`."""
    return results({**dict.fromkeys(KNOWN, "pass"), **found}, **place)


FAIL: Kind = "fail"


@pytest.mark.parametrize(
    ("failing", "written"),
    [
        ([], []),
        (["a/one"], ["a/one"]),
        (["a/one", "a/two/x=1"], ["a/one", "a/two/x=1"]),
        (["a/two/x=1", "a/two/x=2"], ["a/two/*"]),
        (["a/one", "a/two/x=1", "a/two/x=2"], ["a/*"]),
        (["a/one", "a/two/x=1", "a/two/x=2", "a.b/one"], ["a/*", "a.b/one"]),
        (["c/one"], ["c/one"]),
        (["b/one/n=[1]"], ["b/one/n=[[]1]"]),
        (["b/one/n=*"], ["b/one/n=[*]"]),
        (["b/one/n=[1]", "b/one/n=1", "b/one/n=*"], ["b/*"]),
    ],
)
def test_what_fails_alike_is_one_entry(failing: list[str], written: list[str]) -> None:
    found = entries(on(dict.fromkeys(failing, FAIL)))
    assert [entry["case"] for entry in found] == written
    assert {entry["verdict"] for entry in found} <= {"fail"}


def test_what_fails_otherwise_is_an_entry_of_its_own() -> None:
    found = entries(on({"a/one": "fail", "a/two/x=1": "unsupported", "a/two/x=2": "unsupported"}))
    assert found == [{"case": "a/one", "verdict": "fail"}, {"case": "a/two/*", "verdict": "unsupported"}]


def test_what_is_skipped_or_was_not_played_is_no_part_of_a_whole() -> None:
    assert [entry["case"] for entry in entries(on({"a/two/x=1": "fail", "a/two/x=2": "skip"}))] == ["a/two/x=1"]
    part = results({"a/two/x=1": "fail"})
    assert [entry["case"] for entry in entries(part)] == ["a/two/x=1"]


def test_what_does_not_count_needs_no_entry() -> None:
    found = on({"c/one": "fail", "d/one": "fail"})
    assert [entry["case"] for entry in entries(found)] == ["c/one"]
    assert [entry["case"] for entry in entries(found, every=True)] == ["c/one", "d/one"]
    assert "# Without an entry, for it does not count and fails no run: 1 case.\n" in toml(merge([found]), KNOWN)


def test_a_case_that_is_broken_cannot_be_expected() -> None:
    assert entries(on({"a/one": "broken"})) == []


def test_what_crashed_at_first_needs_both_words() -> None:
    flaky = Verdict(loop="swift", case="a/one", kind="flaky", at_first="crash")
    assert entries(on({"a/one": flaky}))[0]["verdict"] == ["crash", "flaky"]
    flaky = Verdict(loop="swift", case="a/one", kind="flaky", at_first="fail")
    assert entries(on({"a/one": flaky}))[0]["verdict"] == "flaky"


@pytest.mark.parametrize(
    ("outcomes", "python"),
    [
        ({"3.10.1": "fail", "3.12.1": "fail", "3.14.1": "fail"}, [""]),
        ({"3.10.1": "pass", "3.12.1": "fail", "3.14.1": "fail"}, [">=3.12"]),
        ({"3.10.1": "fail", "3.12.1": "pass", "3.14.1": "pass"}, ["<3.12"]),
        ({"3.10.1": "pass", "3.12.1": "fail", "3.14.1": "pass"}, [">=3.12,<3.14"]),
        ({"3.10.1": "fail", "3.12.1": "pass", "3.14.1": "fail"}, ["<3.12", ">=3.14"]),
        ({"3.10.1": "skip", "3.12.1": "fail", "3.14.1": "fail"}, [""]),
        ({"3.9.1": "pass", "3.10.1": "fail"}, [">=3.10"]),
        ({"3.13.0": "fail", "3.13.4": "pass"}, ["<3.13.4"]),
        ({"3.13.0": "pass", "3.13.4": "fail", "3.14.0": "fail"}, [">=3.13.4"]),
        ({"3.14.0": "pass", "3.15.0a3+": "fail"}, [">=3.15"]),
    ],
)
def test_on_which_pythons_it_is_expected(outcomes: dict[str, Kind], python: list[str]) -> None:
    found = entries(*(on({"a/one": kind}, python=version) for version, kind in outcomes.items()))
    assert [entry.get("python", "") for entry in found] == python


def test_on_which_platform_it_is_expected() -> None:
    places = [(python, system) for python in ("3.12.1", "3.13.1") for system in ("linux", "darwin")]
    found = entries(*(on({"a/one": "fail"}, python=python, platform=system) for python, system in places))
    assert found == [{"case": "a/one", "verdict": "fail"}]
    kinds: dict[str, Kind] = {"linux": "fail", "darwin": "pass"}
    found = entries(*(on({"a/one": kinds[system]}, python=python, platform=system) for python, system in places))
    assert found == [{"case": "a/one", "verdict": "fail", "platform": "linux"}]


@pytest.mark.parametrize("changes", [{"version": "0.10"}, {"implementation": "PyPy"}])
def test_what_expectations_cannot_tell_apart(changes: dict[str, str]) -> None:
    with pytest.raises(ResultsError, match=r"^expectations cannot tell swift 0\..* from swift 0\.9"):
        toml(merge([on({}), on({}, **changes)]), KNOWN)


def test_reasons_that_were_given_before_are_kept() -> None:
    known = Verdict(loop="swift", case="a/one", kind="fail", expected="late (by design) (https://example.org/7)")
    other = Verdict(loop="swift", case="c/one", kind="fail", expected="early")
    found = tomli.loads(toml(merge([on({"a/one": known, "c/one": other})]), KNOWN))["expect"]
    assert [(entry["reason"], entry.get("link")) for entry in found] == [
        ("late (by design)", "https://example.org/7"),
        ("early", None),
    ]


def test_failures_of_one_reason_become_one_entry() -> None:
    cases = ["a/one", "a/two/x=1", "a.b/one", "c/one", "b/one/n=[1]"]
    failed = {case: Verdict(loop="swift", case=case, kind="fail", summary="late", expected="slow") for case in cases}
    failed["c/one"] = Verdict(loop="swift", case="c/one", kind="crash", expected="slow")
    failed["b/one/n=1"] = Verdict(loop="swift", case="b/one/n=1", kind="fail", expected="slower")
    text = toml(merge([on(failed)]), KNOWN)
    found = [(entry["case"], entry["verdict"], entry["reason"]) for entry in tomli.loads(text)["expect"]]
    assert found == [
        (["a/one", "a/two/x=1", "a.b/one", "b/one/n=[[]1]"], "fail", "slow"),
        ("b/one/n=1", "fail", "slower"),
        ("c/one", "crash", "slow"),
    ]
    assert '# fail (the first of 4): late\n[[expect]]\ncase = [\n    "a/one",\n    "a/two/x=1",\n' in text


def test_what_is_written_says_what_was_seen() -> None:
    late = Verdict(loop="swift", case="a/one", kind="fail", summary="late\nby a second")
    text = toml(merge([on({"a/one": late})]), KNOWN)
    assert "# What a says.\n# fail: late …\n[[expect]]\n" in text
    assert "# swift 0.9: 1 case to expect\n" in text


@pytest.mark.parametrize("seed", range(60))
def test_it_excuses_exactly_what_fails(seed: int, tmp_path: Path) -> None:
    """Write expectations for random results, and play these results again against them, on each Python."""
    chance = random.Random(seed)
    kinds: list[Kind] = ["fail", "unsupported", "crash", "hang", "flaky", "skip", "broken"]
    files = []
    for version in chance.sample(["3.10.4", "3.11.2", "3.12.0", "3.12.3", "3.13.1", "3.14.0"], chance.randint(1, 5)):
        for system in ["linux", "darwin"][: chance.randint(1, 2)]:
            failing = chance.choice([0.1, 0.5, 0.9])
            base: dict[str, Kind] = {rule: chance.choice(kinds) for rule in "abcd"}
            verdicts: dict[str, Kind | Verdict] = {}
            for case in KNOWN:
                kind = base[case[0]] if chance.random() < failing else "pass"
                first = chance.choice(kinds[:4]) if kind == "flaky" else None
                verdicts[case] = Verdict(loop="swift", case=case, kind=kind, at_first=first)
            files.append(results(verdicts, python=version, platform=system))
    path = tmp_path / "known.toml"
    path.write_text(toml(merge(files), KNOWN, every=True), encoding="utf-8")
    for played in files:
        known = read_baseline(path, played.header.python, played.header.platform)
        for verdict in played.verdicts:
            excused = known.apply(verdict).expected
            assert bool(excused) == (verdict.kind not in ("pass", "skip", "broken")), (played.header, verdict)
        assert not [*known.stale()]


def test_from_results_to_a_run_that_holds_them_and_back(run: Run, tmp_path: Path) -> None:
    results, known = tmp_path / "results.json", tmp_path / "known.toml"
    loop = "wrong_loops:StackEventLoop"
    assert run("check", loop, *CASES, "--json", str(results)).status == 1
    ended = run("expect", str(results), "--cases", "cases", "-o", str(known))
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert run("expect", str(results), "--cases", "cases").out == known.read_text()
    assert run("check", loop, *CASES, "--expect", str(known)).status == 1
    known.write_text(known.read_text().replace('reason = ""', 'reason = "a stack"'))
    assert run("check", loop, *CASES, "--expect", str(known), "--json", str(results)).status == 0
    assert run("expect", str(results), "--cases", "cases").out == known.read_text()
    assert run("check", "stdlib", *CASES, "--expect", str(known)).status == 0
    text = known.read_text().replace(loop, "stdlib")
    known.write_text(text)
    ended = run("check", "stdlib", *CASES, "--expect", str(known))
    assert ended.status == 1
    assert "pass now on stdlib: remove or narrow this expectation" in ended.out


def test_what_is_not_known_is_said(run: Run, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    run("check", "stdlib", *CASES, "--shard", "1/2", "--json", str(results))
    ended = run("expect", str(results), "--cases", "cases")
    assert ended.status == 0
    assert ended.err == "stdlib: 4 of 8 cases have no verdict (missing: shard 2/2): whether they fail is not known\n"
