"""`gongdao import`: bring in what other programs know."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from gongdao.base.i18n import Locale
    from gongdao.flows.import_orders import Imported


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    from gongdao.cli.imports.reviews import olist, reviews

    group = typer.Typer(help="Bring in what other programs know.", no_args_is_help=True)
    group.callback()(_keep_names)
    group.command()(orders)
    group.command()(tracking)
    group.command()(reviews)
    group.command()(olist)
    app.add_typer(group, name="import")


def _keep_names() -> None:
    """With a callback, typer asks for the name of a command even where there is only one."""


def orders(
    file: Annotated[Path, typer.Argument(help="Taobao's export, our CSV or our JSON.")],
    shop: Annotated[str, typer.Option(help="The name of the shop, or its id.")],
    items: Annotated[
        Path | None, typer.Option(help="Taobao's list of items, beside its list of orders.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what an import would do; change nothing.")
    ] = False,
    zh: Annotated[bool, typer.Option("--zh", help="Tell in Chinese what is wrong.")] = False,
) -> None:
    """Import the orders of a shop: all of a file, or nothing of it; the same file only once.

    The platform says so: what is paid is in escrow, what is confirmed is the shop's.
    """
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal

    config = read_config()
    locale: Locale = "zh" if zh else "en"
    try:
        with reachable_database(config.home, config.database_url) as address:
            report = asyncio.run(
                _import(address, shop=shop, file=file, items=items, dry_run=dry_run)
            )
    except Refusal as refusal:
        typer.echo(say_refusal(locale, refusal), err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(1) from None
    _tell(report, locale=locale, dry_run=dry_run)


def tracking(
    file: Annotated[Path, typer.Argument(help="CSV or JSON of what carriers said.")],
    zh: Annotated[bool, typer.Option("--zh", help="Tell in Chinese what is wrong.")] = False,
) -> None:
    """Import what carriers said of parcels: all of a file, or nothing; each line counts once."""
    from asyncpg import PostgresError

    from gongdao.base.clock import utc_now
    from gongdao.base.config import read_config
    from gongdao.base.db import open_pool
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal
    from gongdao.flows.import_tracking import TrackingImported, import_tracking

    locale: Locale = "zh" if zh else "en"

    async def run(address: str) -> TrackingImported:
        pool = await open_pool(address, size=2, name="gongdao import")
        try:
            return await import_tracking(pool, _read(file), now=utc_now())
        finally:
            await pool.close()

    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            report = asyncio.run(run(address))
    except Refusal as refusal:
        typer.echo(say_refusal(locale, refusal), err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(1) from None
    for fault in report.faults:
        typer.echo(fault.say(locale), err=True)
    if report.faults:
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Lines: {report.lines}; news of {report.parcels} parcels.")


async def _import(
    address: str, *, shop: str, file: Path, items: Path | None, dry_run: bool
) -> "Imported":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from gongdao.base.clock import utc_now
    from gongdao.base.db import open_pool
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import N_
    from gongdao.flows.import_orders import OrderFile, Teller, import_orders, preview_import
    from gongdao.shops.store import find_shop

    raw, more = _read(file), _read(items) if items else None
    pool = await open_pool(address, size=2, name="gongdao import")
    try:
        async with pool.acquire() as connection:
            found = await find_shop(connection, shop_id=_id_in(shop), name=shop)
        if found is None:
            raise Refusal("not_found", N_("There is no such shop."))
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            lines = raw.count(b"\n") + 1
            task = progress.add_task(f"Reading {file.name}", total=lines)
            run = preview_import if dry_run else import_orders
            wanted = OrderFile(shop_id=found.id, raw=raw, items=more)
            return await run(
                pool,
                wanted,
                by=Teller(platform=True),
                now=utc_now(),
                tell=lambda line: progress.update(task, completed=line),
            )
    finally:
        await pool.close()


def _read(path: Path) -> bytes:
    """The whole file, or one byte more than is allowed, so that reading refuses it."""
    from gongdao.shops.table import FILE_BYTES_MAX

    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _tell(report: "Imported", *, locale: "Locale", dry_run: bool) -> None:
    for fault in report.faults:
        typer.echo(fault.say(locale), err=True)
    if report.faults:
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"{'Would be added' if dry_run else 'Added'}: {report.added}; "
        f"come further: {report.advanced}; unchanged: {report.unchanged}."
    )
    if report.assumed:
        typer.echo(
            f"Of {report.assumed} orders the file does not tell a time that it implies "
            "(see docs/how-to/import-orders.md)."
        )
    if report.left_out:
        typer.echo(
            f"Of {report.left_out} orders something was left out: their money stays elsewhere, "
            "because a case about them is open or has paid back."
        )
