"""What a worker process runs to have the reference loop with a change in it, or watched while it is executed.

Its text is the beginning of a loop's `prepare`: nothing of the project but `refloop` is imported here.
"""

import contextlib
import fcntl
import importlib.abc
import importlib.machinery
import os
import sys
import threading
from pathlib import Path

CASE = "LOOPSPEC_PROOF_CASE"
"""The environment variable with the id of the case that is being played."""

_HIGH = 600
"""Descriptors from here on are out of the way of what a case counts or closes."""


class _Mutated(importlib.abc.MetaPathFinder):
    """Finds one module where it is, and gives it another text."""

    def __init__(self, module, text):
        self.module, self.text = module, text

    def find_spec(self, name, path, target=None):
        if name != self.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        spec.loader = _Loader(name, spec.origin)
        spec.loader.text = self.text
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    text = ""

    def get_code(self, fullname):
        return compile(self.text, self.path, "exec", dont_inherit=True)


def mutated(module, text):
    """Return the reference loop's factory, with the module named `module` made of `text`."""
    sys.meta_path.insert(0, _Mutated(module, text))
    from refloop import new_event_loop

    return new_event_loop


def watched(folder):
    """Return the reference loop's factory; which of its lines each case executes is written to a file in `folder`.

    The file has a line `# CASE` for each loop that is made, and after it a line `FILE:LINE` for each of the loop's
    lines when that is executed for the first time since.
    """
    import refloop

    package = str(Path(refloop.__file__).parent)
    begin = len(package) - len("refloop")
    opened = os.open(Path(folder) / f"{os.getpid()}.lines", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    file = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(opened)
    seen = set()

    def trace(frame, event, argument):
        return trace_lines if frame.f_code.co_filename.startswith(package) else None

    def trace_lines(frame, event, argument):
        if event == "line":
            line = (frame.f_code.co_filename, frame.f_lineno)
            if line not in seen:
                seen.add(line)
                with contextlib.suppress(OSError):
                    os.write(file, f"{line[0][begin:]}:{line[1]}\n".encode())
        return trace_lines

    def factory():
        seen.clear()
        os.write(file, f"# {os.environ.get(CASE, '')}\n".encode())
        return refloop.new_event_loop()

    threading.settrace(trace)
    sys.settrace(trace)
    return factory
