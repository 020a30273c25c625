"""`gongdao import reviews` and `gongdao import olist`: reviews, and a whole set of tables."""

import asyncio
import gzip
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from gongdao.base.db import Pool
    from gongdao.base.i18n import Locale
    from gongdao.flows.import_orders import Imported
    from gongdao.flows.reviews.import_reviews import ImportedReviews
    from gongdao.shops.olist import Beside

_Shop = Annotated[str, typer.Option(help="The name of the shop, or its id.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Report what an import would do; change nothing.")
]
_Zh = Annotated[bool, typer.Option("--zh", help="Tell in Chinese what is wrong.")]
_TABLE = "olist_{}_dataset.csv"


def reviews(
    file: Annotated[Path, typer.Argument(help="Olist's or Taobao's reviews, our CSV or JSON.")],
    shop: _Shop,
    dry_run: _DryRun = False,
    zh: _Zh = False,
) -> None:
    """Import the reviews of a shop: all of a file, or nothing of it; the same file only once."""

    async def run(pool: "Pool", progress: "Progress") -> None:
        report = await _reviews(pool, progress, await _shop(pool, shop), file, dry_run=dry_run)
        _tell_reviews(report, locale="zh" if zh else "en", dry_run=dry_run)

    _run(run, zh=zh)


def olist(
    folder: Annotated[
        Path, typer.Argument(help="The folder with Olist's tables, .csv or .csv.gz.")
    ],
    shop: _Shop,
    zh: _Zh = False,
) -> None:
    """Import Olist's orders with items, buyers and payments, then their reviews.

    All orders go to one shop; their money stays elsewhere.
    """

    async def run(pool: "Pool", progress: "Progress") -> None:
        shop_id, locale = await _shop(pool, shop), "zh" if zh else "en"
        _tell_orders(await _olist_orders(pool, progress, shop_id, folder), locale=locale)
        file = _table(folder, "order_reviews")
        if file is not None:
            report = await _reviews(pool, progress, shop_id, file, dry_run=False)
            _tell_reviews(report, locale=locale, dry_run=False)

    _run(run, zh=zh)


def _run(run: Any, *, zh: bool) -> None:
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal

    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            asyncio.run(_with_pool(address, run))
    except Refusal as refusal:
        typer.echo(say_refusal("zh" if zh else "en", refusal), err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(1) from None


async def _with_pool(address: str, run: Any) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from gongdao.base.db import open_pool

    pool = await open_pool(address, size=2, name="gongdao import")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            doing: Coroutine[Any, Any, None] = run(pool, progress)
            await doing
    finally:
        await pool.close()


async def _shop(pool: "Pool", named: str) -> UUID:
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import N_
    from gongdao.shops.store import find_shop

    try:
        shop_id = UUID(named)
    except ValueError:
        shop_id = None
    async with pool.acquire() as connection:
        found = await find_shop(connection, shop_id=shop_id, name=named)
    if found is None:
        raise Refusal("not_found", N_("There is no such shop."))
    return found.id


async def _reviews(
    pool: "Pool", progress: "Progress", shop_id: UUID, file: Path, *, dry_run: bool
) -> "ImportedReviews":
    from gongdao.base.clock import utc_now
    from gongdao.flows.reviews.import_reviews import import_reviews, preview_reviews

    raw = _read(file)
    lines = raw.count(b"\n") + 1
    # While the file is read nothing is counted yet, and the bar moves to and fro.
    task = progress.add_task(f"Reviews of {file.name}", total=None)
    run = preview_reviews if dry_run else import_reviews
    return await run(
        pool,
        shop_id,
        raw,
        now=utc_now(),
        tell=lambda line: progress.update(task, total=lines, completed=line),
    )


async def _olist_orders(
    pool: "Pool", progress: "Progress", shop_id: UUID, folder: Path
) -> "Imported":
    from gongdao.base.clock import utc_now
    from gongdao.flows.import_orders import OrderFile, Teller, import_orders

    orders = _table(folder, "orders")
    if orders is None:
        raise FileNotFoundError(f"there is no {_TABLE.format('orders')} in {folder}")
    raw = _read(orders)
    lines = raw.count(b"\n") + 1
    task = progress.add_task(f"Orders of {orders.name}", total=2 * lines)
    return await import_orders(
        pool,
        OrderFile(shop_id=shop_id, raw=raw, beside=_beside(folder)),
        by=Teller(platform=True),
        now=utc_now(),
        tell=lambda line: progress.update(task, completed=line),
        kept=lambda count: progress.update(task, completed=lines + count),
    )


def _beside(folder: Path) -> "Beside":
    from gongdao.shops.olist import Beside

    def table(name: str) -> bytes | None:
        found = _table(folder, name)
        return _read(found) if found else None

    items = table("order_items")
    if items is None:
        raise FileNotFoundError(f"there is no {_TABLE.format('order_items')} in {folder}")
    return Beside(
        items=items,
        customers=table("customers"),
        payments=table("order_payments"),
        products=table("products"),
    )


def _table(folder: Path, name: str) -> Path | None:
    plain = folder / _TABLE.format(name)
    packed = plain.with_suffix(".csv.gz")
    return next((path for path in (plain, packed) if path.is_file()), None)


def _read(path: Path) -> bytes:
    """The whole file, or one byte more than is allowed, so that reading refuses it."""
    from gongdao.reviews.import_reviews import FILE_BYTES_MAX

    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def _tell_orders(report: "Imported", *, locale: "Locale") -> None:
    for fault in report.faults:
        typer.echo(fault.say(locale), err=True)
    if report.faults:
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Orders added: {report.added}; unchanged: {report.unchanged}; "
               f"with a time that was taken from another: {report.assumed}.")  # fmt: skip


def _tell_reviews(report: "ImportedReviews", *, locale: "Locale", dry_run: bool) -> None:
    for fault in report.faults:
        typer.echo(fault.say(locale), err=True)
    if report.faults:
        typer.echo("Nothing was imported.", err=True)
        raise typer.Exit(1)
    would = "Reviews that would be added" if dry_run else "Reviews added"
    typer.echo(f"{would}: {report.added}; neutral or negative, sorted by cause: "
               f"{report.not_good}; unchanged: {report.unchanged}.")  # fmt: skip
