"""The `gongdao` command: every module beside this one is a command and registers itself.

A module `cli/<name>.py` has one public function, `register(app)`, and imports what is heavy inside
its command, so that `gongdao --help` stays quick. Only the module that is asked for is loaded. A
folder beside it is no command: terminal/ holds what commands show, imports/ parts of one.
"""

import pkgutil
import sys
from importlib import import_module

import typer

import gongdao.cli
from gongdao.base.config import WrongSetting
from gongdao.base.logs import write_logs


def main() -> None:
    """Run the command that stands in the command line."""
    write_logs()
    try:
        make_app(sys.argv[1] if len(sys.argv) > 1 else "")()
    except WrongSetting as wrong:
        typer.echo(f"{wrong}", err=True)
        sys.exit(2)


def make_app(wanted: str) -> typer.Typer:
    """An application with the wanted command, or with all of them where there is no such one."""
    app = typer.Typer(
        help="Gongdao 公道: where after-sales disputes are settled.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_keep_names)
    modules = {name.strip("_"): name for name in _module_names()}
    for name in [modules[wanted]] if wanted in modules else modules.values():
        import_module(f"gongdao.cli.{name}").register(app)
    return app


def _module_names() -> list[str]:
    return [
        found.name
        for found in pkgutil.iter_modules(gongdao.cli.__path__)
        if found.name != "app" and not found.ispkg
    ]


def _keep_names() -> None:
    """With a callback, typer asks for a command's name even where only one is loaded."""


if __name__ == "__main__":
    main()
