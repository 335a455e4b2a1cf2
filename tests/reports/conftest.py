"""Pages of the HTML report in a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loopreport.html.frame import page as html_page
from loopreport.merge import merge
from tests.reports.book import BOOK
from tests.reports.browser import chromium
from tests.reports.sample import CASES, RESULTS

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(html_page(merge([RESULTS]), CASES, BOOK), encoding="utf-8")
    return path


@pytest.fixture
def show(browser: Any, report_file: Path) -> Iterator[Open]:
    """Open the report, or another file, at an address; what goes wrong in the page fails the test."""
    contexts, wrong = [], []

    def opened(address: str = "", file: Path = report_file, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        shown = context.new_page()
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        shown.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
        shown.on("request", lambda request: request.url.startswith("file:") or wrong.append(f"asked for {request.url}"))
        shown.goto(file.as_uri() + address)
        return shown

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
