"""Hostile loops that say or raise what is hard to pass on, and factories that make none."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from hostile_loops import Hostile

# What says or raises what is hard to pass on.


class Raises(Hostile):
    def error(self) -> BaseException:
        raise NotImplementedError

    def misbehave(self) -> None:
        raise self.error()


class RaisesSystemExit(Raises):
    def error(self) -> BaseException:
        return SystemExit(3)


class RaisesKeyboardInterrupt(Raises):
    def error(self) -> BaseException:
        return KeyboardInterrupt()


class RaisesWithoutText(Raises):
    def error(self) -> BaseException:
        class WithoutTextError(Exception):
            def __str__(self) -> str:
                raise SystemExit("no text")

            __repr__ = __str__

        return WithoutTextError()


class RaisesMuch(Raises):
    def error(self) -> BaseException:
        return RuntimeError("beginning" + "x" * (1 << 20) + "end")


class RaisesWhatNobodyCanEncode(Raises):
    def error(self) -> BaseException:
        return RuntimeError("lone \udcff surrogate and \0")


class LogsWhatNobodyCanEncode(Hostile):
    def misbehave(self) -> None:
        logging.getLogger("asyncio").error("lone %s surrogate", "\ud800")


class LogsWhatNobodyCanFormat(Hostile):
    def misbehave(self) -> None:
        logging.getLogger("asyncio").error("%d", "no number")


class LogsWithoutEnd(Hostile):
    def misbehave(self) -> None:
        for number in range(10_000):
            logging.getLogger("asyncio").error("%d", number)


class CallsWithoutEnd(Hostile):
    """Calls each callback a hundred thousand times."""

    def misbehave(self) -> None:
        pass

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        def often() -> None:
            for _ in range(100_000):
                callback(*args)

        return super().call_later(delay, often if args else callback, context=context)


class PrintsMegabytes(Hostile):
    def misbehave(self) -> None:
        print("first")
        for _ in range(64):
            os.write(1, b"y" * (1 << 17))
        print("last")


class PrintsMegabytesAndFails(PrintsMegabytes):
    def misbehave(self) -> None:
        super().misbehave()
        raise RuntimeError("now that so much is printed")


class Lies(Hostile):
    """Comes back without having run anything."""

    def misbehave(self) -> None:
        self.run_forever = lambda: None  # type: ignore[method-assign]  # that is the lie


# Factories.


def raises() -> NoReturn:
    raise OSError("no descriptors left for a loop")


def raises_without_text() -> NoReturn:
    raise RaisesWithoutText().error()


def exits() -> NoReturn:
    sys.exit("goodbye")


def returns_nothing() -> None:
    return None


def returns_an_impostor() -> object:
    class Impostor:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(f"there is no {name}")

        def __repr__(self) -> str:
            raise RuntimeError("nor a name for me")

    return Impostor()
