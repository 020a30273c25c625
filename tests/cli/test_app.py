"""The command line as somebody meets it who does not know a command yet."""

import pytest
from typer.testing import CliRunner

from gongdao.cli.app import make_app

COMMANDS = ("db", "demo", "import", "replay", "serve", "verify")


@pytest.mark.parametrize("asked", [["--help"], ["unknown"]])
def test_every_command_is_named_to_whom_it_is_new(asked: list[str]) -> None:
    said = CliRunner().invoke(make_app(""), asked)
    if asked == ["--help"]:
        assert said.exit_code == 0
        assert all(f" {name} " in said.output for name in COMMANDS)
    else:
        assert (said.exit_code, "No such command" in said.output) == (2, True)


def test_one_command_alone_helps_too() -> None:
    said = CliRunner().invoke(make_app("import"), ["import", "--help"])
    assert said.exit_code == 0
    assert all(f" {name} " in said.output for name in ("orders", "reviews", "olist"))
