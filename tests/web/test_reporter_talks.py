"""Who reported is not told by the desk: not by a topic, a list, a figure or a page that stirs."""

from datetime import timedelta
from uuid import UUID

from tests.web.test_reporter_unknown import NAME, Secrets, report
from tests.web.walk import Walk

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.base.live import gather_changes
from gongdao.chat.store import close_conversation, load_conversation
from gongdao.flows.note_tracking import note_tracking
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.quality_list import find_talks, week_of
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.flows.talk.script_figures import script_figures
from gongdao.shops.shipment import Trace
from gongdao.shops.tracking_store import ParcelNamed

HOUR = timedelta(hours=1)


async def talk_about(walk: Walk, told: Secrets, *, earlier: timedelta) -> UUID:
    """The reporter asks the shop about their order, as any buyer does."""
    town = walk.town
    wish = Wish(shop_id=town.ids["shop_id"], order_id=UUID(told["order"]))
    talk, _ = await open_talk(
        town.pool,
        town.people[NAME].person_id,
        wish,
        conversation_id=new_id(),
        now=utc_now() - earlier,
    )
    return talk.id


async def test_their_talk_has_the_topic_of_any_other(walk: Walk) -> None:
    told = await report(walk)
    found = await load_conversation(
        walk.town.pool, await talk_about(walk, told, earlier=timedelta())
    )
    assert found and found.topic != "complaint"


async def test_no_list_and_no_figure_counts_the_report(walk: Walk) -> None:
    told = await report(walk)
    pool, owner = walk.town.pool, walk.town.people["owner"]
    then = utc_now() - HOUR
    talk = await talk_about(walk, told, earlier=HOUR)
    sent = ToSay(conversation_id=talk, client_id=new_id(), body={"text": "您好"})
    await say_in_talk(pool, owner, sent, now=then)
    await close_conversation(pool, talk, by="agent", now=then + HOUR / 2)
    await pool.execute(
        "INSERT INTO script_uses (conversation_id, client_id, shop_id, agent_id, buyer_id, script,"
        " at) VALUES ($1, $2, $3, $4, $5, 'hello', $6)",
        talk, new_id(), owner.shop_id, owner.person_id, UUID(told["reporter"]), then,
    )  # fmt: skip
    judged = await find_talks(pool, owner, week_of(then), now=utc_now())
    assert [one.reasons for one in judged if "case_opened" in one.reasons] == [], judged
    assert owner.shop_id
    (figure,) = await script_figures(pool, owner.shop_id, since=then, until=utc_now())
    assert figure.uses == 1 and figure.cases == 0


async def test_no_parcel_stirs_the_page_of_the_report(walk: Walk) -> None:
    told, now = await report(walk), utc_now()
    row = await walk.town.pool.fetchrow(
        "SELECT * FROM shipments WHERE order_id = $1", UUID(told["order"])
    )
    assert row
    parcel = ParcelNamed(
        **{name: row[name] for name in ParcelNamed.__struct_fields__ if name in row}
    )
    trace = Trace(at=now, event="in_transit", said="到达转运中心")
    with gather_changes() as stirred:
        async with walk.town.pool.acquire() as connection, connection.transaction():
            assert await note_tracking(connection, [(parcel, trace)], source="import", now=now)
    assert f"case:{told['case']}" not in stirred
