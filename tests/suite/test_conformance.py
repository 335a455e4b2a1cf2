"""The whole suite on the project's own loop and on the standard library's: held strictly to what is known."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXPECTED = Path(__file__).parent.parent / "expected" / "stdlib.toml"


@pytest.mark.slow
@pytest.mark.parametrize("loop", ["stdlib", "reference"])
def test_every_rule_holds_but_for_what_is_expected_with_a_reason(loop, tmp_path):
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "loopspec", "check", loop, "--json", str(results), "--jobs", "2"]
    if loop == "stdlib":
        command += ["--expect", str(EXPECTED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    verdicts = [record for record in map(json.loads, results.read_text().splitlines()) if record["type"] == "verdict"]
    failing = [verdict for verdict in verdicts if verdict["kind"] not in ("pass", "skip")]
    if loop == "reference":
        assert failing == []
    assert [verdict for verdict in failing if verdict["kind"] in ("crash", "hang", "flaky", "broken")] == []
    assert len(verdicts) - len(failing) > 300
