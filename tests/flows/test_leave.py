"""Permissions in cases: a role, a token or a limit narrows what a person does on their side."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from gongdao.accounts.principal import SHOP_ROLES, Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.case_view import view_case
from gongdao.policy.load import load_pack

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
ASKED = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")


def narrowed(who: Principal, *permissions: str, limit_fen: int | None = None) -> Principal:
    return msgspec.structs.replace(
        who, permissions=frozenset(permissions), money_limit_fen=limit_fen
    )


def agent(owner: Principal) -> Principal:
    return narrowed(owner, *SHOP_ROLES["agent"].permissions)


async def code_of(acting: Any) -> str | None:
    try:
        await acting
    except Refusal as refusal:
        return refusal.code
    return None


async def test_a_token_that_only_reads_does_nothing(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    reader = narrowed(market.buyer, "case.read")
    assert await code_of(open_case(pool, reader, order.id, ASKED, pack=PACK, now=LATER)) == (
        "wrong_role"
    )
    opened = await open_case(pool, market.buyer, order.id, ASKED, pack=PACK, now=LATER)
    for who, action, args in (
        (market.buyer, "withdraw", c.NoArgs()),
        (market.buyer, "remind", c.NoArgs()),
        (market.owner, "approve", c.ApproveArgs()),
        (market.arbiter, "extend_deadline", c.ExtendArgs(by="1h", note="x")),
    ):
        reader = narrowed(who, "case.read")
        acting = act_on_case(pool, reader, opened.case.id, action, args, now=LATER)
        assert (action, await code_of(acting)) == (action, "wrong_role")
        view = await view_case(pool, reader, opened.case.id, now=LATER)
        assert not any(one.allowed for one in view.available), "what is shown is what is so"


@pytest.mark.parametrize("action", ["offer", "counter_offer"])
async def test_whoever_may_not_spend_offers_nothing(pool: Pool, action: str) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, ASKED, pack=PACK, now=LATER)
    args = c.OfferArgs(remedy="partial_refund", refund="80.00")
    for who, code in (
        (agent(market.owner), "wrong_role"),
        (narrowed(market.owner, "case.read", "case.answer", "case.money", limit_fen=7_999),
         "amount_above_limit"),
        (narrowed(market.owner, "case.read", "case.answer", "case.money", limit_fen=8_000), None),
    ):  # fmt: skip
        acting = act_on_case(pool, who, opened.case.id, action, args, now=LATER)
        assert await code_of(acting) == code


async def test_agreeing_first_to_a_proposal_of_the_platform_is_spending_too(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, ASKED, pack=PACK, now=LATER)
    case_id = opened.case.id
    refusal = c.RejectArgs(reason="not_liable", evidence=["statement"])
    await act_on_case(pool, market.owner, case_id, "reject", refusal, now=LATER)
    await act_on_case(pool, market.buyer, case_id, "escalate", c.NoArgs(), now=LATER)
    proposal = c.OfferArgs(remedy="partial_refund", refund="80.00")
    await act_on_case(pool, market.arbiter, case_id, "propose_settlement", proposal, now=LATER)
    poor = narrowed(market.owner, "case.read", "case.answer", "case.money", limit_fen=7_999)
    acting = act_on_case(pool, poor, case_id, "accept_offer", c.NoArgs(), now=LATER)
    assert await code_of(acting) == "amount_above_limit"


async def test_an_agent_is_told_beforehand_what_is_for_the_lead(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, ASKED, pack=PACK, now=LATER)
    view = await view_case(pool, agent(market.owner), opened.case.id, now=LATER)
    allowed = {one.action for one in view.available if one.allowed}
    assert "reject" in allowed
    assert allowed.isdisjoint({"approve", "offer", "counter_offer"})
