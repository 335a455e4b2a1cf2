"""Check the reference loop and the standard library's on several Pythons.

    python tests/tools/every_python.py python3.10 python3.13 /opt/python-3.15/bin/python3.15
    python tests/tools/every_python.py            # every python3.10 … python3.15 on PATH that runs

Makes a virtual environment for each interpreter in a temporary folder, installs this checkout into it, and runs
`loopspec check reference stdlib` there, with the expected failures of the standard library. Prints a line for each
Python; exit status 1 if any does not conform, 2 if there is none or one cannot be set up.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "expected" / "stdlib.toml"


def on_path() -> list[str]:
    """Return the supported Pythons that are on PATH and run."""
    names = (f"python3.{minor}" for minor in range(10, 16))
    return [name for name in names if shutil.which(name) and run([name, "-c", "import ssl, venv"]).returncode == 0]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end and keep what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON", help="interpreters (default: those on PATH)")
    parser.add_argument("--loop", action="append", help="loops to check (default: reference and stdlib)")
    options = parser.parse_args()
    pythons = options.pythons or on_path()
    loops = options.loop or ["reference", "stdlib"]
    if not pythons:
        print("no python3.10 … python3.15 on PATH: name the interpreters", file=sys.stderr)
        return 2
    status = 0
    for python in pythons:
        with tempfile.TemporaryDirectory(prefix="loopspec-python-") as folder:
            binaries = Path(folder) / "bin"
            package = f"{ROOT}[loops]"
            for command in ([python, "-m", "venv", folder], [str(binaries / "pip"), "install", "-q", package]):
                made = run(command)
                if made.returncode:
                    print(f"{python}: {' '.join(command)} failed:\n{made.stderr}", file=sys.stderr)
                    return 2
            version = run([str(binaries / "python"), "-V"]).stdout.strip()
            checked = run([str(binaries / "loopspec"), "check", *loops, "--expect", str(EXPECTED)])
            summary = [line for line in checked.stdout.splitlines() if "conform" in line] or [checked.stderr.strip()]
            print(f"{version}: exit status {checked.returncode}", *summary, sep="\n    ", flush=True)
            if checked.returncode:
                print(checked.stdout, checked.stderr, file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
