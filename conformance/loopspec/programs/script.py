"""`loopspec script`: one case and one loop as a program that needs no loopspec, for a bug report."""

from __future__ import annotations

import ast
import datetime
import inspect
import io
import json
import math
import platform
import symtable
import textwrap
import tokenize
from collections.abc import Sequence
from typing import Any

from loopspec.catalogue import Entry, citation
from loopspec.describe import suite_version
from loopspec.format import Basis
from loopspec.loops import Loop
from loopspec.play import compile_script
from loopspec.programs.shake import Copy
from loopspec.stage import MODULES, WORDS

_WIDTH = 100
_WITNESS = ("_mark", "_polling")
"""Attributes of a stage that only serve the record of system calls."""

_DATES = (datetime.date, datetime.time)
_BASES: dict[Basis, str] = {"documentation": "documented", "cpython": "what CPython does, not documented"}


class ScriptError(Exception):
    """A case that cannot be written as a program of its own; the text is one line."""


def program(entry: Entry, loop: Loop) -> str:
    """Return a program that plays `entry` on `loop` and exits with 0 if what is expected is observed, else with 1.

    Raises ScriptError for a case that reads system calls off strace.
    """
    if entry.case.witness:
        raise ScriptError(f"{entry.id} reads off strace which system calls a loop makes: no program can by itself")
    try:
        text = _program(entry, loop, inlined(entry))
        compile(text, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ScriptError(f"{entry.id} cannot be written as a program: {error.msg}: {error.text}".rstrip()) from None
    return text


def _program(entry: Entry, loop: Loop, script: str) -> str:
    used = _used(script)
    words = [word for word in (*WORDS, "tmp_path") if word in used and word not in entry.bindings]
    copy = Copy()
    copy.imports |= {f"import {module}" for module in MODULES if module.partition(".")[0] in used} | {"import sys"}
    if any(isinstance(value, _DATES) for value in entry.bindings.values()):
        copy.imports.add("import datetime")
    secret = "server_tls" in words or "client_tls" in words
    _copy_engine(copy, words, environment=bool(_environment(entry, loop)), secret=secret)
    sections = [
        [*_about(entry, loop), "", "from __future__ import annotations", "", *_imports(copy), "", *_loop(loop, words)],
        _expected(entry),
        _case(entry, script, words),
        ["# Below: the words that the case uses, and what plays it, watches it and compares."],
        *([chunk] for chunk in copy.chunks),
        *([_certificates()] if secret else []),
        _ending(entry, loop, words),
    ]
    return "\n\n\n".join("\n".join(section) for section in sections) + "\n"


def _copy_engine(copy: Copy, words: Sequence[str], environment: bool, secret: bool) -> None:
    """Copy what the program needs besides the case itself."""
    if secret:
        copy.take("loopspec.programs.standalone", "Certificates")
    instead = {"_authority": "def _authority(self) -> Certificates:\n    return Certificates(AUTHORITY, CERTIFICATE)"}
    copy.take_class(
        "loopspec.stage", "Stage", ["log", "close", "join_threads", *words], without=_WITNESS, instead=instead
    )
    copy.take("loopspec.programs.standalone", "run")
    if environment:
        copy.take("loopspec.programs.standalone", "with_environment")


def _about(entry: Entry, loop: Loop) -> list[str]:
    """Return the comment at the top: what is stated, where, and how to read what the program does."""
    rule, case = entry.rule, entry.case
    needs = " ".join([loop.package, *loop.requires]).strip()
    version = f" {loop.version()}" if loop.package else ""
    fields = [
        ("Loop", f"{loop.name}{version} on Python {platform.python_version()}"),
        ("Rule", rule.says),
        ("", f"{rule.id}: {rule.subject}, {rule.level}, {_BASES[rule.basis]}"),
        ("", citation(entry.chapter, rule, platform.python_version())),
        ("Case", case.about),
        ("", entry.id.partition("/")[2]),
        ("Run it", f"python THIS_FILE{f'   (after: pip install {needs})' if needs else ''}"),
        ("", "It exits with 0 if what is expected is observed, and with 1 otherwise."),
    ]
    lines = [f"# Written by loopspec {suite_version()}.", "#"]
    for name, text in fields:
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=f"# {name:<8}",
            subsequent_indent=f"# {'':<8}",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _imports(copy: Copy) -> list[str]:
    """Return the import statements, what comes from one module in one line."""
    lines = sorted(line for line in copy.imports if line.startswith("import "))
    sources: dict[str, list[str]] = {}
    for line in sorted(copy.imports.difference(lines)):
        source, _, name = line.partition(" import ")
        sources.setdefault(source, []).append(name)
    return lines + [f"{source} import {', '.join(names)}" for source, names in sources.items()]


def _loop(loop: Loop, words: Sequence[str]) -> list[str]:
    """Return the lines that define `new_event_loop`, and `new_policy` where the case makes a policy of the loop's."""
    lines = loop.prepare.strip().splitlines() or _named("new_event_loop", loop.factory)
    return lines + (_named("new_policy", loop.policy) if _has_policy(loop, words) else [])


def _has_policy(loop: Loop, words: Sequence[str]) -> bool:
    return bool(loop.policy) and "new_policy" in words


def _named(name: str, path: str) -> list[str]:
    """Return the lines that bind `name` to what `module:attribute.attribute` names."""
    module, _, attributes = path.partition(":")
    first, _, rest = attributes.partition(".")
    if not rest:
        return [f"from {module} import {first}" + (f" as {name}" if first != name else "")]
    return [f"from {module} import {first}", f"{name} = {attributes}"]


def _expected(entry: Entry) -> list[str]:
    first, *others = entry.logs
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


def _ending(entry: Entry, loop: Loop, words: Sequence[str]) -> list[str]:
    call = f"case({', '.join(['loop', *(f'stage.{word}' for word in words)])})"
    policy = ", new_policy" if _has_policy(loop, words) else ""
    environment = _environment(entry, loop)
    return [
        "def play(stage, loop):",
        f"    loop.run_until_complete({call})" if _is_async(entry) else f"    {call}",
        "",
        "",
        "def new_stage():",
        f"    return Stage(new_event_loop{policy})",
        "",
        "",
        'if __name__ == "__main__":',
        *([f"    with_environment({_literal(environment)})"] if environment else []),
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


def _environment(entry: Entry, loop: Loop) -> dict[str, str]:
    return {**loop.environment, **entry.case.environment}


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
