"""Customers: who is one, what is kept on them, how they are found, and whose they are."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from tests.flows.market import START, Market, open_market, place_order

from gongdao.accounts.principal import SHOP_ROLES, Principal
from gongdao.base.cursor import read_cursor
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.customers.customer import NOTE_MAX
from gongdao.flows.customers.history import read_notes
from gongdao.flows.customers.keep import (
    drop_group,
    finish_follow_up,
    keep_preference,
    make_group,
    put_in_group,
    rename_group,
    take_out_of_group,
    write_note,
)
from gongdao.flows.customers.list_customers import (
    Listed,
    Wanted,
    keep_names_findable,
    list_customers,
)
from gongdao.flows.customers.see_customer import see_customer
from gongdao.flows.talk.open_talk import Wish, open_talk

_NOW = START + timedelta(days=1)


@pytest.fixture
async def market(pool: Pool) -> Market:
    market = await open_market(pool)
    await place_order(market)
    return market


def agent_of(market: Market) -> Principal:
    """Somebody of the shop with the role of an agent."""
    return replace(
        market.owner, role="agent", permissions=SHOP_ROLES["agent"].permissions, person_id=new_id()
    )


async def found(market: Market, *, who: Principal | None = None, **wanted: str) -> Listed:
    return await list_customers(market.pool, who or market.owner, Wanted(**wanted), now=_NOW)


async def named(market: Market, name: str) -> UUID:
    """A buyer of that name who has written to the shop."""
    buyer_id = new_id()
    await market.pool.execute(
        "INSERT INTO people (id, sign_in_name, name, kind, created_at)"
        " VALUES ($1, $2, $3, 'buyer', $4)",
        buyer_id,
        f"b{buyer_id.hex}",
        name,
        START,
    )
    wish = Wish(shop_id=market.shop_id)
    await open_talk(market.pool, buyer_id, wish, conversation_id=new_id(), now=_NOW)
    return buyer_id


@pytest.mark.fact("S0-48")
async def test_who_buys_or_asks_is_a_customer_with_groups_and_notes(market: Market) -> None:
    asked = await named(market, "李梅")
    listed = await found(market)
    assert [each.buyer_id for each in listed.briefs] == [asked, market.buyer.person_id]
    agent = agent_of(market)
    await put_in_group(market.pool, agent, [asked], "asked", now=_NOW)
    await write_note(market.pool, agent, asked, "问过 75B 的款", note_id=new_id(), now=_NOW)
    brief = (await found(market, group="asked")).briefs[0]
    assert (brief.buyer_id, brief.groups, brief.note) == (asked, ("asked",), "问过 75B 的款")
    assert (brief.orders, brief.paid_fen) == (0, 0)
    bought = (await found(market)).briefs[1]
    assert (bought.orders, bought.paid_fen) == (1, 10_500)


async def test_names_are_found_by_characters_pinyin_and_initials(market: Market) -> None:
    li, wang = await named(market, "李梅"), await named(market, "王小明")
    assert await keep_names_findable(market.pool, now=_NOW) == 3
    assert await keep_names_findable(market.pool, now=_NOW) == 0
    for q, expected in (
        ("李", [li]),
        ("limei", [li]),
        ("LM", [li]),
        ("li mei", [li]),
        ("xiaoming", [wang]),
        ("wxm", [wang]),
        ("%", []),
        ("buyer", [market.buyer.person_id]),
    ):
        assert [each.buyer_id for each in (await found(market, q=q)).briefs] == expected, q


async def test_pages_hold_everybody_once(market: Market) -> None:
    people = {await named(market, f"客{n}") for n in range(7)} | {market.buyer.person_id}
    seen: list[UUID] = []
    after = None
    while True:
        page = await list_customers(
            market.pool, market.owner, Wanted(), after=after, limit=3, now=_NOW
        )
        seen += [each.buyer_id for each in page.briefs]
        if page.following is None:
            break
        after = read_cursor(page.following.text())
    assert len(seen) == len(people) and set(seen) == people
    with pytest.raises(Refusal, match="invalid"):
        read_cursor("nonsense")


@pytest.mark.fact("S0-49")
async def test_preferences_are_kept_and_forgotten(market: Market) -> None:
    buyer = market.buyer.person_id
    for value in ("75B", "80B"):
        await keep_preference(market.pool, market.owner, buyer, "尺码", value, now=_NOW)
    await keep_preference(market.pool, market.owner, buyer, "颜色", "白", now=_NOW)
    await keep_preference(market.pool, market.owner, buyer, "颜色", "", now=_NOW)
    seen = await see_customer(market.pool, market.owner, buyer, now=_NOW)
    assert [(each.name, each.value) for each in seen.preferences] == [("尺码", "80B")]
    for name, value in (("", "x"), ("x" * 21, "x"), ("x", "x" * 101), ("x", "\x00")):
        with pytest.raises(Refusal, match="invalid"):
            await keep_preference(market.pool, market.owner, buyer, name, value, now=_NOW)


async def test_notes_are_added_never_changed(market: Market) -> None:
    buyer, note_id = market.buyer.person_id, new_id()
    due = _NOW + timedelta(days=2)
    for _ in range(2):
        await write_note(
            market.pool, market.owner, buyer, " 下周回电 ", note_id=note_id, due_at=due, now=_NOW
        )
    notes = await read_notes(market.pool, market.shop_id, buyer, limit=10)
    assert [(note.text, note.due_at) for note in notes] == [("下周回电", due)]
    for statement in (
        "UPDATE customer_notes SET text = 'x'",
        "DELETE FROM customer_notes",
        "UPDATE customer_notes SET by_id = gen_random_uuid()",
    ):
        with pytest.raises(Exception, match="append-only"):
            await market.pool.execute(statement)
    await finish_follow_up(market.pool, market.owner, note_id, now=_NOW)
    with pytest.raises(Refusal, match="not_found"):
        await finish_follow_up(market.pool, market.owner, note_id, now=_NOW)
    for text, due_at in (("", None), ("x" * (NOTE_MAX + 1), None), ("x", _NOW), ("x\x00", None)):
        with pytest.raises(Refusal, match="invalid"):
            await write_note(
                market.pool, market.owner, buyer, text, note_id=new_id(), due_at=due_at, now=_NOW
            )
    assert len(await read_notes(market.pool, market.shop_id, buyer, limit=10)) == 1


async def test_groups_of_ones_own(market: Market) -> None:
    pool, owner, group_id = market.pool, market.owner, new_id()
    await make_group(pool, owner, "VIP", group_id=group_id, now=_NOW)
    await make_group(pool, owner, "VIP", group_id=group_id, now=_NOW)
    with pytest.raises(Refusal, match="duplicate"):
        await make_group(pool, owner, "vip", group_id=new_id(), now=_NOW)
    people = [await named(market, "甲"), await named(market, "乙")]
    assert await put_in_group(pool, owner, [*people, people[0]], str(group_id), now=_NOW) == 2
    await rename_group(pool, owner, group_id, "贵宾")
    assert len((await found(market, group=str(group_id))).briefs) == 2
    await take_out_of_group(pool, owner, people[:1], str(group_id))
    assert [each.buyer_id for each in (await found(market, group=str(group_id))).briefs] == [
        people[1]
    ]
    await drop_group(pool, owner, group_id)
    assert (await found(market, group=str(group_id))).briefs == []
    assert len((await found(market)).briefs) == 3
    for group in (str(group_id), "nothing", ""):
        with pytest.raises(Refusal, match="not_found"):
            await put_in_group(pool, owner, people, group, now=_NOW)
    with pytest.raises(Refusal, match="invalid"):
        await put_in_group(pool, owner, [], "regular", now=_NOW)


async def test_many_at_once_are_all_or_none_and_for_a_lead(market: Market) -> None:
    people = [market.buyer.person_id, await named(market, "甲")]
    with pytest.raises(Refusal, match="not_found"):
        await put_in_group(market.pool, market.owner, [*people, new_id()], "regular", now=_NOW)
    assert (await found(market, group="regular")).briefs == []
    with pytest.raises(Refusal, match="wrong_role"):
        await put_in_group(market.pool, agent_of(market), people, "regular", now=_NOW)


async def test_another_shop_sees_nothing_of_it(market: Market) -> None:
    other = await open_market(market.pool)
    buyer, note_id = market.buyer.person_id, new_id()
    due = _NOW + timedelta(days=1)
    await write_note(market.pool, market.owner, buyer, "x", note_id=note_id, due_at=due, now=_NOW)
    group_id = new_id()
    await make_group(market.pool, market.owner, "VIP", group_id=group_id, now=_NOW)
    assert (await found(other)).briefs == []
    stranger = other.owner
    deeds = (
        lambda: see_customer(market.pool, stranger, buyer, now=_NOW),
        lambda: write_note(market.pool, stranger, buyer, "x", note_id=new_id(), now=_NOW),
        lambda: finish_follow_up(market.pool, stranger, note_id, now=_NOW),
        lambda: keep_preference(market.pool, stranger, buyer, "x", "x", now=_NOW),
        lambda: put_in_group(market.pool, stranger, [buyer], "regular", now=_NOW),
        lambda: rename_group(market.pool, stranger, group_id, "x"),
        lambda: drop_group(market.pool, stranger, group_id),
    )
    for deed in deeds:
        with pytest.raises(Refusal, match="not_found"):
            await deed()
    bare = replace(market.owner, permissions=frozenset())
    for deed in (
        lambda: see_customer(market.pool, bare, buyer, now=_NOW),
        lambda: found(market, who=bare),
    ):
        with pytest.raises(Refusal, match="wrong_role"):
            await deed()
