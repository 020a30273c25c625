"""`gongdao demo`: a small marketplace to look around in, filled once and served."""

import asyncio
import os
from typing import Annotated

import typer

#: In the demo a working day of the payment channel is a minute, so that refunds arrive in sight.
CHANNEL_DAY_SECONDS = "60"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    host: Annotated[str, typer.Option(help="Address to listen on; else HOST.")] = "",
    port: Annotated[
        int, typer.Option(help="Port to listen on; else PORT, else 8000.", show_default=False)
    ] = 0,
    fill_only: Annotated[
        bool, typer.Option("--fill-only", help="Fill the database and serve nothing.")
    ] = False,
) -> None:
    """Fill an empty database with a small marketplace, print the log-ins, and serve it."""
    if host:
        os.environ["HOST"] = host
    if port:
        os.environ["PORT"] = str(port)
    os.environ.setdefault("GONGDAO_CHANNEL_DAY", CHANNEL_DAY_SECONDS)
    # Nobody pays and nobody ships in a demo: the simulators do both.
    os.environ.setdefault("GONGDAO_CHANNEL_COLLECTS", "on")
    os.environ.setdefault("GONGDAO_CARRIER", "simulator")
    os.environ.setdefault("GONGDAO_SMS", "simulator")
    os.environ.setdefault("GONGDAO_DEMO", "on")
    if fill_only:
        _fill_configured()
        return
    from gongdao.jobs.supervise import become_supervisor

    become_supervisor("demo --fill-only")


def _fill_configured() -> None:
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal
    from gongdao.base.schema import SchemaMismatch
    from gongdao.cli.terminal.logins import show_logins

    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            asyncio.run(_fill(address, config.files_url))
    except Refusal as refusal:
        typer.echo(f"{say_refusal('zh', refusal)}\n{say_refusal('en', refusal)}", err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError, SchemaMismatch) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(1) from None
    show_logins(config.public_url)


async def _fill(address: str, files_url: str) -> None:
    from gongdao.base.clock import utc_now
    from gongdao.base.schema import bring_up_to_date
    from gongdao.flows.demo.found import look

    await bring_up_to_date(address, now=utc_now())
    found = await look(address)
    if found.state == "whole":
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from gongdao.base.db import open_pool
    from gongdao.files.objects import open_objects
    from gongdao.flows.demo.fill import fill
    from gongdao.jobs.catch_up import catch_up
    from gongdao.ledger.simulator import Simulator

    pool = await open_pool(address, size=4, name="gongdao demo")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("演示商城 / demo marketplace", total=None)
            # The past had days of its own length; only what happens from now on is hurried.
            channel = Simulator(pool)
            await fill(
                pool,
                open_objects(files_url),
                found,
                now=utc_now(),
                let_time_pass=lambda until: catch_up(pool, channel, until),
                tell=lambda done, all_: progress.update(task, completed=done, total=all_),
            )
    finally:
        await pool.close()
