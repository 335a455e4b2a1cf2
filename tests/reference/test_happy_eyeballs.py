"""Which address is tried when, in virtual time."""

import asyncio
import socket
from typing import Any

import pytest

from refloop.dns import AddressInfo
from refloop.happy_eyeballs import connect_to_first, interleaved
from tests.reference.virtual_time import new_virtual_loop

INET, INET6 = socket.AF_INET, socket.AF_INET6


def address(family: int, name: str) -> AddressInfo:
    return (family, socket.SOCK_STREAM, 0, "", name)


@pytest.mark.parametrize(
    ("count", "order"),
    [(1, ["a", "1", "b", "2", "c"]), (2, ["a", "b", "1", "c", "2"]), (5, ["a", "b", "c", "1", "2"])],
)
def test_families_take_turns(count: int, order: list[str]) -> None:
    addresses = [address(INET6, name) for name in "abc"] + [address(INET, name) for name in "12"]
    assert [info[4] for info in interleaved(addresses, count)] == order


class Attempts:
    """Attempts that fail or succeed after so many seconds; `began` is when each began."""

    def __init__(self, outcomes: dict[str, tuple[float, str]]) -> None:
        self.outcomes = outcomes
        self.began: dict[str, float] = {}
        self.sockets: dict[str, socket.socket] = {}
        self.cancelled: list[str] = []

    async def __call__(self, info: AddressInfo) -> socket.socket:
        name = info[4]
        self.began[name] = asyncio.get_running_loop().time() - 1000
        seconds, outcome = self.outcomes[name]
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            if outcome != "stubborn":
                raise
        if outcome == "fails":
            raise OSError(name)
        self.sockets[name] = socket.socket()
        return self.sockets[name]


def run(outcomes: dict[str, tuple[float, str]], delay: float | None) -> tuple[Attempts, Any, list[Exception]]:
    attempts = Attempts(outcomes)
    loop, _ = new_virtual_loop()
    addresses = [address(INET, name) for name in outcomes]
    winner, errors = loop.run_until_complete(connect_to_first(attempts, addresses, delay))
    loop.close()
    for name, sock in attempts.sockets.items():
        if sock is winner:
            sock.close()
            return attempts, name, errors
    return attempts, winner, errors


def test_the_next_one_begins_after_the_delay_and_the_first_to_answer_wins() -> None:
    attempts, winner, _ = run({"a": (10, "ok"), "b": (0.5, "ok"), "c": (0, "ok")}, 1.0)
    assert attempts.began == {"a": 0, "b": 1}
    assert winner == "b"
    assert attempts.cancelled == ["a"]


def test_a_failure_brings_the_next_one_forward() -> None:
    attempts, winner, errors = run({"a": (0.25, "fails"), "b": (2, "ok"), "c": (5, "ok")}, 1.0)
    assert attempts.began == {"a": 0, "b": 0.25, "c": 1.25}
    assert winner == "b"
    assert [str(error) for error in errors] == ["a"]


def test_every_failure_is_told() -> None:
    _, winner, errors = run({"a": (3, "fails"), "b": (1, "fails")}, 1.0)
    assert winner is None
    assert sorted(str(error) for error in errors) == ["a", "b"]


def test_one_that_connects_too_late_is_closed() -> None:
    attempts, winner, _ = run({"a": (10, "stubborn"), "b": (1, "ok")}, 1.0)
    assert winner == "b"
    assert attempts.sockets["a"].fileno() == -1


def test_cancelling_cancels_every_attempt() -> None:
    attempts = Attempts({"a": (10, "ok"), "b": (10, "ok")})
    loop, _ = new_virtual_loop()
    with pytest.raises(asyncio.TimeoutError):
        loop.run_until_complete(
            asyncio.wait_for(connect_to_first(attempts, [address(INET, "a"), address(INET, "b")], 1.0), 5)
        )
    assert sorted(attempts.cancelled) == ["a", "b"]
    loop.close()
