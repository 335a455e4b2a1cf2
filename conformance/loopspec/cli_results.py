"""The commands that read results files. Only click is imported here, as in `loopspec.cli`."""

from __future__ import annotations

import click

from loopspec.options import cases_option, reports


@click.command(
    epilog="""\b
Examples:
  loopspec report results.json
  loopspec report shard-1.json shard-2.json --strict
  loopspec report results/ --markdown summary.md --junit junit.xml
  loopspec report results/ --loop uvloop --badge badge.svg
  loopspec report shard-*.json --json whole.json

\b
Exit status:
  0  the reports are written, and no verdict is missing
  1  the reports are written, but verdicts are missing: a shard is not there, or a run was cut short;
     with --strict also if a loop does not conform, or what was expected to fail passes
  2  nothing could be reported: the message says why"""
)
@click.argument("results", metavar="RESULTS...", nargs=-1, required=True)
@reports
@click.option("--json", metavar="FILE", help="Write the results as one file, in short: without what passes said.")
@click.option("--terminal", is_flag=True, help="Print the report here besides; without any format it is.")
@click.option("--loop", "only", metavar="NAME", multiple=True, help="Only this loop of the results. Repeatable.")
@click.option("--strict", is_flag=True, help="Exit with 1 unless every loop conforms.")
@click.option("-v", "--verbose", count=True, help="Tell all failures in full.")
@cases_option
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


@click.command(
    epilog="""\b
Examples:
  loopspec diff old.json new.json
  loopspec diff uvloop-0.22/ uvloop-0.23/ --markdown changes.md
  loopspec diff stdlib.json uvloop.json          two loops: where the second does worse

\b
Exit status:
  0  no news
  1  news: a case that counts, and that no --expect excused,
       newly fails (it passed, was skipped, or is new),
       crashes or hangs where it failed in another way, or
       is no longer played (it is skipped now, or its verdict is missing);
     or a loop or Python of OLD is gone. What is fixed, or fails in another way, is no news.
  2  nothing could be compared: the message says why"""
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--markdown", metavar="FILE", help="Write the comparison as Markdown besides; - for it alone, here.")
@cases_option
def diff(old: str, new: str, markdown: str | None, cases: tuple[str, ...]) -> int:
    """Compare the results OLD with NEW, each a file that loopspec check --json wrote or a folder of them."""
    from loopspec.commands.diff import run

    return run(old, new, markdown, cases)


@click.command(
    epilog="""\b
Examples:
  loopspec check uvloop --json results.json
  loopspec expect results.json > known-failures.toml
  loopspec check uvloop --expect known-failures.toml

\b
Each entry excuses what fails now and nothing else: a whole rule by a glob (rule/*) only if all of it fails alike.
Reasons that the results carry from an earlier --expect are kept. All other reasons are empty, and a run
with --expect fails until somebody has written them."""
)
@click.argument("results", metavar="RESULTS...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="FILE", default="-", help="Write to FILE instead of standard output.")
@click.option("--all", "every", is_flag=True, help="Also what does not count; without an entry, it fails no run.")
@cases_option
def expect(results: tuple[str, ...], output: str, every: bool, cases: tuple[str, ...]) -> int:
    """Write what fails in RESULTS as a file of expected failures, for loopspec check --expect."""
    from loopspec.commands.expect import run

    return run(results, output, every, cases)
