"""Play everything many times in many surroundings, and report each verdict that differs from the majority.

    python tests/tools/never_wrong.py stdlib reference --runs 100 --in all
    python tests/tools/never_wrong.py stdlib -k subprocess --runs 50 --in loaded --in few-descriptors
    python tests/tools/never_wrong.py stdlib --in loaded+user+no-ipv6    # in all three at once
    python tests/tools/never_wrong.py --list                             # the surroundings, and what they need

A case is played as often in each surrounding as `--runs` says, once a run: what does not pass is not played again, so
that no second play hides an unsteady first. The majority is taken over all surroundings of a loop. A case that is
skipped in one of them, for want of IPv6 say, differs from nothing.

A play in several surroundings at once, their names joined by `+`, is a play in each of them; a skip is one in those
only in which the case was skipped when they were had alone. So play each alone first, a few times.

What was played is kept in the folder of `--state`, play by play: a run that is stopped goes on where it was, and runs
add up. A case that has been changed begins anew; after a change of the engine, name another folder.

Prints a line a play, then what differs, with both logs. Exit status 0 if nothing does, 1 if something does, 2 if not
all that was asked for could be played: the reason is printed.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from never_wrong_state import JOINT, Seen, State, StateError, Subject
from never_wrong_surroundings import TABLE, Start, UnavailableError, entered, excluding

from loopreport.model import Kind, Verdict
from loopspec.catalogue import Entry, Selection, load
from loopspec.commands.common import find_loops
from loopspec.commands.errors import CommandError
from loopspec.describe import loop_info
from loopspec.signals import Signals, Stopped

PLAYER = Path(__file__).with_name("never_wrong_play.py")
SAME, DIFFERENT, INCOMPLETE = 0, 1, 2
EVERY = 30.0
"""Seconds between two lines about a play that takes long."""


class PlayError(Exception):
    """The process that was to play has failed; the text is what it said last."""


def main() -> int:
    options = _options()
    if options.list:
        for name, surrounding in TABLE.items():
            print(f"{name:16} {surrounding.__doc__}")
        return SAME
    catalogue = load()
    entries = Selection(words=tuple(options.words)).entries(catalogue)
    if not entries:
        print("no case selected", file=sys.stderr)
        return INCOMPLETE
    names = list(TABLE) if "all" in options.surroundings else options.surroundings or ["idle"]
    try:
        subjects = [_subject(name) for name in options.loops]
        state = State(Path(options.state), catalogue.entries)
    except (CommandError, StateError) as error:
        print(error, file=sys.stderr)
        return INCOMPLETE
    runs = _Runs(state, subjects, entries, options.runs, options.jobs)
    stopped = 0
    try:
        with Signals():
            for number in range(1, options.runs + 1):
                for name in names:
                    runs.play(number, name)
    except Stopped as signalled:
        stopped = 128 + signalled.number
    finally:
        state.close()
    differing = report(state, subjects, entries, stopped != 0)
    for line in runs.not_played.values():
        print(line)
    return stopped or (DIFFERENT if differing else INCOMPLETE if runs.not_played else SAME)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loops", nargs="*")
    parser.add_argument("--runs", type=int, default=50, help="plays of each case in each surrounding (default: 50)")
    parser.add_argument(
        "--in",
        dest="surroundings",
        action="append",
        default=[],
        type=_surroundings,
        metavar="SURROUNDING",
        help="where to play: one of --list, several at once as in a+b, or all in turn; repeatable (default: idle)",
    )
    parser.add_argument("--jobs", "-j", type=int, default=2, help="worker processes (default: 2)")
    parser.add_argument("-k", dest="words", action="append", default=[], help="only cases whose id has this in it")
    parser.add_argument("--state", default=".never-wrong", help="folder of what was played (default: .never-wrong)")
    parser.add_argument("--list", action="store_true", help="list the surroundings, and play nothing")
    options = parser.parse_args()
    if not options.loops and not options.list:
        parser.error("name a loop, such as stdlib")
    return options


def _surroundings(text: str) -> str:
    """Return `all`, or the names in `text` in the table's order. Raises ArgumentTypeError if they cannot be had."""
    if text == "all":
        return text
    names = text.split(JOINT)
    for name in names:
        if name not in TABLE:
            raise argparse.ArgumentTypeError(f"there is no surrounding {name!r}: --list names them")
    if pair := excluding(names):
        raise argparse.ArgumentTypeError(f"{pair[0]} and {pair[1]} cannot be had at once")
    return JOINT.join(name for name in TABLE if name in names)


def _subject(name: str) -> Subject:
    """Return the loop of that name as it is installed here. Raises CommandError."""
    (loop,) = find_loops([name])
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Subject(loop.name, loop_info(loop).version, python)


class _Runs:
    """Plays what has not yet been played often enough."""

    def __init__(self, state: State, subjects: Sequence[Subject], entries: Sequence[Entry], of: int, jobs: int) -> None:
        self._state, self._subjects, self._entries, self._of, self._jobs = state, subjects, entries, of, jobs
        self.not_played: dict[str, str] = {}
        """By surrounding, a line that says why it was not played in."""

    def play(self, number: int, name: str) -> None:
        """Play in the surrounding or surroundings, on each loop, what was played less than `number` times in one."""
        if name in self.not_played:
            return
        lacking = {subject: self._lacking(number, name, subject) for subject in self._subjects}
        if not any(lacking.values()):
            return
        try:
            with entered(*name.split(JOINT)) as start:
                for subject, cases in lacking.items():
                    if cases:
                        self._play(number, name, start, subject, cases)
        except UnavailableError as error:
            self.not_played[name] = f"{name}: not to be had here: {error}"
            print(self.not_played[name], flush=True)
        except PlayError as error:
            self.not_played[name] = f"{name}: the process that plays has failed: {error}"
            print(self.not_played[name], flush=True)

    def _lacking(self, number: int, name: str, subject: Subject) -> list[str]:
        return [
            entry.id
            for entry in self._entries
            if any(self._state.played(subject, one, entry.id) < number for one in name.split(JOINT))
        ]

    def _play(self, number: int, name: str, start: Start, subject: Subject, cases: list[str]) -> None:
        begin = time.monotonic()
        title = f"run {number:3} of {self._of}  {name:15} {subject.loop:10}"
        verdicts: list[Verdict] = []
        try:
            told = begin
            with closing(played(start, subject.loop, cases, self._jobs)) as reached:
                for verdict in reached:
                    verdicts.append(verdict)
                    if time.monotonic() > told + EVERY:
                        told = time.monotonic()
                        print(f"{title} {told - begin:7.1f} s  {len(verdicts)} of {len(cases)}", flush=True)
        finally:
            seconds = time.monotonic() - begin
            self._state.add(subject, name, seconds, verdicts)
        kinds = Counter(verdict.kind for verdict in verdicts)
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        differing = sum(differs(self._state, subject, case) for case in cases)
        print(f"{title} {seconds:7.1f} s  {counts}; {differing} differ", flush=True)
        if len(verdicts) < len(cases):
            raise PlayError(f"{len(cases) - len(verdicts)} cases got no verdict on {subject.loop}")


def played(start: Start, loop: str, cases: Sequence[str], jobs: int) -> Generator[Verdict, None, None]:
    """Have `cases` played as `start` says and give each verdict as it comes. Raises PlayError."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            start.command(str(PLAYER), loop, "--jobs", str(jobs), *start.options),
            env=start.variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # whoever presses Ctrl-C speaks to the tool, which ends it
        )
        assert process.stdin and process.stdout
        try:
            process.stdin.write("\n".join(cases).encode())
            process.stdin.close()
            decoder = msgspec.json.Decoder(Verdict)
            for line in process.stdout:
                yield decoder.decode(line)
            failed = process.wait() and f"exit status {process.returncode}"
        except (BrokenPipeError, msgspec.MsgspecError) as error:
            failed = str(error)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
        errors.seek(0)
        said = [line for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
        if failed:
            raise PlayError(said[-1] if said else failed)
        for text in said:
            print(f"  it wrote to standard error: {text}")


def together(state: State, subject: Subject, case: str) -> Counter[Kind]:
    """Return how often the case had each kind of verdict in all surroundings, but for skips."""
    every = sum(state.counts(subject, case).values(), Counter[Kind]())
    del every["skip"]
    return every


def differs(state: State, subject: Subject, case: str) -> bool:
    """Whether not every verdict on the case was the same."""
    return len(together(state, subject, case)) > 1


def report(state: State, subjects: Sequence[Subject], entries: Sequence[Entry], stopped: bool) -> int:
    """Print what differs, with both logs, and a line for each loop; return how many cases that are."""
    differing = 0
    for subject in subjects:
        found = [entry for entry in entries if differs(state, subject, entry.id)]
        differing += len(found)
        for entry in found:
            for line in _difference(state, subject, entry):
                print(line)
        plays = sum(sum(tally.total() for tally in state.counts(subject, entry.id).values()) for entry in entries)
        result = f"{len(found)} differ from the majority" if found else "every verdict the same"
        name = f"{subject.loop} {subject.version}".rstrip()
        ended = "stopped; " if stopped else ""
        print(f"\n{name}, {subject.python}: {ended}{plays} plays of {len(entries)} cases: {result}")
    return differing


def _difference(state: State, subject: Subject, entry: Entry) -> Iterator[str]:
    counts = together(state, subject, entry.id)
    (majority, _), *others = counts.most_common()
    yield f"\nDIFFERS {subject.loop} {entry.id}: " + ", ".join(
        f"{count} {kind}" for kind, count in counts.most_common()
    )
    for name, tally in state.counts(subject, entry.id).items():
        yield f"  {name}: " + ", ".join(f"{count} {kind}" for kind, count in tally.most_common())
    for kind in [majority, *(kind for kind, _ in others)]:
        yield f"  {'the majority' if kind == majority else 'differs'}: {kind}"
        if kind == "pass":
            yield "    the log, as expected (a group in any order is in brackets):"
            yield from (f"      {line}" for line in entry.logs[0])
        for seen in state.seen(subject, entry.id):
            if seen.verdict.kind == kind:
                yield from _in_full(seen)


def _in_full(seen: Seen) -> Iterator[str]:
    yield f"    in {seen.surrounding}: {seen.verdict.summary}"
    for line in seen.verdict.difference:
        yield f"      {line.mark} {line.text}"
    for text in seen.verdict.details.splitlines():
        yield f"      {text}"


if __name__ == "__main__":
    sys.exit(main())
