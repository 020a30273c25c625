"""`gongdao replay`: scenario files on simulated time (docs/scenarios.md)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from gongdao.base.i18n import Locale
    from gongdao.flows.run_story import Replayed
    from gongdao.flows.story_files import StoryFiles


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(
    path: Annotated[Path, typer.Argument(help="A scenario file, or a folder of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    pack: Annotated[str, typer.Option(help="Judge by this pack: id or id@version.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en; else the language of the system.")] = "",
) -> None:
    """Replay a dispute. Exit 0 if every expectation held, 1 if not, 2 if a file is wrong."""
    from gongdao.cli.terminal.language import language
    from gongdao.flows.story_files import story_files

    locale = language(lang)
    if path.is_dir():
        files = story_files(path)
        if not files.stories:
            typer.echo(f"{path}: there is no scenario file (*.toml) in this folder", err=True)
            raise typer.Exit(2)
        _replay_all(path, files, pack, locale, as_json=as_json)
    _replay_one(path, pack, locale, as_json=as_json)


def _replay_one(path: Path, pack: str, locale: "Locale", *, as_json: bool) -> None:
    import msgspec

    from gongdao.cli.terminal.stories import show_story
    from gongdao.flows.retell import retell

    replayed = _run(path, pack)
    if isinstance(replayed, str):
        typer.echo(replayed, err=True)
        raise typer.Exit(2)
    told = retell(replayed, locale=locale)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        show_story(told, locale, _console())
    raise typer.Exit(0 if told.held else 1)


def _replay_all(
    folder: Path, files: "StoryFiles", pack: str, locale: "Locale", *, as_json: bool
) -> None:
    import msgspec
    from rich.progress import track

    from gongdao.cli.terminal.stories import Summary, show_summaries
    from gongdao.flows.retell import Retold, retell

    told: list[Retold | Summary] = []
    for path in track(files.stories, "Replaying", console=_console(stderr=True), transient=True):
        name = str(path.relative_to(folder))
        found = _run(path, pack, name=name)
        if isinstance(found, str):
            told.append(Summary(file=name, error=found))
        elif as_json:
            told.append(msgspec.structs.replace(retell(found, locale=locale), file=name))
        else:
            failures = tuple(f"{f.line}: {f.message}" for f in found.failures)
            title = found.world.story.scenario.title
            told.append(Summary(file=name, title=title, failures=failures))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"stories": told}), indent=2).decode())
    else:
        summaries = [t for t in told if isinstance(t, Summary)]
        others = [str(other.relative_to(folder)) for other in files.others]
        show_summaries(summaries, others, locale, _console())
    held = all(t.held for t in told)
    raise typer.Exit(0 if held else 1)


def _run(path: Path, pack: str, *, name: str | None = None) -> "Replayed | str":
    """What became of a story, or the message of what is wrong with its file."""
    from gongdao.flows.run_story import run_story
    from gongdao.flows.scenario import read_story
    from gongdao.policy.load import UnknownPackError
    from gongdao.policy.toml_lines import WrittenError

    try:
        return run_story(read_story(path, name=name), pack=pack or None)
    except (WrittenError, UnknownPackError) as error:
        return f"{error}"
    except OSError as error:
        return f"{path}: {error.strerror}"


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)
