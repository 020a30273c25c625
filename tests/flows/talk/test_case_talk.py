"""Conversations and cases of the same two: who may begin one; no reporter is found by it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.chat.test_excerpt import NOW, PACK, Scene, scene
from tests.flows.guard.watchful import found_in, kept
from tests.flows.market import open_market, person, place_order
from tests.flows.test_voided_debts import CLAIM, FAKE, GENUINE, LATER
from tests.flows.test_voided_debts import PACK as PACK_2025
from tests.web.desk.window_town import says

from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.guard.see import Warnings, seen_in_talk
from gongdao.flows.talk.case_talk import (
    case_is_over,
    cases_for_excerpts,
    find_case_talk,
    find_talk_for_case,
)
from gongdao.flows.talk.open_talk import open_talk_of_case
from gongdao.flows.talk.say import ToSay, say_in_talk

__all__ = ["scene"]


async def anonymous_report(scene: Scene) -> UUID:
    """A report of the buyer that names nobody to the shop."""
    order = await place_order(scene.town.market, paid_at=NOW - timedelta(days=4))
    args = c.OpenArgs(procedure="report", kind="prohibited_goods")
    buyer = scene.town.people["李梅"]
    await scene.pool.execute(
        "UPDATE orders SET buyer_id = $2 WHERE id = $1", order.id, buyer.person_id
    )
    opened = await open_case(scene.pool, buyer, order.id, args, pack=PACK, now=NOW)
    assert opened.case.anonymous
    return opened.case.id


async def code_of(asked: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await asked
    return refused.value.code


async def test_one_conversation_for_the_three(scene: Scene) -> None:
    people = scene.town.people
    for name in ("李梅", "小安", "仲裁员"):
        found = await find_case_talk(scene.pool, people[name], scene.case_id)
        assert (found.conversation_id, found.shop_id) == (None, scene.town.shop_id), name
    begun = [
        await open_talk_of_case(
            scene.pool, people[name], scene.case_id, conversation_id=new_id(), now=utc_now()
        )
        for name in ("仲裁员", "李梅", "小安")
    ]
    assert len({talk.id for talk, _ in begun}) == 1
    assert [is_new for _, is_new in begun] == [True, False, False]
    talk = begun[0][0].id
    for name in ("李梅", "小安", "仲裁员"):
        await says(scene.town, name, talk, f"这里是{name}")
        found = await find_case_talk(scene.pool, people[name], scene.case_id)
        assert found.conversation_id == talk
        (one,) = await cases_for_excerpts(scene.pool, people[name], talk)
        assert one.id == scene.case_id
    assert await code_of(find_case_talk(scene.pool, people["王强"], scene.case_id)) == "not_found"
    assert await code_of(cases_for_excerpts(scene.pool, people["王强"], talk)) == "not_found"
    assert await code_of(says(scene.town, "王强", talk, "我也说一句")) == "not_found"


@pytest.mark.fact("S0-36")
async def test_each_side_is_warned_of_the_other_and_the_arbiter_of_both(scene: Scene) -> None:
    people, town = scene.town.people, scene.town
    talk, _ = await open_talk_of_case(
        scene.pool, people["李梅"], scene.case_id, conversation_id=new_id(), now=utc_now()
    )
    await says(town, "小安", talk.id, "您下载 AnyDesk 把屏幕共享给我，我帮您退款")
    await says(town, "李梅", talk.id, "赔我500，不然给差评")
    await kept(scene.pool, found_in(talk, code="review-bought", weight=15))
    await says(town, "仲裁员", talk.id, "请不要下载向日葵把屏幕共享给对方，平台不会要求远程控制")
    told = {
        name: {(sign.code, sign.about) for sign in (await see(scene, name, talk.id)).signs}
        for name in ("李梅", "小安", "仲裁员")
    }
    remote, threat = ("remote-control", "shop"), ("review-threat", "buyer")
    assert remote in told["李梅"] and all(about == "shop" for _, about in told["李梅"])
    assert told["小安"] == {threat}
    assert told["仲裁员"] > told["李梅"] | told["小安"]
    assert ("review-bought", "shop") in told["仲裁员"] - told["李梅"]
    assert (await see(scene, "李梅", talk.id)).level == "danger"
    assert await code_of(see(scene, "王强", talk.id)) == "not_found"
    stranger = (await open_market(scene.pool)).owner
    assert await code_of(seen_in_talk(scene.pool, stranger, talk.id)) == "not_found"
    await scene.pool.execute(
        "INSERT INTO ties (id, person_id, tied_to, noted_by, noted_at) VALUES ($1, $2, $3, $2, $4)",
        new_id(), people["仲裁员"].person_id, town.shop_id, utc_now(),
    )  # fmt: skip
    assert await code_of(see(scene, "仲裁员", talk.id)) == "not_eligible"


async def see(scene: Scene, name: str, talk_id: UUID) -> Warnings:
    return await seen_in_talk(scene.pool, scene.town.people[name], talk_id)


async def test_proof_is_looked_for_where_the_two_talked_last(scene: Scene) -> None:
    for name in ("李梅", "小安"):
        who = scene.town.people[name]
        assert await find_talk_for_case(scene.pool, who, scene.case_id) == scene.talk.id
    who = scene.town.people["王强"]
    assert await code_of(find_talk_for_case(scene.pool, who, scene.case_id)) == "not_found"


async def test_a_shop_does_not_find_out_who_reported_it(scene: Scene) -> None:
    report, people = await anonymous_report(scene), scene.town.people
    mine = await cases_for_excerpts(scene.pool, people["李梅"], scene.talk.id)
    assert {one.id for one in mine} == {report, scene.case_id}
    for name in ("小安", "老板"):
        shown = await cases_for_excerpts(scene.pool, people[name], scene.talk.id)
        assert [one.id for one in shown] == [scene.case_id]
        # The answer is the same as for a case that is not there: whose it is cannot be tried out.
        assert await code_of(scene.seal(name, 2, case_id=report)) == "not_found"
        for ask in (find_case_talk, find_talk_for_case):
            assert await code_of(ask(scene.pool, people[name], report)) == "not_eligible"
    sealed = await scene.seal("李梅", 2, case_id=report)
    assert sealed.evidence == 1


async def test_the_conversation_of_a_case_that_is_closed_for_good_is_read(scene: Scene) -> None:
    buyer = scene.town.people["李梅"]
    talk, _ = await open_talk_of_case(
        scene.pool, buyer, scene.case_id, conversation_id=new_id(), now=utc_now()
    )
    await says(scene.town, "李梅", talk.id, "我先撤了")
    await act_on_case(scene.pool, buyer, scene.case_id, "withdraw", c.NoArgs(), now=utc_now())
    assert await case_is_over(scene.pool, scene.case_id, now=utc_now())
    for name in ("李梅", "小安", "仲裁员"):
        assert await code_of(says(scene.town, name, talk.id, "还有一句")) == "not_allowed_in_stage"
    note = ToSay(conversation_id=talk.id, client_id=uuid4(), kind="note", body={"text": "买家撤了"})
    agent = scene.town.people["小安"]
    assert (await say_in_talk(scene.pool, agent, note, now=utc_now())).outcome == "said"


async def test_while_an_appeal_can_come_and_is_heard_they_talk_on(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market, confirmed=True)
    case = (await open_case(pool, market.buyer, order.id, CLAIM, pack=PACK_2025, now=LATER)).case
    talk, _ = await open_talk_of_case(
        pool, market.buyer, case.id, conversation_id=new_id(), now=LATER
    )

    async def say(who: Principal, text: str, at: datetime) -> None:
        sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": text})
        await say_in_talk(pool, who, sent, now=at)

    ruled_at = LATER + timedelta(days=8)
    await act_on_case(pool, market.arbiter, case.id, "adjudicate", FAKE, now=ruled_at)
    await say(market.owner, "我们要申诉。", ruled_at)
    much_later = ruled_at + timedelta(days=400)
    assert await code_of(say(market.owner, "现在才看到。", much_later)) == "not_allowed_in_stage"
    grounds = c.AppealArgs(grounds="The brand confirms it.")
    await act_on_case(pool, market.owner, case.id, "appeal", grounds, now=ruled_at)
    # It is open again, for as long as the appeal takes.
    await say(market.buyer, "品牌方的鉴定在证据里。", much_later)
    other = await person(pool, "platform", "arbiter")
    await act_on_case(pool, other, case.id, "adjudicate", GENUINE, now=ruled_at)
    assert await code_of(say(market.buyer, "不服。", ruled_at)) == "not_allowed_in_stage"
