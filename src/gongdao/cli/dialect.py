"""`gongdao dialect`: case states in the words of other marketplaces and payment providers."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gongdao.cases.case import Case
    from gongdao.dialects.dialect import Dialect

#: What an import reads at most.
FILE_BYTES_MAX = 16_000_000
DOCUMENTS_MAX = 10_000


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        help="Case states in the words of other marketplaces and payment providers.",
        no_args_is_help=True,
    )
    group.command("list")(list_dialects)
    group.command()(show)
    group.command()(page)
    group.command("export")(export_case)
    group.command("import")(import_file)
    app.add_typer(group, name="dialect")


def list_dialects(
    lang: Annotated[str, typer.Option(help="zh or en; else the language of the system.")] = "",
) -> None:
    """List every dialect."""
    from gongdao.cli.terminal.language import language
    from gongdao.dialects.load import dialect_names, load_dialect

    locale = language(lang)
    for name in dialect_names():
        title = load_dialect(name).dialect.title
        typer.echo(f"{name}  {title.zh if locale == 'zh' else title.en}")


def show(name: Annotated[str, typer.Argument(help="A dialect.")]) -> None:
    """Show the words of a dialect and how they map to ours."""
    from gongdao.dialects.page import draw_dialect

    typer.echo(draw_dialect(_load(name)))


def page() -> None:
    """Print docs/dialects.md, drawn from the data."""
    from gongdao.dialects.load import dialect_names
    from gongdao.dialects.page import draw_page

    typer.echo(draw_page([_load(name) for name in dialect_names()]), nl=False)


def export_case(
    case: Annotated[int, typer.Argument(help="The number of the case.")],
    name: Annotated[str, typer.Option("--as", help="In the words of which dialect.")],
) -> None:
    """Print where a case stands in their words; exit 1 where they have none, and say why."""
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.dialects.dialect import ours_of
    from gongdao.dialects.translate import speak, write_document

    dialect = _load(name)
    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            found = asyncio.run(_find(address, case))
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(2) from None
    if found is None:
        typer.echo(f"there is no case {case}", err=True)
        raise typer.Exit(2)
    ours = ours_of(found)
    spoken = speak(ours, dialect)
    document = write_document(spoken.words, dialect)
    _print({"ours": ours, "theirs": document, "lossy": spoken.losses, "no": spoken.no})
    raise typer.Exit(1 if spoken.no else 0)


def import_file(
    file: Annotated[Path, typer.Argument(help="A JSON document of theirs, or a list of them.")],
    name: Annotated[str, typer.Option("--from", help="In the words of which dialect it is.")],
) -> None:
    """Print what their documents mean in our words; exit 1 where one has no place with us."""
    import msgspec

    from gongdao.dialects.translate import read_document

    dialect = _load(name)
    try:
        with file.open("rb") as opened:
            raw = opened.read(FILE_BYTES_MAX + 1)
        documents = _documents(raw)
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(2) from None
    heard = [read_document(document, dialect) for document in documents]
    _print(heard)
    raise typer.Exit(0 if all(one.ours for one in heard) else 1)


def _documents(raw: bytes) -> list[dict[str, Any]]:
    import msgspec

    if len(raw) > FILE_BYTES_MAX:
        raise ValueError(f"more than {FILE_BYTES_MAX:,} bytes")
    documents: list[dict[str, Any]]
    if raw.lstrip().startswith(b"["):
        documents = msgspec.json.decode(raw, type=list[dict[str, Any]])
    else:
        documents = [msgspec.json.decode(raw, type=dict[str, Any])]
    if len(documents) > DOCUMENTS_MAX:
        raise ValueError(f"more than {DOCUMENTS_MAX:,} documents")
    return documents


def _load(name: str) -> "Dialect":
    from gongdao.dialects.load import UnknownDialectError, load_dialect
    from gongdao.policy.toml_lines import WrittenError

    try:
        return load_dialect(name)
    except (UnknownDialectError, WrittenError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from None


async def _find(address: str, number: int) -> "Case | None":
    from gongdao.base.db import open_pool
    from gongdao.cases.store import load_case
    from gongdao.dossier.reads import case_of

    pool = await open_pool(address, size=1, name="gongdao dialect")
    try:
        async with pool.acquire() as connection:
            case_id = await case_of(connection, number)
            found = await load_case(connection, case_id) if case_id else None
        return found.case if found else None
    finally:
        await pool.close()


def _print(document: Any) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
