"""The file: the page's frame, its style, its script and the data, bound by a policy that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from loopreport import inert
from loopreport.handbook import Handbook
from loopreport.html.encode import encode
from loopreport.merge import Merged
from loopreport.model import CaseInfo
from loopreport.summary import Count, Summary, summarize

BUDGET = 6 * 2**20 - 2**17
"""Bytes that the file may weigh; where it would weigh more, less is kept of what loops wrote."""
_LINES = (400, 24, 12, 8, 5, 3, 2)
"""Lines that are kept of each text that a loop wrote: from the most generous to the most sparing."""

TITLE = "Event loops against Python’s documentation"
_LEGEND = (
    ("pass", "what the documentation allows was observed, and nothing beside it"),
    ("fail", "another log, an exception, or something left behind"),
    ("unsupported", "the loop says NotImplementedError, or has no such method; this is not a pass"),
    ("crash", "the process died"),
    ("hang", "the case had not ended in time"),
    ("flaky", "it failed, and passed when it was played again alone; this is not a pass either"),
    ("broken", "the case itself is wrong; never blamed on the loop"),
    ("skip", "it cannot be played there: another Python, or something that the machine lacks"),
    ("missing", "no verdict: a run was cut short, or a part of it is not there"),
)

_STYLES = ("base", "controls", "matrix", "pages", "code")
_SCRIPTS = (
    "dom", "data", "verdicts", "address", "filters", "code", "program", "logs",
    "matrix", "matrix_keys", "toolbar", "case", "pages", "main",
)  # fmt: skip
"""In the order in which they need each other."""


def page(merged: Merged, cases: Mapping[str, CaseInfo], handbook: Handbook, arguments: Sequence[str] = ()) -> str:
    """Return the whole file; `arguments` are what the suggested commands need to find the cases."""
    style = _joined("css", _STYLES)
    script = f'(() => {{\n"use strict";\n{_joined("js", _SCRIPTS)}}})();\n'
    environment = Environment(
        loader=PackageLoader("loopreport.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("page.html.j2")
    for lines in _LINES:
        text = template.render(
            style=Markup(style),
            script=Markup(script),
            data=Markup(_as_json(encode(merged, handbook, arguments, lines))),
            policy=_policy(style, script),
            handbook=handbook,
            title=TITLE,
            notices=_notices(merged),
            legend=_LEGEND,
            suites=", ".join(map(inert.name, merged.suites)),
            catalogue=inert.name(merged.catalogue),
            played=_played(merged),
            summaries=summarize(merged, cases),
            chapters=list(dict.fromkeys(case.chapter for case in cases.values())),
            counted=_counted,
        )
        if len(text.encode()) <= BUDGET:
            break
    return text


def _notices(merged: Merged) -> list[str]:
    """Return a line for each column with missing verdicts."""
    return [f"{column.title}: {inert.line(column.missing_in_words)}" for column in merged.columns if column.missing]


def _played(merged: Merged) -> str:
    began = sorted(inert.name(column.header.began)[:10] for column in merged.columns)
    days = " to ".join(dict.fromkeys([began[0], began[-1]])) if began else ""
    return f"played {days}"


def _counted(summary: Summary, chapter: str) -> str:
    count = summary.counted.get(chapter, Count())
    return f"{count.passed}/{count.played}" + (f", {count.missing} missing" if count.missing else "")


def _joined(folder: str, names: Sequence[str]) -> str:
    """Return the texts of these files, one after the other; a file's own name tells what each is for."""
    parts = files("loopreport.html").joinpath(folder)
    return "".join(parts.joinpath(f"{name}.{folder}").read_text("utf-8") for name in names)


def _as_json(data: object) -> str:
    """Return the data as JSON that can stand in an element of HTML: nothing in it ends that element."""
    return msgspec.json.encode(data).replace(b"<", b"\\u003c").decode()


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: this script and this style, pictures that stand in the style, no network."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
