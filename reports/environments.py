"""The environments of the board: each is made for a loop on a Python, and keeps what was played in it.

An environment's results stay true while the cases are what they were. After a change of some cases, only these are
played anew, and the other verdicts are kept: `play` goes by each case's digest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from loopreport.model import Difference, Footer, Verdict
from loopreport.results import Results, Writer, read
from loopspec.catalogue import Catalogue, Entry

HOUR = 3600.0

_PLACE = 4
"""Lines at the end of a traceback that say where an exception was raised, and which."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """What a row of a case was when it was played."""

    digest: str
    line: int
    """Where its script began: the tracebacks of what did not pass name lines from there on."""


@dataclass(frozen=True)
class Environment:
    """A loop on a Python, and where it is installed and played."""

    loop: str
    python: str
    packages: tuple[str, ...]
    folder: Path

    @property
    def results(self) -> Path:
        """The results file that its run writes."""
        return self.folder / "results.jsonl"

    @property
    def played(self) -> Path:
        """What the cases were of which the results tell, by id."""
        return self.folder / "played.json"

    @property
    def log(self) -> Path:
        """What its set-up and its run have printed."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def command(self, name: str) -> str:
        """Return the path of a command of the environment."""
        return str(self.folder / "bin" / name)


def run(command: list[str], log: Path, limit: float = HOUR) -> int:
    """Run a command to its end, its output appended to `log`; return its exit status, or 124 after `limit` seconds.

    Where Python finds modules here is kept from it: an environment is to play what is installed in it.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with log.open("ab") as output:
        output.write(f"+ {' '.join(command)}\n".encode())
        output.flush()
        try:
            return subprocess.run(
                command, env=environment, stdout=output, stderr=output, timeout=limit, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            output.write(f"ended after {limit:.0f} seconds\n".encode())
            return 124


def play(environment: Environment, catalogue: Catalogue, jobs: int, again: Collection[str]) -> bool:
    """Play the cases that have changed since; return whether there are results of all now.

    Those whose verdict was of a kind in `again` are played as well, and with "all" among these everything is.
    """
    before = None if "all" in again else _before(environment)
    rows = msgspec.json.decode(environment.played.read_bytes(), type=dict[str, Row]) if before else {}
    known = {verdict.case: verdict for verdict in before.verdicts if verdict.kind not in again} if before else {}
    kept = {entry.id: known[entry.id] for entry in catalogue.entries if _holds(entry, known, rows)}
    changed = [entry.id for entry in catalogue.entries if entry.id not in kept]
    if before and not changed and before.header.catalogue == catalogue.digest() and len(kept) == len(known):
        return True
    # Where no case has changed, one is played all the same: its header says of which files the results are.
    selected = [word for case in changed or [catalogue.entries[0].id] for word in ("-k", case)] if kept else []
    partial = environment.folder / "results.part"
    command = [environment.command("loopspec"), "check", environment.loop, *selected]
    if run([*command, "--json", str(partial), "-j", str(jobs)], environment.log) not in (0, 1):
        where = f"{environment.loop} on Python {environment.python}"
        print(f"{where}: cannot be played, see {environment.log}", file=sys.stderr)
        return False
    fresh = read(partial)
    if before and _where(before) != _where(fresh):
        return play(environment, catalogue, jobs, again=["all"])
    _write(environment, catalogue, fresh, kept)
    partial.unlink()
    return True


def shareable(environment: Environment) -> Results:
    """Return the results of an environment without where this machine keeps it and its Python.

    Of what is unsupported, of which there is much, only the end of the traceback is kept.
    """
    settings = (line.partition(" = ") for line in (environment.folder / "pyvenv.cfg").read_text().splitlines())
    python = Path({name: value for name, _, value in settings}["home"]).parent
    kept_at = {f"{environment.folder.resolve()}/": "", f"{python}/lib/": "lib/", f"{python}/bin/": "bin/"}

    def without(text: str) -> str:
        for path, shown in kept_at.items():
            text = text.replace(path, shown)
        return text

    results = read(environment.results)
    verdicts = (
        msgspec.structs.replace(
            verdict,
            summary=without(verdict.summary),
            details=without(end_of_traceback(verdict.details) if verdict.kind == "unsupported" else verdict.details),
            difference=[Difference(line.mark, without(line.text)) for line in verdict.difference],
        )
        for verdict in results.verdicts
    )
    return replace(results, verdicts=tuple(verdicts))


def end_of_traceback(details: str) -> str:
    """Return the end of the first traceback in `details`: where NotImplementedError was raised."""
    lines = details.splitlines()
    end = next((number for number, line in enumerate(lines, 1) if line.startswith("NotImplementedError")), len(lines))
    return "\n".join(lines[max(0, end - _PLACE) : end])


def _before(environment: Environment) -> Results | None:
    """Return what was played, if it is known of which cases that was."""
    if not environment.results.is_file() or not environment.played.is_file():
        return None
    return read(environment.results)


def _holds(entry: Entry, kept: Mapping[str, Verdict], rows: Mapping[str, Row]) -> bool:
    """Whether the verdict on `entry` that was reached is one on the case as it is now."""
    verdict, row = kept.get(entry.id), rows.get(entry.id)
    if verdict is None or row is None or row.digest != entry.digest:
        return False
    return verdict.kind in ("pass", "skip") or row.line == entry.line


def _where(results: Results) -> object:
    """Return what results of one column have in common."""
    header = results.header
    return header.python, header.implementation, header.kernel, header.openssl, header.loops


def _write(environment: Environment, catalogue: Catalogue, fresh: Results, kept: Mapping[str, Verdict]) -> None:
    """Write the new verdicts and those that are kept as one file, and of which cases they are."""
    new = {verdict.case: verdict for verdict in fresh.verdicts}
    cases = [entry.id for entry in catalogue.entries]
    verdicts = [new.get(case) or kept[case] for case in cases if case in new or case in kept]
    whole = environment.folder / "results.whole"
    with Writer(whole, msgspec.structs.replace(fresh.header, cases=cases, selected=len(cases))) as writer:
        for verdict in verdicts:
            writer.write(verdict)
        ended = fresh.footer or Footer(ended=fresh.header.began, seconds=0, verdicts=0, interrupted=True, complaints=[])
        writer.write(msgspec.structs.replace(ended, verdicts=len(verdicts)))
    environment.played.unlink(missing_ok=True)
    whole.replace(environment.results)
    rows = {entry.id: Row(entry.digest, entry.line) for entry in catalogue.entries}
    environment.played.write_bytes(msgspec.json.encode(rows))
