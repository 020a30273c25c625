"""Bringing a database to today's schema: made whole when new, migrated when older."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import asyncpg

#: What is, one file a room or a part of one, in the order of the ladder; no file knows a later one.
ORDER = (
    "base", "accounts", "settings", "shops", "shops_day", "carriers", "ledger", "files",
    "notices", "chat", "chat_routing", "chat_quality", "scripts", "knowledge", "staff",
    "reviews", "customers", "risk", "cases", "dossier", "register", "channels", "channels_sms",
    "jobs",
)  # fmt: skip

#: Two programs that migrate at once take turns by this number.
_LOCK = 0x676F6E67


class Migration(NamedTuple):
    """One step from an older schema to a newer one."""

    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        """What the step says, so that a step edited afterwards is noticed."""
        return hashlib.sha256(self.sql.encode()).digest()


class Status(NamedTuple):
    """How a database stands to the schema of this version."""

    state: Literal["empty", "current", "older"]
    applied: tuple[str, ...]
    waiting: tuple[str, ...]


class SchemaMismatch(Exception):
    """The database was made by a newer version, or a migration was edited after it ran."""


def schema_folder() -> Path:
    """Where the schema files are: beside the package when installed, else in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schema"
    return installed if installed.is_dir() else package.parents[1] / "schema"


def read_schema(folder: Path | None = None) -> list[tuple[str, str]]:
    """The files of the schema, each with its name, in the order in which they are applied."""
    files = [(folder or schema_folder()) / f"{room}.sql" for room in ORDER]
    return [(path.name, path.read_text("utf-8")) for path in files]


def read_migrations(folder: Path | None = None) -> list[Migration]:
    """The migrations in their order."""
    steps = sorted(((folder or schema_folder()) / "migrations").glob("[0-9]*.sql"))
    return [Migration(path.name, path.read_text("utf-8")) for path in steps]


def freeze_first(folder: Path | None = None) -> Path:
    """Write the first migration from the schema files, as long as it is the only one."""
    folder = folder or schema_folder()
    first = folder / "migrations" / "0001_first.sql"
    later = [step.name for step in read_migrations(folder) if step.name != first.name]
    if later:
        raise SchemaMismatch(f"write a migration by hand: {later[0]} builds upon the first one")
    first.parent.mkdir(exist_ok=True)
    first.write_text("\n".join(sql for _name, sql in read_schema(folder)), "utf-8")
    return first


async def bring_up_to_date(url: str, *, now: datetime, folder: Path | None = None) -> Status:
    """Make or migrate the schema at `url`, each migration whole or not at all.

    Returns how it stood before. Raises SchemaMismatch when the database is not an older self.
    """
    connection = await asyncpg.connect(url, server_settings={"application_name": "migrate"})
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        steps = read_migrations(folder)
        before = await read_status(connection, steps)
        if before.state == "empty":
            await _make(connection, read_schema(folder), steps, now)
        else:
            waiting = [step for step in steps if step.name in before.waiting]
            await _migrate(connection, waiting, now)
        return before
    finally:
        await connection.close()


async def fetch_status(url: str) -> Status:
    """How the database at `url` stands to this version's schema."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "status"})
    try:
        return await read_status(connection, read_migrations())
    finally:
        await connection.close()


async def read_status(connection: Any, ours: list[Migration]) -> Status:
    """Compare what a database has with the migrations of this version."""
    if await connection.fetchval("SELECT to_regclass('schema_migration')") is None:
        return Status("empty", (), tuple(step.name for step in ours))
    rows = await connection.fetch(
        "SELECT name, sha256 FROM schema_migration ORDER BY name LIMIT 10000"
    )
    theirs: dict[str, bytes] = {row["name"]: row["sha256"] for row in rows}
    known = {step.name: step.sha256 for step in ours}
    if strangers := sorted(set(theirs) - set(known)):
        raise SchemaMismatch(f"a newer version of gongdao has migrated this database: {strangers}")
    if edited := sorted(name for name, digest in theirs.items() if known[name] != digest):
        raise SchemaMismatch(f"these migrations were edited after they ran here: {edited}")
    waiting = tuple(name for name in known if name not in theirs)
    return Status("older" if waiting else "current", tuple(theirs), waiting)


async def _make(
    connection: Any, files: list[tuple[str, str]], steps: list[Migration], now: datetime
) -> None:
    async with connection.transaction():
        for name, sql in files:
            await _run(connection, name, sql)
        for step in steps:
            await _record(connection, step, now)


async def _migrate(connection: Any, waiting: list[Migration], now: datetime) -> None:
    for step in waiting:
        async with connection.transaction():
            await _run(connection, step.name, step.sql)
            await _record(connection, step, now)


async def _run(connection: Any, name: str, sql: str) -> None:
    try:
        await connection.execute(sql)
    except asyncpg.PostgresError as error:
        error.add_note(f"in schema file {name}")
        raise


async def _record(connection: Any, step: Migration, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO schema_migration (name, sha256, applied_at) VALUES ($1, $2, $3)",
        step.name,
        step.sha256,
        now,
    )
