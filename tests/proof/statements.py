"""How statements are mutated: dropped, reordered, never entered; and what they have beside expressions."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from tests.proof.change import Change
from tests.proof.expressions import condition_changes, elements_dropped
from tests.proof.left_alone import is_left_alone
from tests.proof.source import Edit, Function, Place, Source

_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Delete)
FOR_TAGS_ONLY = ("signature", "none", "amount", "reorder-assignment")
"""Operators whose changes count only where a rule's tag asks for them.

That a method takes more than is documented, or a buffer has a byte more, breaks no rule but those that say so. Whether
a call or the assignment beside it comes first can't be seen unless the call looks. None in place of what is assigned is
the last resort where a statement can't be dropped: what follows seldom makes sense.
"""

_DROPPED = (ast.Expr, ast.AugAssign, ast.Delete, ast.Raise, ast.Break, ast.Continue)
_AS_A_TASK = "@(lambda function: lambda *a, **k: __import__('asyncio').ensure_future(function(*a, **k)))"


def statement_changes(source: Source, place: Place) -> Iterator[Change]:
    """Give the changes of the statement at `place` itself, without those within its expressions."""
    node = place.node
    if isinstance(node, ast.If):
        yield from condition_changes(source, node.test)
    elif isinstance(node, ast.While):
        if not isinstance(node.test, ast.Constant):
            yield from condition_changes(source, node.test, of_loop=True)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        if isinstance(node, ast.For):
            yield Change("never", "loop over nothing", (source.replace(node.iter, "()"),))
        yield from elements_dropped(source, node.iter)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        yield from _of_with(source, node)
    elif isinstance(node, ast.ExceptHandler):
        if node.type is not None:
            yield Change("never", "nothing is caught", (source.replace(node.type, "()"),))
            yield from elements_dropped(source, node.type)
    elif isinstance(node, Function):
        yield from _of_function(source, place, node)
    elif isinstance(node, ast.ClassDef):
        yield from _of_class(source, node)
    else:
        yield from _dropped(source, place)
        yield from _reordered(source, place)


def _dropped(source: Source, place: Place) -> Iterator[Change]:
    node = place.node
    if isinstance(node, ast.Return):
        if node.value is not None and not _is_none(node.value):
            yield Change("return-none", "None returned instead", (source.replace(node.value, "None"),))
        elif place.next is None and _goes_on(place):
            yield Change("drop", "dropped", (source.replace(node, "pass"),))
    elif isinstance(node, _DROPPED) or (isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_dispensable(place, node)):
        yield Change("drop", "dropped", (source.replace(node, "pass"),))
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _is_none(node.value):
        yield Change("constant", "None became ...", (source.replace(node.value, "..."),))
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        yield from _swapped_targets(source, node.targets[0])
    elif (
        isinstance(node, (ast.Assign, ast.AnnAssign))
        and node.value is not None
        and _gives_names(place, node)
        and not _is_dispensable(place, node)
    ):
        yield Change("none", "None in its place", (source.replace(node.value, "None"),))


def _swapped_targets(source: Source, targets: ast.Tuple) -> Iterator[Change]:
    if len(targets.elts) == 2 and all(isinstance(target, ast.Name) for target in targets.elts):
        one, two = targets.elts
        edits = (source.replace(one, source.of(two)), source.replace(two, source.of(one)))
        yield Change("swap-arguments", f"`{source.of(one)}` and `{source.of(two)}` swapped", edits)


def _gives_names(place: Place, node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether an assignment gives a function's own names what only an expression can tell."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = all(isinstance(target, ast.Name) for target in targets)
    return names and place.function is not None and not isinstance(node.value, ast.Constant)


def _goes_on(place: Place) -> bool:
    """Whether something follows once a statement without a successor of its own is left."""
    around = place.within[-1]
    if isinstance(around, Function):
        return False
    function = place.function
    return function is None or place.node.end_lineno != function.end_lineno


def _is_dispensable(place: Place, node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a name is there also without an assignment: else every use of it would be an error, whatever it is."""
    names = _stored(node)
    if not names:
        return True
    function = place.function
    if function is None:
        return False
    arguments = function.args
    known = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for statement in ast.walk(function):
        if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store) and statement.lineno < node.lineno:
            known.add(statement.id)
    return names <= known


def _reordered(source: Source, place: Place) -> Iterator[Change]:
    first, second = place.node, place.next
    if not isinstance(first, _SIMPLE) or not isinstance(second, _SIMPLE):
        return
    if not (isinstance(first, ast.Expr) or isinstance(second, ast.Expr)):
        return  # two assignments: which comes first can't be seen
    after = Place(second, place.body, place.within)
    if is_left_alone(after) or _stored(first) & _used(second) or _stored(second) & _used(first):
        return
    edits = (source.replace(first, source.of(second)), source.replace(second, source.of(first)))
    operator = "reorder" if isinstance(first, ast.Expr) and isinstance(second, ast.Expr) else "reorder-assignment"
    yield Change(operator, f"comes after `{_short(source.of(second))}`", edits)


def _of_with(source: Source, node: ast.With | ast.AsyncWith) -> Iterator[Change]:
    if any(item.optional_vars is not None for item in node.items):
        return
    begin = source.span(node)[0]
    end = source.span(node.items[-1].context_expr)[1]
    yield Change("drop", "dropped, with the block kept", (Edit(begin, end, "if True"),))


def _of_function(source: Source, place: Place, node: Function) -> Iterator[Change]:
    arguments = node.args
    is_method = isinstance(place.within[-1], ast.ClassDef)
    if not is_method or node.name.startswith("_"):
        return
    if arguments.kwonlyargs:
        positional = copy.deepcopy(arguments)
        required = [*arguments.kw_defaults].count(None)
        if required in (0, len(arguments.kw_defaults)) and (required == 0 or not arguments.defaults):
            positional.args += positional.kwonlyargs
            positional.defaults += [default for default in positional.kw_defaults if default is not None]
            positional.kwonlyargs, positional.kw_defaults = [], []
            edit = _signature(source, node, positional)
            yield Change("signature", "keyword-only parameters became positional ones, too", (edit,))
    if (arguments.vararg or arguments.kwonlyargs) and not arguments.kwarg:
        tolerant = copy.deepcopy(arguments)
        tolerant.kwarg = ast.arg("others")
        yield Change("signature", "takes whatever keyword arguments there are", (_signature(source, node, tolerant),))
    if arguments.kwarg and not arguments.vararg and not arguments.kwonlyargs:
        tolerant = copy.deepcopy(arguments)
        tolerant.vararg = ast.arg("others")
        yield Change(
            "signature", "takes whatever positional arguments there are", (_signature(source, node, tolerant),)
        )
    if isinstance(node, ast.AsyncFunctionDef):
        begin = source.span(node)[0]
        edit = Edit(begin, begin, f"{_AS_A_TASK}\n{' ' * node.col_offset}")
        yield Change("signature", "returns a task, and not a coroutine", (edit,))


def _signature(source: Source, node: Function, arguments: ast.arguments) -> Edit:
    """Return the edit that gives the function `node` other parameters; comments among them go."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [one for one in (node.args.vararg, node.args.kwarg) if one]
    defaults = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
    begin = min(source.span(one)[0] for one in every)
    end = max(source.span(one)[1] for one in (*every, *defaults))
    return Edit(begin, end, ast.unparse(arguments))


def _of_class(source: Source, node: ast.ClassDef) -> Iterator[Change]:
    bases = [source.of(base) for base in node.bases]
    begin, end = (source.span(node.bases[0])[0], source.span(node.bases[-1])[1]) if bases else (0, 0)
    for place, base in enumerate(bases):
        if len(bases) > 1:
            rest = ", ".join(bases[:place] + bases[place + 1 :])
            yield Change("drop-element", f"base {base} left out", (Edit(begin, end, rest),), of=node.bases[place])


def _stored(node: ast.AST) -> set[str]:
    return {
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, (ast.Store, ast.Del))
    }


def _used(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _short(text: str) -> str:
    first, _, more = text.partition("\n")
    return f"{first} …" if more else first
