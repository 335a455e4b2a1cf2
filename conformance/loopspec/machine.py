"""What the machine has: the reasons for which a case cannot be played here."""

from __future__ import annotations

import functools
import importlib.util
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys

from loopspec.catalogue import Entry, applies
from loopspec.format import Need
from loopspec.loops import Loop

DESCRIPTORS = 1200
"""How many a process may have where a case needs many, which raises its own soft limit."""


def why_not(entry: Entry, loop: Loop) -> str | None:
    """Return why `entry` cannot be played with `loop` on this machine, in one line; None if it can."""
    version = platform.python_version()
    for specifier in (entry.rule.python, entry.case.python):
        if not applies(specifier, version):
            return f"for Python {specifier}, and this is {version}"
    if entry.case.platforms and sys.platform not in entry.case.platforms:
        return f"for {', '.join(entry.case.platforms)}, and this is {sys.platform}"
    needs = [*entry.case.needs, *(["strace"] if entry.case.witness else [])]
    for need in needs:
        if need == "policy":
            if not loop.policy:
                return f"{loop.name} has no event loop policy of its own"
        elif reason := _lacks(need):
            return reason
    return None


@functools.cache
def _lacks(need: Need) -> str | None:
    return _CHECKS[need]()


def _lacks_descriptors() -> str | None:
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if allowed == resource.RLIM_INFINITY or allowed >= DESCRIPTORS:
        return None
    return f"a process may have {allowed} descriptors here, and {DESCRIPTORS} are needed"


def _lacks_fork() -> str | None:
    return None if hasattr(os, "fork") else "this platform has no fork()"


def _lacks_ipv6() -> str | None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return f"IPv6 is not usable on this machine's loopback ({error})"
    return None


def _lacks_strace() -> str | None:
    if sys.platform != "linux" or shutil.which("strace") is None:
        return "strace is not installed"
    traced = subprocess.run(
        ["strace", "-qq", "-e", "trace=none", "-o", os.devnull, "--", "true"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
        start_new_session=True,  # out of the way of Ctrl-C, which would make it look forbidden
    )
    return None if traced.returncode == 0 else "strace may not trace processes here"


def _lacks_subprocess() -> str | None:
    return None if hasattr(os, "posix_spawn") or os.name == "nt" else "this platform starts no child processes"


def _lacks_tls() -> str | None:
    missing = [name for name in ("ssl", "trustme") if importlib.util.find_spec(name) is None]
    return f"no module {missing[0]}" if missing else None


def _lacks_unix_sockets() -> str | None:
    return None if hasattr(socket, "AF_UNIX") else "this platform has no Unix sockets"


_CHECKS = {
    "descriptors": _lacks_descriptors,
    "fork": _lacks_fork,
    "ipv6": _lacks_ipv6,
    "strace": _lacks_strace,
    "subprocess": _lacks_subprocess,
    "tls": _lacks_tls,
    "unix-sockets": _lacks_unix_sockets,
}
