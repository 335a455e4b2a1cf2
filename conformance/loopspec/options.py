"""Options that several commands have. Only click is imported here, as in `loopspec.cli`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def filters(command: Command) -> Command:
    """Add the options that select rules and cases; a case must meet every kind that is given."""
    levels, bases = click.Choice(["must", "should", "may"]), click.Choice(["documentation", "cpython"])
    options = [
        click.option(
            "-k",
            "--select",
            "words",
            metavar="WORD",
            multiple=True,
            help="Only rules and cases whose id contains WORD, matches it as a glob (tls*), or is it. Repeatable.",
        ),
        click.option(
            "--chapter",
            "chapters",
            metavar="NAME",
            multiple=True,
            help="Only chapters with NAME in their title or file.",
        ),
        click.option("--level", "levels", type=levels, multiple=True, help="Only rules of this level."),
        click.option(
            "--basis", "bases", type=bases, multiple=True, help="Only what is documented, or what CPython does besides."
        ),
        cases_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


cases_option = click.option(
    "--cases", metavar="PATH", multiple=True, help="Use these case files or folders in place of the built-in ones."
)


REPORTS = {
    "html": "the report as one HTML file, with a page for each case",
    "markdown": "Markdown, for a CI job summary or a release note",
    "junit": "JUnit XML, for CI servers",
    "badge": "an SVG badge",
    "shields": "the JSON of a shields.io endpoint badge",
}


def reports(command: Command) -> Command:
    """Add an option for each format of a report; the command takes them as `outputs`, by the names of the formats."""
    for name, what in reversed(REPORTS.items()):
        command = click.option(f"--{name}", metavar="FILE", help=f"Write {what}.")(command)
    return command
