"""Each operator makes the changes that it promises, and none where no rule could tell the difference."""

from __future__ import annotations

import ast
import textwrap

import pytest

from loopspec import kept
from tests.proof.mutations import Mutation, mutations
from tests.proof.source import without_comments


def of(text: str, operator: str = "") -> list[Mutation]:
    found = mutations("package/module.py", textwrap.dedent(text))
    return [mutation for mutation in found if operator in ("", mutation.operator)]


def after(text: str, operator: str) -> list[str]:
    return [mutation.after for mutation in of(text, operator)]


def test_a_statement_is_dropped() -> None:
    assert after("self.ready.clear()\n", "drop") == ["pass"]


@pytest.mark.parametrize("statement", ["raise ValueError", "del x[0]", "x += 1", "self.x = f()", "await f()"])
def test_statements_of_many_kinds_are_dropped(statement: str) -> None:
    assert "pass" in after(f"async def f(x):\n    {statement}\n    g()\n", "drop")


def test_the_only_assignment_of_a_name_stays_for_else_its_use_would_be_nonsense() -> None:
    assert after("def f():\n    x = g()\n    return x\n", "drop") == []
    assert after("def f():\n    x = g()\n    return x\n", "none") == ["x = None"]
    assert after("def f(x):\n    x = g()\n    return x\n", "drop") == ["pass"]


def test_none_is_returned() -> None:
    assert after("def f(): return g()\n", "return-none") == ["def f(): return None"]
    assert after("def f(): return None\n", "return-none") == []
    assert after("def f():\n    if x:\n        return None\n    g()\n", "drop")[0] == "pass"


def test_a_bare_return_is_dropped_only_where_something_follows() -> None:
    assert after("def f():\n    if x:\n        return\n    g()\n", "drop") == ["pass", "pass"]
    assert after("def f():\n    if x:\n        return\n", "drop") == []


def test_a_condition_is_negated_and_made_constant() -> None:
    text = "if x is None:\n    f()\n"
    assert after(text, "negate") == ["if x is not None:"]
    assert after(text, "never") == ["if False:"]
    assert after(text, "always") == ["if True:"]


@pytest.mark.parametrize(
    ("condition", "negated"),
    [
        ("x", "not x"),
        ("not x", "x"),
        ("x < y", "not (x < y)"),
        ("x == y", "x != y"),
        ("x not in y", "x in y"),
        ("x and y", "not (x and y)"),
        ("(x is None) == (y is None)", "(x is None) != (y is None)"),
    ],
)
def test_negation_is_written_as_one_would_write_it(condition: str, negated: str) -> None:
    assert after(f"if {condition}:\n    f()\n", "negate")[0] == f"if {negated}:"


def test_an_endless_loop_is_not_made_and_not_ended() -> None:
    assert after("while x:\n    f()\n", "always") == []
    assert [mutation.operator for mutation in of("while True:\n    f()\n")] == ["drop"]


def test_a_loop_runs_over_nothing() -> None:
    assert after("for x in y:\n    f()\n", "never") == ["for x in ():"]


def test_a_comparison_moves_its_boundary_and_nothing_else() -> None:
    assert after("if 0 <= x < y:\n    f()\n", "boundary") == ["if 0 < x < y:", "if 0 <= x <= y:"]


def test_operands_are_left_out_and_joined_otherwise() -> None:
    text = "x = a and b or c\n"
    assert after(text, "drop-operand") == ["x = c", "x = (a and b)", "x = b or c", "x = a or c"]
    assert after(text, "and-or") == ["x = ((a and b) and c)", "x = (a or b) or c"]


def test_either_side_of_a_conditional_expression_is_all() -> None:
    assert after("x = a if b else c\n", "never") == ["x = c"]
    assert after("x = a if b else c\n", "always") == ["x = a"]


def test_constants_are_shifted() -> None:
    assert after("f(3, 0, 0.5, True)\n", "constant") == [
        "f(4, 0, 0.5, True)",
        "f(2, 0, 0.5, True)",
        "f(3, 1, 0.5, True)",
        "f(3, 0, 1.0, True)",
        "f(3, 0, 0.5, False)",
    ]


def test_what_is_none_at_first_is_something() -> None:
    assert after("self.x: int | None = None\n", "constant") == ["self.x: int | None = ..."]


def test_words_for_programs_are_changed_and_texts_for_people_are_not() -> None:
    assert after("x = info.get('peername')\n", "constant") == ["x = info.get('peername_')"]
    for text in ("log('Sending failed')", "x = f'fd={y!r}'"):
        assert after(f"{text}\n", "constant") == []


def test_arguments_are_swapped_unless_that_makes_no_difference() -> None:
    assert after("f(a, b, c)\n", "swap-arguments") == ["f(b, a, c)", "f(a, c, b)"]
    for call in ("f(a, a)", "f(a, *b)", "max(a, b)", "logger.error('%r: %s', a, b)"):
        assert after(f"{call}\n", "swap-arguments") == []


def test_keyword_arguments_are_left_out_with_their_comma() -> None:
    assert after("f(a, x=1, y=b)\n", "drop-keyword") == ["f(a,  y=b)", "f(a, x=1)"]
    assert after("f(a, *b)\n", "drop-keyword") == ["f(a)"]
    assert after("warn(a, stacklevel=2)\n", "drop-keyword") == []


def test_entries_of_a_dict_are_left_out() -> None:
    assert after('x = {"a": 1, "b": 2}\n', "drop-entry") == ['x = { "b": 2}', 'x = {"a": 1, }']


def test_what_is_looked_up_has_to_be_there() -> None:
    assert after("x = self.pipes.get(fd)\n", "no-default") == ["x = self.pipes[fd]"]
    assert after("x = self.pipes.get(fd, y)\nz = queue.get()\n", "no-default") == []


def test_whether_something_is_logged_for_debugging_is_left_alone() -> None:
    assert of("if loop.get_debug():\n    logger.debug('%s', x)\n", "never") == []
    assert len(of("if loop.get_debug():\n    logger.debug('%s', x)\nelse:\n    f()\n", "never")) == 1


def test_a_socket_option_is_on_or_off() -> None:
    assert after("sock.setsockopt(1, 2, 1)\n", "constant") == [
        "sock.setsockopt(2, 2, 1)",
        "sock.setsockopt(0, 2, 1)",
        "sock.setsockopt(1, 3, 1)",
        "sock.setsockopt(1, 1, 1)",
        "sock.setsockopt(1, 2, 0)",
    ]


def test_what_only_a_list_of_threads_or_a_warning_shows_is_left_alone() -> None:
    assert after("warn(x, stacklevel=2)\nThread(name='asyncio-join')\n", "constant") == []


def test_what_stands_for_a_subclass_s_method_is_left_alone() -> None:
    assert of('def f(self):\n    """Say it."""\n    raise NotImplementedError\n', "drop") == []


def test_one_more_of_many_is_for_those_rules_that_say_how_many() -> None:
    assert after("f(100, 9)\n", "amount") == ["f(101, 9)", "f(99, 9)"]
    assert after("f(100, 9)\n", "constant") == ["f(100, 10)", "f(100, 8)"]


def test_nothing_in_a_dict_is_something() -> None:
    assert 'x = {"a": ..., "b": y}' in after('x = {"a": None, "b": y}\n', "constant")


def test_what_is_returned_is_negated() -> None:
    assert after("def f(): return a and b\n", "negate") == ["def f(): return (not (a and b))"]
    assert after("if a and b:\n    f()\n", "negate") == ["if not (a and b):"]


def test_elements_are_left_out_where_they_are_alternatives() -> None:
    assert after("try:\n    f()\nexcept (A, B):\n    g()\n", "drop-element") == ["except (B,):", "except (A,):"]
    assert after("x = isinstance(y, (A, B))\n", "drop-element") == [
        "x = isinstance(y, (B,))",
        "x = isinstance(y, (A,))",
    ]
    assert after("x = (a, b)\n", "drop-element") == []


def test_an_exception_is_not_caught() -> None:
    assert after("try:\n    f()\nexcept OSError as error:\n    g()\n", "never") == ["except () as error:"]


def test_calls_are_reordered_unless_one_needs_the_other() -> None:
    assert len(of("f()\ng()\n", "reorder")) == 1
    assert len(of("self.x = 1\ng()\n", "reorder-assignment")) == 1
    assert of("self.x = 1\ng()\n", "reorder") == []
    assert of("x = f()\ng(x)\n", "reorder") == []
    assert of("self.x = 1\nself.y = 2\n", "reorder") == []


def test_names_are_given_in_another_order() -> None:
    assert after("def f(): x, y = g()\n", "swap-arguments") == ["def f(): y, x = g()"]
    assert after("def f(): x, *y = g()\n", "swap-arguments") == []


def test_a_reordered_statement_keeps_its_lines() -> None:
    (mutation,) = of("f(\n    1,\n)  # why\ng()\n", "reorder")
    assert mutation.source == "g()  # why\nf(\n    1,\n)\n"


def test_a_block_is_kept_without_its_context() -> None:
    assert after("with suppress(OSError):\n    f()\n", "drop")[0] == "if True:"
    assert "if True:" not in after("with f() as x:\n    g()\n", "drop")


def test_a_method_takes_more_than_it_should() -> None:
    text = "class A:\n    def f(self, x, *args, context=None):\n        g()\n"
    assert after(text, "signature") == [
        "def f(self, x, context=None, *args):",
        "def f(self, x, *args, context=None, **others):",
    ]


def test_a_method_that_passes_keywords_on_takes_positional_arguments_as_well() -> None:
    assert after("class A:\n    def f(self, x, **keywords):\n        g()\n", "signature") == [
        "def f(self, x, *others, **keywords):"
    ]


def test_a_method_is_mistaken_for_a_similar_one() -> None:
    assert after("x = self.ready.popleft()\n", "sibling") == ["x = self.ready.pop()"]
    assert after("x = min(y)\n", "sibling") == ["x = max(y)"]
    assert after("x = y.pop() or time.monotonic\n", "sibling") == ["x = y.pop() or time.time"]
    assert after("x = weakref.WeakSet()\n", "sibling") == ["x = set()"]


def test_a_type_that_is_only_told_to_the_checker_is_left_alone() -> None:
    assert [mutation.after for mutation in of("def f(): return cast('int', g(1))\n")] == [
        "def f(): return None",
        "def f(): return cast('int', g(2))",
        "def f(): return cast('int', g(0))",
    ]
    assert after("x = view.cast('B')\n", "constant") == ["x = view.cast('B_')"]


def test_a_coroutine_becomes_a_task() -> None:
    (mutation,) = of("class A:\n    async def f(self):\n        await g()\n", "signature")
    assert "ensure_future" in mutation.source
    assert of("class A:\n    async def _f(self):\n        await g()\n", "signature") == []


def test_a_class_loses_a_base() -> None:
    assert after("class A(B, C):\n    f()\n", "drop-element") == ["class A(C):", "class A(B):"]


@pytest.mark.parametrize(
    "text",
    [
        '"""Only said."""',
        "import os",
        "if TYPE_CHECKING:\n    x = f()",
        "__slots__ = ('a', 'b')",
        "OPEN: Final = 'open'",
        "Bytes: TypeAlias = bytes | bytearray",
        "T = TypeVar('T')",
        "x: int",
        "assert x > 1",
        "logger.debug('%r', x)",
        "def __repr__(self):\n    return f(1, 2)",
        'def f(self):\n    """Only said."""',
        "class P(Protocol):\n    def f(self) -> int: ...",
        "def f(x: Literal['a'] = g) -> Literal['b']:\n    pass",
    ],
)
def test_nothing_is_changed_where_no_rule_could_notice(text: str) -> None:
    assert of(f"{text}\n") == []


def test_the_version_of_python_is_not_shifted() -> None:
    assert after("X = sys.version_info >= (3, 12)\n", "boundary") == []
    assert after("X = sys.version_info >= (3, 12)\n", "negate") == ["X = (not (sys.version_info >= (3, 12)))"]


def test_a_mutation_says_where_it_is_and_what_it_does() -> None:
    first, *_ = of("def f(x):\n    # why\n    if x:\n        g()\n")
    assert str(first) == "package/module.py:3 condition negated: `if x:` → `if not x:`"
    assert (first.module, first.statement, first.lines) == ("package.module", (3, 3), (3, 3))


def test_letters_that_take_several_bytes_move_nothing() -> None:
    assert after("f('äöü', 'x'); g(1)\n", "constant") == [
        "f('äöü_', 'x'); g(1)",
        "f('äöü', 'x_'); g(1)",
        "f('äöü', 'x'); g(2)",
        "f('äöü', 'x'); g(0)",
    ]


def test_every_mutation_of_a_module_makes_another_module_that_compiles() -> None:
    path, text = next(one for one in kept.sources() if one[0].endswith("core/turn.py"))
    found = list(mutations(path, text))
    trees = {ast.dump(ast.parse(mutation.source)) for mutation in found}
    assert len(found) > 100
    assert len(trees) == len({mutation.digest for mutation in found}) == len(found)
    assert ast.dump(ast.parse(text)) not in trees


@pytest.mark.parametrize(("path", "text"), list(kept.sources()), ids=[path for path, _ in kept.sources()])
def test_changes_of_every_module_compile(path: str, text: str) -> None:
    for mutation in list(mutations(path, text))[::20]:
        compile(mutation.source, path, "exec", dont_inherit=True)


def test_digests_do_not_depend_on_comments_and_lines() -> None:
    text = "def f(x):\n    if x:\n        g(1)\n        g(1)\n"
    commented = "# why\n\ndef f(x):\n    if x:  # rule: a\n        # rule: b\n        g(1)\n        g(1)\n"
    assert [one.digest for one in of(text)] == [one.digest for one in of(commented)]
    assert len({one.digest for one in of(text)}) == len(of(text))
    assert not {one.digest for one in of(text)} & {one.digest for one in of(text.replace("f(x)", "f(x, y)"))}


def test_comments_are_told_from_what_looks_like_them() -> None:
    assert without_comments("x = '# no'  # yes\n\n# yes\ny = 1\n") == "x = '# no'\ny = 1"
