"""Logs are for whoever runs the programs, and tell no secrets."""

import subprocess
import sys

FAILING = """
import structlog
from gongdao.base.logs import write_logs

def connect(password):
    raise OSError("nobody there")

write_logs()
try:
    connect("open" + "sesame")
except OSError:
    structlog.get_logger().exception("no connection", attempt=3)
"""


def test_a_traceback_names_no_values() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert "attempt=3" in done.stderr
    assert "in connect" in done.stderr
    assert "OSError: nobody there" in done.stderr
    assert "opensesame" not in done.stderr


REFUSED_ROW = """
import asyncio
import sys

import asyncpg
import structlog
from gongdao.base.logs import write_logs

async def main():
    connection = await asyncpg.connect(sys.argv[1])
    try:
        await connection.execute("CREATE TEMP TABLE t (name text UNIQUE, n int CHECK (n > 0))")
        await connection.execute("INSERT INTO t VALUES ('13900006621', 1)")
        for n in (1, -1):
            try:
                try:
                    await connection.execute(f"INSERT INTO t VALUES ('13900006621', {n})")
                except asyncpg.PostgresError as error:
                    raise RuntimeError("not kept") from error
            except RuntimeError:
                structlog.get_logger().exception("a row was refused")
    finally:
        await connection.close()

write_logs()
asyncio.run(main())
"""


def test_a_row_that_the_database_refuses_is_not_written_down(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REFUSED_ROW, database_url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.count("RuntimeError: not kept") == 2
    assert 'unique constraint "t_name_key"' in done.stderr
    assert 'check constraint "t_n_check"' in done.stderr
    assert "13900006621" not in done.stderr
