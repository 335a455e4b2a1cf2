"""The formats of reports that `check` and `report` write to files: each is a function from results to text."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence

from loopreport import files
from loopreport.manner import Manner
from loopreport.merge import Merged
from loopreport.model import CaseInfo
from loopreport.results import ResultsError
from loopspec.commands.errors import CommandError

Format = Callable[[Merged, Mapping[str, CaseInfo], Manner], str]

_FORMATS = {
    "html": "loopreport.html:html",
    "markdown": "loopreport.markdown:page",
    "junit": "loopreport.junit:document",
    "badge": "loopreport.badge:svg",
    "shields": "loopreport.badge:shields",
    "json": "loopreport.joined:joined",
}
"""By the name of the option, the function; its module is imported when the format is asked for."""


_ABOUT_ONE_LOOP = {"badge", "shields"}


class Outputs:
    """The files that a command was asked to write, by the names of their formats.

    Raises CommandError where one of them cannot be written, before anything is played.
    """

    def __init__(self, paths: Mapping[str, str], loops: Sequence[str] = ()) -> None:
        self._paths = {name: path for name, path in paths.items() if path}
        self._formats = {name: _function(_FORMATS[name]) for name in self._paths}
        places = list(self._paths.values())
        if len(loops) > 1 and (single := _ABOUT_ONE_LOOP.intersection(self._paths)):
            raise CommandError(f"--{min(single)} is about one loop, and these are {len(loops)}: {', '.join(loops)}")
        try:
            for path in self._paths.values():
                files.check(path)
                if places.count(path) > 1:
                    raise ResultsError(f"{path}: cannot be written: two reports have this name")
        except ResultsError as error:
            raise CommandError(str(error)) from None

    def __bool__(self) -> bool:
        return bool(self._paths)

    def write(self, merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> None:
        """Write every report. Raises CommandError with a line for each that cannot be; the others are there."""
        mistakes = []
        for name, path in self._paths.items():
            try:
                files.write(path, self._formats[name](merged, cases, manner))
            except ResultsError as error:
                mistakes.append(str(error))
        if mistakes:
            raise CommandError(*mistakes)


def _function(path: str) -> Format:
    module, _, name = path.partition(":")
    found: Format = getattr(importlib.import_module(module), name)
    return found
