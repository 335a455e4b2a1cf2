"""Proof that the suite can fail: mutations of the reference loop, played against the rules' cases.

    python -m tests.proof rules                     # is each rule proved by a mutation of what keeps it?
    python -m tests.proof rules -k 'call-soon*' -v  # some rules, with what proves each
    python -m tests.proof score                     # how many of all mutations does the whole suite catch?
    python -m tests.proof score --only core/ -v     # those of some files, each survivor with its line

What was played is kept in a folder: a run that is stopped goes on where it was, and what did not change is not played
again. What another Python has proved counts as well: play `rules` with each Python for which there are rules.

Exit status: 0 if everything selected is proved or listed with a reason in unproved.toml, respectively if the score is
high enough; 1 if not; 2 if something could not be set up; 130 if the run was stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loopspec.catalogue import CatalogueError
from tests.proof.command_rules import prove_rules
from tests.proof.command_score import score
from tests.proof.state import StateError

_STATE = Path(".proof")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proof", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    rules = commands.add_parser("rules", help="prove each rule by a mutation of the statement that is tagged with it")
    rules.add_argument(
        "-k", dest="words", action="append", default=[], help="only rules whose id this glob or word meets"
    )
    rules.add_argument("--chapter", action="append", default=[], help="only rules of chapters with this in their title")
    score = commands.add_parser("score", help="play all mutations of the reference loop against the whole suite")
    score.add_argument("--only", action="append", default=[], metavar="PART", help="only files with this in their path")
    score.add_argument("--untagged", action="store_true", help="only statements that no rule is tagged to")
    score.add_argument(
        "--cases",
        type=int,
        default=1000,
        metavar="N",
        help="at most so many cases for each, likeliest first (default: 1000)",
    )
    score.add_argument("--at-least", type=float, default=85, metavar="PERCENT", help="else status 1 (default: 85)")
    for one in (rules, score):
        one.add_argument("--jobs", "-j", type=int, default=2, help="how many are played at a time (default: 2)")
        one.add_argument("--state", type=Path, default=_STATE, metavar="FOLDER", help=f"default: {_STATE}")
        one.add_argument("--known", action="store_true", help="play nothing: report what is known so far")
        one.add_argument("-v", "--verbose", action="store_true", help="also what is well")
    return parser


def main() -> int:
    """Do what the command line says and return the exit status."""
    options = _parser().parse_args()
    if options.jobs < 1:
        print(f"--jobs {options.jobs}: at least 1", file=sys.stderr)
        return 2
    try:
        return prove_rules(options) if options.command == "rules" else score(options)
    except (StateError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
