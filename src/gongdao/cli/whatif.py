"""`gongdao whatif`: past cases, or a folder of scenarios, judged by another rule book."""

import asyncio
import os
from datetime import datetime
from errno import ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gongdao.flows.whatif.compare import Compared

#: No run looks at more cases.
CASES_MAX = 10_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(whatif)


def whatif(
    pack: Annotated[str, typer.Option(help="The rule book that judges: id or id@version.")],
    since: Annotated[
        datetime | None, typer.Option(help="Cases opened since then (UTC); else all.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Scenario files below this folder, instead of the database.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=CASES_MAX, help="At most so many.")] = CASES_MAX,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what would have changed: outcomes, money, time, points. Changes nothing itself."""
    from asyncpg import PostgresError

    from gongdao.cli.terminal.whatif import show_compared

    try:
        compared = _of_folder(folder, pack) if folder else _of_database(pack, since, limit)
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(compared), indent=2).decode())
    else:
        show_compared(compared)


def _of_folder(folder: Path, pack: str) -> "Compared":
    from rich.console import Console
    from rich.progress import track

    from gongdao.base.clock import utc_now
    from gongdao.flows.story_files import story_files
    from gongdao.flows.whatif.compare import compare
    from gongdao.flows.whatif.past import past_of_stories
    from gongdao.policy.load import load_pack

    paths = story_files(folder).stories
    if not paths:
        raise FileNotFoundError(ENOENT, "there is no scenario file (*.toml) below it", f"{folder}")
    tracked = track(paths, "Judging", console=Console(stderr=True), transient=True)
    return compare(past_of_stories(tracked), load_pack(pack), until=utc_now())


def _of_database(pack: str, since: datetime | None, limit: int) -> "Compared":
    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database

    config = read_config()
    with reachable_database(config.home, config.database_url) as address:
        return asyncio.run(_judge_all(address, pack, since, limit))


async def _judge_all(address: str, pack: str, since: datetime | None, limit: int) -> "Compared":
    from datetime import UTC

    from rich.console import Console
    from rich.progress import Progress

    from gongdao.base.clock import utc_now
    from gongdao.base.db import open_pool
    from gongdao.flows.whatif.past import compare_past, count_past

    start = since.replace(tzinfo=since.tzinfo or UTC) if since else datetime(1970, 1, 1, tzinfo=UTC)
    pool = await open_pool(address, size=2, name="gongdao whatif")
    try:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Cases", total=await count_past(pool, start, limit=limit))

            async def tell(cases: int) -> None:
                bar.update(task, completed=cases)

            return await compare_past(
                pool,
                pack,
                since=start,
                until=utc_now(),
                limit=limit,
                workers=os.cpu_count() or 1,
                told=tell,
            )
    finally:
        await pool.close()
