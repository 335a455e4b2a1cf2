"""The order of the tests: what takes long comes first, so that nothing is left to wait for when the rest is done."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
