"""The inbox: by the clock, in groups, narrowed, searched, paged, and only one's own."""

import re
from uuid import UUID

import pytest

from gongdao.base.cursor import read_place
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.web.shop import reads
from gongdao.web.shop.reads import Wanted, count_groups, read_inbox

from .conftest import Desk, Visitor, signed_in


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<td class="gd-number"><a href="[^"]+">(\d+)</a>', page)]


async def number_of(desk: Desk, case: Case) -> int:
    return (await desk.state(case))["number"]


async def test_the_most_urgent_is_on_top_and_others_turns_are_below(desk: Desk, owner: Visitor):
    later = await desk.filed(hours=2)
    soon = await desk.filed(hours=71)
    theirs = await desk.filed(hours=60)
    await desk.does("owner", theirs, "reject", c.RejectArgs(reason="no_evidence"))
    page = await owner.get("/shop/inbox")
    expected = [await number_of(desk, case) for case in (soon, later, theirs)]
    assert numbers(page) == expected
    assert "2 小时内到期" in page
    assert "待买家处理" in page
    assert "拒绝申请" in page, "the last event is told"
    counts = await count_groups(desk.pool, shop_id=desk.shop_id, now=desk.now)
    assert (counts["soon"], counts["buyer"], counts["overdue"]) == (1, 1, 0)
    assert numbers(await owner.get("/shop/inbox?turn=buyer")) == expected[2:]


async def test_filters_and_search(desk: Desk, owner: Visitor):
    cheap = await desk.filed(price_fen=9_900, buyer_name="wang_fei")
    dear = await desk.filed(kind="refund_only")
    cheap_number, dear_number = [await number_of(desk, case) for case in (cheap, dear)]
    assert numbers(await owner.get("/shop/inbox?least=1000")) == [dear_number]
    assert numbers(await owner.get("/shop/inbox?about=return_refund")) == [cheap_number]
    assert numbers(await owner.get("/shop/inbox?stage=evidence")) == []
    assert numbers(await owner.get("/shop/inbox?procedure=complaint")) == []
    assert numbers(await owner.get("/shop/inbox?q=wang")) == [cheap_number]
    assert numbers(await owner.get(f"/shop/inbox?q={dear_number}")) == [dear_number]
    order_number = await desk.pool.fetchval(
        "SELECT number FROM orders WHERE id = $1", cheap.order_id
    )
    assert numbers(await owner.get(f"/shop/inbox?q={order_number[:9]}&turn=us")).count(cheap_number)
    await desk.does("owner", dear, "approve", c.ApproveArgs())
    assert numbers(await owner.get("/shop/inbox?turn=closed")) == [dear_number]
    assert numbers(await owner.get(f"/shop/inbox?q={dear_number}")) == [dear_number]


async def test_pages_meet_without_a_gap(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    cases = [await desk.filed(hours=1 + n) for n in range(5)]
    for case in cases[:2]:
        await desk.does("owner", case, "reject", c.RejectArgs(reason="other"))
    await desk.pool.execute("UPDATE cases SET due_at = NULL WHERE id = $1", cases[2].id)
    monkeypatch.setattr(reads, "PAGE", 2)
    by_clock = [case.id for case in (cases[4], cases[3], cases[2], cases[0], cases[1])]
    assert await every_page(desk, Wanted()) == by_clock
    for case in cases:
        await desk.does("buyer", case, "withdraw", c.NoArgs())
    assert await every_page(desk, Wanted()) == []
    newest_first = [case.id for case in cases]
    assert await every_page(desk, Wanted(turn="closed")) == newest_first


async def every_page(desk: Desk, wanted: Wanted) -> list[UUID]:
    seen: list[UUID] = []
    after = None
    for _ in range(9):
        page = await read_inbox(
            desk.pool, shop_id=desk.shop_id, wanted=wanted, now=desk.now, after=after
        )
        seen += [row.case.id for row in page.rows]
        if page.following is None:
            return seen
        after = read_place(page.following.text(), reads.RowPlace)
    raise AssertionError("the list never ends")


async def test_a_shop_sees_its_own_cases_only(desk: Desk, owner: Visitor):
    case = await desk.filed()
    number = await number_of(desk, case)
    async with signed_in(desk, "rival") as rival:
        assert numbers(await rival.get("/shop/inbox")) == []
        assert numbers(await rival.get(f"/shop/inbox?q={number}")) == []
        await rival.get(f"/shop/cases/{case.id}", 404)
        await rival.get(f"/shop/orders/{case.order_id}", 404)
    async with signed_in(desk, "buyer") as buyer:
        await buyer.get("/shop/inbox", 403)
    await owner.get("/shop/inbox?after=nonsense", 422)


async def test_a_buyers_private_note_is_no_news(desk: Desk, owner: Visitor):
    case = await desk.filed()
    await desk.does("buyer", case, "note", c.NoteArgs(note="先记一下", private=True))
    await desk.does("owner", case, "note", c.NoteArgs(note="仓库在查", private=True))
    page = await owner.get("/shop/inbox")
    assert "先记一下" not in page + await owner.get(f"/shop/cases/{case.id}")
    assert "仓库在查" in page
