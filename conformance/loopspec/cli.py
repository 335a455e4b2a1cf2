"""The command line. Only click is imported here: what a command needs is imported when it is called."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_MOST_JOBS = 8
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_BROKEN_PIPE = 141
"""The exit status of a program that SIGPIPE ends: a reader such as `head` has seen enough."""


def main() -> NoReturn:
    """Run the command line of this process and exit: every mistake is told in a line, and no traceback is shown."""
    from loopspec.commands.errors import CommandError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run()
        sys.stdout.flush()
    except CommandError as error:
        status = _failed(*error.lines)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "loopspec"
        status = _failed(f"{path}: {error.format_message().rstrip('.')} (see {path} --help)")
    except click.ClickException as error:
        status = _failed(f"loopspec: {error.format_message()}")
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except (BrokenPipeError, _ReaderGone):
        # What is still buffered would be written at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = _BROKEN_PIPE
    sys.exit(status)


def _run() -> int:
    try:
        return loopspec.main(prog_name="loopspec", standalone_mode=False) or 0
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _failed(*lines: str) -> int:
    try:
        sys.stdout.flush()
    finally:
        for line in lines:
            click.echo(line, err=True)
    return 2


class _ReaderGone(Exception):  # noqa: N818 - no error: it ends the program as SIGPIPE would
    """Nobody reads any more what a command writes."""


class _Group(click.Group):
    """A group of commands that says which command may have been meant."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Click would turn it into the exit status 1, which says here that a loop does not conform.
            raise _ReaderGone from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if close := difflib.get_close_matches(args[0], self.commands, n=1) if args[0] not in self.commands else []:
            ctx.fail(f"no command {args[0]!r}: did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        import platform

        from loopspec.describe import suite_version

        click.echo(f"loopspec {suite_version()} ({platform.python_implementation()} {platform.python_version()})")
        ctx.exit()


@click.group(
    cls=_Group,
    context_settings=_SETTINGS,
    epilog="""\b
Examples:
  loopspec check uvloop                      check one loop
  loopspec check stdlib uvloop mylib:new     compare several
  loopspec list --chapter callbacks          what is checked
  loopspec show call-soon                    one rule, its cases, its citation

Each command has its own --help.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def loopspec() -> None:
    """Check asyncio event loops against Python's documentation, rule by rule."""


def _filters(command: Command) -> Command:
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
        _cases,
    ]
    for option in reversed(options):
        command = option(command)
    return command


_cases = click.option(
    "--cases", metavar="PATH", multiple=True, help="Use these case files or folders in place of the built-in ones."
)


_REPORTS: dict[str, str] = {}


def _reports(command: Command) -> Command:
    """Add an option for each format of a report; the command takes them as `outputs`, by the names of the formats."""
    for name, what in reversed(_REPORTS.items()):
        command = click.option(f"--{name}", metavar="FILE", help=f"Write {what}.")(command)
    return command


@loopspec.command(
    epilog="""\b
Examples:
  loopspec check uvloop
  loopspec check stdlib uvloop mypackage.loops:new_event_loop
  loopspec check uvloop --chapter signals --level must -x
  loopspec check uvloop -k 'call-later*' -vv
  loopspec check mylib:new --expect known-failures.toml --json results.json
  loopspec check mylib:new --shard 1/4 --json results-1.json

\b
Exit status:
  0  every loop conforms: no rule that counts is broken, but for expected failures
  1  one does not, or an expected failure passes
     (of a shard: a case of this part decides against the loop)
  2  nothing could be checked: the message says why
  130, 143  interrupted (Ctrl-C, SIGTERM); what was played is reported and written""",
)
@click.argument("loops", metavar="LOOP...", nargs=-1, required=True)
@_filters
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Play N cases at once; by default as many as there are usable cores, at most {_MOST_JOBS}.",
)
@click.option(
    "--expect", metavar="FILE", help="Expected failures, as TOML: the run fails on what is new, and on what passes."
)
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the results to FILE as they come, a JSON object a line."
)
@_reports
@click.option("--shard", metavar="N/OF", help="Play part N of OF parts of the cases; loopspec report joins them.")
@click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first failure that counts.")
@click.option("-v", "--verbose", count=True, help="Tell each verdict as it comes, and all failures in full; -vv: more.")
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
    shard: str | None,
    exitfirst: bool,
    verbose: int,
    **outputs: str,
) -> int:
    """Play the cases on each LOOP and report which rules do not hold.

    A LOOP is a known name (see: loopspec list --loops) or module:callable, where the callable takes no argument and
    returns a new event loop. Cases are played in worker processes, so that a crash or a hang costs one case.
    """
    from loopspec.catalogue import Selection
    from loopspec.commands.check import Request, run

    request = Request(
        loops=loops,
        selection=Selection(words, chapters, levels, bases),
        cases=cases,
        jobs=jobs or usable_cores(),
        expect=expect,
        json=json_file,
        shard=shard,
        outputs=outputs,
        exit_first=exitfirst,
        verbose=verbose,
    )
    return run(request)


@loopspec.command(
    epilog="""\b
Examples:
  loopspec report results.json
  loopspec report shard-1.json shard-2.json --strict
  loopspec report results/ --loop uvloop -v

\b
Exit status:
  0  the reports are written, and no verdict is missing
  1  the reports are written, but verdicts are missing: a shard is not there, a run or its file was cut short;
     with --strict also if a loop does not conform
  2  nothing could be reported: the message says why"""
)
@click.argument("results", metavar="RESULTS...", nargs=-1, required=True)
@_reports
@click.option("--terminal", is_flag=True, help="Print the report here besides; without any format it is.")
@click.option("--loop", "only", metavar="NAME", multiple=True, help="Only this loop of the results. Repeatable.")
@click.option("--strict", is_flag=True, help="Exit with 1 unless every loop conforms.")
@click.option("-v", "--verbose", count=True, help="Tell all failures in full.")
@_cases
def report(
    results: tuple[str, ...],
    terminal: bool,
    only: tuple[str, ...],
    strict: bool,
    verbose: int,
    cases: tuple[str, ...],
    **outputs: str,
) -> int:
    """Make reports of RESULTS: files that loopspec check --json wrote, or folders of them.

    Files of several loops, Pythons, platforms and shards come together: each loop in one version on one Python is a
    column. FILE may be - for standard output.
    """
    from loopspec.commands.report import Request, run

    return run(Request(results, outputs, terminal, only, cases, strict, verbose))


@loopspec.command(
    "list",
    epilog="""\b
Examples:
  loopspec list
  loopspec list --chapter signals --level must
  loopspec list --untestable
  loopspec list --coverage                   what of the documentation the rules are about
  loopspec list --loops""",
)
@_filters
@click.option("--uncovered", is_flag=True, help="Only rules all of whose cases are skipped on this machine and Python.")
@click.option("--untestable", is_flag=True, help="Only rules that no program can observe, with the reasons.")
@click.option(
    "--coverage", is_flag=True, help="What the rules are about instead, name by name, and what no rule is about."
)
@click.option("--loops", is_flag=True, help="The known loops instead, with what is installed of them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(
    words: tuple[str, ...],
    chapters: tuple[str, ...],
    levels: tuple[str, ...],
    bases: tuple[str, ...],
    cases: tuple[str, ...],
    uncovered: bool,
    untestable: bool,
    coverage: bool,
    loops: bool,
    as_json: bool,
) -> int:
    """List rules and their cases by chapter, what they cover, or the known loops."""
    from loopspec.catalogue import Selection
    from loopspec.commands import covered, listing

    if coverage:
        return covered.run(cases, as_json)
    if loops:
        return listing.run_loops(as_json)
    return listing.run(Selection(words, chapters, levels, bases), cases, uncovered, untestable, as_json)


@loopspec.command(
    epilog="""\b
Examples:
  loopspec show run-forever.stop-first.polls-once
  loopspec show run-forever.stop-first.polls-once/reports-a-readable-descriptor-once""",
)
@click.argument("identifier", metavar="RULE-OR-CASE")
@_cases
def show(identifier: str, cases: tuple[str, ...]) -> int:
    """Show a rule with its cases, or one case: statement, citation, script, expected log."""
    from loopspec.commands.show import run

    return run(identifier, cases)


@loopspec.command(
    epilog="""\b
Examples:
  loopspec script run-until-complete.result/returns-what-a-coroutine-returns --loop uvloop > bug.py
  python bug.py""",
)
@click.argument("case", metavar="CASE")
@click.option("--loop", metavar="LOOP", default="stdlib", show_default=True, help="The loop under test.")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@_cases
def script(case: str, loop: str, output: str | None, cases: tuple[str, ...]) -> int:
    """Write a case as a stand-alone program that needs no loopspec, for a bug report.

    The program shows what is expected, and exits with 0 if the loop does it and with 1 if it does not.
    """
    from loopspec.commands.script import run

    return run(case, loop, output, cases)


@loopspec.command(
    epilog="""\b
Example:
  loopspec schema > case.schema.json
Name it in the first line of a case file, and an editor completes and checks the file:
  #:schema ./case.schema.json""",
)
def schema() -> None:
    """Print the JSON Schema of case files."""
    from loopspec.schema import schema_text

    click.echo(schema_text(), nl=False)


def usable_cores() -> int:
    """Return the number of cores that this process may use, at most eight."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST_JOBS)
    return min(os.cpu_count() or 1, _MOST_JOBS)
