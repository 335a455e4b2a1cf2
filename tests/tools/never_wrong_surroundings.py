"""The surroundings in which `never_wrong.py` plays: a function each, which says in a sentence what it does.

A function is given the `Start` of the process that plays, and gives it back changed while what it has set up for it is
there. It raises `UnavailableError`, with one line, where this machine cannot give what it needs. Several can be had at
once, as far as they do not exclude one another.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

DESCRIPTORS = 256
"""How many descriptors a process may have by default on macOS, the fewest of the systems that people work on."""

WRITES = 50
"""Writes a second of the slow disk, which are a hundredth of what a cheap one does."""

_CGROUP = Path("/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device")
_PROBE = "import os, sys, loopspec; print(sys.version, os.__file__, loopspec.__file__)"
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


class UnavailableError(Exception):
    """This machine cannot give a surrounding; the text says why in one line."""


@dataclass(frozen=True)
class Start:
    """How the process that plays is started."""

    folder: Path
    """An empty folder for what a surrounding needs, which anybody may read."""
    before: tuple[str, ...] = ()
    """What the command line begins with, before the interpreter."""
    flags: tuple[str, ...] = ()
    """Options of the interpreter."""
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """Options of `never_wrong_play.py`."""

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs the interpreter with `arguments`."""
        return [*self.before, sys.executable, *self.flags, *arguments]

    def variables(self) -> dict[str, str]:
        """Return the environment of the process."""
        return {**os.environ, **self.environment}

    def within(self, *command: str, **environment: str) -> Start:
        """Return this start with `command` before it and with further variables in its environment."""
        return replace(self, before=(*command, *self.before), environment={**self.environment, **environment})


Surrounding = Callable[[Start], "contextlib.AbstractContextManager[Start]"]

TABLE: dict[str, Surrounding] = {}
"""The surroundings by name, in the order in which they are played, and set up where there are several at once."""

# Whoever is not root is given a network of his own in a namespace in which he is.
_EXCLUSIVE = [("idle", "loaded"), ("ascii-locale", "turkish-locale"), ("root", "user")] + (
    [("user", "no-ipv6")] if os.geteuid() else []
)


def _surrounding(function: Callable[[Start], Iterator[Start]]) -> Surrounding:
    made = contextlib.contextmanager(function)
    TABLE[function.__name__.strip("_").replace("_", "-")] = made
    return made


def excluding(names: Collection[str]) -> tuple[str, str] | None:
    """Return two of the surroundings that cannot be had at once, if there are such."""
    return next((pair for pair in _EXCLUSIVE if set(pair) <= set(names)), None)


@contextlib.contextmanager
def entered(*names: str) -> Iterator[Start]:
    """Set up the surroundings of these names, and give how to start what plays in them. Raises UnavailableError."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="never-wrong-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o755)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        plain = Start(folder, environment={"TMPDIR": str(folder / "tmp")})
        start = plain
        for name, surrounding in TABLE.items():
            if name in names:
                start = stack.enter_context(surrounding(start))
        here, there = (
            subprocess.run(one.command("-c", _PROBE), env=one.variables(), capture_output=True, text=True, check=False)
            for one in (plain, start)
        )
        if there.returncode or here.stdout != there.stdout:
            said = [line for line in there.stderr.splitlines() if line.strip()] or [there.stdout.strip() or "nothing"]
            raise UnavailableError(f"the interpreter does not start in it as it does here: {said[-1]}")
        yield start


@_surrounding
def idle(start: Start) -> Iterator[Start]:
    """As the machine is, with nothing started beside it."""
    yield start


@_surrounding
def loaded(start: Start) -> Iterator[Start]:
    """Beside as many processes that compute without end as there are processors."""
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            process = subprocess.Popen([sys.executable, "-c", _BUSY])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield start


@_surrounding
def few_descriptors(start: Start) -> Iterator[Start]:
    """No process may have more than 256 descriptors."""
    yield start.within("sh", "-c", f'ulimit -n {DESCRIPTORS} && exec "$@"', "sh")


@_surrounding
def slow_disk(start: Start) -> Iterator[Start]:
    """Temporary files are on a disk with fifty writes a second. Needs root, a loop device and cgroup v1's blkio."""
    _need_root()
    _need("mount", "umount", "mkfs.ext4", "findmnt")
    if not _CGROUP.exists():
        raise UnavailableError(f"there is no {_CGROUP}")
    image, mounted = start.folder / "image", start.folder / "tmp"
    with image.open("wb") as file:
        file.truncate(512 << 20)
    # Without a journal it is the process itself that waits for the disk, and not a thread of the kernel's.
    _run("mkfs.ext4", "-q", "-O", "^has_journal", str(image))
    _run("mount", "-o", "loop,sync,dirsync", str(image), str(mounted))
    try:
        mounted.chmod(0o1777)
        device = _run("findmnt", "-no", "MAJ:MIN", str(mounted)).strip()
        _CGROUP.write_text(f"{device} {WRITES}\n")
        try:
            yield start
        finally:
            _CGROUP.write_text(f"{device} 0\n")
    finally:
        _run("umount", str(mounted))


@_surrounding
def asyncio_debug(start: Start) -> Iterator[Start]:
    """PYTHONASYNCIODEBUG=1 is set."""
    yield start.within(PYTHONASYNCIODEBUG="1")


@_surrounding
def dev_mode(start: Start) -> Iterator[Start]:
    """Python runs with -X dev, and finds PYTHONDEVMODE=1 set."""
    yield replace(start.within(PYTHONDEVMODE="1"), flags=(*start.flags, "-X", "dev"))


@_surrounding
def optimized(start: Start) -> Iterator[Start]:
    """Python runs with -O, and finds PYTHONOPTIMIZE=1 set."""
    yield replace(start.within(PYTHONOPTIMIZE="1"), flags=(*start.flags, "-O"))


@_surrounding
def uvloop_policy(start: Start) -> Iterator[Start]:
    """In every process uvloop's event loop policy is installed when Python starts. Needs uvloop."""
    try:
        import uvloop  # noqa: F401 - whether it is there
    except ImportError:
        raise UnavailableError("uvloop is not installed") from None
    folder = start.folder / "site"
    folder.mkdir()
    installs = "import asyncio, uvloop, warnings\nwarnings.simplefilter('ignore', DeprecationWarning)\n"
    installs += "asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())\nwarnings.resetwarnings()\n"
    (folder / "sitecustomize.py").write_text(installs)
    yield start.within(PYTHONPATH=os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]))


@_surrounding
def time_zone(start: Start) -> Iterator[Start]:
    """The clock on the wall is thirteen hours and three quarters ahead of UTC, as on the Chatham Islands."""
    yield start.within(TZ="<+1345>-13:45")


@_surrounding
def ascii_locale(start: Start) -> Iterator[Start]:
    """The locale is C, whose texts are ASCII: Python's UTF-8 mode is off."""
    yield start.within(LC_ALL="C", LANG="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")


@_surrounding
def turkish_locale(start: Start) -> Iterator[Start]:
    """The locale is Turkish, in Latin-5. Needs localedef and the sources of locales (Debian's package `locales`)."""
    _need("localedef")
    made = start.folder / "locales" / "tr_TR.ISO-8859-9"
    made.parent.mkdir()
    command = ["localedef", "-i", "tr_TR", "-f", "ISO-8859-9", str(made)]
    if subprocess.run(command, capture_output=True, check=False).returncode > 1 or not made.exists():
        raise UnavailableError("localedef has no source of the locale tr_TR")
    yield start.within(LOCPATH=str(made.parent), LC_ALL=made.name, LANG=made.name, PYTHONUTF8="0")


@_surrounding
def root(start: Start) -> Iterator[Start]:
    """The user is root. Needs root."""
    _need_root()
    yield start


@_surrounding
def user(start: Start) -> Iterator[Start]:
    """The user is an ordinary one: `nobody`, where it is root that plays. Needs setpriv and unshare then."""
    if os.geteuid():
        yield start
        return
    _need("setpriv", "unshare")
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise UnavailableError("there is no user nobody") from None
    ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    shown = _shown_to_everybody(Path(sys.base_prefix).resolve())
    in_its_place = f'set -e; {shown}exec setpriv {shlex.join(ids)} "$@"'
    yield start.within("unshare", "--mount", "sh", "-c", in_its_place, "sh", HOME="/nonexistent", USER="nobody")


@_surrounding
def no_ipv6(start: Start) -> Iterator[Start]:
    """A network of its own that has only a loopback, and no IPv6. Needs unshare, and root or user namespaces."""
    _need("unshare", "ip")
    within = 'set -e; echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set lo up; exec "$@"'
    maps = [] if os.geteuid() == 0 else ["--map-root-user"]
    yield start.within("unshare", "--net", *maps, "sh", "-c", within, "sh")


@_surrounding
def shuffled(start: Start) -> Iterator[Start]:
    """In random order."""
    yield replace(start, options=(*start.options, "--shuffle"))


@_surrounding
def one_by_one(start: Start) -> Iterator[Start]:
    """Each case in a process of its own."""
    yield replace(start, options=(*start.options, "--alone"))


def _shown_to_everybody(path: Path) -> str:
    """Return what a shell does to let everybody come to `path`, in a mount namespace of its own."""
    closed = next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)
    if closed is None:
        return ""
    shown = closed / path.relative_to(closed).parts[0]
    aside = shlex.quote("/mnt")
    one, other = shlex.quote(str(closed)), shlex.quote(str(shown))
    return (
        f"mount --bind {other} {aside}; mount -t tmpfs -o mode=755 none {one}; mkdir {other}; "
        f"mount --bind {aside} {other}; umount {aside}; "
    )


def _need_root() -> None:
    if os.geteuid():
        raise UnavailableError("only root can give it")


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise UnavailableError(f"{program} is not installed")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"{command[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout
