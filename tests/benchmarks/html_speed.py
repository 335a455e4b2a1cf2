"""How much the HTML report of a whole board weighs, and how soon it is there: 1,600 rows on 45 columns, in Chromium.

    python tests/benchmarks/html_speed.py

Prints the seconds to make the file, its weight, and the milliseconds from the navigation to the first paint that holds
the matrix, beside those of an empty page; then those to open every chapter and to filter.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from loopreport.html.frame import page
from tests.reports import large
from tests.reports.browser import chromium

RUNS = 9
_PAINTED = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"""
_CHANGED = """(hash) => new Promise((done) => {
    const before = performance.now();
    const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - before)));
    addEventListener("hashchange", painted, { once: true });
    location.hash = hash;
})"""


def main() -> None:
    merged, cases, handbook = large.merged(), large.case_infos(), large.handbook()
    begin = time.perf_counter()
    text = page(merged, cases, handbook)
    print(f"made in                       {time.perf_counter() - begin:8.2f} s")
    print(f"weight                        {len(text.encode()) / 2**20:8.2f} MiB")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        report, empty = Path(folder) / "report.html", Path(folder) / "empty.html"
        report.write_text(text, encoding="utf-8")
        empty.write_text("<!doctype html><title>empty</title><p>empty", encoding="utf-8")
        nothing = statistics.median(_painted(browser, empty) for _ in range(RUNS))
        painted = statistics.median(_painted(browser, report) for _ in range(RUNS))
        print(f"an empty page is painted in   {nothing:8.0f} ms")
        print(f"the matrix is painted in      {painted:8.0f} ms")
        shown = browser.new_page()
        shown.goto(report.as_uri())
        for what, address in (
            ("every chapter is opened in", "#/?open=all"),
            ("failures are shown in", "#/?only=failures"),
            ("a first search takes", "#/?q=transport"),
            ("a further search takes", "#/?q=protocol"),
        ):
            print(f"{what:<30}{shown.evaluate(_CHANGED, address):8.0f} ms")
        print(f"elements with all chapters    {shown.evaluate('document.querySelectorAll(`*`).length'):8}")


def _painted(browser: Any, file: Path) -> float:
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    shown = context.new_page()
    shown.goto(file.as_uri(), wait_until="commit")
    shown.wait_for_selector("#matrix tbody, p")
    milliseconds: float = shown.evaluate(_PAINTED)
    context.close()
    return milliseconds


if __name__ == "__main__":
    main()
