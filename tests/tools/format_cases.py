"""Format the scripts in case files as ruff would, in place: python tests/tools/format_cases.py [--check] [FILE...].

A script is formatted as the body of a function, so that one blank line stands between its parts and not two.
"""

import argparse
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from loopspec.catalogue import BUILT_IN, load

HEAD = "async def case():\n"
INDENT = "    "
OPTIONS = ["--isolated", f"--line-length={100 + len(INDENT)}", "--target-version=py310"]


def wrapped(script: str, names: Iterable[str] = ()) -> str:
    """Return the script as the body of a function, of which `names` are the parameters."""
    return HEAD.replace("()", f"({', '.join(names)})") + textwrap.indent(script, INDENT)


def formatted(scripts: list[str]) -> list[str]:
    """Return the scripts as ruff formats them, all in one call."""
    mark = "# loopspec: next script\n"
    ruff = [sys.executable, "-m", "ruff", "format", *OPTIONS, "--stdin-filename=case.py", "-"]
    given = mark.join(map(wrapped, scripts))
    done = subprocess.run(ruff, input=given, capture_output=True, text=True, check=True).stdout
    bodies = [part[part.index(HEAD) + len(HEAD) :] for part in done.split(mark)]
    return [textwrap.dedent(body).strip("\n") + "\n" for body in bodies]


def changes(paths: list[Path]) -> dict[Path, list[tuple[int, str, str]]]:
    """Return for each file the scripts that would be formatted otherwise: first line, as it is, as it should be."""
    cases = {(entry.path, entry.line): entry.case.run for entry in load(paths).entries}
    found: dict[Path, list[tuple[int, str, str]]] = {}
    for ((path, line), script), better in zip(cases.items(), formatted(list(cases.values()))):
        if script != better:
            found.setdefault(path, []).append((line, script, better))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="case files (default: the project's)")
    parser.add_argument("--check", action="store_true", help="only say what would be changed; exit status 1 if any")
    options = parser.parse_args()
    found = changes(options.files or [BUILT_IN])
    for path, scripts in found.items():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        for line, script, better in sorted(scripts, reverse=True):
            print(f"{path}:{line}: {'would be' if options.check else ''} formatted")
            lines[line - 1 : line - 1 + len(script.splitlines())] = [better]
        if not options.check:
            path.write_text("".join(lines), encoding="utf-8")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
