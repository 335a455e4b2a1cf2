"""`loopspec script`: one case and one loop as a program that needs no loopspec, for a bug report."""

from __future__ import annotations

import ast
import datetime
import functools
import inspect
import io
import json
import math
import symtable
import textwrap
import tokenize
from collections.abc import Collection, Sequence
from typing import Any

from loopspec.catalogue import Entry
from loopspec.describe import suite_version
from loopspec.format import Basis, Log
from loopspec.isolation.witness import POLLING, POLLS
from loopspec.loops import Loop
from loopspec.play import compile_script
from loopspec.programs.shake import Copy
from loopspec.programs.slots import (
    CERTIFICATES,
    CITED,
    ENVIRONMENT,
    HELPER,
    LOOP,
    MAKE,
    MAKE_POLICY,
    NEEDS,
    POLICY,
    fill,
    filling,
)
from loopspec.stage import MODULES, WORDS

_WIDTH = 100
_WITNESS = ("_mark", "_polling")
"""Attributes of a stage that only serve the record of system calls."""

_UNSEEN_POLLS = '''@contextlib.contextmanager
def polls(self) -> Iterator[None]:
    """Do nothing: what the loop polls in the block, only a look at the process from outside can tell."""
    yield'''

_DATES = (datetime.date, datetime.time)
_BASES: dict[Basis, str] = {"documentation": "documented", "cpython": "what CPython does, not documented"}


class ScriptError(Exception):
    """A case that cannot be written as a program of its own; the text is one line."""


def program(entry: Entry, loop: Loop) -> str:
    """Return a program that plays `entry` on `loop` and exits with 0 if what is expected is observed, else with 1.

    Raises ScriptError for a case that cannot be written so.
    """
    return _checked(entry, fill(template(entry), entry, filling(loop), environment_helper()))


def template(entry: Entry) -> str:
    """Return the program for any loop: with slots (`loopspec.programs.slots`) where loops differ.

    Raises ScriptError as `program` does, but for what is no Python in the end.
    """
    try:
        return _template(entry, inlined(entry))
    except SyntaxError as error:
        raise _unwritable(entry, error) from None


@functools.cache
def environment_helper() -> str:
    """Return the function by which a program sets environment variables; it needs imports that each program has."""
    copy = Copy()
    copy.take("loopspec.programs.standalone", "with_environment")
    return "\n\n\n".join(copy.chunks)


def _checked(entry: Entry, text: str) -> str:
    text = text.replace(CERTIFICATES, "\n".join(_certificates())) if CERTIFICATES in text else text
    try:
        compile(text, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _unwritable(entry, error) from None
    return text


def _unwritable(entry: Entry, error: SyntaxError) -> ScriptError:
    return ScriptError(f"{entry.id} cannot be written as a program: {error.msg}: {error.text}".rstrip())


def _template(entry: Entry, script: str) -> str:
    used = _used(script)
    words = [word for word in (*WORDS, "tmp_path") if word in used and word not in entry.bindings]
    imports = {f"import {module}" for module in MODULES if module.partition(".")[0] in used} | {"import sys"}
    if any(isinstance(value, _DATES) for value in entry.bindings.values()):
        imports.add("import datetime")
    secret = not {"server_tls", "client_tls", "tls_peer"}.isdisjoint(words)
    engine = _engine(tuple(words), secret)
    make = MAKE + MAKE_POLICY if "new_policy" in words else MAKE
    imports |= engine.imports
    sections = [
        [*_about(entry), "", "from __future__ import annotations", "", *_imports(imports), "", make],
        _expected(entry),
        _case(entry, script, words),
        ["# Below: the words that the case uses, and what plays it, watches it and compares."],
        *([chunk] for chunk in engine.chunks[:-1]),
        [engine.chunks[-1] + HELPER],
        *([[CERTIFICATES]] if secret else []),
        _ending(entry, words),
    ]
    return "\n\n\n".join("\n".join(section) for section in sections) + "\n"


@functools.cache
def _engine(words: Sequence[str], secret: bool) -> Copy:
    """Copy what the program needs besides the case itself."""
    copy = Copy()
    if secret:
        copy.take("loopspec.programs.standalone", "Certificates")
    instead = {
        "_authority": "def _authority(self) -> Certificates:\n    return Certificates(AUTHORITY, CERTIFICATE)",
        "polls": _UNSEEN_POLLS,
    }
    copy.take_class(
        "loopspec.stage", "Stage", ["log", "close", "join_threads", *words], without=_WITNESS, instead=instead
    )
    copy.take("loopspec.programs.standalone", "run")
    return copy


def _about(entry: Entry) -> list[str]:
    """Return the comment at the top: what is stated, where, and how to read what the program does."""
    rule, case = entry.rule, entry.case
    fields = [
        ("Rule", rule.says),
        ("", f"{rule.id}: {rule.subject}, {rule.level}, {_BASES[rule.basis]}"),
        ("", CITED),
        ("Case", case.about),
        ("", entry.id.partition("/")[2]),
    ]
    lines = [f"# Written by loopspec {suite_version()}.", "#", f"# Loop    {LOOP}"]
    for name, text in fields:
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=f"# {name:<8}",
            subsequent_indent=f"# {'':<8}",
            break_long_words=False,
            break_on_hyphens=False,
        )
    lines.append(f"# Run it  python THIS_FILE{NEEDS}")
    lines.append("#         It exits with 0 if what is expected is observed, and with 1 otherwise.")
    lines.append("#         python THIS_FILE 20   plays it 20 times: some mistakes show only in the long run.")
    if entry.case.witness:
        lines += [
            "#",
            f"# NOT SEEN by this program: what the loop polls in the block `polls()`. Expected: {_polls(entry)}.",
            f"#         strace -f -e trace={','.join(f'?{name}' for name in POLLING)} python THIS_FILE",
        ]
    return lines


def _polls(entry: Entry) -> str:
    return ", ".join(str(line) for line in entry.logs[0] if line in POLLS)


def _seen(entry: Entry) -> list[Log]:
    """Return the accepted logs without what only a record of system calls adds to a log."""
    if not entry.case.witness:
        return list(entry.logs)
    logs = [[line for line in log if line not in POLLS] for log in entry.logs]
    return [log for place, log in enumerate(logs) if log not in logs[:place]]


def _imports(needed: Collection[str]) -> list[str]:
    """Return the import statements, what comes from one module in one line."""
    lines = sorted(line for line in needed if line.startswith("import "))
    sources: dict[str, list[str]] = {}
    for line in sorted(set(needed).difference(lines)):
        source, _, name = line.partition(" import ")
        sources.setdefault(source, []).append(name)
    return lines + [f"{source} import {', '.join(names)}" for source, names in sources.items()]


def _expected(entry: Entry) -> list[str]:
    first, *others = _seen(entry)
    lines = ["# What must be observed; a list within the list is a group of lines in any order."]
    lines += [f"EXPECTED = {_literal(first)}"]
    lines += ["# Any one of these logs is right."] if others else []
    lines += [f"ACCEPTED = [{', '.join(['EXPECTED', *map(_literal, others)])}]"]
    if entry.case.incidents:
        lines.append("# What must happen beside the log; anything else of the kind is a failure.")
    return [*lines, f"INCIDENTS = {_literal(list(entry.case.incidents))}"]


def _case(entry: Entry, script: str, words: Sequence[str]) -> list[str]:
    """Return the case as a function of the loop and of the words that it uses."""
    body, bound = _as_body(script)
    tops = {module.partition(".")[0] for module in MODULES}
    # A module's name that the script binds anew would be unbound before, if it were not a parameter.
    parameters = ["loop", *words, *(f"{name}={name}" for name in sorted(tops & bound))]
    used = _used(script)
    row = [f"    {name} = {_literal(value)}" for name, value in entry.bindings.items() if name in used]
    head = f"{'async ' if _is_async(entry) else ''}def case({', '.join(parameters)}):"
    return [head, *row, *([""] if row else []), *body]


def inlined(entry: Entry) -> str:
    """Return the script with the code that it takes by `eval` or `exec` out of its row, or a text of its own, in place.

    Raises ScriptError where code is made in another way: in a function, it would not find the script's names.
    """
    lines = [line.encode() for line in entry.case.run.splitlines()]
    tree = ast.parse(entry.case.run)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    texts = {**_texts(tree), **entry.bindings}
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset), reverse=True):
        if not (isinstance(call.func, ast.Name) and call.func.id in ("eval", "exec")):
            continue
        name = call.args[0].id if len(call.args) == 1 and isinstance(call.args[0], ast.Name) else ""
        code = texts.get(name)
        if not isinstance(code, str) or call.end_lineno != call.lineno:
            raise ScriptError(
                f"{entry.id} cannot be written as a program: it makes code while it runs, by {call.func.id}()"
            )
        line = lines[call.lineno - 1]
        before, after = line[: call.col_offset], line[call.end_col_offset :]
        if call.func.id == "eval":
            lines[call.lineno - 1] = before + _in_brackets(code.strip()).encode() + after
        else:
            indentation = before.decode()
            lines[call.lineno - 1] = textwrap.indent(code.strip("\n"), indentation).encode() + after
    return b"\n".join(lines).decode() + "\n"


def _texts(tree: ast.Module) -> dict[str, object]:
    """Return the names that the script binds at its top level to a literal, and nowhere else to anything."""
    stored = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {
        statement.targets[0].id: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
        and stored.count(statement.targets[0].id) == 1
    }


def _in_brackets(expression: str) -> str:
    """Return the expression in brackets, unless it needs none wherever it stands."""
    node = ast.parse(expression, mode="eval").body
    whole = isinstance(node, (ast.Attribute, ast.Call, ast.Constant, ast.Dict, ast.List, ast.Name, ast.Subscript))
    return expression if whole and "\n" not in expression else f"({expression})"


def _used(script: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Name)}


def _as_body(script: str) -> tuple[list[str], set[str]]:
    """Return the script's lines as those of a function, and the names that are bound at its top level."""
    lines = script.rstrip("\n").splitlines()
    inside = _inside_strings(script)
    body = [line if not line.strip() or number in inside else f"    {line}" for number, line in enumerate(lines, 1)]
    table = symtable.symtable("\n".join(["async def case():", *body]), "script", "exec")
    function = table.lookup("case").get_namespace()
    bound = set(function.get_locals()) if isinstance(function, symtable.Function) else set()
    # What a function of the script assigns as a global is, in the program, a variable of the function around it.
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Global) and bound.issuperset(node.names):
            body[node.lineno - 1] = body[node.lineno - 1].replace("global ", "nonlocal ", 1)
    return body, bound


def _inside_strings(script: str) -> set[int]:
    """Return the numbers of the lines that begin within a string, where an indentation would change its text."""
    inside: set[int] = set()
    begun: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(script).readline):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            inside |= set(range(token.start[0] + 1, token.end[0] + 1))
        elif name in ("FSTRING_START", "TSTRING_START"):
            begun.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            inside |= set(range(begun.pop() + 1, token.end[0] + 1))
    return inside


def _ending(entry: Entry, words: Sequence[str]) -> list[str]:
    call = f"case({', '.join(['loop', *(f'stage.{word}' for word in words)])})"
    return [
        "def play(stage, loop):",
        f"    loop.run_until_complete({call})" if _is_async(entry) else f"    {call}",
        "",
        "",
        "def new_stage():",
        f"    return Stage(new_event_loop{POLICY if 'new_policy' in words else ''})",
        "",
        "",
        f'if __name__ == "__main__":{ENVIRONMENT}',
        f"    sys.exit(run(play, new_event_loop, new_stage, ACCEPTED, INCIDENTS, {entry.case.timeout}))",
    ]


def _certificates() -> list[str]:
    import trustme

    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1", "::1")
    certificate = b"".join(blob.bytes() for blob in issued.cert_chain_pems) + issued.private_key_pem.bytes()
    lines = ["# Made for this program alone, valid for localhost."]
    for name, pem in (("AUTHORITY", authority.cert_pem.bytes()), ("CERTIFICATE", certificate)):
        lines += [f'{name} = """', *pem.decode("ascii").replace("\r", "").strip().splitlines(), '"""']
    return lines


def _is_async(entry: Entry) -> bool:
    return bool(compile_script(entry.case.run, str(entry.path), entry.line).co_flags & inspect.CO_COROUTINE)


def _literal(value: Any) -> str:
    """Return the Python expression for a value out of TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        items = [_literal(item) for item in value]
        line = f"[{', '.join(items)}]"
        if len(line) <= _WIDTH:
            return line
        return "\n".join(["[", *(textwrap.indent(f"{item},", "    ") for item in items), "]"])
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
