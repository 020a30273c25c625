"""A shop that sold a fake is told which goods, how much, from where, and whether it can appeal."""

from datetime import timedelta

import pytest
from tests.flows.market import place_order
from tests.notices.test_notices import HOUR, LATER, Told, told

from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.jobs.catch_up import catch_up
from gongdao.ledger.simulator import Simulator
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

__all__ = ["told"]

BAG = (Line(line=1, title="托特包", price_fen=5_990, category="bags"),)


async def found_fake(told: Told, pack: str) -> None:
    """Nobody shows papers for a bag of 59.90; it is found to be a fake, and the clocks run on."""
    order = await place_order(told.market, lines=BAG, freight_fen=0)
    args = c.OpenArgs(procedure="counterfeit_claim", kind="counterfeit")
    buyer = told.people["buyer"]
    opened = await open_case(told.pool, buyer, order.id, args, pack=load_pack(pack), now=LATER)
    told.case_id = opened.case.id
    ruling = c.AdjudicateArgs(liability="seller", remedy="punitive_compensation", counterfeit=True)
    await told.act("arbiter", "adjudicate", ruling, hours=8 * 24)


@pytest.mark.fact("S3-05", "S3-07")
@pytest.mark.parametrize(
    ("pack", "ending"),
    [("pdd-2020", "此项处理没有申诉入口。"), ("pdd-2026", "如有异议，可在纠纷单中申诉。")],
)
async def test_the_notice_of_a_deduction(told: Told, pack: str, ending: str) -> None:
    await found_fake(told, pack)
    said = await told.sentences("owner")
    assert said[-1] == (
        "客诉假货扣款处理通知：商品“托特包”被认定为假货。货款 59.90 元退还买家，另需赔付"
        " 599.00 元；该笔金额现已冻结，将从可提现余额及/或保证金中扣除。" + ending
    )
    await catch_up(told.pool, Simulator(told.pool), LATER + 24 * HOUR + timedelta(days=30))
    after = await told.sentences("owner")
    assert (
        "客诉假货扣款完成：商品“托特包”。从可提现余额扣除 599.00 元，从保证金扣除 0.00 元，"
        "尚欠 0.00 元；多余的冻结金额已解冻。"
    ) in after
    assert not any("客诉假货扣款" in line for line in await told.sentences("buyer"))
