"""`gongdao policy`: rule packs listed, drawn and checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from gongdao.base.i18n import Locale
    from gongdao.policy.pack import Pack

Lang = Annotated[str, typer.Option(help="zh or en; else the language of the system.")]
Format = Literal["mermaid", "svg", "table", "json"]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="Rule packs: list, draw and check them.", no_args_is_help=True)
    group.command("list")(list_packs)
    group.command()(show)
    group.command()(check)
    app.add_typer(group, name="policy")


def list_packs(lang: Lang = "") -> None:
    """List every shipped pack with its procedures."""
    from gongdao.cli.terminal.language import language
    from gongdao.policy.load import load_pack, pack_names

    locale = language(lang)
    for name in pack_names():
        pack = load_pack(name)
        title = pack.head.title.zh if locale == "zh" else pack.head.title.en
        procedures = ", ".join(pack.procedures) or "-"
        typer.echo(f"{name}  {title}  [{procedures}]")


def show(
    name: Annotated[str, typer.Argument(help="A pack, or the folder <id>/<version> of one.")],
    form: Annotated[Format, typer.Option("--format", help="How to draw it.")] = "table",
    procedure: Annotated[str, typer.Option(help="Only this procedure.")] = "",
    here: Annotated[str, typer.Option(help="Mark this stage (svg).")] = "",
    lang: Lang = "",
) -> None:
    """Show a pack: procedures with their clocks, switches, rules with their sources."""
    from gongdao.cli.terminal.language import language
    from gongdao.policy.graph import procedure_of
    from gongdao.policy.load import UnknownPackError
    from gongdao.policy.toml_lines import WrittenError

    locale = language(lang)
    try:
        pack = _read(name)
        names = [procedure_of(pack, procedure).id] if procedure else list(pack.procedures)
    except (UnknownPackError, WrittenError, LookupError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from None
    if form == "svg" and len(names) > 1:
        typer.echo(f"A drawing shows one procedure: --procedure {'|'.join(names)}", err=True)
        raise typer.Exit(2)
    if form == "table" and not procedure:
        from gongdao.policy.draw import draw_book

        typer.echo(draw_book(pack, locale=locale), nl=False)
    else:
        typer.echo(_shown(pack, names, form, here, locale), nl=False)


def check(
    name: Annotated[str, typer.Argument(help="A pack, or the folder <id>/<version> of one.")],
    lang: Lang = "",
) -> None:
    """Check a pack; exit 2 with file, line, key and what is allowed where it is wrong."""
    from gongdao.base.i18n import N_, translate
    from gongdao.cli.terminal.language import language
    from gongdao.policy.load import UnknownPackError
    from gongdao.policy.toml_lines import WrittenError

    locale = language(lang)
    try:
        pack = _read(name)
    except (UnknownPackError, WrittenError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(translate(locale, N_("{name}: no fault was found."), {"name": pack.name}))


def _read(name: str) -> "Pack":
    from gongdao.policy.load import load_folder, load_pack

    folder = Path(name)
    return load_folder(folder) if (folder / "pack.toml").is_file() else load_pack(name)


def _shown(pack: "Pack", names: list[str], form: Format, here: str, locale: "Locale") -> str:
    import msgspec

    from gongdao.policy.draw import draw_mermaid, draw_svg, draw_table, stage_lines

    if form == "json":
        lines = {name: stage_lines(pack, name, locale) for name in names}
        document = {
            "pack": pack.name,
            "head": pack.head,
            "switches": pack.switches,
            "allowed": {switch.id: switch.allowed for switch in pack.body.switch},
            "procedures": lines,
            "rules": pack.body.rule,
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    if form == "svg":
        return draw_svg(pack, names[0], here=here or None, locale=locale)
    draw = draw_mermaid if form == "mermaid" else draw_table
    parts: list[str] = []
    for name in names:
        title = pack.procedures[name].title  # pyright: ignore[reportArgumentType]
        heading = "%%" if form == "mermaid" else "##"
        parts.append(f"{heading} {title.zh if locale == 'zh' else title.en}\n\n")
        parts.append(draw(pack, name, locale=locale) + "\n")
    return "".join(parts)
