"""Play everything many times and report each case whose verdict is not always the same.

    python tests/tools/steady.py stdlib reference --runs 50
    python tests/tools/steady.py stdlib reference --runs 50 --busy 2     # beside two busy processes

Each case is played once a run: what does not pass is not played again, so that no second play hides an unsteady first.
Prints a line a run, then each unsteady case with the verdicts it had and what the rarer ones said. Exit status 0 if
every verdict is steady, 1 if not, 2 for an unknown loop or no case.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import ExitStack

from loopreport.model import Verdict
from loopspec.catalogue import Selection, load
from loopspec.check import check
from loopspec.loops import LoopError, find_loop


def busy(stack: ExitStack, count: int) -> None:
    """Keep `count` processors busy until `stack` is closed."""
    for _ in range(count):
        process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        stack.callback(process.wait)
        stack.callback(process.kill)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loops", nargs="+")
    parser.add_argument("--runs", type=int, default=50, help="how many times (default: 50)")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="beside N busy processes (default: none)")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="worker processes (default: 2)")
    parser.add_argument("-k", dest="words", action="append", default=[], help="only cases whose id has this in it")
    options = parser.parse_args()
    entries = Selection(words=tuple(options.words)).entries(load())
    try:
        loops = [find_loop(name) for name in options.loops]
    except LoopError as error:
        print(error, file=sys.stderr)
        return 2
    if not entries:
        print("no case selected", file=sys.stderr)
        return 2
    verdicts: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    with ExitStack() as stack:
        busy(stack, options.busy)
        for run in range(1, options.runs + 1):
            for loop in loops:
                begin, kinds = time.monotonic(), Counter()
                for verdict in check(loop, entries, options.jobs, again=False):
                    verdicts[verdict.loop, verdict.case].append(verdict)
                    kinds[verdict.kind] += 1
                counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
                print(f"run {run:3} {loop.name:10} {time.monotonic() - begin:6.1f} s  {counts}", flush=True)
    unsteady = {key: found for key, found in verdicts.items() if len({verdict.kind for verdict in found}) > 1}
    for (loop, case), found in unsteady.items():
        kinds = Counter(verdict.kind for verdict in found)
        print(f"\nUNSTEADY {loop} {case}: {dict(kinds)}")
        for verdict in {v.kind: v for v in found if v.kind != kinds.most_common(1)[0][0]}.values():
            print(f"  {verdict.kind}: {verdict.summary}")
            for line in verdict.difference:
                print(f"    {line.mark} {line.text}")
            print("    " + verdict.details.replace("\n", "\n    "))
    runs = f"{options.runs} runs of {len(entries)} cases on {', '.join(options.loops)}"
    print(f"\n{runs}: {'every verdict the same' if not unsteady else f'{len(unsteady)} unsteady'}")
    return 1 if unsteady else 0


if __name__ == "__main__":
    sys.exit(main())
