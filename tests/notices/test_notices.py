"""Who is told of what, how much of it is unread, and that nobody sees another side's notices."""

from datetime import timedelta
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from tests.flows.market import START, Market, open_market, person, place_order

from gongdao.accounts.principal import Kind, Principal
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import translate
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.ask_extra import ask_extra
from gongdao.flows.cancel_order import cancel_order
from gongdao.flows.change_address import change_address
from gongdao.flows.notify_parties import CONCERNS, sides_of
from gongdao.flows.order_desk import Wish
from gongdao.flows.read_notices import (
    COUNT_MAX,
    Line,
    count_unread,
    list_notices,
    mark_read,
    open_notice,
)
from gongdao.flows.urge_order import urge_order
from gongdao.jobs.catch_up import catch_up
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.jobs.sweep import sweep
from gongdao.ledger.simulator import Simulator
from gongdao.policy.load import load_pack
from gongdao.shops.shop import Address

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
HOUR = timedelta(hours=1)


class Told(msgspec.Struct):
    """A market whose people stand in the database, with a colleague of the owner."""

    market: Market
    people: dict[str, Principal]
    case_id: UUID = UUID(int=0)
    now: object = LATER

    @property
    def pool(self) -> Pool:
        return self.market.pool

    async def file(self, kind: str = "refund_only") -> None:
        order = await place_order(self.market)
        args = c.OpenArgs(procedure="after_sale", kind=kind, reason="quality")
        acted = await open_case(
            self.pool, self.people["buyer"], order.id, args, pack=PACK, now=LATER
        )
        self.case_id = acted.case.id

    async def act(self, name: str, action: str, args: c.Args, *, hours: int = 1) -> None:
        who = self.people[name]
        at = LATER + hours * HOUR
        await act_on_case(self.pool, who, self.case_id, action, args, now=at)

    async def sentences(self, name: str) -> list[str]:
        """What somebody reads, in Chinese, oldest first."""
        listed = await self.lines(name)
        return [translate("zh", line.sentence, line.params) for line in reversed(listed)]

    async def lines(self, name: str) -> list[Line]:
        await self.tell()
        return (await list_notices(self.pool, self.people[name])).lines

    async def unread(self, name: str) -> int:
        await self.tell()
        return await count_unread(self.pool, self.people[name])

    async def tell(self) -> None:
        (follower,) = FOLLOWERS
        left = (
            "SELECT EXISTS (SELECT FROM case_events e LEFT JOIN followers f ON f.name = $1"
            " WHERE f.name IS NULL OR (e.xid, e.position) > (f.xid, f.position))"
        )
        while await self.pool.fetchval(left, follower.name):
            await follow(self.pool, follower, utc_now())


@pytest.fixture
async def told(pool: Pool) -> Told:
    market = await open_market(pool)
    shop = await create_first_roles(pool, shop_id=market.shop_id, now=START)
    platform = await create_first_roles(pool, shop_id=None, now=START)
    people = {"buyer": market.buyer, "stranger": await person(pool, "buyer", "buyer")}
    for name, role in {"owner": "owner", "colleague": "lead"}.items():
        people[name] = await _settle(pool, market, name, "shop", shop[role])
    for duty in ("arbiter", "supervisor", "operator"):
        people[duty] = await _settle(pool, market, duty, "platform", platform[duty])
    return Told(market, people)


async def _settle(pool: Pool, market: Market, name: str, kind: Kind, role_id: UUID) -> Principal:
    shop_id = market.shop_id if kind == "shop" else None
    made = await person(pool, kind, name if kind == "platform" else "owner", shop_id=shop_id)
    made = msgspec.structs.replace(made, person_id=new_id(), name=name)
    await create_person(
        pool,
        person_id=made.person_id,
        sign_in_name=f"{name}{made.person_id.hex}",
        name=name,
        kind=kind,
        shop_id=shop_id,
        role_id=role_id,
        now=START,
    )
    return made


def test_every_event_says_whom_it_concerns() -> None:
    assert set(CONCERNS) == set(get_args(e.Event))


@pytest.mark.parametrize("by", ["buyer", "seller", "arbiter"])
def test_a_private_note_tells_nobody(by: str) -> None:
    def noted(**more: bool) -> e.Recorded:
        body = e.Noted(text="x", **more)
        return e.Recorded(version=1, at=START, by=by, pack=PACK.name, body=body)

    assert sides_of(noted(private=True)) == frozenset()
    assert sides_of(noted()) == {"buyer", "seller"} - {by}


@pytest.mark.fact("S0-05")
async def test_a_refund_is_told_to_each_side_once(told: Told) -> None:
    await told.file()
    assert await told.sentences("owner") == [
        "发起申请：仅退款，原因：质量问题，申请金额 105.00 元。"
    ]
    assert await told.sentences("buyer") == []
    await told.act("owner", "approve", c.ApproveArgs())
    assert await told.sentences("buyer") == ["同意申请：105.00 元。"]
    # Who did it is not told; a colleague is told that money moved.
    assert len(await told.sentences("owner")) == 1
    assert await told.sentences("colleague") == [
        "发起申请：仅退款，原因：质量问题，申请金额 105.00 元。",
        "资金划转：105.00 元。",
    ]
    assert await told.sentences("arbiter") == []
    (line,) = await told.lines("buyer")
    assert line.case
    assert (line.case.waits_for_me, line.case.ended, line.by) == (False, "settled", "seller")


async def test_money_that_arrives_is_told(told: Told) -> None:
    await told.file()
    await told.act("owner", "approve", c.ApproveArgs())
    await told.tell()
    await catch_up(told.pool, Simulator(told.pool), LATER + timedelta(days=20))
    assert await told.sentences("buyer") == [
        "同意申请：105.00 元。",
        "您有一笔 105.00 元的款项已到账。",
    ]
    assert len(await told.sentences("owner")) == 1


@pytest.mark.fact("S0-05")
async def test_silence_is_told_to_both(told: Told) -> None:
    await told.file()
    await sweep(told.pool, LATER + timedelta(days=4))
    for name in ("buyer", "owner"):
        assert (await told.sentences(name))[-1] == "超时未处理，视为同意：105.00 元。"


async def test_arbiters_are_told_of_what_comes_to_them_and_supervisors_of_what_is_late(
    told: Told,
) -> None:
    await told.file()
    await told.act("owner", "reject", c.RejectArgs(reason="not_liable"))
    assert [each.case and each.case.waits_for_me for each in await told.lines("buyer")] == [True]
    await told.act("buyer", "escalate", c.NoArgs(), hours=2)
    assert await told.sentences("arbiter") == []
    for days in (10, 30):
        while await sweep(told.pool, LATER + timedelta(days=days)):
            pass
        if days == 10:
            assert await told.unread("arbiter") == 1
    assert (await told.sentences("arbiter"))[0].startswith("进入“平台判责”环节")
    assert set(await told.sentences("supervisor")) == {"平台逾期未判定，已提醒复核员。"}
    assert await told.sentences("operator") == []


async def test_reading_is_each_persons_own(told: Told) -> None:
    await told.file()
    first = told.case_id
    await told.act("buyer", "note", c.NoteArgs(note="在吗？"))
    await told.file()
    assert [await told.unread(name) for name in ("owner", "colleague", "buyer")] == [3, 3, 0]
    newest, note, _opened = await told.lines("owner")
    # Opening one reads what came before it in the same case.
    opened = await open_notice(told.pool, told.people["owner"], note.id, now=LATER)
    assert (opened.case_id, opened.order_id) == (first, None)
    assert await told.unread("owner") == 1
    assert [line.unread for line in await told.lines("owner")] == [True, False, False]
    await mark_read(told.pool, told.people["owner"], through=newest.id, now=LATER)
    assert [await told.unread(name) for name in ("owner", "colleague")] == [0, 3]
    assert await told.pool.fetchval("SELECT count(*) FROM notices_opened") == 0
    # A number that is still to come reads only what is there, and an older one takes nothing back.
    await mark_read(told.pool, told.people["colleague"], through=2**63 - 1, now=LATER)
    await mark_read(told.pool, told.people["colleague"], through=1, now=LATER)
    assert await told.unread("colleague") == 0
    await told.file()
    assert [await told.unread(name) for name in ("owner", "colleague")] == [1, 1]


async def test_nobody_sees_another_sides_notices(told: Told) -> None:
    await told.file()
    (line,) = await told.lines("owner")
    for name in ("buyer", "stranger", "arbiter", "supervisor", "operator"):
        assert await told.lines(name) == []
        with pytest.raises(Refusal) as refused:
            await open_notice(told.pool, told.people[name], line.id, now=LATER)
        assert refused.value.code == "not_found"
        await mark_read(told.pool, told.people[name], through=line.id, now=LATER)
    blind = msgspec.structs.replace(told.people["owner"], permissions=frozenset())
    assert (await list_notices(told.pool, blind)).lines == []
    assert await count_unread(told.pool, blind) == 0
    assert await told.unread("owner") == 1


async def test_new_colleagues_start_with_what_came_after_them(told: Told) -> None:
    await told.file()
    await told.tell()
    await told.pool.execute(
        "UPDATE people SET created_at = $2 WHERE id = $1",
        told.people["colleague"].person_id,
        LATER + HOUR,
    )
    assert await told.unread("colleague") == 0
    assert [line.unread for line in await told.lines("colleague")] == [False]


async def test_the_log_read_again_tells_nothing_twice(told: Told) -> None:
    await told.file()
    before = await told.sentences("owner")
    await told.pool.execute("UPDATE followers SET xid = '0', position = 0")
    assert await told.sentences("owner") == before


async def test_a_page_goes_on_where_the_last_one_ended_and_counting_has_an_end(told: Told) -> None:
    await told.file()
    for n in range(COUNT_MAX + 10):
        await told.act("buyer", "note", c.NoteArgs(note=f"第 {n} 条"))
    await told.tell()
    seen: list[int] = []
    after: int | None = None
    while True:
        page = await list_notices(told.pool, told.people["owner"], after=after, limit=50)
        seen += [line.id for line in page.lines]
        after = page.after
        if after is None:
            break
    assert len(seen) == COUNT_MAX + 11
    assert seen == sorted(set(seen), reverse=True)
    assert await told.unread("owner") == COUNT_MAX


async def test_each_side_is_told_what_the_other_did_to_an_order(told: Told) -> None:
    order = await place_order(told.market, shipped=False)
    buyer = told.people["buyer"]
    wish = Wish(who=buyer, order_id=order.id, now=START + HOUR)
    home = Address(name="林小雨", phone="13700000000", address="湖南省怀化市")
    for _ in range(2):
        await change_address(told.pool, wish, home)
    await urge_order(told.pool, wish)
    asking = Wish(who=told.people["owner"], order_id=order.id, now=START + 2 * HOUR)
    await ask_extra(told.pool, asking, amount_fen=500, what="goods", note="加急包装")
    assert await told.sentences("buyer") == ["请您补差价 5.00 元。"]
    await cancel_order(told.pool, wish, reason="changed_mind")
    assert await told.sentences("owner") == [
        "修改了收货信息，请按新的信息发货。",
        "催促发货。",
        "取消了订单，原因：拍错/不想要。",
    ]
    newest = (await told.lines("owner"))[0]
    assert newest.case is None
    assert newest.order and newest.order.id == order.id
    opened = await open_notice(told.pool, told.people["owner"], newest.id, now=LATER)
    assert (opened.case_id, opened.order_id) == (None, order.id)
    assert [await told.unread(name) for name in ("owner", "colleague")] == [0, 3]
    assert await told.lines("arbiter") == []
