"""Loops that answer questions, each in a way of its own, for the case files beside this folder."""

import asyncio
import os
import time
from pathlib import Path


class Right(asyncio.SelectorEventLoop):
    def answer(self, question):
        return "right"

    def behave(self):
        pass


class Wrong(Right):
    def answer(self, question):
        return "wrong"


class WrongAboutOne(Right):
    def answer(self, question):
        return "wrong" if question == 1 else "right"


class Silent(Right):
    def answer(self, question):
        raise NotImplementedError


class Tactless(Right):
    """Fails only in what does not count."""

    def answer(self, question):
        return "wrong" if question in ("polite", "private") else "right"


class Raising(Right):
    def behave(self):
        raise ValueError("will not behave")


class Verbose(Right):
    def behave(self):
        raise ValueError("\n".join(f"word {number}." for number in range(1000)))


class Aborting(Right):
    def behave(self):
        os.abort()


class Waiting(Right):
    """Tells by a file that it has begun to wait."""

    def behave(self):
        Path("waiting").touch()
        time.sleep(60)


class WaitingOnce(Right):
    def behave(self):
        if not Path("waiting").exists():
            Path("waiting").touch()
            time.sleep(60)


class Improving(Right):
    """Misbehaves the first time only."""

    def behave(self):
        if not Path("improved").exists():
            Path("improved").touch()
            raise ValueError("not yet")


class Stopping(Right):
    def behave(self):
        breakpoint()


class Counting(Right):
    """Leaves a file for each process in which it is made."""

    def __init__(self):
        super().__init__()
        Path(f"process-{os.getpid()}").touch()


def refusing():
    raise OSError("no loop today")
