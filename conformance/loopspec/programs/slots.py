"""What of a program depends on the loop: slots in a text that is the same for every loop, and what goes into them.

A report that shows the program for any of its loops fills the same slots (`program.js` of the HTML report).
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loopspec.catalogue import Entry, citation
from loopspec.loops import Loop

LOOP, NEEDS, CITED = "⟦loop⟧", "⟦needs⟧", "⟦cited⟧"
MAKE, MAKE_POLICY, POLICY = "⟦make⟧", "⟦make policy⟧", "⟦policy⟧"
HELPER, ENVIRONMENT = "⟦environment's helper⟧", "⟦environment⟧"
CERTIFICATES = "⟦certificates⟧"
"""Certificates are made anew for each program, so that this slot is no loop's: `script.program` fills it."""


@dataclass(frozen=True)
class Filling:
    """What one loop puts into the slots."""

    loop: str
    """The loop with its version, and the Python: `uvloop 0.23.0 on Python 3.13.1`."""
    needs: str = ""
    """The distributions to install, separated by spaces."""
    make: Sequence[str] = ()
    """Lines that define `new_event_loop`."""
    make_policy: Sequence[str] = ()
    """Lines that define `new_policy`; none for a loop without a policy of its own."""
    environment: Mapping[str, str] | None = None


def filling(loop: Loop, version: str | None = None, python: str = "") -> Filling:
    """Return what `loop` of that version on that Python fills in; the installed version and this Python by default."""
    if version is None:
        version = loop.version() if loop.package else ""
    named = f"{loop.name} {version}".strip()
    return Filling(
        loop=f"{named} on Python {python or platform.python_version()}",
        needs=" ".join([loop.package, *loop.requires]).strip(),
        make=loop.prepare.strip().splitlines() or _named("new_event_loop", loop.factory),
        make_policy=_named("new_policy", loop.policy) if loop.policy else (),
        environment=loop.environment,
    )


def fill(text: str, entry: Entry, loop: Filling, helper: str, python: str = "") -> str:
    """Return the program with every slot filled but `CERTIFICATES`; `helper` is what sets environment variables."""
    environment = {**(loop.environment or {}), **entry.case.environment}
    literal = ", ".join(f"{_literal(name)}: {_literal(value)}" for name, value in environment.items())
    values = {
        LOOP: loop.loop,
        NEEDS: f"   (after: pip install {loop.needs})" if loop.needs else "",
        CITED: citation(entry.chapter, entry.rule, python or platform.python_version()),
        POLICY: ", new_policy" if loop.make_policy else "",
        MAKE: "\n".join(loop.make),
        MAKE_POLICY: "".join(f"\n{line}" for line in loop.make_policy),
        HELPER: f"\n\n\n{helper}" if environment else "",
        ENVIRONMENT: f"\n    with_environment({{{literal}}})" if environment else "",
    }
    # At once, so that what stands in one slot's filling is no slot.
    pattern = "|".join(map(re.escape, values))
    return re.sub(pattern, lambda found: values[found[0]], text)


def _named(name: str, path: str) -> list[str]:
    """Return the lines that bind `name` to what `module:attribute.attribute` names."""
    module, _, attributes = path.partition(":")
    first, _, rest = attributes.partition(".")
    if not rest:
        return [f"from {module} import {first}" + (f" as {name}" if first != name else "")]
    return [f"from {module} import {first}", f"{name} = {attributes}"]


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
