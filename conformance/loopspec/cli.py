"""The command line. Only click is imported here: what a command needs is imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_MOST_JOBS = 8
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> NoReturn:
    """Run the command line of this process and exit: every mistake is told in a line, and no traceback is shown."""
    from loopspec.commands.errors import CommandError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = loopspec.main(standalone_mode=False) or 0
        sys.stdout.flush()
    except CommandError as error:
        sys.stdout.flush()
        for line in error.lines:
            click.echo(line, err=True)
        status = 2
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "loopspec"
        click.echo(f"{path}: {error.format_message()} (see {path} --help)", err=True)
        status = 2
    except click.ClickException as error:
        click.echo(f"loopspec: {error.format_message()}", err=True)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    sys.exit(status)


@click.group(context_settings=_SETTINGS)
def loopspec() -> None:
    """Check asyncio event loops against Python's documentation, rule by rule."""


def _filters(command: Command) -> Command:
    options = [
        click.option("-k", "--select", "words", metavar="WORD", multiple=True),
        click.option("--chapter", "chapters", metavar="NAME", multiple=True),
        click.option("--level", "levels", type=click.Choice(["must", "should", "may"]), multiple=True),
        click.option("--basis", "bases", type=click.Choice(["documentation", "cpython"]), multiple=True),
        click.option("--cases", metavar="PATH", multiple=True),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@loopspec.command()
@click.argument("loops", metavar="LOOP...", nargs=-1, required=True)
@_filters
@click.option("-j", "--jobs", type=click.IntRange(min=1))
@click.option("--expect", metavar="FILE")
@click.option("--json", "json_file", metavar="FILE")
@click.option("-x", "--exitfirst", is_flag=True)
@click.option("-v", "--verbose", count=True)
def check(
    loops: tuple[str, ...],
    words: tuple[str, ...],
    chapters: tuple[str, ...],
    levels: tuple[str, ...],
    bases: tuple[str, ...],
    cases: tuple[str, ...],
    jobs: int | None,
    expect: str | None,
    json_file: str | None,
    exitfirst: bool,
    verbose: int,
) -> int:
    """Play the cases on each LOOP and report which rules do not hold."""
    from loopspec.catalogue import Selection
    from loopspec.commands.check import Request, run

    request = Request(
        loops=loops,
        selection=Selection(words, chapters, levels, bases),
        cases=cases,
        jobs=jobs or usable_cores(),
        expect=expect,
        json=json_file,
        exit_first=exitfirst,
        verbose=verbose,
    )
    return run(request)


def usable_cores() -> int:
    """Return the number of cores that this process may use, at most eight."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST_JOBS)
    return min(os.cpu_count() or 1, _MOST_JOBS)
