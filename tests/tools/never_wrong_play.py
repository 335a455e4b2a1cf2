"""Play cases once on one loop and print each verdict as a line of JSON: the process that `never_wrong.py` starts.

The ids of the cases come from standard input, a line each. What does not pass is not played again, so that no second
play hides an unsteady first. Ctrl-C and SIGTERM end it, and leave no process.
"""

import argparse
import random
import sys

import msgspec

from loopreport.results import encoded
from loopspec.catalogue import load
from loopspec.check import check
from loopspec.commands.common import find_loops
from loopspec.signals import Signals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loop")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--inside", action="append", default=[], metavar="NAME=VALUE", help="environment of the workers"
    )
    parser.add_argument("--shuffle", action="store_true", help="play the cases in random order")
    parser.add_argument("--alone", action="store_true", help="play each case in a process of its own")
    options = parser.parse_args()
    asked_for = set(sys.stdin.read().split("\n"))
    entries = [entry for entry in load().entries if entry.id in asked_for]
    if options.shuffle:
        random.shuffle(entries)
    (loop,) = find_loops([options.loop])
    inside = dict(item.split("=", 1) for item in options.inside)
    loop = msgspec.structs.replace(loop, environment={**loop.environment, **inside})
    with Signals() as signals, signals.held():
        for verdict in check(loop, entries, options.jobs, again=False, alone=options.alone, heed=signals.heed):
            sys.stdout.buffer.write(encoded(verdict) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
