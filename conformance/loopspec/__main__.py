"""The program: `python -m loopspec`, and the command `loopspec`."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # has no types; unlike `signal`, it is there at once
from typing import NoReturn


def program() -> NoReturn:
    """Run the command line of this process and exit."""
    # Until it is known what is asked for, and again when that is done, there is nothing for Ctrl-C to tell.
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from loopspec.cli import main

    main()


if __name__ == "__main__":
    program()
