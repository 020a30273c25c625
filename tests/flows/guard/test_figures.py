"""How well signs serve: counted from marks, with the interval that so few of them allow."""

from datetime import timedelta

import msgspec
import pytest
from tests.flows.guard.test_messages import text
from tests.flows.guard.watchful import NOW, begin, found_in, kept, operator
from tests.flows.market import Market, open_market

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.store import say
from gongdao.flows.guard.figures import guard_figures, share_of
from gongdao.flows.guard.mark import MarkArgs, MissedArgs, mark_finding, mark_missed


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (8, 10, 0.4902, 0.9433)],
)
def test_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    share = share_of(part, whole)
    assert share and (round(share.low, 4), round(share.high, 4)) == (low, high)
    assert share_of(0, 0) is None


async def test_precision_and_recall_come_from_what_people_said(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    boss = await operator(pool)
    for seq, verdict in enumerate(("right", "right", "wrong", None), 1):
        one = await kept(pool, found_in(talk, seq=seq))
        if verdict:
            args = MarkArgs(id=new_id(), finding_id=one.id, verdict=verdict, why="seen")
            await mark_finding(pool, boss, args, now=NOW)
    said = await say(pool, text(talk, "换个软件我教您操作"))
    missed = MissedArgs(id=new_id(), conversation_id=talk.id, seq=said.seq, code="remote-control")
    for _ in range(2):
        await mark_missed(pool, boss, missed, now=NOW)
    later = NOW + timedelta(hours=1)
    (figures,) = await guard_figures(pool, boss, now=later)
    assert (figures.found, figures.right, figures.wrong, figures.unmarked) == (4, 2, 1, 1)
    assert figures.missed == 1 and figures.precision and figures.recall
    assert (figures.precision.part, figures.precision.whole) == (2, 3)
    assert (figures.recall.part, figures.recall.whole) == (2, 3)
    for who in (market.buyer, market.owner):
        with pytest.raises(Refusal):
            await guard_figures(pool, who, now=later)


async def test_what_is_missed_has_to_be_a_message_that_one_may_judge(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    boss = await operator(pool)
    said = await say(pool, text(talk, "好的"))

    def args(seq: int, code: str = "remote-control") -> MissedArgs:
        return MissedArgs(id=new_id(), conversation_id=talk.id, seq=seq, code=code)

    platform = msgspec.structs.replace(
        text(talk, "请不要下载远程软件"), author="platform", author_id=boss.person_id
    )
    ours = await say(pool, platform)
    wrong = [
        (boss, args(99), "not_found"),
        (boss, args(ours.seq), "not_found"),
        (boss, args(said.seq, "no-such"), "not_found"),
        (market.owner, args(said.seq), "not_found"),
        (market.buyer, args(said.seq), "wrong_role"),
    ]
    for who, asked, code in wrong:
        with pytest.raises(Refusal) as refused:
            await mark_missed(pool, who, asked, now=NOW)
        assert refused.value.code == code
