"""The command line. Only click is imported here: what a command needs is imported when it is called."""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from loopspec.cli_results import diff, expect, report
from loopspec.options import cases_option, filters, reports
from loopspec.signals import Signals, Stopped

_MOST_JOBS = 8
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_BROKEN_PIPE = 141
"""The exit status of a program that SIGPIPE ends: a reader such as `head` has seen enough."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What the system says where a file cannot be written further."""


def main() -> NoReturn:
    """Run the command line of this process and exit: every mistake is told in a line, and no traceback is shown."""
    _provide_streams()
    try:
        with Signals() as signals:
            status = _told(signals)
    except Stopped as stopped:
        name = signal.Signals(stopped.number).name
        status = _say([f"loopspec: stopped by {name} before everything was reported"], 128 + stopped.number)
    sys.exit(status)


def _provide_streams() -> None:
    """Let everything be written, if only to nobody."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the process's whole life
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _told(signals: Signals) -> int:
    """Do what the command line asks, say what is wrong with it or goes wrong, and return the exit status."""
    try:
        status = _run(signals)
        sys.stdout.flush()
        return status
    except (BrokenPipeError, _ReaderGone):
        _discard()
        return _BROKEN_PIPE
    except OSError as error:
        # All other files that are written belong to functions that know their names.
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        _discard()
        return _say([f"standard output cannot be written: {os.strerror(error.errno).lower()}"])


def _run(signals: Signals) -> int:
    from loopspec.commands.errors import CommandError

    try:
        return loopspec.main(prog_name="loopspec", standalone_mode=False, obj=signals) or 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except CommandError as error:
        return _failed(*error.lines)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "loopspec"
        return _failed(f"{path}: {error.format_message().rstrip('.')} (see {path} --help)")
    except click.ClickException as error:
        return _failed(f"loopspec: {error.format_message()}")


def _failed(*lines: str) -> int:
    try:
        sys.stdout.flush()
    finally:
        _say(lines)
    return 2


def _say(lines: Sequence[str], status: int = 2) -> int:
    """Write `lines` to standard error, if anybody reads them, and return the exit status."""
    with contextlib.suppress(OSError):
        for line in lines:
            click.echo(line, err=True)
    return status


def _discard() -> None:
    """Let nobody have what is still buffered: it would be written at exit, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
  130, 143  interrupted (Ctrl-C, SIGTERM); what was played is reported and written
  141  nobody reads standard output any more; what was played is in the file of --json""",
)
@click.argument("loops", metavar="LOOP...", nargs=-1, required=True)
@filters
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
@reports
@click.option("--shard", metavar="N/OF", help="Play part N of OF parts of the cases; loopspec report joins them.")
@click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first failure that counts.")
@click.option("-v", "--verbose", count=True, help="Tell each verdict as it comes, and all failures in full; -vv: more.")
@click.pass_obj
def check(
    signals: Signals,
    /,
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
    return run(request, signals)


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
@filters
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
@cases_option
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
@cases_option
def script(case: str, loop: str, output: str | None, cases: tuple[str, ...]) -> int:
    """Write a case as a stand-alone program that needs no loopspec, for a bug report.

    The program shows what is expected, and exits with 0 if the loop does it and with 1 if it does not.
    """
    from loopspec.commands.script import run

    return run(case, loop, output, cases)


@loopspec.command(
    epilog="""\b
Examples:
  loopspec schema > case.schema.json
  loopspec schema --results > results.schema.json
Name it in the first line of a case file, and an editor completes and checks the file:
  #:schema ./case.schema.json""",
)
@click.option("--results", is_flag=True, help="That of a line of a results file (loopspec check --json) instead.")
def schema(results: bool) -> None:
    """Print the JSON Schema of case files."""
    if results:
        from loopreport.schema import schema_text
    else:
        from loopspec.schema import schema_text

    click.echo(schema_text(), nl=False)


for command in (report, diff, expect):
    loopspec.add_command(command)


def usable_cores() -> int:
    """Return the number of cores that this process may use, at most eight."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), _MOST_JOBS)
    return min(os.cpu_count() or 1, _MOST_JOBS)
