"""How fast cases are played, beside how fast CPython's own tests of the same part run: both measured here, in one run.

    python tests/benchmarks/suite_speed.py [--rounds 3]

Each is measured as a whole process, start-up included, in turn; the medians and their ratio are printed. Needs a
Python that has its own tests (`test.test_asyncio`).
"""

import argparse
import importlib.util
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITE = ["-m", "loopspec", "check", "stdlib", "--jobs", "2"]
CPYTHON = ["-m", "unittest", "test.test_asyncio.test_events"]


def timed(arguments: list[str]) -> tuple[float, str]:
    """Run Python with `arguments`; return the seconds it took and what it printed."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return time.perf_counter() - begin, done.stdout + done.stderr


def suite_round() -> tuple[float, int]:
    """Return the seconds of one run of the suite, and how many cases it played."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        seconds, _ = timed([*SUITE, "--json", str(results)])
        records = map(json.loads, results.read_text().splitlines())
        return seconds, sum(record["type"] == "verdict" and record["kind"] != "skip" for record in records)


def cpython_round() -> tuple[float, int]:
    """Return the seconds of one run of CPython's tests, and how many there were."""
    seconds, printed = timed(CPYTHON)
    found = re.search(r"Ran (\d+) tests", printed)
    if not found:
        raise SystemExit(f"CPython's tests did not run:\n{printed[-2000:]}")
    return seconds, int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    options = parser.parse_args()
    if importlib.util.find_spec("test.test_asyncio") is None:
        raise SystemExit("this Python comes without its own tests (test.test_asyncio)")
    pairs = [(suite_round(), cpython_round()) for _ in range(options.rounds)]
    suite, cpython = ([count / seconds for seconds, count in column] for column in zip(*pairs))
    for name, rates, (seconds, count) in (
        ("loopspec check stdlib", suite, pairs[-1][0]),
        ("test_events", cpython, pairs[-1][1]),
    ):
        print(f"{name:24} {count:5} in {seconds:6.2f} s   {statistics.median(rates):7.1f} a second")
    ratio = statistics.median(a / b for a, b in zip(suite, cpython))
    print(f"{'ratio':24} {ratio:.1f}")
    helps = sorted(timed(["-m", "loopspec", "--help"])[0] for _ in range(5))
    print(f"{'loopspec --help':24} {helps[2]:.3f} s (median of 5)")


if __name__ == "__main__":
    main()
