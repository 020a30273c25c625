"""People act on cases through the database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.cases.chain import ROOT, links
from gongdao.cases.fold import fold
from gongdao.cases.store import load_case, load_events
from gongdao.flows.act import Acted, act_on_case, open_case, preview
from gongdao.flows.verify import verify_cases
from gongdao.ledger.store import funds_for
from gongdao.policy.load import load_pack

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


def refund_only(**more) -> c.OpenArgs:
    return c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", **more)


async def test_a_granted_refund_moves_the_money_with_the_decision(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(
        pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER, key="k1"
    )
    acted = await act_on_case(
        pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER
    )
    assert (acted.case.stage, acted.case.ended) == ("closed", "settled")
    assert acted.case.paid_from_fen("escrow") == 10_500
    stored = await load_case(pool, opened.case.id)
    events = await load_events(pool, opened.case.id)
    assert stored
    assert fold(events) == stored.case
    assert links(ROOT, events)[-1] == stored.head
    row = await pool.fetchrow("SELECT refunded_fen FROM orders WHERE id = $1", order.id)
    assert row and row["refunded_fen"] == 10_500
    async with pool.acquire() as connection:
        assert ((await funds_for(connection, {order.id: order.shop_id}))[order.id]).escrow_fen == 0


async def test_the_same_key_changes_nothing_and_another_body_is_refused(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    first = await open_case(
        pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER, key="k"
    )
    again = await open_case(
        pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER, key="k"
    )
    assert again.again
    assert again.case == first.case
    with pytest.raises(Refusal) as refused:
        await open_case(
            pool, market.buyer, order.id, refund_only(claim="x"), pack=PACK, now=LATER, key="k"
        )
    assert refused.value.code == "idempotency_conflict"


async def test_two_at_once_open_one_case(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    results = await asyncio.gather(
        *(
            open_case(pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER)
            for _ in range(8)
        ),
        return_exceptions=True,
    )
    codes = sorted(r.code if isinstance(r, Refusal) else "opened" for r in results)
    assert codes == ["duplicate"] * 7 + ["opened"]


async def test_silence_is_decided_before_anybody_acts_late(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER)
    late = LATER + timedelta(hours=73)
    with pytest.raises(Refusal) as refused:
        await act_on_case(
            pool, market.owner, opened.case.id, "reject", c.RejectArgs(reason="other"), now=late
        )
    assert refused.value.code == "not_allowed_in_stage"
    stored = await load_case(pool, opened.case.id)
    assert stored
    assert stored.case.ended == "defaulted"
    assert stored.case.closed_at == LATER + timedelta(hours=72)


async def test_a_preview_says_what_would_be_paid_and_saves_nothing(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER)
    outcome = await preview(
        pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER
    )
    assert outcome.case.paid_from_fen("escrow") == 10_500
    stored = await load_case(pool, opened.case.id)
    assert stored and stored.case == opened.case


async def test_nobody_else_sees_the_case(pool: Pool) -> None:
    market, other = await open_market(pool), await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER)
    for stranger in (other.buyer, other.owner):
        with pytest.raises(Refusal) as refused:
            await act_on_case(pool, stranger, opened.case.id, "remind", c.NoArgs(), now=LATER)
        assert refused.value.code == "not_found"
    with pytest.raises(Refusal) as refused:
        await act_on_case(pool, market.buyer, new_id(), "remind", c.NoArgs(), now=LATER)
    assert refused.value.code == "not_found"


async def test_concurrent_grants_pay_once(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, refund_only(), pack=PACK, now=LATER)
    results = await asyncio.gather(
        *(
            act_on_case(pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER)
            for _ in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(r, Exception) for r in results) == 1
    paid = await pool.fetchval(
        "SELECT sum(amount_fen) FROM ledger_transfers WHERE case_id = $1", opened.case.id
    )
    assert paid == 10_500


async def test_a_sequence_happens_as_a_whole_or_not_at_all(pool: Pool) -> None:
    """Receipts and the parcel that they belong to: where the parcel is refused, none stays."""
    market = await open_market(pool)
    order = await place_order(market)
    args = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="quality")
    opened = await open_case(pool, market.buyer, order.id, args, pack=PACK, now=LATER)
    receipt = c.SubmitEvidenceArgs(kind="freight_receipt", amount="12.00", note="SF")
    parcel = c.ShipBackArgs(carrier="SF", tracking="1", freight="12.00")

    async def send(**more: Any) -> Acted:
        return await act_on_case(
            pool, market.buyer, opened.case.id, "ship_back", parcel, now=LATER,
            before=[("submit_evidence", receipt)], **more,
        )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        await send()
    assert refused.value.code == "not_allowed_in_stage"
    stored = await load_case(pool, opened.case.id)
    assert stored and stored.case == opened.case
    agreed = await act_on_case(
        pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER
    )
    with pytest.raises(Refusal) as refused:
        await send(version=agreed.case.version - 1)
    assert refused.value.code == "version_conflict"
    sent = await send(version=agreed.case.version, key="k")
    assert (sent.case.stage, len(sent.case.evidence)) == ("seller_inspection", 1)
    assert (await send(key="k")).again
    async with pool.acquire() as connection:
        faults = [fault async for fault in verify_cases(connection, lambda _: None)]
    assert not faults
