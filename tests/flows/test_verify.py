"""`gongdao verify` names whatever was changed behind the product's back."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from tests.files.samples import image

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.files.objects import object_key, open_objects
from gongdao.files.receive_file import receive_file
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.verify import Fault, verify_cases, verify_rest
from gongdao.policy.load import load_pack

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


class Kept(NamedTuple):
    pool: Pool
    case_id: UUID
    order_id: UUID
    file_id: UUID
    folder: Path


@pytest.fixture
async def kept(pool: Pool, tmp_path: Path) -> AsyncIterator[Kept]:
    """Some cases with money, a debt that was paid in part, and a file."""
    market = await open_market(pool, balance_fen=4_000)
    objects = open_objects(f"file://{tmp_path}")

    async def pieces() -> AsyncIterator[bytes]:
        yield image("JPEG")

    file = await receive_file(
        pool, objects, pieces(), file_id=new_id(), name="a.jpg",
        uploaded_by=market.buyer.person_id, now=LATER,
    )  # fmt: skip
    args = c.OpenArgs(
        procedure="after_sale",
        kind="refund_only",
        reason="quality",
        evidence=[c.EvidenceItem(kind="photo_of_item", files=[file.id])],
    )
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, args, pack=PACK, now=LATER)
    await act_on_case(pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER)
    waiting = await place_order(market)
    await open_case(pool, market.buyer, waiting.id, args, pack=PACK, now=LATER)
    yield Kept(pool, opened.case.id, order.id, file.id, tmp_path)


async def faults(kept: Kept) -> list[Fault]:
    objects = open_objects(f"file://{kept.folder}")
    async with kept.pool.acquire() as connection:
        found = [fault async for fault in verify_cases(connection, lambda _: None)]
        return found + [f async for f in verify_rest(kept.pool, connection, objects)]


async def tamper(kept: Kept, statement: str, *args: object) -> None:
    """Change what nobody can change: as a superuser to whom no trigger applies."""
    async with kept.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        assert not (await connection.execute(statement, *args)).endswith(" 0")


async def test_what_nobody_touched_agrees(kept: Kept) -> None:
    assert await faults(kept) == []


CHANGE, CASE = "UPDATE case_events SET ", "UPDATE cases SET "
TRANSFER = "UPDATE ledger_transfers SET "
TAMPERED = {
    "an event's words": (
        "chain",
        "UPDATE case_events SET body = jsonb_set(body, '{claim}', '\"x\"')"
        " WHERE case_id = $1 AND version = 1",
    ),
    "who did it": ("chain", CHANGE + "by = 'arbiter' WHERE case_id = $1 AND version = 1"),
    "when": ("chain", CHANGE + "at = at - interval '1 hour' WHERE case_id = $1"),
    "a hash": ("chain", CHANGE + "hash = '\\x00' WHERE case_id = $1 AND version = 2"),
    "a type": ("chain", CHANGE + "type = 'x' WHERE case_id = $1 AND version = 2"),
    "an event removed": ("chain", "DELETE FROM case_events WHERE case_id = $1 AND version = 2"),
    "the last event removed": (
        "chain",
        "DELETE FROM case_events v WHERE case_id = $1 AND NOT EXISTS"
        " (SELECT FROM case_events w WHERE w.case_id = $1 AND w.version > v.version)",
    ),
    "an event of another kind": (
        "event",
        "UPDATE case_events SET body = '{\"type\": \"x\"}' WHERE case_id = $1 AND version = 3",
    ),
    "the head": ("chain", CASE + "head = '\\x00' WHERE id = $1"),
    "the state": ("fold", CASE + "state = jsonb_set(state, '{claim}', '\"x\"') WHERE id = $1"),
    "the state's form": ("fold", CASE + "state = state - 'id' WHERE id = $1"),
    "the buyer": ("row", CASE + "buyer_id = order_id WHERE id = $1"),
    "when it closed": ("row", CASE + "closed_at = now() WHERE id = $1"),
    "a clock": ("row", CASE + "due_at = now() WHERE ended IS NULL"),
    "what came back": ("row", CASE + "refunded_fen = 1 WHERE id = $1"),
    "a case removed": ("event", "DELETE FROM cases WHERE id = $1"),
    "a transfer's sum": ("transfers", TRANSFER + "amount_fen = 1 WHERE case_id = $1"),
    "a transfer removed": ("transfers", "DELETE FROM ledger_transfers WHERE case_id = $1"),
    "a balance": ("books", "UPDATE ledger_accounts SET balance_fen = balance_fen + 1"),
    "a payout": ("books", "UPDATE payouts SET amount_fen = 1 WHERE case_id = $1"),
    "an order": ("order", "UPDATE orders SET refunded_fen = 1 WHERE refunded_fen > 0"),
    "an order's log": ("order", "DELETE FROM order_log WHERE what = 'refunded'"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
async def test_whatever_was_changed_is_named(kept: Kept, name: str) -> None:
    what, statement = TAMPERED[name]
    await tamper(kept, statement, *([kept.case_id] if "$1" in statement else []))
    found = await faults(kept)
    assert what in {fault.what for fault in found}, found
    if what not in ("books", "order") and "$1" in statement:
        assert str(kept.case_id) in {fault.id for fault in found if fault.what == what}


@pytest.mark.parametrize(("harm", "told"), [("altered", "altered"), ("gone", "missing")])
async def test_bytes_that_are_not_what_was_sealed_are_named(
    kept: Kept, harm: str, told: str
) -> None:
    sha256 = await kept.pool.fetchval("SELECT sha256 FROM files WHERE id = $1", kept.file_id)
    path = kept.folder / object_key(sha256)
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"x" * path.stat().st_size)
    (fault,) = await faults(kept)
    assert (fault.what, fault.id) == ("file", str(kept.file_id))
    assert fault.message.startswith(told)


async def test_the_command_says_what_it_found(kept: Kept, database_url: str) -> None:
    env = os.environ | {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_FILES_URL": f"file://{kept.folder}",
    }

    def run(*args: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "gongdao.cli.app", "verify", *args]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    well = await asyncio.to_thread(run, "--json")
    assert (well.returncode, json.loads(well.stdout)["ok"]) == (0, True), well.stderr
    await tamper(kept, "UPDATE cases SET head = '\\x00' WHERE id = $1", kept.case_id)
    wrong = await asyncio.to_thread(run)
    assert wrong.returncode == 1
    assert f"chain {kept.case_id}" in wrong.stdout
    document = json.loads((await asyncio.to_thread(run, "--json", "--no-files")).stdout)
    assert [fault["id"] for fault in document["faults"]] == [str(kept.case_id)]
    assert (document["cases"], document["fault_count"]) == (2, 1)
