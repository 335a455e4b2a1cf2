"""What the reading guide promises about the code."""

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import refloop
from refloop.chapter import Chapter

PACKAGE = Path(refloop.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# The chapters that are the core's outside. All others are written in terms of documented methods.
ON_THE_CORE = {
    "chapter.py",
    "running_and_stopping.py",
    "scheduling_callbacks.py",
    "delayed_callbacks.py",
    "watching_file_descriptors.py",
    "error_handling.py",
    "debug_mode.py",
}

# Hooks that exist for loops: two without a public spelling, and those that asyncio-extending.html lists.
ALLOWED = {
    "_set_running_loop",
    "_get_running_loop",
    "_register_task",
    "_unregister_task",
    "_enter_task",
    "_leave_task",
}


def names(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


def attributes(module: Path) -> Iterator[ast.Attribute]:
    return (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Attribute))


@pytest.mark.parametrize("module", MODULES, ids=names)
def test_modules_are_short(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= 300


def test_the_core_is_a_few_hundred_lines() -> None:
    assert sum(len(module.read_text().splitlines()) for module in (PACKAGE / "core").glob("*.py")) <= 750


@pytest.mark.parametrize("module", MODULES, ids=names)
def test_nothing_private_is_used_but_the_hooks_for_loops(module: Path) -> None:
    private = [
        node.attr
        for node in attributes(module)
        if node.attr.startswith("_") and not node.attr.startswith("__")
        if not (isinstance(node.value, ast.Name) and node.value.id == "self")
        if not (isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()")
    ]
    assert set(private) <= ALLOWED


@pytest.mark.parametrize("module", MODULES, ids=names)
def test_asyncio_is_imported_as_a_whole(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("asyncio.") for name in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("asyncio")


def test_only_the_chapters_that_are_its_outside_use_the_core() -> None:
    users = {module.name for module in MODULES if any(node.attr == "_core" for node in attributes(module))}
    assert users == ON_THE_CORE


def documented_methods() -> list[tuple[str, object]]:
    return [
        (name, method)
        for chapter in refloop.ReferenceLoop.__mro__
        if issubclass(chapter, Chapter) and chapter not in (Chapter, refloop.ReferenceLoop)
        for name, method in vars(chapter).items()
        if not name.startswith("_") and not (name == "close" and chapter.__name__ != "RunningAndStopping")
    ]


@pytest.mark.parametrize(("name", "method"), documented_methods())
def test_every_method_cites_its_documentation(name: str, method: object) -> None:
    assert f"library/asyncio-eventloop.html#asyncio.loop.{name}\n" in (method.__doc__ or "")


@pytest.mark.parametrize("module", sorted((PACKAGE / "transports").glob("*.py")), ids=names)
def test_transports_use_documented_methods_of_the_loop_only(module: Path) -> None:
    used = {node.attr for node in attributes(module) if ast.unparse(node.value) in ("loop", "self._loop")}
    assert used <= {name for name in vars(asyncio.AbstractEventLoop) if not name.startswith("_")}


@pytest.mark.parametrize("module", sorted((PACKAGE / "transports").glob("*.py")), ids=names)
def test_documented_methods_of_transports_cite_their_documentation(module: Path) -> None:
    documented = {
        name
        for kind in (asyncio.Transport, asyncio.DatagramTransport, asyncio.SubprocessTransport)
        for name in dir(kind)
        if not name.startswith("_")
    }
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ClassDef) and "Transport" in ast.unparse(ast.Tuple(node.bases)) + node.name:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name in documented:
                    cited = re.search(
                        r"library/asyncio-protocol\.html#asyncio\.\w+\.(\w+)$", ast.get_docstring(method) or ""
                    )
                    assert cited, f"{node.name}.{method.name}"
                    assert cited[1] == method.name


def test_the_loop_is_an_abstract_event_loop() -> None:
    loop = refloop.new_event_loop()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    loop.close()
