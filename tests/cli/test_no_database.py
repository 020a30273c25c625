"""What the command line says where the database is not, or not said rightly."""

import socket

import pytest
from typer.testing import CliRunner

from gongdao.cli.app import make_app

_ASKED = (["verify"], ["db", "init"], ["db", "migrate"], ["db", "status"], ["dossier", "1"],
          ["import", "orders", __file__, "--shop", "x"])  # fmt: skip


def _nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"postgresql://somebody:secret-word@127.0.0.1:{port}/gongdao"


@pytest.mark.parametrize("asked", _ASKED, ids=" ".join)
def test_one_line_says_that_no_database_answers(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGDAO_DATABASE_URL", _nobody())
    said = CliRunner().invoke(make_app(asked[0]), asked)
    assert said.exit_code in (1, 2)
    assert len(said.output.strip().splitlines()) == 1
    assert "no database answers" in said.output and "GONGDAO_DATABASE_URL" in said.output
    assert "Errno" not in said.output and "secret-word" not in said.output


@pytest.mark.parametrize("address", ["http://somebody:secret-word@here/x", "not an address"])
def test_one_line_says_how_an_address_looks(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDAO_DATABASE_URL", address)
    for asked in (["verify"], ["db", "init"]):
        said = CliRunner().invoke(make_app(asked[0]), asked)
        assert said.exit_code in (1, 2)
        assert "GONGDAO_DATABASE_URL is not the address of a PostgreSQL" in said.output
        assert "secret-word" not in said.output
