"""The HTML report: one file with the matrix, a page for each case, and what they need, and nothing from a network."""

from __future__ import annotations

from collections.abc import Mapping

from loopreport.handbook import Handbook
from loopreport.html.frame import page
from loopreport.manner import Manner
from loopreport.merge import Merged
from loopreport.model import CaseInfo


def html(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the report as the text of an HTML file; for the same results, the same text."""
    return page(merged, cases, manner.handbook() if manner.handbook else Handbook(), manner.arguments)
