"""The rules that no mutation and no broken loop proves, each with its reason: unproved.toml."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import tomli

from tests.proof.state import StateError

FILE = Path(__file__).with_name("unproved.toml")

MOST = 0.05
"""The largest share of the rules that may be listed."""


def reasons(file: Path = FILE) -> dict[str, str]:
    """Return the listed rules with their reasons. Raises StateError for a file that is wrong."""
    try:
        listed = tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomli.TOMLDecodeError) as error:
        raise StateError(f"{file}: {error}") from None
    for rule, reason in listed.items():
        if not isinstance(reason, str) or not reason.strip():
            raise StateError(f"{file}: {rule}: a reason is missing: say why nothing can prove the rule")
    return {rule: " ".join(reason.split()) for rule, reason in listed.items()}


def complaints(listed: dict[str, str], rules: Container[str], proved: Container[str], total: int) -> list[str]:
    """Return what is wrong with the list: rules that there are not, rules that are proved, and too many of them."""
    found = [f"unproved.toml: {rule}: there is no such rule" for rule in listed if rule not in rules]
    found += [f"unproved.toml: {rule}: it is proved: take it off the list" for rule in listed if rule in proved]
    if len(listed) > MOST * total:
        found.append(f"unproved.toml: {len(listed)} of {total} rules are listed, which is more than {MOST:.0%}")
    return found
