"""`gongdao db`: the schema of the database, and the way to it."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import typer

from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.embedded import reachable_database


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="The database: its schema and its address.", no_args_is_help=True)
    group.command()(init)
    group.command()(migrate)
    group.command()(status)
    group.command()(url)
    group.command(hidden=True)(freeze)
    app.add_typer(group, name="db")


def init() -> None:
    """Make the schema in an empty database; refuse one that has it already."""
    from gongdao.base.schema import bring_up_to_date, fetch_status

    with _database() as address:
        if asyncio.run(fetch_status(address)).state != "empty":
            typer.echo("This database has the schema already: use gongdao db migrate.", err=True)
            raise typer.Exit(1)
        asyncio.run(bring_up_to_date(address, now=utc_now()))
    typer.echo("The schema was made.")


def migrate() -> None:
    """Bring the database to today's schema, whether it is empty, older or current."""
    from gongdao.base.schema import bring_up_to_date

    with _database() as address:
        before = asyncio.run(bring_up_to_date(address, now=utc_now()))
    match before.state:
        case "empty":
            typer.echo("The schema was made.")
        case "current":
            typer.echo("The schema is current.")
        case "older":
            typer.echo(f"Applied {', '.join(before.waiting)}.")


def status() -> None:
    """Tell how the database stands to today's schema; exit 1 when it has to be migrated."""
    from gongdao.base.schema import fetch_status

    with _database() as address:
        found = asyncio.run(fetch_status(address))
    typer.echo(f"{found.state}; applied: {len(found.applied)}; waiting: {len(found.waiting)}")
    for name in found.waiting:
        typer.echo(f"  {name}")
    if found.state != "current":
        raise typer.Exit(1)


def url() -> None:
    """Print the address of the database; of the embedded one only while it runs."""
    from gongdao.base.embedded import running_url

    config = read_config()
    address = config.database_url or running_url(config.home)
    if address is None:
        typer.echo("The embedded database is not running: start it with gongdao serve.", err=True)
        raise typer.Exit(1)
    typer.echo(address)


def freeze() -> None:
    """For developers: write schema/migrations/0001_first.sql from the schema files."""
    from gongdao.base.schema import SchemaMismatch, freeze_first

    try:
        typer.echo(f"Wrote {freeze_first()}.")
    except SchemaMismatch as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _database() -> Generator[str]:
    """The database of the settings; what stands in the way is said in one sentence."""
    from asyncpg import PostgresError

    from gongdao.base.schema import SchemaMismatch

    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            yield address
    except (OSError, LookupError, ValueError, PostgresError, SchemaMismatch) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(1) from None
