"""A process in a session of its own, and nobody's child, as a loop may leave it."""

import subprocess
import sys

# Its parent ends once the other program runs, which closes what a program does not inherit.
_LEAVE = """
import os
reading, writing = os.pipe()
if os.fork():
    os.close(writing)
    os.read(reading, 1)
    os._exit(0)
os.setsid()
os.execvp("sleep", ["sleep", "{}"])
"""


def daemon(seconds: float) -> None:
    """Leave `sleep` running for so many seconds."""
    subprocess.run([sys.executable, "-S", "-c", _LEAVE.format(seconds)], check=True)
