"""What people try who mean harm: to a conversation, its people, its money and its evidence."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from tests.chat.test_excerpt import PACK
from tests.flows.market import Market, open_market, place_order
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.channels.secrets import open_keyring
from gongdao.chat.conversation import Conversation
from gongdao.files.keep_made import keep_made
from gongdao.files.objects import open_objects
from gongdao.flows.act import open_case
from gongdao.flows.file_access import require_may_see_file
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.bargain import answer_lead_ask, ask_lead
from gongdao.flows.talk.close_talk import close_talk
from gongdao.flows.talk.hand_over import hand_over_talk
from gongdao.flows.talk.list_talks import list_talks
from gongdao.flows.talk.mark import mark
from gongdao.flows.talk.open_for_buyer import open_for_buyer
from gongdao.flows.talk.open_talk import Wish, open_talk, open_talk_of_case
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.flows.talk.search import search_chats
from gongdao.flows.talk.see_talk import read_lines, see_standing
from gongdao.flows.talk.visitors import forget_visitors, meet_visitor
from gongdao.scripts.bargain_store import Ask
from gongdao.settings.setting import BargainRules
from gongdao.settings.store import add_version

#: What shows nothing at all, or turns what follows it around.
NOTHING = ("\u200b", "\u2060\u200d\ufeff", "\u202e", "\ufe0f", "\u3164", "\u2800", "\u00ad \u200e")


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    town = await build_desk_town(pool)
    await set_own_state(pool, town.people["小安"], "online", now=utc_now())
    return town


async def begin(town: DeskTown, name: str = "李梅", **wish: Any) -> Conversation:
    buyer = town.people[name].person_id
    wished = Wish(**{"shop_id": town.shop_id} | wish)
    opened, _ = await open_talk(town.pool, buyer, wished, conversation_id=new_id(), now=utc_now())
    return opened


async def tell(town: DeskTown, name: str, talk: UUID, text: str, **more: Any) -> int:
    fields: dict[str, Any] = {"client_id": uuid4(), "body": {"text": text}} | more
    sent = ToSay(conversation_id=talk, **fields)
    return (await say_in_talk(town.pool, town.people[name], sent, now=utc_now())).seq


async def refused(awaitable: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await awaitable
    return refusal.value.code


# ---- what is said


async def test_nobody_takes_the_place_of_what_the_product_will_say(town: DeskTown) -> None:
    """The names of our own lines follow from the conversation: a buyer could use them up first."""
    talk = await begin(town)
    first = await tell(town, "小安", talk.id, "您好", seen=9)
    for name in (f"recall:{first}", "closed:end", "invited:end"):
        taken = tell(town, "李梅", talk.id, "占位", client_id=uuid5(talk.id, name))
        assert await refused(taken) == "invalid"
    await recall(town.pool, town.people["小安"], talk.id, first, now=utc_now())
    await close_talk(town.pool, town.people["小安"], talk.id, now=utc_now())
    seen = await talk_of(town.pool, town.people["李梅"], talk.id)
    lines = await read_lines(town.pool, seen)
    assert lines[[line.seq for line in lines].index(first)].recalled
    assert [line.body.event for line in lines if line.kind == "system"][-1:] != ["assigned"]


@pytest.mark.parametrize("text", NOTHING)
async def test_a_message_that_shows_nothing_is_none(town: DeskTown, text: str) -> None:
    talk = await begin(town)
    assert await refused(tell(town, "李梅", talk.id, text)) == "invalid"
    stored = await see_standing(town.pool, talk)
    assert stored.asked_at is None, "no clock runs for it"


STRANGE = (
    "👨\u200d👩\u200d👧", "\u202eabc", "'\\\"; DROP TABLE people --", "x" * 4000, "好" * 4000,
    "\U0001f4a9" * 4000, "a\u0301" * 2000, "\ufdfa" * 4000, "'" * 4000, "\\" * 4000, "0" * 4000,
    "\ud7ff\ue000\uffff.",
)  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
async def test_whatever_is_written_is_kept_as_it_is(town: DeskTown, text: str) -> None:
    talk = await begin(town)
    await tell(town, "李梅", talk.id, text)
    seen = await talk_of(town.pool, town.people["小安"], talk.id)
    assert [
        line.body.text for line in await read_lines(town.pool, seen) if line.kind == "text"
    ] == [text]


async def test_nobody_has_read_what_is_not_said_yet(town: DeskTown) -> None:
    talk = await begin(town)
    await tell(town, "小安", talk.id, "您好", seen=9)
    buyer = town.people["李梅"]
    await mark(town.pool, buyer, talk.id, delivered=2**31 - 1, read=2**31 - 1, now=utc_now())
    seen = await talk_of(town.pool, buyer, talk.id)
    standing = await see_standing(town.pool, seen.conversation)
    assert standing.marks["buyer"].read == standing.marks["buyer"].delivered == standing.last_seq
    await tell(town, "小安", talk.id, "还在吗", seen=9)
    listed = await list_talks(town.pool, buyer, view="open", now=utc_now())
    assert listed.briefs[0].unread == 1


async def test_what_nobody_said_to_one_is_not_unread(town: DeskTown) -> None:
    talk = await begin(town)

    async def unread(name: str) -> int:
        listed = await list_talks(town.pool, town.people[name], view="all", now=utc_now())
        return listed.briefs[0].unread

    await tell(town, "李梅", talk.id, "在吗")
    assert (await unread("李梅"), await unread("小安")) == (0, 1), "one's own, and lines of ours"
    await tell(town, "小宝", talk.id, "老客户，留心", kind="note", seen=9)
    assert (await unread("李梅"), await unread("小安"), await unread("小宝")) == (0, 2, 1)
    await tell(town, "小安", talk.id, "在的", seen=9)
    assert (await unread("李梅"), await unread("小宝")) == (1, 2)


# ---- who may


async def case_of(town: DeskTown, **args: Any) -> UUID:
    buyer = town.people["李梅"]
    market = Market(pool=town.pool, shop_id=town.shop_id, buyer=buyer, owner=town.market.owner,
                    arbiter=town.market.arbiter)  # fmt: skip
    order = await place_order(market, paid_at=utc_now() - timedelta(days=3))
    wanted = {
        "procedure": "after_sale",
        "kind": "refund_only",
        "reason": "quality",
        "claim": "坏了",
    }
    chosen = {name: value for name, value in (wanted | args).items() if value is not None}
    opened = await open_case(
        town.pool, buyer, order.id, c.OpenArgs(**chosen), pack=PACK, now=utc_now()
    )
    return opened.case.id


async def test_who_is_tied_to_a_side_is_not_in_the_conversation_of_the_case(
    town: DeskTown,
) -> None:
    case_id = await case_of(town)
    arbiter, buyer = town.people["仲裁员"], town.people["李梅"]
    talk, _ = await open_talk_of_case(
        town.pool, buyer, case_id, conversation_id=new_id(), now=utc_now()
    )
    await tell(town, "李梅", talk.id, "请平台介入")
    await tell(town, "仲裁员", talk.id, "请双方举证")
    file_id = new_id()
    await keep_made(
        town.pool, open_objects("memory://"), b"{}", file_id=file_id, name="a.json",
        media_type="application/json", made_for=buyer.person_id, now=utc_now(),
    )  # fmt: skip
    shown = {"file_id": str(file_id), "name": "a.json"}
    await tell(town, "李梅", talk.id, "", kind="file", body=shown)
    await require_may_see_file(town.pool, arbiter, file_id)
    await town.pool.execute(
        "INSERT INTO ties VALUES ($1, $2, $3, $2, $4)", new_id(), arbiter.person_id, town.shop_id,
        utc_now(),
    )  # fmt: skip
    assert await refused(tell(town, "仲裁员", talk.id, "我看商家有理")) == "not_eligible"
    assert await refused(talk_of(town.pool, arbiter, talk.id)) == "not_eligible"
    assert await refused(require_may_see_file(town.pool, arbiter, file_id)) == "not_found"
    again = open_talk_of_case(town.pool, arbiter, case_id, conversation_id=new_id(), now=utc_now())
    assert await refused(again) == "not_eligible"
    assert (await list_talks(town.pool, arbiter, view="all", now=utc_now())).briefs == []
    assert (await search_chats(town.pool, arbiter, "举证", now=utc_now())).found == []


async def test_a_report_has_no_conversation_and_no_card(town: DeskTown) -> None:
    case_id = await case_of(town, procedure="report", kind="prohibited_goods", reason=None)
    for name in ("李梅", "小安", "仲裁员"):
        opened = open_talk_of_case(
            town.pool, town.people[name], case_id, conversation_id=new_id(), now=utc_now()
        )
        assert await refused(opened) in ("not_eligible", "not_found")
    talk = await begin(town)
    for name in ("李梅", "小安"):
        card = tell(town, name, talk.id, "", kind="case", body={"case_id": str(case_id)})
        assert await refused(card) == "not_found"


async def test_another_shop_reaches_nothing(town: DeskTown) -> None:
    talk = await begin(town)
    await tell(town, "李梅", talk.id, "在吗")
    stranger = (await open_market(town.pool)).owner
    pool, now = town.pool, utc_now()
    agent = town.people["小安"].person_id
    for tried in (
        talk_of(pool, stranger, talk.id),
        hand_over_talk(pool, stranger, talk.id, to_agent=stranger.person_id, reason="来", now=now),
        close_talk(pool, stranger, talk.id, now=now),
        mark(pool, stranger, talk.id, delivered=1, read=1, now=now),
    ):
        assert await refused(tried) == "not_found"
    own = town.people["小安"]
    handed = hand_over_talk(pool, own, talk.id, to_agent=stranger.person_id, reason="给", now=now)
    assert await refused(handed) == "not_found"
    handed = hand_over_talk(pool, own, talk.id, to_group=new_id(), reason="给", now=now)
    assert await refused(handed) == "not_found"
    foreign = Wish(shop_id=stranger.shop_id or new_id(), agent_id=agent, group_id=new_id())
    opened, _ = await open_talk(
        pool, town.people["王强"].person_id, foreign, conversation_id=new_id(), now=now
    )
    assert (opened.agent_id, opened.group_id) == (None, None)


# ---- names


async def test_buyers_never_read_the_name_of_an_agent(town: DeskTown) -> None:
    talk = await begin(town)
    await tell(town, "李梅", talk.id, "坏了，帮我退款吧")
    await tell(town, "小安", talk.id, "您好", seen=9)
    await tell(town, "主管", talk.id, "我是主管", seen=9)
    order = await place_order(
        Market(pool=town.pool, shop_id=town.shop_id, buyer=town.people["李梅"],
               owner=town.market.owner, arbiter=town.market.arbiter),
        paid_at=utc_now() - timedelta(days=3),
    )  # fmt: skip
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", claim="坏了")
    acted = await open_for_buyer(
        town.pool, town.people["小安"], talk.id, order.id, args, pack=PACK, locale="zh",
        now=utc_now(),
    )  # fmt: skip
    seen = await talk_of(town.pool, town.people["李梅"], talk.id)
    shown = repr(
        (await read_lines(town.pool, seen), await see_standing(town.pool, seen.conversation))
    )
    assert "小安" not in shown
    assert "name='主管'" not in shown
    assert "小安" not in acted.case.claim
    listed = await list_talks(town.pool, town.people["李梅"], view="all", now=utc_now())
    found = await search_chats(town.pool, town.people["李梅"], "您好", now=utc_now())
    assert "小安" not in repr((listed, found))


async def test_a_buyer_who_said_nothing_has_asked_for_no_case(town: DeskTown) -> None:
    """A click on the chat is no wish: nobody files in the name of who has not written a word."""
    talk = await begin(town)
    order = await place_order(
        Market(pool=town.pool, shop_id=town.shop_id, buyer=town.people["李梅"],
               owner=town.market.owner, arbiter=town.market.arbiter),
        paid_at=utc_now() - timedelta(days=3),
    )  # fmt: skip
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", claim="坏了")

    async def file() -> Any:
        return await open_for_buyer(
            town.pool, town.people["小安"], talk.id, order.id, args, pack=PACK, locale="zh",
            now=utc_now(),
        )  # fmt: skip

    assert await refused(file()) == "not_eligible"
    await tell(town, "李梅", talk.id, "坏了，帮我退款吧")
    assert (await file()).case.claim


# ---- money


def asked(town: DeskTown, talk: Conversation, who: Principal) -> Ask:
    return Ask(
        id=new_id(), shop_id=town.shop_id, conversation_id=talk.id, what="compensation",
        gives_fen=1_000, price_fen=None, why="老客户", asked_by=who.person_id, asked_at=utc_now(),
    )  # fmt: skip


async def test_nobody_grants_what_they_have_asked_for(town: DeskTown) -> None:
    talk = await begin(town)
    for name in ("主管", "老板"):
        who = town.people[name]
        ask = await ask_lead(town.pool, asked(town, talk, who), who)
        granted = answer_lead_ask(town.pool, who, ask.id, "granted", now=utc_now())
        assert await refused(granted) == "wrong_role"
        await answer_lead_ask(town.pool, who, ask.id, "dropped", now=utc_now())


async def test_asks_are_answered_by_leads_of_the_shop_within_their_limit(town: DeskTown) -> None:
    talk, now = await begin(town), utc_now()
    agent = town.people["小安"]
    ask = await ask_lead(town.pool, asked(town, talk, agent), agent)
    stranger = (await open_market(town.pool)).owner
    for who, code in (
        (town.people["小宝"], "wrong_role"), (agent, "wrong_role"), (stranger, "not_found"),
    ):  # fmt: skip
        assert await refused(answer_lead_ask(town.pool, who, ask.id, "granted", now=now)) == code
    lead = town.people["主管"]
    for fen, code in ((-1, "invalid"), (10**15, "invalid"), (10**9, "amount_above_limit")):
        answer = answer_lead_ask(town.pool, lead, ask.id, "granted", granted_fen=fen, now=now)
        assert await refused(answer) == code


@pytest.mark.parametrize("bargain_fen", [100, 10**8])
async def test_compensation_is_granted_by_who_may_pay_it(town: DeskTown, bargain_fen: int) -> None:
    """What a bargain may give away neither binds nor frees the hand that pays."""
    talk, now = await begin(town), utc_now()
    agent, lead, owner = (town.people[name] for name in ("小安", "主管", "老板"))
    rules = BargainRules(limits={"lead": bargain_fen})
    by_id = owner.person_id
    await add_version(town.pool, rules, of=town.shop_id, seen=0, reason="-", by_id=by_id, now=now)
    ask = await ask_lead(town.pool, asked(town, talk, agent), agent)
    limit_fen = lead.money_limit_fen
    assert limit_fen and limit_fen > 100
    over = answer_lead_ask(town.pool, lead, ask.id, "granted", granted_fen=limit_fen + 1, now=now)
    assert await refused(over) == "amount_above_limit"
    kept = await answer_lead_ask(town.pool, lead, ask.id, "granted", granted_fen=limit_fen, now=now)
    assert kept.granted_fen == limit_fen


# ---- visitors


async def test_visitors_who_never_said_anything_are_forgotten(
    town: DeskTown, tmp_path: Path
) -> None:
    keyring, begun = open_keyring(tmp_path, "5a" * 32), utc_now()
    met = [
        await meet_visitor(town.pool, keyring, town.shop_id, identity=None, locale="zh", now=begun)
        for _ in range(5)
    ]
    wish = Wish(shop_id=town.shop_id)
    spoke, active = met[0].person_id, met[1].person_id
    await open_talk(town.pool, spoke, wish, conversation_id=new_id(), now=begun)
    later = begun + timedelta(days=3)
    await town.pool.execute(
        "UPDATE api_tokens SET used_at = $2 WHERE person_id = $1", active, later
    )
    assert await forget_visitors(town.pool, now=begun + timedelta(days=1)) == 0
    assert await forget_visitors(town.pool, now=later) == 3
    left = await town.pool.fetch("SELECT id FROM people WHERE sign_in_name LIKE 'visitor-%'")
    assert {row["id"] for row in left} == {spoke, active}
    assert await town.pool.fetchval("SELECT count(*) FROM people WHERE kind = 'shop'") >= 4
