"""Faults at random moments, and disks that are full: what was played is kept, nothing else stays, and a line says why.

The seeds of random moments are any, and named by the failure: `tests/tools/inject_faults.py` plays one again. More than
the few trials here are played by that tool.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loopreport.results import read
from tests.hostile.conftest import PATIENCE
from tests.tools import inject_faults

SEED = random.SystemRandom().randrange(10**6)


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return how long a run takes to which nothing happens."""
    return inject_faults.undisturbed(tmp_path_factory.mktemp("faults") / "undisturbed")


@pytest.mark.parametrize(("kind", "trials"), [("stop", 4), ("kill", 2), ("leave", 2)])
def test_at_random_moments(kind: str, trials: int, seconds: float, tmp_path: Path) -> None:
    for seed in range(SEED, SEED + trials):
        try:
            print(inject_faults.TRIALS[kind](seed, tmp_path / str(seed), seconds))
        except AssertionError as error:
            pytest.fail(f"tests/tools/inject_faults.py {kind} --seed {seed}: {error}")


def check(
    *arguments: str, cases: Path = inject_faults.CASES, limit: int | None = None, within: list[str] | None = None
) -> tuple[int, str, str]:
    """Run `loopspec check` on the plentiful short cases and return its exit status, output and errors.

    No file that it writes can have more than `limit` bytes; `within` begins its command line.
    """

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [*(within or []), sys.executable, "-m", "loopspec", "check", "asyncio:SelectorEventLoop"]
    ended = subprocess.run(
        [*command, "--cases", str(cases), "-k", "plenty/short", "-v", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "100"},
        preexec_fn=limited,
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """Return how many bytes of a whole file of results end with its header, and with each verdict."""
    results = tmp_path_factory.mktemp("whole") / "results.json"
    assert check("--json", str(results))[0] == 0
    ends = [0]
    for line in results.read_bytes().splitlines(keepends=True)[:-1]:
        ends.append(ends[-1] + len(line))
    return ends[1:]


@pytest.mark.parametrize("after", [1, 5, 9])
def test_no_room_for_another_verdict(sizes: list[int], tmp_path: Path, after: int) -> None:
    results = tmp_path / "results.json"
    limit = (sizes[after] + sizes[after + 1]) // 2
    status, out, errors = check("--json", str(results), limit=limit)
    assert status == 2
    assert errors == f"{results}: cannot be written further: file too large\n"
    found = read(results)
    # A verdict's length depends on how long its case took.
    assert after - 1 <= len(found.verdicts) <= after + 1
    assert found.cut and results.read_bytes().endswith(b"\n")
    assert out.count("pass        plenty/short/") == len(found.verdicts)
    assert f"only {len(found.verdicts) + 1} of 12 cases played (interrupted)" in out
    assert "Results written" not in out


def test_no_room_for_the_end(sizes: list[int], tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    status, out, errors = check("--json", str(results), limit=sizes[-1] + 40)
    assert status == 2
    assert errors == f"{results}: cannot be written further: file too large\n"
    assert len(read(results).verdicts) == 12 and read(results).cut
    assert "12 of 12 documented cases pass" in out


def test_no_room_for_results_and_reports(sizes: list[int], tmp_path: Path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "page.html"
    page.write_text("as it was before")
    arguments = ("--json", str(results), "--html", str(page), "--markdown", str(tmp_path / "page.md"))
    status, _, errors = check(*arguments, limit=sizes[3] + 10)
    assert status == 2
    assert errors.splitlines() == [
        f"{results}: cannot be written further: file too large",
        f"{page}: cannot be written: file too large",
    ]
    assert page.read_text() == "as it was before"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "page.html",
        "page.md",
        "results.json",
    ]


def test_a_small_disk_fills_up(tmp_path: Path) -> None:
    disk, outside = tmp_path / "disk", tmp_path / "outside"
    disk.mkdir()
    outside.mkdir()
    # Two pages, of which the header takes one; the file system ends with the process that has mounted it.
    mount = f'mount -t tmpfs -o size=8k none {disk} && "$@"; status=$?; cp -r {disk}/. {outside}; exit $status'
    within = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*within, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount a file system")
    cases = tmp_path / "cases.toml"
    more = "".join(f"{{ number = {number} }}, " for number in range(13, 100))
    cases.write_text(inject_faults.CASES.read_text().replace("each = [", f"each = [{more}"))
    status, out, errors = check("--json", str(disk / "results.json"), cases=cases, within=within)
    assert (status, errors) == (2, f"{disk}/results.json: cannot be written further: no space left on device\n"), out
    found = read(outside / "results.json")
    assert found.cut
    assert out.count("pass        plenty/short/") == len(found.verdicts) > 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("buffered", [True, False])
def test_no_room_for_standard_output(tmp_path: Path, buffered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "" if buffered else "1")
    results = tmp_path / "results.json"
    status, _, errors = check("--json", str(results), within=["sh", "-c", 'exec "$@" > /dev/full', "sh"])
    assert (status, errors) == (2, "standard output cannot be written: no space left on device\n")
    footer = read(results).footer
    assert footer and footer.interrupted


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_standard_streams_may_be_closed(tmp_path: Path, closed: str) -> None:
    results = tmp_path / "results.json"
    status, _, errors = check("--json", str(results), within=["sh", "-c", f'exec "$@" {closed}', "sh"])
    assert (status, errors) == (0, "")
    assert len(read(results).verdicts) == 12 and read(results).footer
