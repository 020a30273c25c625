"""The demo's marketplace: made once, whole even after a kill, and believable to the last fen."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.flows.demo.cast import LOGINS
from gongdao.flows.demo.fill import all_steps
from gongdao.flows.demo.found import look
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.script import Done, Placed
from gongdao.flows.demo.talk_script import all_talks
from gongdao.flows.demo.when import When
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_shops

COMMAND = [sys.executable, "-m", "gongdao.cli.app", "demo", "--fill-only"]


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    settings = {"GONGDAO_DATABASE_URL": database_url, "GONGDAO_HOME": str(tmp_path)}
    return {**os.environ, **settings}


async def counts(pool: Pool) -> dict[str, int]:
    tables = (
        "people",
        "shops",
        "orders",
        "cases",
        "case_events",
        "ledger_transfers",
        "files",
        "chat_messages",
        "chat_desk_log",
    )
    return {name: await pool.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


async def fill_until(pool: Pool, env: dict[str, str], reached: str) -> None:
    """Fill, and kill it as soon as a statement says yes."""
    filling = subprocess.Popen(COMMAND, env=env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 240
    try:
        while not await pool.fetchval(reached):
            assert time.monotonic() < until and filling.poll() is None
            time.sleep(0.005)
    finally:
        filling.kill()
        filling.wait()


async def test_killed_while_it_fills_it_goes_on(
    pool: Pool, database_url: str, env: dict[str, str]
) -> None:
    await fill_until(pool, env, "SELECT count(*) >= 8 FROM cases")
    assert (await look(database_url)).state == "begun"
    subprocess.run(COMMAND, env=env, check=True, stdout=subprocess.DEVNULL)
    assert (await look(database_url)).state == "whole"
    await check_whole(pool)
    subprocess.run([*COMMAND[:3], "verify"], env=env, check=True, stdout=subprocess.DEVNULL)
    before = await counts(pool)
    done = subprocess.run(COMMAND, env=env, check=True, capture_output=True, text=True)
    assert await counts(pool) == before
    assert all(login.name in done.stdout for login in LOGINS)


async def test_killed_in_the_middle_of_a_conversation_it_goes_on(
    pool: Pool, env: dict[str, str]
) -> None:
    await fill_until(pool, env, "SELECT count(*) > 0 FROM chat_routings WHERE why = 'handed_over'")
    subprocess.run(COMMAND, env=env, check=True, stdout=subprocess.DEVNULL)
    await check_desks(pool)
    twice = "SELECT agent_id FROM chat_states_log WHERE before = state"
    assert not await pool.fetch(twice)
    backwards = (
        "SELECT FROM (SELECT at - lag(at) OVER (PARTITION BY agent_id ORDER BY id) AS step"
        " FROM chat_states_log) AS steps WHERE step < interval '0'"
    )
    assert not await pool.fetch(backwards)


async def check_whole(pool: Pool) -> None:
    """Every step was played once, and there is something of everything."""
    steps = list(all_steps(When(utc_now())))
    placed = {step.sale.key for step in steps if isinstance(step, Placed)}
    filed = {step.case for step in steps if isinstance(step, Done)}
    found = await counts(pool)
    assert (found["orders"], found["cases"]) == (len(placed), len(filed))
    assert len(await states_of(pool, "orders", "state")) == 6
    ended = await states_of(pool, "cases", "ended")
    assert ended == {None, "settled", "decided", "withdrawn", "defaulted", "expired"}
    stages = await states_of(pool, "cases", "stage")
    assert len(stages) == 13
    assert await pool.fetchval("SELECT sum(held_fen) FROM ledger_accounts WHERE kind = 'shop_debt'")
    assert await pool.fetchval("SELECT count(*) FROM cases WHERE state ? 'rest'") == 1
    # Jurors, supervisors and a second arbiter each have something to decide.
    assert {"jury", "supervisor_review"} <= stages
    heard = "SELECT ended, stage FROM cases WHERE state ? 'appeals' ORDER BY ended"
    appealed = [tuple(row) for row in await pool.fetch(heard)]
    assert appealed == [("decided", "closed"), (None, "adjudication")]
    assert await pool.fetchval("SELECT stage FROM cases WHERE kind = 'exchange'") == "fulfilment"
    # The carrier of the refrigerator came when the order says, and where the buyer lives.
    track = await pool.fetch(
        "SELECT t.event, t.at = o.signed_at AS at_the_door, t.place FROM tracking_events t"
        " JOIN shipments s ON s.id = t.shipment_id JOIN orders o ON o.id = s.order_id"
        " WHERE o.id = $1 ORDER BY t.at",
        demo_id("order", "fridge"),
    )
    assert track[0]["event"] == "picked_up"
    assert tuple(track[-1]) == ("signed", True, "怀化")
    await check_desks(pool)
    asked = (
        "SELECT count(*) FROM shipments WHERE next_look_at IS NOT NULL AND signed_at IS NOT NULL"
    )
    assert await pool.fetchval(asked) == 0


async def check_desks(pool: Pool) -> None:
    """Two desks with two weeks behind them, and buyers who wait for an answer now."""
    talks = list(all_talks(When(utc_now())))
    states = await pool.fetch("SELECT state, count(*) FROM chat_conversations GROUP BY 1")
    over = sum(told.is_over for told in talks)
    assert {row[0]: row[1] for row in states} == {"closed": over, "open": len(talks) - over}
    assert await pool.fetchval(
        "SELECT count(*) FROM chat_conversations WHERE asked_at > now() - interval '10 minutes'"
    )
    handed = [told for told in talks for piece in told.pieces for line in piece if line.mark == "="]
    noticed = await states_of(pool, "risk_findings", "code")
    assert noticed >= {"near-credit-limit", "same-lines-order", "ring-orders", "remote-control"}
    why = "SELECT count(*) FROM chat_routings WHERE why = 'handed_over'"
    assert await pool.fetchval(why) == len(handed)
    kinds = await states_of(pool, "chat_messages", "kind")
    assert kinds == {"text", "image", "order", "product", "case", "system", "note", "recall"}
    assert await pool.fetchval("SELECT count(*) FROM chat_promises")
    assert await states_of(pool, "chat_conversations", "grade") == {None, 1, 2, 3, 4, 5}


async def states_of(pool: Pool, table: str, column: str) -> set[str | None]:
    return {row[0] for row in await pool.fetch(f"SELECT DISTINCT {column} FROM {table}")}


async def test_another_ones_database_is_refused(pool: Pool, env: dict[str, str]) -> None:
    async with pool.acquire() as connection:
        shop = Shop(id=new_id(), name="别人的店", opened_at=utc_now())
        await insert_shops(connection, [shop])
    before = await counts(pool)
    done = subprocess.run(COMMAND, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "空的数据库" in done.stderr
    assert "wants an empty one" in done.stderr
    assert await counts(pool) == before
