"""What -k takes: globs over ids and what stands above them, plain words anywhere, and both by the hundred."""

from __future__ import annotations

import fnmatch

import pytest

from loopspec import globs
from loopspec.catalogue import Selection, load
from loopspec.commands.common import exactly


@pytest.mark.parametrize(
    ("word", "identifier", "taken"),
    [
        ("call-soon*", "call-soon.order/first-come", True),
        ("call-soon.order", "call-soon.order/first-come", True),
        ("soon", "call-soon.order/first-come", True),
        ("*/first-*", "call-soon.order/first-come/row=1", True),
        ("call-soon.order/first-come", "call-soon.order/first-come-last", True),
        ("[c]all-soon.order/first-come", "call-soon.order/first-come-last", False),
        ("[c]all-soon.order/first-come", "call-soon.order/first-come/row=1", True),
        ("soon?order", "call-soon.order", False),
        ("CALL*", "call-soon.order", False),
    ],
)
def test_a_word_takes_an_id(word: str, identifier: str, taken: bool) -> None:
    assert Selection(words=(word,)).takes_id(identifier) is taken
    assert Selection(words=("nothing-like-it", word, "*neither")).takes_id(identifier) is taken


def test_hundreds_of_ids_are_compiled_once_and_take_exactly_these(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = load()
    ids = [entry.id for entry in catalogue.entries[::4]]
    translated = []

    def translate(glob: str) -> str:
        translated.append(glob)
        return original(glob)

    original = fnmatch.translate
    monkeypatch.setattr(globs.fnmatch, "translate", translate)
    taken = exactly(Selection(words=tuple(ids)), catalogue).entries(catalogue)
    below = {entry.id for entry in catalogue.entries for above in ids if entry.id.startswith(f"{above}/")}
    assert {entry.id for entry in taken} == {*ids, *below}
    assert len(ids) > 500
    assert len(translated) == len(ids)
