"""`loopspec script`: write one case and one loop as a program that needs no loopspec."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from loopspec.catalogue import Entry
from loopspec.commands.common import all_ids, find_loops, load_cases, unknown
from loopspec.commands.errors import CommandError
from loopspec.programs.script import ScriptError, program


def run(identifier: str, loop: str, output: str | None, cases: Sequence[str]) -> int:
    """Write the program for the case or row of that id to the file `output`, or to standard output."""
    catalogue = load_cases(cases)
    ids = all_ids(catalogue)
    if identifier not in ids:
        raise unknown(identifier, ids)
    entries = [entry for entry in catalogue.entries if f"{entry.id}/".startswith(f"{identifier}/")]
    entry = _one(identifier, entries)
    try:
        text = program(entry, find_loops([loop])[0])
    except ScriptError as error:
        raise CommandError(str(error)) from None
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{output}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    return 0


def _one(identifier: str, entries: Sequence[Entry]) -> Entry:
    if not entries:
        raise CommandError(f"{identifier} has no case: it is untestable (loopspec show {identifier})")
    if len(entries) > 1:
        names = ", ".join(entry.id for entry in entries[:5])
        more = f" and {len(entries) - 5} more" if len(entries) > 5 else ""
        raise CommandError(f"{identifier} has {len(entries)} cases: name one of {names}{more}")
    return entries[0]
