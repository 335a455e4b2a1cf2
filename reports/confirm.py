"""Confirm each crash and hang on the board by the stand-alone program of its case, which needs no loopspec.

    python reports/confirm.py                      # all that the environments of reports/publish.py have played
    python reports/confirm.py --only veloxloop -j 8
    python reports/confirm.py --work DIR --keep programs/

It writes the program with `loopspec script`, in the environment in which the loop was played, and runs it there: up to
three times, since some crash only now and then, and then so that it plays the case twenty times in one process, since
memory that is damaged may be used only later. A crash is confirmed if the process ends by a signal, or before it has
said how the case went; a hang if the program's own alarm ends it. Prints a line for each that was not confirmed, and
how many were.

Exit status: 0 if all were confirmed, 1 if some were not, 2 if there is nothing to confirm.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from environments import Environment
from loopreport.model import Verdict
from loopreport.results import read
from publish import ROOT, table

TIMES = 3
"""How often a program is run that does not show it at once."""

IN_ONE_PROCESS = "20"
"""How often it is to play its case then."""

LIMIT = 90.0
"""Seconds after which a program counts as hung whose own alarm does not come through."""

_ALARM = "Timeout (0:"
"""How the faulthandler's report begins with which a program's alarm ends it."""


@dataclass(frozen=True)
class Accusation:
    """A crash or a hang, and where it was seen."""

    environment: Environment
    verdict: Verdict

    def __str__(self) -> str:
        """Name the loop, the Python and the case."""
        return f"{self.environment.loop} on Python {self.environment.python}: {self.verdict.kind}: {self.verdict.case}"


def accusations(work: Path, only: list[str]) -> Iterator[Accusation]:
    """Give each crash and hang of the results that are in `work`."""
    for environment in table(work, only):
        if environment.results.is_file():
            for verdict in read(environment.results).verdicts:
                if verdict.kind in ("crash", "hang"):
                    yield Accusation(environment, verdict)


def confirm(accusation: Accusation, folder: Path) -> str:
    """Return why the accusation is not confirmed, in one line; empty if it is."""
    environment, verdict = accusation.environment, accusation.verdict
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [environment.command("loopspec"), "script", verdict.case, "--loop", environment.loop]
    written = subprocess.run(command, env=variables, capture_output=True, check=False)
    if written.returncode:
        return written.stderr.decode(errors="replace").strip().replace("\n", " ") or "no program can be written"
    path = folder / f"{environment.folder.name}-{verdict.case.replace('/', '_')[:150]}.py"
    path.write_bytes(written.stdout)
    once = [environment.command("python"), str(path)]
    seen = ""
    for command in [once] * TIMES + [[*once, IN_ONE_PROCESS]]:
        seen = _run(command, variables)
        if seen == verdict.kind:
            return ""
    return seen


def _run(command: list[str], variables: dict[str, str]) -> str:
    """Run a program; return `crash`, `hang` or what it did instead."""
    try:
        ended = subprocess.run(
            command, env=variables, capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return "hang"
    said = (ended.stdout + ended.stderr).decode(errors="replace")
    if _ALARM in said:
        return "hang"
    if ended.returncode not in (0, 1) or "expected" not in said:
        return "crash"
    return f"ended with status {ended.returncode}: {said.strip().splitlines()[-1]}"


def main() -> int:
    """Do what the arguments ask for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="LOOP", help="only this loop; repeatable")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "board", help="where the environments are")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the programs in this folder")
    parser.add_argument("--jobs", "-j", type=int, default=4, help="how many run at a time (default: 4)")
    options = parser.parse_args()
    found = list(accusations(options.work, options.only))
    if not found:
        print(f"no crash and no hang among the results in {options.work}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(options.jobs) as pool:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reasons = pool.map(lambda one: confirm(one, folder), found)
        told = list(zip(found, track(reasons, "programs", len(found), console=Console(stderr=True))))
    unconfirmed = [(one, why) for one, why in told if why]
    for accusation, why in unconfirmed:
        print(f"{accusation}: not confirmed: {why}")
    print(f"{len(found) - len(unconfirmed)} of {len(found)} crashes and hangs confirmed by their programs")
    return 1 if unconfirmed else 0


if __name__ == "__main__":
    sys.exit(main())
