"""The pytest plugin: `pytest --pyargs loopspec --loop uvloop` runs the suite as tests of pytest 8 or 9.

Every pytest run of an environment in which loopspec is installed loads this module. So it only declares options and
compares the command line's arguments with the package's folder; all else is imported when the suite is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from loopspec.pytest_suite.suite import Suite

PACKAGE = Path(__file__).parent
"""The folder that `--pyargs loopspec` means."""

_GROUP = ("loopspec", "loopspec: the rules of asyncio's event loops as tests (--pyargs loopspec)")
_NEEDS_SUBTESTS = (
    "there is no `subtests` fixture: leave -p no:subtests out; pytest 8 needs pip install pytest-subtests as well"
)
_NEEDS_A_LOOP = (
    "no loop to test: add --loop NAME, such as --loop uvloop or --loop mypackage.loops:new_event_loop, "
    "or set loopspec_loops in pytest's configuration file"
)
_NEEDS_THE_SUITE = (
    "--loop is about the suite, and nothing that pytest is asked to collect belongs to it: add --pyargs loopspec "
    "(in a configuration file set loopspec_loops, which leaves other runs alone)"
)

_LOOP: dict[str, Any] = {"action": "append", "dest": "loopspec_loops", "metavar": "LOOP"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of the suite, all of them without effect on tests that are not its own."""
    group = parser.getgroup(*_GROUP)
    group.addoption(
        "--loopspec-loop",
        **_LOOP,
        help="The same as --loop, for where another plugin or a conftest.py has an option of that name.",
    )
    group.addoption(
        "--loop-expect",
        dest="loopspec_expect",
        metavar="FILE",
        help="A baseline of expected failures: they are reported as xfailed with their reasons, and one that passes "
        "fails the run, so that the file stays true. Write one with: loopspec check uvloop --json results.json; "
        "loopspec expect results.json > known-failures.toml. "
        "Example: pytest --pyargs loopspec --loop uvloop --loop-expect known-failures.toml.",
    )
    group.addoption(
        "--loop-in-process",
        action="store_true",
        dest="loopspec_in_process",
        help="Play the cases in pytest's own process, for breakpoint(), --trace and --pdb, which stops at the line of "
        "the case file that raised. Nothing protects the run then from a loop that crashes or hangs. "
        "Example: pytest --pyargs loopspec --loop uvloop -k run-forever.stop-first --loop-in-process --pdb.",
    )
    parser.addini(
        "loopspec_loops",
        "The loops that `pytest --pyargs loopspec` tests when no --loop is given, one a line, written as for --loop.",
        type="linelist",
        default=[],
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Iterator[None]:
    """Declare `--loop` unless it is taken: last of all, because many a project has an option of that name itself."""
    yield
    if _is_taken("--loop", parser):
        return
    parser.getgroup(*_GROUP).addoption(
        "--loop",
        **_LOOP,
        help="The loop to test: a known name, or module:callable for a factory that takes no argument and returns a "
        "new loop. Repeat it to test several side by side. Select rules with -k, by parts of the ids of rules and "
        "cases, of chapters' titles and of loops' names. Examples: pytest --pyargs loopspec --loop uvloop; "
        "pytest --pyargs loopspec --loop stdlib --loop mypackage.loops:new_event_loop -k 'call-soon and not stdlib'.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Set the suite up if the run's arguments ask for it.

    Raises pytest.UsageError with one line for each thing that is wrong: no loop, an unknown one, a wrong baseline.
    """
    config = session.config
    config.args[:] = [_where_it_stands(argument, config) for argument in config.args]
    on_command_line = config.getoption("loopspec_loops") or []
    loops = list(dict.fromkeys(on_command_line or config.getini("loopspec_loops")))
    places = list(_places(config))
    named = any(_is_within(place, PACKAGE) for place in places)
    if named and not loops:
        raise pytest.UsageError(_NEEDS_A_LOOP)
    if not (named or on_command_line):
        return
    if not named:
        if not any(_is_within(PACKAGE, place) for place in places):
            raise pytest.UsageError(_NEEDS_THE_SUITE)
        config.pluginmanager.register(_Promise(), "loopspec-promise")
    if not config.pluginmanager.hasplugin("subtests"):
        raise pytest.UsageError(_NEEDS_SUBTESTS)
    suite = _suite(loops, config)
    config.pluginmanager.register(suite, "loopspec-suite")
    config.add_cleanup(suite.close)


class _Promise:
    """Fails a run that was told of a loop and has the package somewhere below its folders, but does not get to it."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if not any(item.nodeid.startswith(f"{PACKAGE.name}/cases/") for item in items):
            raise pytest.UsageError(_NEEDS_THE_SUITE)


def _is_taken(option: str, parser: pytest.Parser) -> bool:
    try:
        _, unknown = parser.parse_known_and_unknown_args([f"{option}=loopspec"])
    except pytest.UsageError as error:
        return f"argument {option}:" in str(error)
    return not unknown


def _suite(names: list[str], config: pytest.Config) -> Suite:
    from loopspec.pytest_suite.suite import SetupError, Suite

    here = str(config.invocation_params.dir)
    if here not in sys.path:
        # A loop's author tests the checkout that he stands in, and pytest's own command does not look there.
        sys.path.append(here)
    baseline = config.getoption("loopspec_expect")
    try:
        return Suite(
            names,
            baseline=Path(here, baseline) if baseline else None,
            in_process=config.getoption("loopspec_in_process"),
        )
    except SetupError as error:
        raise pytest.UsageError(*error.lines) from None


def _where_it_stands(argument: str, config: pytest.Config) -> str:
    """Complete the id of a test of the suite, which begins with `loopspec/`, to a path that pytest finds anywhere."""
    path = argument.partition("::")[0]
    elsewhere = path.startswith(f"{PACKAGE.name}/") and not (config.invocation_params.dir / path).exists()
    return str(PACKAGE.parent / argument) if elsewhere else argument


def _places(config: pytest.Config) -> Iterator[Path]:
    """Give the files and folders from which pytest is going to collect."""
    for argument in config.args:
        name = argument.partition("[")[0].partition("::")[0]
        if config.getoption("pyargs") and name.partition(".")[0] == PACKAGE.name:
            yield PACKAGE
        else:
            yield config.invocation_params.dir / name


def _is_within(path: Path, folder: Path) -> bool:
    return os.path.commonpath([os.path.realpath(path), os.path.realpath(folder)]) == os.path.realpath(folder)
