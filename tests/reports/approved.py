"""Texts that people have looked at, with which what is written now is compared.

After a change that is meant, look at the difference and run the tests with LOOPSPEC_GOLDEN=write.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("golden")


def approved(name: str, text: str) -> None:
    """Fail unless `text` is that of the file `name`."""
    file = FOLDER / name
    if os.environ.get("LOOPSPEC_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
