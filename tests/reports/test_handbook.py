"""The handbook of the built-in cases: what the HTML report says of them is what they say."""

from pathlib import Path
from urllib.parse import quote

import pytest

from loopreport.html.frame import page as html_page
from loopreport.merge import Merged, merge
from loopreport.model import Footer, Header, LoopInfo, Verdict
from loopreport.results import Results
from loopspec import describe
from loopspec.catalogue import Catalogue, load
from loopspec.handbook import handbook
from loopspec.kept import kept_at
from loopspec.loops import find_loop
from loopspec.programs.script import program
from tests.reports.conftest import Open


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def results(catalogue: Catalogue, failed: tuple[str, ...], loops: list[LoopInfo]) -> Merged:
    header = describe.header(catalogue, [], list(catalogue.entries))
    found = tuple(
        Verdict(loop=loop.name, case=entry.id, kind="fail" if entry.id in failed else "pass")
        for loop in loops
        for entry in catalogue.entries
    )
    footer = Footer(ended="2026-01-02T03:04:15+00:00", seconds=8.0, verdicts=len(found))
    changed = {name: getattr(header, name) for name in Header.__struct_fields__} | {"loops": loops}
    return merge([Results(Header(**changed), found, footer)])


STDLIB = [LoopInfo(name="stdlib", factory="asyncio:new_event_loop")]


def test_every_rule_and_row_is_in_it(catalogue: Catalogue) -> None:
    book = handbook(catalogue, results(catalogue, (), STDLIB))
    assert [rule.id for rule in book.rules] == [rule.id for _, rule in catalogue.rules]
    assert [row.id for case in book.cases for row in case.rows] == [entry.id for entry in catalogue.entries]
    assert not any(row.program for case in book.cases for row in case.rows)
    untestable = [rule for rule in book.rules if rule.untestable]
    assert len(untestable) == sum(1 for _, rule in catalogue.rules if rule.untestable)


def test_places_in_the_reference_loop(catalogue: Catalogue) -> None:
    book = handbook(catalogue, results(catalogue, (), STDLIB))
    (rule,) = (rule for rule in book.rules if rule.id == "add-signal-handler.uncatchable")
    (place,) = kept_at(rule.id)
    assert [(one.path, one.line) for one in rule.kept_at] == [("refloop/unix_signals.py", place.line)]
    (source,) = (source for source in book.sources if source.path == "refloop/unix_signals.py")
    assert f"# rule: {rule.id}" in source.text.splitlines()[place.line - 1]


@pytest.mark.parametrize(
    ("factory", "package", "known"),
    [
        ("mine.loops:Factory.new", "", True),
        ("mine:new", "my-loops", True),
        ("mine:new\nimport os", "", False),
        ("mine:new; exit()", "", False),
        ("mine:new", "x --index-url http://example.org", False),
        ("", "", False),
    ],
)
def test_nothing_of_a_strangers_results_becomes_code(
    catalogue: Catalogue, factory: str, package: str, known: bool
) -> None:
    loop = LoopInfo(name="mine", factory=factory, package=package)
    assert ("mine" in handbook(catalogue, results(catalogue, (), [loop])).loops) is known


def test_a_page_shows_the_program_that_the_command_writes(show: Open, catalogue: Catalogue, tmp_path: Path) -> None:
    entries = {entry.id: entry for entry in catalogue.entries}
    failed = (
        tuple(list(entries)[::97])
        + tuple(entry.id for entry in catalogue.entries if entry.case.environment or "new_policy" in entry.case.run)[
            ::6
        ]
    )
    merged = results(catalogue, failed, STDLIB)
    file = tmp_path / "report.html"
    cases = describe.case_infos(catalogue.entries)
    file.write_text(html_page(merged, cases, handbook(catalogue, merged)), encoding="utf-8")
    page = show("", file)
    compared = 0
    for case in failed:
        page.evaluate("(parts) => { location.hash = `#/case/${parts}`; }", "/".join(map(quote, case.split("/"))))
        shown = page.locator("details.program pre")
        page.get_by_text(f"-k {case}").or_(page.get_by_text(f"-k '{case}'")).first.wait_for()
        expected = program(entries[case], find_loop("stdlib"))
        if "BEGIN CERTIFICATE" in expected:
            assert shown.count() == 0
        else:
            assert shown.evaluate("(one) => one.textContent") == expected
            compared += 1
    assert compared > 5
