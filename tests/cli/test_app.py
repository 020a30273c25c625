"""The command line as somebody meets it who does not know a command yet."""

import pytest
from asyncpg import UndefinedTableError
from typer.testing import CliRunner

from gongdao.cli.app import make_app
from gongdao.cli.terminal.wrong import in_words

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


@pytest.mark.parametrize(
    ("asked", "said_is"),
    [
        (["whatif", "--pack", "cn-standard", "--folder", "/nowhere"], "no scenario file"),
        (["import", "orders", "/nowhere.csv", "--shop", "x"], "/nowhere.csv: No such file"),
        (["replay", "/nowhere.toml"], "/nowhere.toml: No such file"),
        (["verify", "/nowhere.zip"], "/nowhere.zip: No such file"),
    ],
)
def test_what_is_not_there_is_named(asked: list[str], said_is: str) -> None:
    said = CliRunner().invoke(make_app(asked[0]), asked)
    assert said.exit_code in (1, 2)
    assert said_is in said.output
    assert "Errno" not in said.output


@pytest.mark.parametrize("orders", ["inf", "nan", "0", "100000"])
def test_nobody_waits_for_a_market_without_end(orders: str) -> None:
    said = CliRunner().invoke(make_app("simulate"), ["simulate", "--days", "1", "--orders", orders])
    assert said.exit_code == 2 and "Invalid value for '--orders'" in said.output


def test_a_database_without_gongdao_is_told_how_to_get_it() -> None:
    assert "gongdao db init" in in_words(UndefinedTableError('relation "cases" does not exist'))
