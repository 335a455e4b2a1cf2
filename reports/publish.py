"""Play the board's loops and write `reports/published/`: the results, and the page that is made of them.

    python reports/publish.py                                     # everything in published/board.toml
    python reports/publish.py --python 3.15=/opt/python3.15/bin/python3.15 --python 3.14=…
    python reports/publish.py --only rloop --only uvloop          # these alone; the others' results are kept
    python reports/publish.py --only rloop --again                # also the cases that have not changed
    python reports/publish.py --again hang --again crash          # and those among them alone that hung or crashed
    python reports/publish.py --page-only                         # make the page from the results that are there

Each loop gets a virtual environment of its own for each Python, with this checkout and the packages that the table
names, in the folder of --work. A Python is found as `pythonX.Y` on PATH unless --python names it. What each
environment played is kept there: a run which was stopped goes on where it was, and only those cases are played that
have changed since. After a change of the engine, --again plays all anew. The reasons of known failures are read off
tests/expected in the end, so that they may be written afterwards.

Exit status: 0 if the page was made, 1 if some loop could not be set up or played (it is named, and the rest is there),
2 for a mistake in the table or the arguments.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import lzma
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import msgspec
import tomli

from environments import Environment, play, run, shareable
from loopreport.handbook import Handbook
from loopreport.html import html
from loopreport.joined import joined
from loopreport.manner import Manner
from loopreport.merge import Column, Merged, merge
from loopreport.model import CaseInfo, Kind
from loopreport.results import ResultsError, read
from loopspec.baseline import read_baseline
from loopspec.catalogue import Catalogue, load
from loopspec.describe import case_infos
from loopspec.handbook import handbook

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "reports" / "published"
CASES = PUBLISHED / "cases.json.xz"
EXPECTED = ROOT / "tests" / "expected"


class Told(msgspec.Struct, frozen=True):
    """What the page says of the cases: kept with the results, since the cases go on.

    It is packed, for the programs of all that failed have most of their text in common.
    """

    cases: dict[str, CaseInfo]
    handbook: Handbook


def table(work: Path, only: list[str]) -> list[Environment]:
    """Return the environments of the table, or those of the loops in `only`. Raises SystemExit for a mistake."""
    path = PUBLISHED / "board.toml"
    found = []
    for row in tomli.loads(path.read_text(encoding="utf-8")).get("loop", []):
        try:
            name, pythons, packages = row["name"], row["pythons"], tuple(row.get("packages", ()))
        except KeyError as error:
            raise SystemExit(f"{path}: a loop without its {error}: write name, pythons and packages") from None
        found += [Environment(name, python, packages, work / f"{name}-{python}") for python in pythons]
    if unknown := set(only) - {environment.loop for environment in found}:
        raise SystemExit(f"{path}: no loop {', '.join(sorted(unknown))}")
    return [environment for environment in found if not only or environment.loop in only]


def interpreters(named: list[str], wanted: set[str], known: set[str]) -> dict[str, str]:
    """Return the path of each `wanted` Python that is named or on PATH, and say which are not there.

    Raises SystemExit for one that is not among the `known` versions, or is no command.
    """
    paths = {}
    for text in named:
        version, _, path = text.partition("=")
        if version not in known or shutil.which(path) is None:
            raise SystemExit(f"--python {text}: write a version of the table and an interpreter: 3.15=/opt/python3.15")
        paths[version] = path
    for version in sorted(wanted - paths.keys()):
        if found := shutil.which(f"python{version}"):
            paths[version] = found
        else:
            print(f"Python {version} is not here: name it by --python {version}=PATH", file=sys.stderr)
    return paths


def wheel(work: Path) -> Path:
    """Return the checkout as a wheel, which is made once for all environments. Raises SystemExit if it cannot be."""
    folder = work / "wheel" / state_of_the_checkout()
    if not (made := list(folder.glob("*.whl"))):
        log = work / "wheel.log"
        folder.mkdir(parents=True, exist_ok=True)
        if run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)], log):
            raise SystemExit(f"the checkout cannot be made a wheel, see {log}")
        made = list(folder.glob("*.whl"))
    return made[0]


def set_up(environment: Environment, python: str, wheel: Path) -> bool:
    """Make the virtual environment, unless it is there with the same packages, and install this checkout into it."""
    mark = environment.folder / "set-up"
    packages, checkout = "\n".join([python, *environment.packages]), wheel.parent.name
    there = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    if there == f"{packages}\n{checkout}":
        return True
    log = environment.log
    install = [environment.command("pip"), "install", "-q", "--no-compile"]
    if there.rpartition("\n")[0] == packages:
        commands = [[*install, "--force-reinstall", "--no-deps", str(wheel)]]
    else:
        log.unlink(missing_ok=True)
        commands = [
            [python, "-m", "venv", "--clear", str(environment.folder)],
            [*install, *environment.packages, str(wheel)],
        ]
    if any(run(command, log) for command in commands):
        print(f"{environment.loop} on Python {environment.python}: cannot be installed, see {log}", file=sys.stderr)
        return False
    mark.write_text(f"{packages}\n{checkout}", encoding="utf-8")
    return True


def state_of_the_checkout() -> str:
    """Return a digest of what is installed of this checkout."""
    digest = hashlib.sha256()
    for folder in ("conformance/loopspec", "reports/loopreport", "reference/refloop"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def gather(environments: list[Environment], catalogue: Catalogue) -> None:
    """Write the results of the environments that have some, one file for each Python, and what the cases are."""
    folder = PUBLISHED / "results"
    folder.mkdir(exist_ok=True)
    for python in sorted({environment.python for environment in environments}):
        played = [one for one in environments if one.python == python and one.results.is_file()]
        if played:
            merged = merge([shareable(one) for one in played])
            if merged.catalogue != catalogue.digest():
                raise SystemExit(f"{played[0].results}: played with other cases than those that are here: play it")
            merged = replace(merged, columns=tuple(map(with_reasons, merged.columns)))
            text = joined(merged, case_infos(catalogue.entries), Manner())
            (folder / f"{python}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    told = Told(case_infos(catalogue.entries), handbook(catalogue, results()))
    # The programs of thousands of cases have most of their lines in common, far apart: gzip does not see that.
    CASES.write_bytes(lzma.compress(msgspec.json.encode(told), preset=9))


def with_reasons(column: Column) -> Column:
    """Return the column with the reason of each failure that is known of the loop; say what is not true of these."""
    path = EXPECTED / f"{column.loop.name}.toml"
    if not path.is_file():
        return column
    known = read_baseline(path, column.header.python, column.header.platform)
    verdicts = tuple(map(known.apply, column.verdicts))
    for complaint in [*known.unfilled(), *known.stale()]:
        print(f"{column.loop.name} on Python {column.header.python}: {complaint}", file=sys.stderr)
    return replace(column, verdicts=verdicts)


def results() -> Merged:
    """Return the results that are there, as columns."""
    return merge([read(path) for path in sorted((PUBLISHED / "results").glob("*.json.gz"))])


def page() -> str:
    """Return the page that the results and what is kept of the cases make."""
    told = msgspec.json.decode(lzma.decompress(CASES.read_bytes()), type=Told)
    return html(results(), told.cases, Manner(handbook=lambda: told.handbook))


def write_page() -> None:
    """Make the page."""
    (PUBLISHED / "index.html").write_text(page(), encoding="utf-8")


def main() -> int:
    """Do what the arguments ask for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", default=[], metavar="X.Y=PATH", help="where a Python is")
    parser.add_argument("--only", action="append", default=[], metavar="LOOP", help="only this loop; repeatable")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "board", help="where the environments are")
    parser.add_argument(
        "--again",
        action="append",
        nargs="?",
        const="all",
        default=[],
        choices=["all", *get_args(Kind)],
        metavar="KIND",
        help="play also the cases that have not changed: all, or those with a verdict of this kind; repeatable",
    )
    parser.add_argument("--set-up-only", action="store_true", help="make the environments, and play nothing yet")
    parser.add_argument("--page-only", action="store_true", help="play nothing: make the page from the results")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="worker processes (default: 2)")
    options = parser.parse_args()
    if options.page_only:
        write_page()
        return 0
    chosen, every = table(options.work, options.only), table(options.work, [])
    wanted, known = ({environment.python for environment in some} for some in (chosen, every))
    paths = interpreters(options.python, wanted, known)
    options.work.mkdir(parents=True, exist_ok=True)
    failed, made, catalogue = False, wheel(options.work), load()
    for number, environment in enumerate(chosen, start=1):
        print(f"{number}/{len(chosen)} {environment.loop} on Python {environment.python}", flush=True)
        python = paths.get(environment.python)
        if python is None or not set_up(environment, python, made):
            failed = True
        elif not options.set_up_only:
            failed |= not play(environment, catalogue, options.jobs, options.again)
    if not options.set_up_only:
        try:
            gather(every, catalogue)
            write_page()
        except ResultsError as error:
            print(error, file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
