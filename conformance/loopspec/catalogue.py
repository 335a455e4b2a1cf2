"""All rules and cases: loaded from their files, checked against each other, and selected."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from loopspec.format import ROW_KEYS, Case, Chapter, Log, Rule
from loopspec.globs import above, is_glob, matches_any
from loopspec.reading import ChapterFile, Mistake, read_chapter

BUILT_IN = Path(__file__).with_name("cases")
"""The case files of the package."""

DOCUMENTATION = "https://docs.python.org"
_SECTIONS = (
    "asyncio-eventloop.html#event-loop",
    "asyncio-eventloop.html#running-and-stopping-the-loop",
    "asyncio-eventloop.html#scheduling-callbacks",
    "asyncio-eventloop.html#scheduling-delayed-callbacks",
    "asyncio-eventloop.html#creating-futures-and-tasks",
    "asyncio-eventloop.html#opening-network-connections",
    "asyncio-eventloop.html#creating-network-servers",
    "asyncio-eventloop.html#transferring-files",
    "asyncio-eventloop.html#tls-upgrade",
    "asyncio-eventloop.html#watching-file-descriptors",
    "asyncio-eventloop.html#working-with-socket-objects-directly",
    "asyncio-eventloop.html#dns",
    "asyncio-eventloop.html#working-with-pipes",
    "asyncio-eventloop.html#unix-signals",
    "asyncio-eventloop.html#executing-code-in-thread-or-process-pools",
    "asyncio-eventloop.html#error-handling-api",
    "asyncio-eventloop.html#enabling-debug-mode",
    "asyncio-eventloop.html#running-subprocesses",
    "asyncio-eventloop.html#callback-handles",
    "asyncio-eventloop.html#server-objects",
    "asyncio-protocol.html#transports",
    "asyncio-protocol.html#base-transport",
    "asyncio-protocol.html#read-only-transports",
    "asyncio-protocol.html#write-only-transports",
    "asyncio-protocol.html#datagram-transports",
    "asyncio-protocol.html#subprocess-transports",
    "asyncio-protocol.html#protocols",
    "asyncio-protocol.html#base-protocol",
    "asyncio-protocol.html#streaming-protocols",
    "asyncio-protocol.html#buffered-streaming-protocols",
    "asyncio-protocol.html#datagram-protocols",
    "asyncio-protocol.html#subprocess-protocols",
)
"""The sections of the two pages about loops in their order, which is the order of the chapters; other pages follow."""

DOCUMENTED_PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")


class CatalogueError(Exception):
    """Case files with mistakes: one line for each, and which files are fine."""

    def __init__(self, mistakes: Sequence[Mistake], fine: Sequence[Path]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes
        self.fine = fine


@dataclass(frozen=True)
class Entry:
    """One row of one case (or the whole case, where it has no rows) in its rule and chapter.

    `id` names it on the command line and in results: `rule/case`, or `rule/case/row`. `line` is the line of the
    file at `path` on which the script begins.
    """

    id: str
    chapter: Chapter
    rule: Rule
    case: Case
    path: Path
    line: int
    bindings: dict[str, object]
    logs: tuple[Log, ...]
    """The logs that pass: the expected one, then those that are accepted as well."""

    @property
    def counts(self) -> bool:
        """Whether failing it means not to conform: a documented rule that is more than a permission."""
        return self.rule.basis == "documentation" and self.rule.level != "may"

    @functools.cached_property
    def digest(self) -> str:
        """What changes with all that decides how the row is played and judged, but for the engine."""
        case, bindings = self.case, sorted(self.bindings.items())
        where = [case.needs, case.platforms, case.python, self.rule.python]
        how = [case.environment, case.timeout, case.witness, case.incidents]
        decides = [self.id, case.run, bindings, self.logs, where, how]
        return hashlib.sha256(msgspec.json.encode(decides, enc_hook=str)).hexdigest()[:12]


@dataclass(frozen=True)
class Catalogue:
    """The rules and cases of some case files, in their order."""

    files: tuple[ChapterFile, ...]
    entries: tuple[Entry, ...]

    @property
    def rules(self) -> list[tuple[Chapter, Rule]]:
        """Every rule with its chapter, in the files' order."""
        return [(file.chapter, rule) for file in self.files for rule in file.chapter.rule]

    def digest(self) -> str:
        """Return a short digest of the files' text, by which two results can be told to be of the same cases."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.path.name.encode() + b"\0" + file.path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Selection:
    """What to play or list: each condition that is not empty must hold."""

    words: tuple[str, ...] = ()
    """Globs over ids (`tls*`, `*/wakes-*`), of what stands above as well; a plain word is found anywhere in an id."""
    chapters: tuple[str, ...] = ()
    """Parts of a chapter's title or of its file's name, compared without case."""
    levels: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    def takes_rule(self, chapter: Chapter, rule: Rule, file: Path) -> bool:
        """Whether the rule meets every condition but `words`."""
        title = {chapter.chapter.lower(), file.stem.lower()}
        return (
            (not self.chapters or any(part.lower() in name for part in self.chapters for name in title))
            and (not self.levels or rule.level in self.levels)
            and (not self.bases or rule.basis in self.bases)
        )

    def takes_id(self, identifier: str) -> bool:
        """Whether `identifier` (of a rule, case or row) meets one of `words`."""
        if not self.words:
            return True
        globs, plain = _sorted_out(self.words)
        return any(word in identifier for word in plain) or matches_any(globs, above(identifier))

    def entries(self, catalogue: Catalogue) -> list[Entry]:
        """Return the entries of `catalogue` that meet every condition, in their order."""
        return [
            entry
            for entry in catalogue.entries
            if self.takes_rule(entry.chapter, entry.rule, entry.path) and self.takes_id(entry.id)
        ]

    def rules(self, catalogue: Catalogue) -> list[tuple[ChapterFile, Rule]]:
        """Return the rules that meet every condition by their own id or one of their cases'."""
        taken = {entry.rule.id for entry in self.entries(catalogue)}
        return [
            (file, rule)
            for file in catalogue.files
            for rule in file.chapter.rule
            if rule.id in taken or (self.takes_rule(file.chapter, rule, file.path) and self.takes_id(rule.id))
        ]


@functools.cache
def _sorted_out(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the globs among `words`, and the plain ones."""
    return tuple(filter(is_glob, words)), tuple(itertools.filterfalse(is_glob, words))


def load(paths: Iterable[Path] = (BUILT_IN,)) -> Catalogue:
    """Load the case files at `paths` (files, or folders of `*.toml`).

    Raises `CatalogueError` with every mistake in any of them.
    """
    mistakes: list[Mistake] = []
    files: list[ChapterFile] = []
    for path in _case_files(paths, mistakes):
        outcome = read_chapter(path)
        if isinstance(outcome, list):
            mistakes += outcome
        else:
            files.append(outcome)
    files.sort(key=_in_documentation)
    mistakes += _repeated_ids(files)
    entries: list[Entry] = []
    for file in files:
        for entry in _entries(file):
            if isinstance(entry, Mistake):
                mistakes.append(entry)
            else:
                entries.append(entry)
    if mistakes:
        wrong = {mistake.path for mistake in mistakes}
        raise CatalogueError(mistakes, [file.path for file in files if file.path not in wrong])
    return Catalogue(tuple(files), tuple(entries))


@functools.cache
def applies(specifier: str, version: str) -> bool:
    """Whether the PEP 440 `specifier` takes the Python `version` (pre-releases count as their release)."""
    return SpecifierSet(specifier).contains(Version(version.rstrip("+")).base_version)


def citation(chapter: Chapter, rule: Rule, version: str) -> str:
    """Return the URL of the rule in the documentation of Python `version` ('3.12').

    A rule that no longer holds in that version is cited from the newest version in which it does.
    """
    if not applies(rule.python, f"{version}.0" if version.count(".") == 1 else version):
        held = [known for known in DOCUMENTED_PYTHONS if applies(rule.python, f"{known}.99")]
        version = held[-1] if held else version
    page = (rule.page or chapter.page).partition("#")[0]
    return f"{DOCUMENTATION}/{'.'.join(version.split('.')[:2])}/{page}#{rule.anchor}"


def _case_files(paths: Iterable[Path], mistakes: list[Mistake]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.toml"))
            if not found:
                mistakes.append(Mistake(path, 1, "", "no case file (*.toml) in this folder"))
            yield from found
        else:
            yield path


def _in_documentation(file: ChapterFile) -> tuple[int, str, str]:
    section = file.chapter.page.removeprefix("library/")
    place = _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)
    return place, section, file.path.stem


def _repeated_ids(files: Iterable[ChapterFile]) -> Iterator[Mistake]:
    rules: dict[str, str] = {}
    for file in files:
        for rule, (rule_place, case_places) in zip(file.chapter.rule, file.places.rules):
            here = f"{file.path.name}:{rule_place.line_of('id')}"
            if first := rules.get(rule.id):
                where = f"rule {rule.id}"
                yield Mistake(file.path, rule_place.line_of("id"), where, f"key `id`: used before, at {first}")
            rules.setdefault(rule.id, here)
            cases: dict[str, int] = {}
            for case, place in zip(rule.case, case_places):
                line = place.line_of("id")
                if case.id in cases:
                    where = f"rule {rule.id}, case {case.id}"
                    yield Mistake(file.path, line, where, f"key `id`: used before, at line {cases[case.id]}")
                cases.setdefault(case.id, line)


def _entries(file: ChapterFile) -> Iterator[Entry | Mistake]:
    for rule, (_, case_places) in zip(file.chapter.rule, file.places.rules):
        for case, place in zip(rule.case, case_places):
            labels: set[str] = set()
            for row in case.each or [{}]:
                bindings = {name: value for name, value in row.items() if name not in ROW_KEYS}
                label = str(row.get("id") or ",".join(f"{name}={value}" for name, value in bindings.items()))
                name = f"{rule.id}/{case.id}" + (f"/{label}" if case.each else "")
                where, line = f"rule {rule.id}, case {case.id}", place.line_of("each")
                if case.each and not label:
                    yield Mistake(file.path, line, where, "key `each`: a row binds a name or has an `id`")
                elif "/" in label or len(label) > 60 or not label.isprintable():
                    yield Mistake(file.path, line, where, f"key `each`: row {label!r} needs a short `id` of its own")
                elif label in labels:
                    yield Mistake(file.path, line, where, f"key `each`: row {label!r} twice: give each an `id`")
                elif wrong := _wrong_in_row(row, bindings):
                    yield Mistake(file.path, line, where, f"key `each`: row {label!r}: {wrong}")
                else:
                    logs = (row.get("log", case.log), *row.get("accepts", () if "log" in row else case.accepts))
                    first = place.line_of("run") + 1
                    yield Entry(name, file.chapter, rule, case, file.path, first, bindings, logs)
                labels.add(label)


def _wrong_in_row(row: dict[str, object], bindings: dict[str, object]) -> str:
    for key, wanted in (("id", str), ("log", Log), ("accepts", list[Log])):
        try:
            if key in row:
                msgspec.convert(row[key], wanted)
        except msgspec.ValidationError as error:
            return f"`{key}`: {error}"
    for name in bindings:
        if not name.isidentifier():
            return f"`{name}` cannot be a name in the script"
    return ""
