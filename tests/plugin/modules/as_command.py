"""pytest as its command `pytest` runs it: without the current folder on the path, where `python -m pytest` puts it."""

import sys

import pytest

sys.exit(pytest.main())
