"""Show what `never_wrong.py` has played so far, or add to it what was played elsewhere.

    python tests/tools/never_wrong_record.py                             # how often everything was played, and where
    python tests/tools/never_wrong_record.py --take-in .never-wrong      # move what this folder has to the record

The record is a folder like those of `never_wrong.py --state`, packed and kept with the project: a hundred plays in each
surrounding take hours, and may be made on several days and machines. A case that is changed begins anew. After a change
of the engine, or of the reference loop, begin another record.

Prints, for each loop, a line a surrounding: how often each case was played there at least, and how many plays of cases
that were. Exit status 0 if all verdicts on a case were the same, 1 if not, 2 if a folder cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from never_wrong import DIFFERENT, INCOMPLETE, SAME, report
from never_wrong_state import State, StateError, Subject
from never_wrong_surroundings import TABLE

from loopspec.catalogue import Entry, load

RECORD = Path(__file__).resolve().parent.parent / "never_wrong"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", type=Path, default=RECORD, metavar="FOLDER", help="default: tests/never_wrong")
    parser.add_argument(
        "--take-in", type=Path, action="append", default=[], metavar="FOLDER", help="move its plays here; repeatable"
    )
    parser.add_argument("--pack", action="store_true", help="pack what has been played with the record as --state")
    options = parser.parse_args()
    entries = load().entries
    try:
        for folder in [options.record, *options.take_in]:
            if not folder.is_dir():
                raise StateError(f"{folder}: there is no such folder")
        record = State(options.record, entries)
        others = [State(folder, entries) for folder in options.take_in]
    except StateError as error:
        print(error, file=sys.stderr)
        return INCOMPLETE
    if others or options.pack:
        record.take_in(*others)
    subjects = record.subjects()
    for subject in subjects:
        for line in table(record, subject, entries):
            print(line)
    differing = report(record, subjects, entries, stopped=False)
    record.close()
    return DIFFERENT if differing else SAME


def table(record: State, subject: Subject, entries: list[Entry]) -> list[str]:
    """Return a line for each surrounding: its name, the fewest plays of a case, and the plays of all cases."""
    lines = [f"{subject.loop} {subject.version}".rstrip() + f", {subject.python}"]
    for name in TABLE:
        plays = [record.played(subject, name, entry.id) for entry in entries]
        lines.append(f"  {name:16} {min(plays):4} each  {sum(plays):8} in all")
    return lines


if __name__ == "__main__":
    sys.exit(main())
