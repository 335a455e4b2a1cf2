"""What several commands need: the catalogue, loops and selection that their arguments name, or one clear line."""

from __future__ import annotations

import contextlib
import difflib
import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from loopspec.catalogue import BUILT_IN, Catalogue, CatalogueError, Selection, load
from loopspec.commands.errors import CommandError
from loopspec.describe import shortened
from loopspec.loops import Loop, LoopError, find_loop


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Return the console for standard output: what it shows is text, never markup."""
    return _Console(highlight=False, markup=False, emoji=False)


def load_cases(paths: Sequence[str]) -> Catalogue:
    """Load the case files at `paths`, or the built-in ones. Raises CommandError with a line for each mistake."""
    chosen = [Path(path) for path in paths] or [BUILT_IN]
    try:
        return load(chosen)
    except CatalogueError as error:
        lines = [str(replace(mistake, path=Path(shortened(mistake.path)))) for mistake in error.mistakes]
        fine = ", ".join(path.name for path in error.fine)
        lines.append(f"Nothing was played. {f'Without a mistake: {fine}' if fine else 'No file is without a mistake.'}")
        raise CommandError(*lines) from None


def find_loops(names: Iterable[str]) -> list[Loop]:
    """Return the loops that are named, each once. Raises CommandError with a line for each that cannot be."""
    loops, mistakes = [], []
    for name in dict.fromkeys(names):
        try:
            with _modules_of_this_folder():
                loops.append(find_loop(name))
        except LoopError as error:
            mistakes.append(str(error))
        except (ImportError, ValueError) as error:
            mistakes.append(f"loop {name!r}: its module cannot be found: {error}")
    if mistakes:
        raise CommandError(*mistakes)
    return loops


def exactly(selection: Selection, catalogue: Catalogue) -> Selection:
    """Return the selection in which a word that is an id means only that rule, case or row and what is below it.

    Other words are found anywhere in an id, so that `a/reports` would take `a/reports-twice` as well.
    """
    ids = all_ids(catalogue)
    words = tuple(_as_glob(word) if word in ids else word for word in selection.words)
    return replace(selection, words=words)


def all_ids(catalogue: Catalogue) -> dict[str, str]:
    """Return every id of a rule, a case and a row, with the word for which of the three it is."""
    ids = {rule.id: "rule" for _, rule in catalogue.rules}
    for entry in catalogue.entries:
        ids[f"{entry.rule.id}/{entry.case.id}"] = "case"
        ids.setdefault(entry.id, "row")
    return ids


def unknown(identifier: str, ids: Iterable[str]) -> CommandError:
    """Return the error for an id that does not exist, with what may have been meant."""
    ids = list(ids)
    close = difflib.get_close_matches(identifier, ids, n=3, cutoff=0.5) or [name for name in ids if identifier in name]
    hint = f"did you mean {' or '.join(close[:3])}?" if close else "loopspec list shows them all"
    return CommandError(f"no rule or case {identifier!r}: {hint}")


def none_selected(selection: Selection, catalogue: Catalogue) -> CommandError:
    """Return the error for a selection that takes nothing, naming the condition which no case meets if there is one."""
    conditions = [
        *(("--chapter", value, Selection(chapters=(value,))) for value in selection.chapters),
        *(("-k", value, Selection(words=(value,))) for value in selection.words),
        *(("--level", value, Selection(levels=(value,))) for value in selection.levels),
        *(("--basis", value, Selection(bases=(value,))) for value in selection.bases),
    ]
    for option, value, alone in conditions:
        if not alone.entries(catalogue):
            names = [file.path.stem for file in catalogue.files] if option == "--chapter" else [*all_ids(catalogue)]
            close = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else "loopspec list shows what there is"
            return CommandError(f"no case selected: nothing matches {option} {value!r}: {hint}")
    return CommandError("no case selected: no case meets all the conditions at once")


def _as_glob(identifier: str) -> str:
    return f"[{identifier[0]}]{glob.escape(identifier[1:])}"


@contextlib.contextmanager
def _modules_of_this_folder() -> Iterator[None]:
    """Let modules of the current folder be found, as the workers find them."""
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(here)
