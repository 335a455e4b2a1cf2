"""Chromium for the tests of the HTML report: skipped, with the reason, where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser of Playwright's."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install -e .[browser]"
    )
    if not CHROMIUM:
        pytest.skip("there is no chromium: apt-get install chromium")
    # Its sandbox is not to be had as root, as which tests run in containers.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
