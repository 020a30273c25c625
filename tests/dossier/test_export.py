"""A dossier is the same whenever it is made, says what is wrong before it is, and is whole."""

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.flows.market import person
from typer.testing import CliRunner

from gongdao.accounts.principal import Principal
from gongdao.base.errors import Refusal
from gongdao.cli.app import make_app
from gongdao.dossier.contents import MANIFEST, PAPERS
from gongdao.files.objects import open_objects
from gongdao.flows.export_dossier import export_for

from .conftest import AUDIENCES, EXPORTED, Written, export


async def test_the_same_case_gives_the_same_bytes(written: Written) -> None:
    for audience in AUDIENCES:
        again = await export(written.market.pool, written.objects, written.case_id, audience)
        assert again == written.by[audience]


async def test_only_the_instant_of_the_export_differs(written: Written) -> None:
    pool, objects = written.market.pool, written.objects
    later = await export(pool, objects, written.case_id, "buyer", timedelta(hours=1))
    with (
        zipfile.ZipFile(BytesIO(written.by["buyer"])) as one,
        zipfile.ZipFile(BytesIO(later)) as other,
    ):
        assert one.namelist() == other.namelist()
        differing = {n for n in one.namelist() if one.read(n) != other.read(n)}
    assert differing == {MANIFEST, *PAPERS.values()}


async def test_who_may_have_which(written: Written) -> None:
    market = written.market
    auditor = await person(market.pool, "platform", "auditor")

    async def made(who: Principal, wanted: str | None) -> str:
        exported = await export_for(
            market.pool, written.objects, who, written.case_id, wanted=wanted,  # type: ignore[arg-type]
            now=EXPORTED, file=BytesIO(),
        )  # fmt: skip
        return exported.audience

    assert await made(market.buyer, None) == "buyer"
    assert await made(market.owner, "seller") == "seller"
    assert await made(auditor, None) == "platform"
    assert await made(auditor, "buyer") == "buyer"
    stranger = await person(market.pool, "buyer", "buyer")
    for who, wanted, code in (
        (market.buyer, "seller", "wrong_role"),
        (market.owner, "platform", "wrong_role"),
        (market.arbiter, None, "wrong_role"),
        (stranger, None, "not_found"),
    ):
        with pytest.raises(Refusal) as refused:
            await made(who, wanted)
        assert refused.value.code == code


async def test_lost_bytes_are_said_and_not_left_out(written: Written, tmp_path: Path) -> None:
    empty = open_objects(f"file://{tmp_path}")
    with pytest.raises(Refusal) as refused:
        await export(written.market.pool, empty, written.case_id, "buyer")
    assert "missing" in refused.value.sentence


def test_verify_on_the_command_line(written: Written, tmp_path: Path) -> None:
    path = tmp_path / "dossier.zip"
    path.write_bytes(written.by["buyer"])
    runner = CliRunner()
    good = runner.invoke(make_app("verify"), ["verify", str(path)])
    assert good.exit_code == 0, good.output
    assert "Nothing was altered." in good.output
    raw = bytearray(written.by["buyer"])
    raw[raw.index(b'"case_opened"') + 3] ^= 1
    path.write_bytes(raw)
    bad = runner.invoke(make_app("verify"), ["verify", str(path)])
    assert bad.exit_code == 1
    assert "events.jsonl, event 1, field body/type" in bad.output
    told = runner.invoke(make_app("verify"), ["verify", str(path), "--json"])
    assert '"event": 1' in told.output
    assert runner.invoke(make_app("verify"), ["verify", str(tmp_path / "no")]).exit_code == 2
