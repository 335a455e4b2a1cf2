"""How expressions are mutated: conditions, comparisons, constants, arguments, and what displays contain."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.proof.change import Change
from tests.proof.left_alone import (
    depends_on_python,
    is_cast,
    is_cosmetic,
    is_log_record,
    is_message,
    is_switch,
    is_text,
)
from tests.proof.source import Edit, Place, Source

_BOUNDARIES: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "+",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.BitOr: "&",
    ast.BitAnd: "|",
}

_AMOUNT = 10
"""From here on, an integer is taken to say how much of something there is, and one more or less to be as good."""

_PAIRS = (
    ("popleft", "pop"),
    ("min", "max"),
    ("any", "all"),
    ("monotonic", "time"),
    ("call_soon_threadsafe", "call_soon"),
    ("EVENT_READ", "EVENT_WRITE"),
    ("SIGTERM", "SIGKILL"),
    ("SHUT_WR", "SHUT_RD"),
    ("SOCK_STREAM", "SOCK_DGRAM"),
    ("AF_INET", "AF_INET6"),
    ("add_reader", "add_writer"),
    ("remove_reader", "remove_writer"),
)
"""Names of which one is easily written for the other."""

_ONE_WAY = {"pop", "time", "call_soon"}
"""Those among them that mostly mean something else, or are right wherever they stand."""

_SIBLINGS = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1]) if one not in _ONE_WAY}


def condition_changes(source: Source, test: ast.expr, *, of_loop: bool = False) -> Iterator[Change]:
    """Give the changes of a whole condition: negated, never met and, unless a loop would not end by it, always met."""
    yield Change("negate", "condition negated", (source.replace(test, _negated(source, test)),))
    yield Change("never", "condition never met", (source.replace(test, "False"),))
    if not of_loop:
        yield Change("always", "condition always met", (source.replace(test, "True"),))


def expression_changes(source: Source, whole: ast.expr, *, is_condition: bool = False) -> Iterator[Change]:
    """Give the changes within an expression; what negating it as a whole does is left out if it is a condition."""
    switches: set[ast.AST] = set()
    for node in _parts(whole):
        if is_message(node):
            continue
        if isinstance(node, ast.Call):
            switches.update(argument for argument in node.args if is_switch(argument, node))
        if isinstance(node, ast.BoolOp):
            yield from _of_boolean(source, node, negated_anyway=is_condition and node is whole)
        elif isinstance(node, ast.Compare):
            yield from _of_comparison(source, node, negated_anyway=is_condition and node is whole)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            if not (is_condition and node is whole):
                yield Change("negate", "`not` dropped", (source.replace(node, source.operand(node.operand)),))
        elif isinstance(node, ast.IfExp):
            yield Change("never", "condition never met", (source.replace(node, source.operand(node.orelse)),))
            yield Change("always", "condition always met", (source.replace(node, source.operand(node.body)),))
        elif isinstance(node, ast.BinOp):
            yield from _of_arithmetic(source, node)
        elif isinstance(node, ast.Constant):
            yield from _of_constant(source, node, is_switch=node in switches)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            yield from _of_name(source, node)
        elif isinstance(node, ast.Call):
            yield from _of_call(source, node)
        elif isinstance(node, ast.Dict):
            yield from _of_dict(source, node)
        elif isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from condition_changes(source, test)


def elements_dropped(source: Source, node: ast.expr | None) -> Iterator[Change]:
    """Give the changes in which one of several elements of a tuple, list or set is left out."""
    if not isinstance(node, (ast.Tuple, ast.List, ast.Set)) or len(node.elts) < 2:
        return
    opening, closing = ("{", "}") if isinstance(node, ast.Set) else ("[", "]")
    if isinstance(node, ast.Tuple):
        opening, closing = "(", ",)"
    for left_out in node.elts:
        rest = ", ".join(source.of(element) for element in node.elts if element is not left_out)
        what = f"`{source.of(left_out)}` left out"
        yield Change("drop-element", what, (source.replace(node, f"{opening}{rest}{closing}"),), of=left_out)


def statement_expressions(place: Place) -> Iterator[tuple[ast.expr, bool]]:
    """Give the expressions of a statement's own, each with whether it is a condition."""
    node = place.node
    if isinstance(node, (ast.If, ast.While)):
        if not isinstance(node.test, ast.Constant):
            yield node.test, True
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield node.iter, False
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            yield item.context_expr, False
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                yield default, False
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)):
        if node.value is not None:
            yield node.value, False
    elif isinstance(node, ast.Raise):
        for part in (node.exc, node.cause):
            if part is not None:
                yield part, False


def _parts(whole: ast.AST) -> Iterator[ast.AST]:
    """Give `whole` and what is in it, without what is in a message for people or asks for the version of Python."""
    if is_cast(whole):
        yield from _parts(whole.args[1])  # type: ignore[attr-defined]  # it is a call
        return
    yield whole
    atomic = is_message(whole) or (isinstance(whole, (ast.BoolOp, ast.Compare)) and depends_on_python(whole))
    if not atomic:
        for child in ast.iter_child_nodes(whole):
            cosmetic = isinstance(whole, ast.Call) and isinstance(child, ast.keyword) and is_cosmetic(child, whole)
            if not cosmetic:
                yield from _parts(child)


def _negated(source: Source, test: ast.expr) -> str:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return source.operand(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPPOSITES:
        left, right = source.operand(test.left), source.operand(test.comparators[0])
        return f"{left} {_OPPOSITES[type(test.ops[0])]} {right}"
    return f"not {source.operand(test)}"


def _of_boolean(source: Source, node: ast.BoolOp, negated_anyway: bool) -> Iterator[Change]:
    if not negated_anyway:
        yield Change("negate", "negated", (source.replace(node, f"(not ({source.of(node)}))"),))
    if depends_on_python(node):
        return
    this, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    operands = [source.operand(value) for value in node.values]
    yield Change("and-or", f"`{this}` became `{other}`", (source.replace(node, f"({f' {other} '.join(operands)})"),))
    for place, value in enumerate(node.values):
        rest = operands[:place] + operands[place + 1 :]
        text = rest[0] if len(rest) == 1 else f"({f' {this} '.join(rest)})"
        yield Change("drop-operand", f"`{source.of(value)}` left out", (source.replace(node, text),), of=value)


def _of_comparison(source: Source, node: ast.Compare, negated_anyway: bool) -> Iterator[Change]:
    terms = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        boundary, opposite = _BOUNDARIES.get(type(operator)), _OPPOSITES.get(type(operator))
        if boundary and not depends_on_python(node):
            yield Change("boundary", f"became `{boundary}`", (_operator(source, node, terms, place, boundary),))
        if opposite and not negated_anyway and not depends_on_python(node):
            yield Change("negate", f"became `{opposite}`", (_operator(source, node, terms, place, opposite),))
        if not depends_on_python(node):
            yield from elements_dropped(source, terms[place + 1])
    plain = len(node.ops) == 1 and type(node.ops[0]) in _BOUNDARIES
    if (plain or depends_on_python(node)) and not negated_anyway:
        yield Change("negate", "comparison negated", (source.replace(node, f"(not ({source.of(node)}))"),))


def _operator(source: Source, node: ast.Compare, terms: list[ast.expr], place: int, sign: str) -> Edit:
    signs = [_SIGNS[type(operator)] for operator in node.ops]
    signs[place] = sign
    text = source.operand(terms[0])
    for one, term in zip(signs, terms[1:]):
        text += f" {one} {source.operand(term)}"
    return source.replace(node, text)


def _of_arithmetic(source: Source, node: ast.BinOp) -> Iterator[Change]:
    texts = any(isinstance(side, (ast.List, ast.JoinedStr)) or _is_str(side) for side in (node.left, node.right))
    sign = _ARITHMETIC.get(type(node.op))
    if sign and not texts:
        text = f"({source.operand(node.left)} {sign} {source.operand(node.right)})"
        yield Change("arithmetic", f"became `{sign}`", (source.replace(node, text),))


def _of_constant(source: Source, node: ast.Constant, *, is_switch: bool) -> Iterator[Change]:
    value = node.value
    if is_switch and value == 1:
        yield Change("constant", "1 became 0", (source.replace(node, "0"),))
    elif isinstance(value, bool):
        yield Change("constant", f"became {not value}", (source.replace(node, str(not value)),))
    elif isinstance(value, int):
        operator = "amount" if value >= _AMOUNT else "constant"
        for other in (value + 1, value - 1) if value > 0 else (value + 1,):
            yield Change(operator, f"{value} became {other}", (source.replace(node, str(other)),))
    elif isinstance(value, float):
        other = value * 2 or 1.0
        yield Change("constant", f"{value} became {other}", (source.replace(node, repr(other)),))
    elif isinstance(value, str) and not is_text(value):
        other = repr(f"{value}_")
        yield Change("constant", f"{value!r} became {other}", (source.replace(node, other),))


def _of_call(source: Source, node: ast.Call) -> Iterator[Change]:
    for one, two in zip(node.args, node.args[1:]):
        starred = isinstance(one, ast.Starred) or isinstance(two, ast.Starred)
        if not starred and ast.dump(one) != ast.dump(two) and not is_log_record(node) and not _is_symmetric(node):
            edits = (source.replace(one, source.of(two)), source.replace(two, source.of(one)))
            yield Change("swap-arguments", f"`{source.of(one)}` and `{source.of(two)}` swapped", edits)
    for keyword in node.keywords:
        if not is_cosmetic(keyword, node):
            yield Change("drop-keyword", f"`{source.of(keyword)}` left out", (_without(source, keyword),))
    if node.args and isinstance(node.args[-1], ast.Starred):
        what = f"`{source.of(node.args[-1])}` left out"
        yield Change("drop-keyword", what, (_without(source, node.args[-1]),))
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and len(node.args) == 1 and not node.keywords:
        item = f"{source.of(node.func.value)}[{source.of(node.args[0])}]"
        yield Change("no-default", f"became `{item}`", (source.replace(node, item),))
    if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
        yield from elements_dropped(source, node.args[1])


def _of_name(source: Source, node: ast.Name | ast.Attribute) -> Iterator[Change]:
    name = node.id if isinstance(node, ast.Name) else node.attr
    begin, end = source.span(node)
    if other := _SIBLINGS.get(name):
        yield Change("sibling", f"`{name}` became `{other}`", (Edit(end - len(name), end, other),))
    elif name == "WeakSet":
        yield Change("sibling", f"`{name}` became `set`", (Edit(begin, end, "set"),))


def _of_dict(source: Source, node: ast.Dict) -> Iterator[Change]:
    for key, value in zip(node.keys, node.values):
        if key is not None:
            begin, end = source.span(key)[0], source.span(value)[1]
            edit = Edit(begin, _past_comma(source, end), "")
            yield Change("drop-entry", f"entry {source.of(key)} left out", (edit,))
            if isinstance(value, ast.Constant) and value.value is None:
                yield Change("constant", f"{source.of(key)}: None became ...", (source.replace(value, "..."),))


def _without(source: Source, argument: ast.AST) -> Edit:
    """Return the edit that leaves an argument out, with the comma after it or, if there is none, before it."""
    begin, end = source.span(argument)
    past = _past_comma(source, end)
    if past == end:
        before = source.data[:begin].rstrip()
        begin = len(before) - 1 if before.endswith(b",") else begin
    return Edit(begin, past, "")


def _past_comma(source: Source, end: int) -> int:
    rest = source.data[end:]
    blank = len(rest) - len(rest.lstrip())
    return end + blank + 1 if rest.lstrip().startswith(b",") else end


def _is_symmetric(node: ast.Call) -> bool:
    """Whether the order of the arguments makes no difference."""
    return isinstance(node.func, ast.Name) and node.func.id in ("min", "max")


def _is_str(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
