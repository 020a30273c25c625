"""Past cases of the database, judged again in processes of their own."""

from datetime import timedelta

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.whatif.past import compare_past, count_past
from gongdao.jobs.sweep import sweep
from gongdao.policy.load import load_pack

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


async def test_the_database_judged_by_its_own_rules_and_by_others(pool: Pool) -> None:
    market = await open_market(pool)
    refund = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")
    opened = [
        await open_case(
            pool, market.buyer, (await place_order(market)).id, refund, pack=PACK, now=LATER
        )
        for _ in range(4)
    ]
    await act_on_case(pool, market.owner, opened[0].case.id, "approve", c.ApproveArgs(), now=LATER)
    end = LATER + timedelta(hours=73)
    await sweep(pool, end)
    told: list[int] = []

    async def tell(cases: int) -> None:
        told.append(cases)

    same = await compare_past(
        pool, PACK.name, since=START, until=end, limit=100, workers=1, told=tell
    )
    assert (same.cases, same.changed_count, told[-1]) == (4, 0, 4)
    assert same.fates == {"settled": {"settled": 1}, "defaulted": {"defaulted": 3}}
    assert same.money_before_fen == same.money_after_fen
    others = await compare_past(pool, "tmall-2026", since=START, until=end, limit=3, workers=1)
    assert others.cases == 3
    # The same silence, but after 36 hours.
    assert max(others.hours_after) == 36
    assert await count_past(pool, LATER, limit=2) == 2
    assert await count_past(pool, end, limit=2) == 0
