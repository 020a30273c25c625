"""Carriage is a claim that nobody may have looked at: it is bounded, and paying it is spending."""

from datetime import timedelta

import msgspec
import pytest

from gongdao.accounts.principal import SHOP_ROLES, Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack

from .market import START, Market, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


def narrowed(owner: Principal, role: str, limit_fen: int | None = None) -> Principal:
    return msgspec.structs.replace(
        owner, permissions=SHOP_ROLES[role].permissions, money_limit_fen=limit_fen
    )


async def opened(market: Market, kind: str, price_fen: int, *receipts: str) -> c.Any:
    order = await place_order(market, price_fen=price_fen, freight_fen=0)
    evidence = [c.EvidenceItem(kind="freight_receipt", amount=receipt) for receipt in receipts]
    args = c.OpenArgs(procedure="after_sale", kind=kind, reason="quality", evidence=evidence)
    acted = await open_case(market.pool, market.buyer, order.id, args, pack=PACK, now=LATER)
    return acted.case.id


async def shipped_back(market: Market, freight: str, price_fen: int = 100_000) -> c.Any:
    pool, case_id = market.pool, await opened(market, "return_refund", price_fen)
    await act_on_case(pool, market.owner, case_id, "approve", c.ApproveArgs(), now=LATER)
    args = c.ShipBackArgs(carrier="SF", tracking="SF1", freight=freight)
    await act_on_case(pool, market.buyer, case_id, "ship_back", args, now=LATER)
    return case_id


@pytest.mark.parametrize(("price_fen", "most"), [(100_000, "1000.00"), (500, "200.00")])
async def test_nobody_claims_more_carriage_than_is_in_proportion(
    pool: Pool, price_fen: int, most: str
) -> None:
    market = await open_market(pool)
    await shipped_back(market, most, price_fen)
    with pytest.raises(Refusal) as refused:
        await shipped_back(market, f"{most[:-1]}1", price_fen)
    assert refused.value.code == "amount_above_limit"


async def test_receipts_are_bounded_together(pool: Pool) -> None:
    market = await open_market(pool)
    await opened(market, "refund_only", 100_000, "400.00", "600.00")
    with pytest.raises(Refusal) as refused:
        await opened(market, "refund_only", 100_000, "400.00", "600.00", "0.01")
    assert refused.value.code == "amount_above_limit"


async def test_carriage_paid_with_a_grant_counts_against_the_limit(pool: Pool) -> None:
    market = await open_market(pool)
    case_id = await opened(market, "refund_only", 40_000, "100.01")
    lead = narrowed(market.owner, "lead", 50_000)
    with pytest.raises(Refusal) as refused:
        await act_on_case(pool, lead, case_id, "approve", c.ApproveArgs(), now=LATER)
    assert refused.value.code == "amount_above_limit"
    exactly = await opened(market, "refund_only", 40_000, "100.00")
    acted = await act_on_case(pool, lead, exactly, "approve", c.ApproveArgs(), now=LATER)
    assert acted.case.paid_fen("freight") == 10_000


async def test_who_may_not_spend_confirms_a_return_but_pays_no_carriage(pool: Pool) -> None:
    market = await open_market(pool)
    agent = narrowed(market.owner, "agent")
    free, costly = await shipped_back(market, "0.00"), await shipped_back(market, "12.00")
    confirmed = c.ConfirmReceiptArgs()
    acted = await act_on_case(pool, agent, free, "confirm_receipt", confirmed, now=LATER)
    assert acted.case.paid_fen("refund") == 100_000
    with pytest.raises(Refusal) as refused:
        await act_on_case(pool, agent, costly, "confirm_receipt", confirmed, now=LATER)
    assert refused.value.code == "wrong_role"
    lead = narrowed(market.owner, "lead", 50_000)
    acted = await act_on_case(pool, lead, costly, "confirm_receipt", confirmed, now=LATER)
    assert acted.case.paid_fen("freight") == 1_200
