"""Inject faults into `loopspec check` at random moments, and see that nothing is lost, left behind or unclear.

    python tests/tools/inject_faults.py --trials 100             # of each kind
    python tests/tools/inject_faults.py stop --seed 17           # this one again

A trial is given by its kind and its seed, which says what is done, how often, and at which moments. Its moments are
parts of the time that a run takes to which nothing happens, so that they fall where they did on any machine, but for
what that does meanwhile. Prints a line a trial, with its seed. Exit status 0 if all went well, 1 if not.

The kinds:

- `stop`: SIGINT, SIGTERM or SIGHUP, once or impatiently often, to the process or, as a terminal does, to its group;
- `kill`: SIGKILL, SIGSEGV or SIGTERM to processes in which cases are played, or from which these are forked;
- `leave`: whoever reads standard output goes away after some lines, as `head` does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from loopreport.model import Footer
from loopreport.results import Results, read

CASES = Path(__file__).parents[1] / "hostile" / "cases" / "plenty.toml"
LOOPS = ("asyncio:SelectorEventLoop", "reference")
PATIENCE = 300
"""Seconds after which a run counts as one that does not end: none takes a tenth of it on a machine at full load."""

MARK = "LOOPSPEC_FAULTS"
"""The environment variable by which what a run has started is found again."""

_TOLD = re.compile(r"^(?:pass|fail|unsupported|crash|hang|flaky|skip|broken) +\S+  (\S+)", re.MULTILINE)
_CONFORMS, _DOES_NOT, _BROKEN_PIPE = 0, 1, 141


def bearing(mark: str) -> Iterator[psutil.Process]:
    """Give the processes that were started with this mark in their environment, but not this one."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.pid != os.getpid():
                yield process
        except psutil.Error:
            continue


@dataclass
class Run:
    """One run of `loopspec check` with results and reports, in a folder of its own."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        (self.folder / "temporary").mkdir(parents=True)
        (self.folder / "reports").mkdir()
        self.results = self.folder / "results.json"
        reports = {"--html": "page.html", "--markdown": "page.md", "--junit": "results.xml"}
        options = [part for name, file in reports.items() for part in (name, str(self.folder / "reports" / file))]
        self._whole = sorted(reports.values())
        command = [sys.executable, "-m", "loopspec", "check", *LOOPS, "--cases", str(CASES), "-v", "-j", "2"]
        self.process = subprocess.Popen(
            [*command, "--json", str(self.results), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "TMPDIR": str(self.folder / "temporary"),
                MARK: self.mark,
            },
            start_new_session=True,
        )
        assert self.process.stdout
        self.out = self.process.stdout

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end and return the exit status and what was written to standard output and error."""
        try:
            out, errors = self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
        return self.process.returncode, (out or b"").decode(), errors.decode()

    def verdicts(self) -> int:
        """Return how many verdicts there are in the results by now."""
        return max(0, self.results.read_bytes().count(b"\n") - 1) if self.results.exists() else 0

    def workers(self) -> list[psutil.Process]:
        """Return the processes in which cases are played, their tracers, and what they are forked from."""
        found = []
        for process in bearing(self.mark):
            try:
                if any("loopspec.isolation." in part for part in process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def leftovers(self) -> list[str]:
        """Say what the run has left behind that it should have taken away."""
        left = [f"process {process.pid} {process.cmdline()}" for process in bearing(self.mark)]
        left += [f"temporary file {path.name}" for path in (self.folder / "temporary").iterdir()]
        return left + [f"half a report: {path}" for path in (self.folder / "reports").iterdir() if self._is_half(path)]

    def _is_half(self, path: Path) -> bool:
        ends = {".html": "</html>", ".md": "", ".xml": "</testsuites>"}
        return path.suffix not in ends or not path.read_text(encoding="utf-8").rstrip().endswith(ends[path.suffix])


def undisturbed(folder: Path) -> float:
    """Return the seconds that a run takes to which nothing happens."""
    begin = time.monotonic()
    run = Run(folder)
    status, out, errors = run.ended()
    seconds = time.monotonic() - begin
    assert (status, errors, run.leftovers()) == (_CONFORMS, "", []), out + errors
    assert sorted(path.name for path in (folder / "reports").iterdir()) == run._whole
    return seconds


def stop(seed: int, folder: Path, seconds: float) -> str:
    """Stop a run at a random moment by SIGINT, SIGTERM or SIGHUP, and return in words what was done and came of it."""
    chosen = random.Random(seed)
    number = chosen.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    moments = [chosen.uniform(0, 1.1), *(chosen.expovariate(20) for _ in range(chosen.choice([0, 0, 1, 3])))]
    whole_group = number == signal.SIGINT and chosen.random() < 0.5
    run = Run(folder)
    for moment in moments:
        time.sleep(moment * seconds)
        if run.process.poll() is None:
            os.killpg(run.process.pid, number) if whole_group else run.process.send_signal(number)
    status, out, errors = run.ended()
    what = f"{number.name} to {'the group' if whole_group else 'the process'} after "
    what += " + ".join(f"{moment:.3f}" for moment in moments) + f" of {seconds:.1f} s: status {status}"
    told = _TOLD.findall(out)
    what += f", {len(told)} verdicts told"
    wrong = run.leftovers()
    # While the interpreter is still starting, nothing of loopspec's can keep it from telling where it was.
    starting = not out and not re.search(r"loopspec/(?!__init__|__main__)", errors)
    if errors and errors != f"loopspec: stopped by {number.name} before everything was reported\n" and not starting:
        wrong.append(f"standard error: {errors}")
    written = run.results.exists() and run.results.stat().st_size > 0
    results = read(run.results) if written else None
    if results:
        wrong += _lost(results, told)
    elif told:
        wrong.append("no results")
    reported = "Results written to" in out
    if status == 128 + number:
        if results and results.verdicts and not results.footer:
            wrong.append("the results are cut short")
        if not errors and results and results.verdicts and "Interrupted after" not in out:
            wrong.append("nothing says that the run was interrupted")
    elif status == -number:
        # Before it was known what is asked for, or when all was done.
        if told and not reported:
            wrong.append("ended by the signal itself")
    elif status != _CONFORMS or not reported:
        wrong.append("another exit status than there should be")
    assert not wrong, "\n".join([what, *wrong, out])
    return what


def kill(seed: int, folder: Path, seconds: float) -> str:
    """Kill workers of a run at random moments, and return in words what was done and came of it."""
    chosen = random.Random(seed)
    number = chosen.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
    moments = sorted((chosen.randint(0, 29), chosen.uniform(0, 0.05)) for _ in range(chosen.randint(1, 6)))
    run = Run(folder)
    killed = 0
    for count, pause in moments:
        while run.verdicts() < count and run.process.poll() is None:
            time.sleep(0.01)
        time.sleep(pause * seconds)
        if workers := run.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                chosen.choice(sorted(workers, key=lambda worker: worker.pid)).send_signal(number)
                killed += 1
    status, out, errors = run.ended()
    what = f"{number.name} to {killed} workers after verdict "
    what += ", ".join(f"{count} + {pause:.3f}" for count, pause in moments) + f" of {seconds:.1f} s: status {status}"
    wrong = run.leftovers()
    if errors:
        wrong.append(f"standard error: {errors}")
    results = read(run.results)
    wrong += _lost(results, _TOLD.findall(out))
    if results.missing or not results.footer or results.footer.interrupted:
        wrong.append(f"{results.missing} verdicts are missing")
    others = [verdict for verdict in results.verdicts if verdict.kind != "pass"]
    if len(others) > killed and not any("could not be brought up" in verdict.summary for verdict in others):
        wrong.append(f"{len(others)} verdicts are no pass")
    for verdict in others:
        if not any(how in verdict.summary for how in (f"killed by {number.name}", "ended, and how is not known")):
            wrong.append(f"{verdict.case} was {verdict.kind}: {verdict.summary}")
    if status != (_DOES_NOT if others else _CONFORMS):
        wrong.append("another exit status than there should be")
    assert not wrong, "\n".join([what, *wrong, out])
    return f"{what}, {len(others)} verdicts are no pass"


def leave(seed: int, folder: Path, seconds: float) -> str:
    """Read some lines of what a run prints, and no more; return in words what was done and came of it."""
    lines = random.Random(seed).randint(0, 30)
    run = Run(folder)
    told = [run.out.readline().decode() for _ in range(lines)]
    run.out.close()
    status, _, errors = run.ended()
    what = f"the reader left after {lines} lines: status {status}"
    wrong = run.leftovers()
    if errors:
        wrong.append(f"standard error: {errors}")
    if status != _BROKEN_PIPE:
        wrong.append("another exit status than there should be")
    results = read(run.results)
    wrong += _lost(results, _TOLD.findall("".join(told)))
    if not results.footer or not results.footer.interrupted:
        wrong.append("the results do not say that they were interrupted")
    assert not wrong, "\n".join([what, *wrong, *told])
    return f"{what}, {len(results.verdicts)} verdicts"


def _lost(results: Results, told: list[str]) -> Iterator[str]:
    """Say which verdicts were told and are not in the results."""
    written = [verdict.case for verdict in results.verdicts]
    if lost := set(told) - set(written):
        yield f"told and not in the results: {', '.join(sorted(lost))}"
    if isinstance(results.footer, Footer) and results.footer.verdicts != len(written):
        yield f"{results.footer.verdicts} verdicts counted, {len(written)} written"


TRIALS = {"stop": stop, "kill": kill, "leave": leave}
"""By its name, each kind of trial: from a seed, an empty folder, and the seconds of an undisturbed run, to words."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[[], *TRIALS], metavar="KIND", help="what to do (default: all)")
    parser.add_argument("--trials", type=int, default=1, help="how many of each kind (default: 1)")
    parser.add_argument("--seed", type=int, help="the first trial's; each next one has the next (default: any)")
    options = parser.parse_args()
    first = random.randrange(10**6) if options.seed is None else options.seed
    failed = 0
    with tempfile.TemporaryDirectory(prefix="loopspec-faults-") as folder:
        seconds = undisturbed(Path(folder) / "undisturbed")
        for number in range(options.trials):
            for kind in options.kinds or TRIALS:
                seed = first + number
                try:
                    print(
                        f"{kind} {seed}: {TRIALS[kind](seed, Path(folder) / f'{kind}-{number}', seconds)}", flush=True
                    )
                except AssertionError as error:
                    failed += 1
                    print(f"\nWRONG {kind} --seed {seed}: {error}", flush=True)
    print(f"{failed} of {options.trials * len(options.kinds or TRIALS)} trials went wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
