"""The schema reaches a database whole, and only once; both ways there end at the same place."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from gongdao.base.clock import utc_now
from gongdao.base.embedded.programs import find_programs
from gongdao.base.schema import (
    ORDER,
    SchemaMismatch,
    bring_up_to_date,
    freeze_first,
    read_migrations,
    schema_folder,
)


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    """A database in which nothing is."""
    name = f"gongdao_empty_{uuid4().hex}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    path, question, options = server_url.partition("?")
    yield f"{path.rpartition('/')[0]}/{name}{question}{options}"
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


def test_every_file_is_applied() -> None:
    assert {path.stem for path in schema_folder().glob("*.sql")} == set(ORDER)


async def test_second_run_changes_nothing(database_url: str) -> None:
    before = await bring_up_to_date(database_url, now=utc_now())
    assert before.state == "current"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the schema files that a test may go on from, with a first migration."""
    folder = tmp_path / "schema"
    shutil.copytree(schema_folder(), folder, ignore=shutil.ignore_patterns("migrations"))
    freeze_first(folder)
    return folder


def write_step(folder: Path, name: str, sql: str) -> None:
    (folder / "migrations" / name).write_text(sql)


async def test_an_older_database_is_migrated_step_by_step(empty_url: str, folder: Path) -> None:
    made = await bring_up_to_date(empty_url, now=utc_now(), folder=folder)
    assert made.state == "empty"
    write_step(folder, "0002_memory.sql", "CREATE TABLE memory (number int);")
    write_step(folder, "0003_broken.sql", "CREATE TABLE rest (number int); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError) as refused:
        await bring_up_to_date(empty_url, now=utc_now(), folder=folder)
    assert refused.value.__notes__ == ["in schema file 0003_broken.sql"]
    write_step(folder, "0003_broken.sql", "CREATE TABLE rest (number int);")
    before = await bring_up_to_date(empty_url, now=utc_now(), folder=folder)
    assert before.applied == ("0001_first.sql", "0002_memory.sql")
    assert before.waiting == ("0003_broken.sql",)
    assert (await bring_up_to_date(empty_url, now=utc_now(), folder=folder)).state == "current"


async def test_an_edited_migration_is_refused(empty_url: str, folder: Path) -> None:
    await bring_up_to_date(empty_url, now=utc_now(), folder=folder)
    write_step(folder, "0001_first.sql", "-- something else")
    with pytest.raises(SchemaMismatch, match="edited"):
        await bring_up_to_date(empty_url, now=utc_now(), folder=folder)


async def test_a_database_of_a_newer_version_is_refused(empty_url: str, folder: Path) -> None:
    write_step(folder, "0002_from_the_future.sql", "SELECT 1;")
    await bring_up_to_date(empty_url, now=utc_now(), folder=folder)
    (folder / "migrations" / "0002_from_the_future.sql").unlink()
    with pytest.raises(SchemaMismatch, match="newer"):
        await bring_up_to_date(empty_url, now=utc_now(), folder=folder)


async def test_two_that_migrate_at_once_take_turns(empty_url: str, folder: Path) -> None:
    both = [bring_up_to_date(empty_url, now=utc_now(), folder=folder) for _ in range(2)]
    assert {status.state for status in await asyncio.gather(*both)} == {"empty", "current"}


async def test_migrations_lead_to_the_schema(database_url: str, empty_url: str) -> None:
    steps = read_migrations()
    if not steps:
        pytest.skip("there is no migration yet")
    connection = await asyncpg.connect(empty_url)
    for step in steps:
        await connection.execute(step.sql)
    await connection.close()
    assert described(empty_url) == described(database_url), (
        "schema/<room>.sql and schema/migrations differ: write a migration for the change, or,"
        " before the first release, run gongdao db freeze"
    )


def test_freezing_needs_a_young_schema(tmp_path: Path) -> None:
    for room in ORDER:
        (tmp_path / f"{room}.sql").write_text(f"-- {room}\n")
    assert freeze_first(tmp_path).read_text().splitlines()[0] == "-- base"
    (tmp_path / "migrations" / "0002_more.sql").write_text("-- more\n")
    with pytest.raises(SchemaMismatch, match="0002_more"):
        freeze_first(tmp_path)


def described(url: str) -> list[str]:
    """What pg_dump says of a schema; the order of columns does not matter."""
    command = [find_programs().folder / "pg_dump", "--schema-only", "--no-owner", url]
    env = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
    text = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout
    lines = (line.strip().rstrip(",") for line in text.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("--", "\\")))
