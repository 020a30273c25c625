"""`gongdao dossier`: a case written down as one file that anyone can check."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from gongdao.flows.export_dossier import Exported

Audience = Literal["buyer", "seller", "platform"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(dossier)


def dossier(
    case: Annotated[int, typer.Argument(help="The number of the case.")],
    audience: Annotated[
        Audience, typer.Option("--for", help="For whom; a party sees only what is theirs to see.")
    ] = "platform",
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write it; else here.")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en; else the language of the system.")] = "",
) -> None:
    """Export a case as a ZIP: pages, events, evidence, money, rules, and what proves them."""
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal
    from gongdao.cli.terminal.language import language
    from gongdao.dossier.names import archive_name

    locale = language(lang)
    config = read_config()
    path = out or Path(archive_name(case, audience))
    try:
        with reachable_database(config.home, config.database_url) as address:
            exported = asyncio.run(_export(address, config.files_url, case, audience, path))
    except Refusal as refusal:
        typer.echo(say_refusal(locale, refusal), err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{path}: {exported.size} bytes")
    typer.echo(f"root        {exported.root}")
    typer.echo(f"fingerprint {exported.fingerprint}")


async def _export(
    address: str, files_url: str, number: int, audience: Audience, path: Path
) -> "Exported":
    from gongdao.base.clock import utc_now
    from gongdao.base.db import open_pool
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import N_
    from gongdao.dossier.reads import case_of
    from gongdao.files.objects import open_objects
    from gongdao.flows.export_dossier import export_dossier

    pool = await open_pool(address, size=2, name="gongdao dossier")
    # Whole or not at all: a dossier that was cut off must not lie where one is looked for.
    part = path.with_name(f"{path.name}.part")
    try:
        async with pool.acquire() as connection:
            case_id = await case_of(connection, number)
        if case_id is None:
            raise Refusal("not_found", N_("There is no such case."))
        with part.open("w+b") as file:
            exported = await export_dossier(
                pool, open_objects(files_url), case_id, audience=audience, now=utc_now(), file=file
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        await pool.close()
    return exported
