"""asyncpg and psycopg as clients of a real PostgreSQL server, which this module starts and stops."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Where Debian puts what a user doesn't call.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])


@pytest.fixture(scope="module")
def folder() -> Iterator[str]:
    """Return the folder of the server's Unix socket."""
    initdb, pg_ctl = (shutil.which(name, path=PLACES) for name in ("initdb", "pg_ctl"))
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    # It refuses to run as root; its package has made a user for it.
    account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def call(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=place, **account, check=False)
        if done.returncode:
            pytest.skip(f"PostgreSQL does not start here: {(done.stderr or done.stdout)[-200:]}")

    with tempfile.TemporaryDirectory() as place:
        if account:
            shutil.chown(place, **account)
        data = str(Path(place) / "data")
        call(initdb, "--no-sync", "--auth=trust", "--username=tester", f"--pgdata={data}")
        options = f"-c listen_addresses='' -c unix_socket_directories='{place}' -c fsync=off"
        call(pg_ctl, "start", "--wait", f"--pgdata={data}", f"--log={place}/log", f"--options={options}")
        yield place
        call(pg_ctl, "stop", "--wait", "--mode=immediate", f"--pgdata={data}")


def test_asyncpg(run: Any, folder: str) -> None:
    asyncpg = pytest.importorskip("asyncpg", reason="asyncpg is not installed (extra: software)")

    async def main() -> None:
        async with asyncpg.create_pool(host=folder, user="tester", database="postgres", min_size=1, max_size=5) as pool:
            await pool.execute("CREATE TABLE squares (number int, square bigint)")
            await pool.executemany("INSERT INTO squares VALUES ($1, $2)", [(n, n * n) for n in range(1000)])
            sums = (pool.fetchval("SELECT sum(square) FROM squares WHERE number < $1", n) for n in range(1, 50))
            assert await asyncio.gather(*sums) == [sum(m * m for m in range(n)) for n in range(1, 50)]
            assert await pool.fetchval("SELECT repeat('x', 5000000)") == "x" * 5_000_000
            with pytest.raises(asyncio.TimeoutError):
                await pool.execute("SELECT pg_sleep(100)", timeout=0.01)

    run(main())


def test_psycopg(run: Any, folder: str) -> None:
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed (extra: software)")

    async def main() -> None:
        place = f"host={folder} user=tester dbname=postgres"
        async with await psycopg.AsyncConnection.connect(place) as connection:
            cursor = await connection.execute("SELECT n, repeat('x', n) FROM generate_series(1, 2000) AS n")
            assert [number == len(text) for number, text in await cursor.fetchall()] == [True] * 2000

    run(main())
