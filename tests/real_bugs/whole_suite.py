"""Play the loops that repeat real bugs against the whole suite, and hold that exactly the expected rules fail.

    python -m tests.real_bugs.whole_suite                     # all of real_bugs.toml
    python -m tests.real_bugs.whole_suite -k sendfile -k dns  # those whose loop or case has one of these in it
    python -m tests.real_bugs.whole_suite --write             # write down what fails, to be read and weighed

Prints a line for each loop, and below it each rule that fails and is not expected to, or the other way round. Of a
loop that derives from the standard library's, the rules that this breaks itself are left out. With --write, a loop is
played only if real_bugs.toml does not yet say what fails.

Exit status: 0 if all is as expected, 1 if not, 2 if no loop is selected.
"""

from __future__ import annotations

import argparse
import sys
import time

import tomlkit

from loopspec.catalogue import load
from tests.real_bugs.bugs import FILE, Bug, bugs, expected, failing, not_inherited


def write(bug: Bug, fails: set[str]) -> None:
    """Write down which rules fail on `bug`."""
    document = tomlkit.parse(FILE.read_text(encoding="utf-8"))
    for table in document["bug"]:  # type: ignore[union-attr]  # an array of tables
        if (table["loop"], table["case"]) == (bug.loop, bug.case):
            table["fails"] = tomlkit.array(sorted(fails)).multiline(len(fails) > 2)
    FILE.write_text(tomlkit.dumps(document), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", dest="words", action="append", default=[], help="only loops or cases with this in them")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="worker processes (default: 2)")
    parser.add_argument("--write", action="store_true", help="write down what fails where nothing is written yet")
    options = parser.parse_args()
    chosen = [bug for bug in bugs() if bug.here() and not (options.write and bug.fails)]
    chosen = [bug for bug in chosen if not options.words or any(word in bug.loop + bug.case for word in options.words)]
    if not chosen:
        print("no loop selected", file=sys.stderr)
        return 2
    entries, wrong = load().entries, 0
    for number, bug in enumerate(chosen, 1):
        begin = time.monotonic()
        fails = failing(bug.loop, entries, options.jobs)
        others = fails - set(bug.fails)
        fails = fails - others | not_inherited(bug, others, entries, options.jobs)
        print(f"{number}/{len(chosen)} {bug}: {len(fails)} rules, {time.monotonic() - begin:.0f} s", flush=True)
        if options.write:
            write(bug, fails)
            continue
        unexpected, missed = sorted(fails - set(bug.fails)), sorted(expected(bug, entries) - fails)
        for rule in unexpected:
            print(f"    not expected to fail: {rule}")
        for rule in missed:
            print(f"    did not fail: {rule}")
        wrong += bool(unexpected or missed)
    print(f"{len(chosen)} loops: " + (f"{wrong} not as expected" if wrong else "all as expected"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
