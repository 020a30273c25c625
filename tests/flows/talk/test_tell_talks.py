"""What a shop does in a case stands in the conversation that its buyer has open with it."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town
from tests.web.desk.window_town import asks, order_of

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.chat.body import SystemLine
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.close_talk import close_talk
from gongdao.flows.talk.see_talk import read_lines
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.policy.load import load_pack

PACK = load_pack("cn-standard")


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def filed(town: DeskTown, procedure: str = "after_sale", **more: object) -> tuple[UUID, int]:
    """A case of the buyer who writes to the shop: its id and its number."""
    order = await order_of(town, "李梅")
    args = c.OpenArgs(procedure=procedure, **more)  # pyright: ignore
    acted = await open_case(
        town.pool, town.people["李梅"], order.id, args, pack=PACK, now=utc_now()
    )
    return acted.case.id, acted.number


async def said_in(town: DeskTown, talk_id: UUID) -> list[SystemLine]:
    """The lines about cases that the buyer sees there, once everything is told."""
    for follower in FOLLOWERS:
        await follow(town.pool, follower, utc_now() + timedelta(seconds=1))
    talk = await talk_of(town.pool, town.people["李梅"], talk_id)
    bodies = [line.body for line in await read_lines(town.pool, talk)]
    return [each for each in bodies if isinstance(each, SystemLine) and each.event == "case_moved"]


async def test_an_offer_is_read_where_the_buyer_waits_for_it(town: DeskTown) -> None:
    case_id, number = await filed(town, kind="refund_only", reason="quality", received=True)
    talk = await asks(town, "李梅", "冰箱不制冷，怎么办？")
    offer = c.OfferArgs(remedy="partial_refund", refund="50.00", note="先退您一部分")
    owner = town.people["老板"]
    await act_on_case(town.pool, owner, case_id, "offer", offer, now=utc_now())
    (line,) = await said_in(town, talk)
    assert line.fields["case_id"] == str(case_id)
    assert line.fields["text"] == f"售后单 {number}：提出方案：部分退款，50.00 元。"
    # Private words are not for the buyer, and what they do themselves they know.
    note = c.NoteArgs(note="老客户", private=True)
    await act_on_case(town.pool, owner, case_id, "note", note, now=utc_now())
    buyer = town.people["李梅"]
    await act_on_case(town.pool, buyer, case_id, "decline_offer", c.NoArgs(), now=utc_now())
    assert len(await said_in(town, talk)) == 1
    await close_talk(town.pool, owner, talk, now=utc_now())
    await act_on_case(town.pool, owner, case_id, "offer", offer, now=utc_now())
    assert len(await said_in(town, talk)) == 1, "it is over"


async def test_what_came_before_the_conversation_is_not_said_in_it(town: DeskTown) -> None:
    case_id, _ = await filed(town, kind="refund_only", reason="quality", received=True)
    offer = c.OfferArgs(remedy="partial_refund", refund="50.00")
    await act_on_case(town.pool, town.people["老板"], case_id, "offer", offer, now=utc_now())
    talk = await asks(town, "李梅", "在吗？")
    assert await said_in(town, talk) == []


async def test_nothing_is_said_of_a_report_whose_reporter_is_unknown(town: DeskTown) -> None:
    case_id, _ = await filed(town, "report", kind="prohibited_goods", claim="违禁品。")
    talk = await asks(town, "李梅", "在吗？")
    await act_on_case(
        town.pool, town.people["仲裁员"], case_id, "approve", c.ApproveArgs(), now=utc_now()
    )
    answer = c.SubmitEvidenceArgs(kind="qualification", note="本店合法经营。")
    owner = town.people["老板"]
    done = await act_on_case(town.pool, owner, case_id, "submit_evidence", answer, now=utc_now())
    assert done.case.anonymous
    assert await said_in(town, talk) == []
