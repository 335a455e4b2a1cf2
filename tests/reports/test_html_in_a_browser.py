"""The HTML report in Chromium: addresses, filters, keyboard, pages, colours, narrow windows, hostile results."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loopreport.html.frame import page as html_page
from loopreport.merge import merge
from tests.reports import large
from tests.reports.book import BOOK
from tests.reports.conftest import Open
from tests.reports.sample import CASES, HEADER, RESULTS
from tests.reports.test_html import hostile

CASE = "#/case/call-soon.order/fifo/two=2"
SWIFT = f"{CASE}?loop=swift@3.13"
FIRST = "call-soon.order"


def until(page: Any, expression: str) -> None:
    """Wait until the expression is true; Playwright's own way needs `eval`, which the page forbids."""
    deadline = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def status(page: Any) -> str:
    text: str = page.inner_text("#status")
    return text


def address(page: Any) -> str:
    text: str = page.evaluate("location.hash")
    return text


def rules(page: Any) -> list[str]:
    ids: list[str] = page.locator("tr.rule .id").evaluate_all("(all) => all.map((one) => one.firstChild.data)")
    return ids


def test_at_first_there_are_chapters_with_counts(show: Open) -> None:
    page = show()
    assert page.locator("tbody.chapter").count() == 2
    assert page.locator("tr.rule").count() == 0
    counts = (
        page.locator("tbody.chapter")
        .first.locator("td.count .cell")
        .evaluate_all("(all) => all.map((a) => a.ariaLabel)")
    )
    assert counts == [
        "4 of 4 pass",
        "1 of 4 pass, 2 fail, 1 expected to fail",
        "0 of 4 pass, 4 fail",
    ]
    assert status(page) == "10 rules, 10 cases"


def test_what_does_not_count_stands_apart(show: Open) -> None:
    page = show("#/?open=all")
    page.wait_for_selector("tbody.rules.soft tr.rule")
    titles = page.locator("tbody.part .title").all_inner_texts()
    assert titles == ["Not counted", "Not counted", "Not testable"]
    assert page.locator("tbody.rules.soft .mark.fail").count() > 0
    assert page.locator("tbody.rules.soft .mark.fail:not(.soft)").count() == 0
    assert page.inner_text(".reason") == "It is advice to those who use a loop."


def test_filters_are_in_the_address_and_the_back_button_returns(show: Open) -> None:
    page = show()
    page.get_by_label("Failures").check()
    until(page, "location.hash === '#/?only=failures'")
    page.locator("[data-name=loop] summary").click()
    page.get_by_role("checkbox", name="swift").check()
    until(page, "document.querySelectorAll('thead th.group').length === 1")
    page.keyboard.press("Escape")
    assert page.locator(".menu[open]").count() == 0
    page.locator("[data-name=verdict] summary").click()
    page.get_by_role("checkbox", name="crash").check()
    assert address(page) == "#/?only=failures&verdict=crash&loop=swift"
    until(page, "document.querySelectorAll('tr.rule').length === 1")
    assert rules(page) == ["stop.batch"]
    assert status(page) == "1 of 10 rules, 1 of 10 cases, 1 of 3 columns"
    page.go_back()
    until(page, "!document.querySelector('input[value=crash]').checked")
    until(page, "document.querySelectorAll('tr.rule').length > 1")
    page.go_back()
    page.go_back()
    until(page, "document.getElementById('status').innerText === '10 rules, 10 cases'")
    assert rules(page) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("only=differences&loop=stdlib", []),
        ("only=failures&loop=stdlib", []),
        ("level=may", ["call-soon.permitted"]),
        ("level=should&only=failures", ["call-soon.handle"]),
        ("basis=cpython", ["repr.text"]),
        ("verdict=hang", ["stop.twice"]),
        ("verdict=hang,flaky&loop=swift", ["stop.twice", "close.again"]),
        ("only=untestable", ["stop.advice"]),
        ("q=NotImplementedError", ["call-soon.context"]),
        ("q=advice%20stop", ["stop.advice"]),
        ("q=nothing-of-the-kind", []),
        ("chapter=scheduling-callbacks&q=order", [FIRST]),
    ],
)
def test_a_link_shows_the_same_view(show: Open, query: str, found: list[str]) -> None:
    page = show(f"#/?{query}")
    page.wait_for_selector("tr.rule" if found else ".empty")
    assert rules(page) == found


def test_a_search_is_typed(show: Open) -> None:
    page = show()
    page.keyboard.press("/")
    page.keyboard.type("hang")
    page.keyboard.press("Backspace")
    until(page, "location.hash === '#/?q=han'")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    until(page, "location.hash === '#/'")
    assert page.input_value("#search") == ""
    page = show("#/rule/stop.twice")
    page.keyboard.press("/")
    until(page, "document.activeElement.id === 'search'")


def test_the_matrix_by_keyboard(show: Open) -> None:
    page = show("#/?open=all")
    page.wait_for_selector("tr.rule")
    page.locator("#expand").focus()
    page.keyboard.press("Tab")
    for _ in range(20):
        if page.evaluate("document.activeElement.matches('td a.cell')"):
            break
        page.keyboard.press("Tab")
    where = "document.activeElement.getAttribute('href')"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(where) == f"{CASE}?loop=stdlib@3.13"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(where) == SWIFT
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.closest('th') !== null")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("article.case")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("Escape")
    page.wait_for_selector("#matrix")
    assert page.evaluate(where) == SWIFT


def test_the_arrows_pass_every_row(show: Open) -> None:
    page = show("#/?open=all")
    page.locator("td a.cell").first.focus()
    seen = set()
    for _ in range(40):
        seen.add(page.evaluate("document.activeElement.closest('tr').innerText.split('\\n')[0]"))
        page.keyboard.press("ArrowDown")
    assert len(seen) >= 4
    assert page.evaluate("document.activeElement.closest('tr').querySelector('.id').firstChild.data") == "stop.advice"


def test_a_case_tells_what_was_expected_and_observed(show: Open) -> None:
    page = show(SWIFT)
    assert page.inner_text("#page h1").startswith("What was scheduled first")
    assert page.title() == "call-soon.order/fifo/two=2, swift · loopspec"
    lines = page.locator(".sides tbody tr").evaluate_all("""(rows) => rows.slice(0, 2).map(
        (row) => [...row.cells].map((cell) => cell.querySelector("code").innerText))""")
    assert lines == [["begin", "begin"], ["first", "second"]]
    assert page.locator(".sides .gone").count() == page.locator(".sides .come").count() == 1
    assert page.get_attribute(".facts a", "href") == CASES["call-soon.order/fifo/two=2"].url
    numbers = page.locator(".code").first.locator(".line").evaluate_all("(all) => all.map((line) => line.dataset.line)")
    assert page.locator(".verdict .summary").count() == 0
    assert numbers == ["98", "99", "100", "101", "102"]
    assert page.locator(".code .tok-k").first.inner_text() == "def"
    assert page.inner_text(".bound") == "Here with two = 2."
    page.get_by_role("link", name="absent.loops:Factory").or_(page.locator(".strip a").last).first.click()
    page.locator(".verdict", has_text="could not be brought up").wait_for()
    assert "absent" in address(page)


def test_the_reference_loop_is_shown_where_it_keeps_the_rule(show: Open) -> None:
    page = show("#/rule/stop.batch")
    assert page.inner_text(".kept .marked").strip() == "line_30 = 30"
    page.get_by_role("link", name="refloop/turn.py:30").click()
    page.wait_for_selector(".source .marked")
    assert page.locator(".source .line").count() == 59
    assert page.locator(".source .marked").is_visible()
    page = show("#/rule/stop.twice")
    assert "asyncio.Handle" in page.inner_text("[aria-labelledby=kept]")


def test_what_is_copied_is_the_program_for_that_loop(show: Open) -> None:
    page = show("#/case/stop.batch/finishes?loop=swift@3.13", permissions=["clipboard-read", "clipboard-write"])
    page.locator("details.program summary").click()
    page.locator("details.program .copy").click()
    until(page, "document.getElementById('said').textContent === 'Copied the program'")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "# Loop    swift 0.9.1 on Python 3.13.1\n"
        "# Rule    https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.call_soon\n"
        "# Run it  python THIS_FILE   (after: pip install swift)\n"
        "\n"
        "from swift import new as new_event_loop\n"
        "\n\n"
        "def case(loop):\n"
        "    pass\n"
        "\n\n"
        "def with_environment(environment):\n"
        "    pass\n"
        "\n\n"
        'if __name__ == "__main__":\n'
        """    with_environment({"FAST": "1", "WORD": "it's"})\n"""
        '    print("done")\n'
    )
    commands = page.locator(".command code").all_inner_texts()
    assert commands == [
        "loopspec check swift -k stop.batch/finishes",
        "loopspec script stop.batch/finishes --loop swift",
    ]


def test_a_command_survives_a_shell(show: Open) -> None:
    page = show("#/case/call-soon.order/with-a-quote's-row/it's?loop=swift@3.13")
    assert page.locator(".command code").first.inner_text() == (
        """loopspec check swift -k 'call-soon.order/with-a-quote'"'"'s-row/it'"'"'s'"""
    )
    assert page.locator("details.program").count() == 0


def test_from_one_failure_to_the_next(show: Open) -> None:
    page = show(SWIFT)
    page.keyboard.press("j")
    until(page, "location.hash.startsWith('#/case/call-soon.context/')")
    page.keyboard.press("k")
    until(page, "location.hash.startsWith('#/case/call-soon.order/fifo')")


def test_a_column_tells_what_was_played_and_its_failures(show: Open) -> None:
    page = show("#/loop/swift@3.13")
    assert "swift:new" in page.inner_text("dl.conditions")
    assert page.locator(".findings > li").count() > 4
    page = show("#/loop/absent.loops%3AFactory@3.13")
    assert page.locator(".findings").first.locator("> li").count() == 1


@pytest.mark.parametrize(
    "wrong", ["#/case/none/such", "#/rule/none", "#/loop/none", "#/source/none.py", "#/%zz", "#/case/%"]
)
def test_an_address_of_nothing(show: Open, wrong: str) -> None:
    page = show(wrong)
    assert page.locator("h1").last.is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("#matrix")


def test_light_and_dark(show: Open) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light, dark = show(color_scheme="light"), show(color_scheme="dark")
    assert light.evaluate(background) != dark.evaluate(background)
    light.locator("#theme").click()
    assert light.evaluate(background) == dark.evaluate(background)
    light.reload()
    assert light.evaluate(background) == dark.evaluate(background)


def test_on_a_phone(show: Open) -> None:
    page = show("#/?open=all", viewport={"width": 390, "height": 700}, has_touch=True)
    page.wait_for_selector("tr.rule")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.getElementById('main').scrollTo(0, 600)")
    page.wait_for_timeout(50)
    head = page.locator("thead").bounding_box()
    toolbar = page.locator("#toolbar").bounding_box()
    assert abs(head["y"] - (toolbar["y"] + toolbar["height"])) < 2
    page.evaluate("document.getElementById('main').scrollBy(80, 0)")
    assert page.locator("tr.rule th").first.bounding_box()["x"] == 0
    assert page.locator("#toolbar").bounding_box()["x"] == 0
    assert not page.locator("#filters").is_visible()
    page.locator("#filters-button").click()
    assert page.locator("#filters").is_visible()
    page = show(SWIFT, viewport={"width": 390, "height": 700})
    assert page.evaluate("document.getElementById('main').scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["", "#/?open=all", SWIFT, "#/rule/call-soon.order", "#/loop/swift@3.13"])
def test_it_is_accessible(show: Open, where: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = show(where, color_scheme=scheme, bypass_csp=True)
    page.wait_for_timeout(100)
    found = axe.Axe().run(page)
    assert not found.response["violations"], found.generate_report()


def test_a_table_is_a_table(show: Open) -> None:
    page = show("#/?open=all")
    page.wait_for_selector("tr.rule")
    assert page.locator("#matrix th:not([scope])").count() == 0
    assert page.get_by_role("columnheader", name="swift on Python 3.13").count() == 1
    assert page.locator("main").count() == page.locator("header.top").count() == 1
    page.locator(".jump").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.locator("#matrix").is_visible()


def test_hostile_results_run_nothing(show: Open, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(html_page(hostile(), CASES, BOOK, ("--cases", "</script><script>window.hit=1")), encoding="utf-8")
    page = show("#/?open=all", file)
    page.wait_for_selector("tr.rule")
    key = page.locator("tr.rule td a.cell").first.get_attribute("href").partition("loop=")[2]
    for where in (
        "#/case/stop.batch/finishes",
        "#/rule/stop.batch",
        f"#/loop/{key}",
        "#/?q=%3Cimg%20src=x%3E",
        "#/case/<img src=x onerror=window.hit=1>",
    ):
        page.evaluate("(where) => { location.hash = where; }", where)
        page.wait_for_timeout(100)
        assert page.evaluate("window.hit") is None
        assert page.locator("main img, main script").count() == 0
    page.evaluate("location.hash = '#/case/stop.batch/finishes'")
    page.wait_for_selector("article.case")
    assert "\\x1b[31m\\x00\\u202e" in page.inner_text(".verdict")


def test_the_policy_stops_a_script_that_got_in(browser: Any, report_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "with-a-hole.html"
    hole = "<script>window.hit = 1</script><img src=x onerror=window.hit=1><img src=https://example.org/>"
    file.write_text(report_file.read_text(encoding="utf-8").replace("<main", f"{hole}<main"), encoding="utf-8")
    page = browser.new_page()
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("#matrix")
    assert page.evaluate("window.hit") is None
    assert asked == [file.as_uri()]
    page.close()


def test_a_board_makes_few_elements_at_first(show: Open, tmp_path: Path) -> None:
    file = tmp_path / "board.html"
    file.write_text(html_page(large.merged(), large.case_infos(), large.handbook()), encoding="utf-8")
    page = show("", file)
    assert page.locator("tbody.chapter").count() == large.CHAPTERS
    assert page.evaluate("document.querySelectorAll('*').length") < 12_000
    page.locator("#expand").click()
    page.wait_for_selector("tr.rule")
    assert page.locator("tr.rule").count() < 100
    assert page.evaluate("document.querySelectorAll('*').length") < 30_000


def test_simulated_loops_stand_apart(show: Open, tmp_path: Path) -> None:
    first, *others = HEADER.loops
    loops = [msgspec.structs.replace(first, simulated=True), *others]
    merged = merge([replace(RESULTS, header=msgspec.structs.replace(HEADER, loops=loops))])
    file = tmp_path / "simulated.html"
    file.write_text(html_page(merged, CASES, BOOK), encoding="utf-8")
    page = show("#/?open=all", file)
    assert page.locator("thead th.group .title").all_text_contents() == [
        "swift 0.9.1",
        "absent.loops:Factory",
        "stdlib simulated",
    ]
    page.wait_for_selector("tr.rule")
    last = page.locator("tr.rule").first.locator("td a.cell").last
    assert last.get_attribute("href").endswith("?loop=stdlib@3.13")
    page = show("#/loop/stdlib@3.13", file)
    assert "does not claim to be a drop-in replacement" in page.inner_text(".page-head")


def test_a_column_that_is_incomplete_is_marked(show: Open, tmp_path: Path) -> None:
    cut = replace(RESULTS, verdicts=RESULTS.verdicts[:14], footer=None, cut="out.json: cut short after line 15")
    file = tmp_path / "cut.html"
    file.write_text(html_page(merge([cut]), CASES, BOOK), encoding="utf-8")
    page = show("#/?open=all", file)
    page.wait_for_selector("tr.rule")
    assert page.locator("thead .cut").count() == 2
    assert page.locator(".intro .incomplete").count() == 2
    assert page.locator("tr.rule .mark.missing").count() > 5
    words = page.locator("tbody.chapter td.count .cell").last.get_attribute("aria-label")
    assert words == "0 of 4 pass, 4 missing"
