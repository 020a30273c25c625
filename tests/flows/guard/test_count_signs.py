"""The round over the records, on a real database: each sign, and the ordinary one beside it."""

from datetime import timedelta

import pytest

from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.base.live import gather_changes
from gongdao.chat.body import Text
from gongdao.chat.message import Saying
from gongdao.chat.store import Opening, open_conversation, say
from gongdao.risk.shop_signs import SAID
from gongdao.shops.order import Line

from .records import NOW, Ledger, codes, said

SUITS = (Line(line=1, title="西服", price_fen=9999, quantity=30),)
PRAISE = "面料很舒服穿上显瘦，客服态度也特别好，物流很快，下次还会再来"


@pytest.fixture
def ledger(pool: Pool) -> Ledger:
    return Ledger(pool)


@pytest.mark.fact("S0-32")
async def test_the_student_and_the_suits_are_found_once(ledger: Ledger) -> None:
    shop_id, buyer_id = await ledger.shop(), new_id()
    order = await ledger.order(shop_id, buyer_id, lines=SUITS, payment="credit", hollow=True)
    found = await ledger.count()
    assert codes(found) == [
        "near-credit-limit", "paid-and-received-in-a-blink", "same-lines-order",
    ]  # fmt: skip
    assert said(found, "near-credit-limit", "total") == "2999.70"
    assert {(one.place.order_id, one.place.about) for one in found} == {(order.id, "shop")}
    assert {(one.place.shop_id, one.place.buyer_id) for one in found} == {(shop_id, buyer_id)}
    assert await ledger.count(NOW + timedelta(minutes=1)) == []
    rows = await ledger.pool.fetch("SELECT count(*) AS n FROM risk_findings")
    assert rows[0]["n"] == 3


async def test_the_round_tells_who_reads_findings(ledger: Ledger) -> None:
    await ledger.order(await ledger.shop(), new_id(), lines=SUITS)
    with gather_changes() as names:
        assert codes(await ledger.count()) == ["same-lines-order"]
    assert names == {"guard"}
    with gather_changes() as names:
        assert await ledger.count(NOW + timedelta(minutes=1)) == []
    assert names == set()


async def test_a_round_that_was_killed_is_done_again(ledger: Ledger) -> None:
    await ledger.order(await ledger.shop(), new_id(), lines=SUITS)
    assert codes(await ledger.count()) == ["same-lines-order"]
    # Killed after the findings were kept, before it noted how far it has read.
    await ledger.pool.execute("DELETE FROM risk_read")
    assert await ledger.count() == []
    # Killed before anything was kept.
    await ledger.pool.execute("DELETE FROM risk_findings")
    await ledger.pool.execute("DELETE FROM risk_read")
    assert codes(await ledger.count()) == ["same-lines-order"]


async def test_what_changed_since_is_read_and_nothing_else(ledger: Ledger) -> None:
    await ledger.count()
    later = NOW + timedelta(hours=2)
    await ledger.order(await ledger.shop(), new_id(), lines=SUITS, at=later)
    assert await ledger.count(NOW + timedelta(hours=1)) == []
    assert codes(await ledger.count(later)) == ["same-lines-order"]


async def test_ordinary_orders_are_nothing(ledger: Ledger) -> None:
    shop_id = await ledger.shop()
    await ledger.order(shop_id, new_id(), payment="credit")
    await ledger.order(shop_id, new_id(), moved=True)
    pencils = (Line(line=1, title="铅笔", price_fen=150, quantity=200),)
    await ledger.order(shop_id, new_id(), lines=pencils)
    topped_up = (Line(line=1, title="话费", price_fen=30_000, tags=("virtual",)),)
    await ledger.order(shop_id, new_id(), lines=topped_up, hollow=True)
    assert await ledger.count() == []


@pytest.mark.fact("S0-32")
async def test_few_goods_and_thousands_of_sales(ledger: Ledger) -> None:
    shop_id, other = await ledger.shop(), await ledger.shop()
    for shop, goods in ((shop_id, 3), (other, 40)):
        await ledger.pool.execute(
            "INSERT INTO products (id, shop_id, title, price_fen)"
            " SELECT gen_random_uuid(), $1, 'G' || n, 9999 FROM generate_series(1, $2) AS n",
            shop,
            goods,
        )
        await ledger.pool.execute(
            "INSERT INTO orders (id, shop_id, buyer_id, number, placed_at, paid_at, lines,"
            " total_fen, paid_fen, ship_within_s) SELECT gen_random_uuid(), $1,"
            " gen_random_uuid(), 'M' || n, $2, $2, '[]', 9999, 9999, 0"
            " FROM generate_series(1, 3100) AS n",
            shop,
            NOW - timedelta(days=20),
        )
        await ledger.order(shop, new_id(), moved=True)
    found = await ledger.count()
    assert codes(found) == ["few-goods-many-sales"]
    assert found[0].place.subject_id == shop_id
    assert said(found, "few-goods-many-sales", "orders") == "3101"


async def test_several_victims_of_one_shop(ledger: Ledger) -> None:
    shop_id, large = await ledger.shop(), await ledger.shop()
    for shop in (shop_id, large):
        for _ in range(2):
            await ledger.finding("remote-control", shop, new_id())
        order = await ledger.order(shop, new_id(), moved=True)
        await ledger.case(
            order, procedure="counterfeit_claim", kind="counterfeit", upheld=True, refunded_fen=0
        )
    await ledger.pool.execute(
        "INSERT INTO orders (id, shop_id, buyer_id, number, placed_at, paid_at, lines, total_fen,"
        " paid_fen, ship_within_s) SELECT gen_random_uuid(), $1, gen_random_uuid(), 'M' || n, $2,"
        " $2, '[]', 9999, 9999, 0 FROM generate_series(1, 400) AS n",
        large,
        NOW - timedelta(days=20),
    )
    found = await ledger.count()
    assert codes(found) == ["many-victims"], "a large shop meets three in four hundred by chance"
    assert found[0].place.subject_id == shop_id
    assert said(found, "many-victims", "victims") == "3"


async def test_what_people_marked_wrong_makes_no_victims(ledger: Ledger) -> None:
    shop_id = await ledger.shop()
    for _ in range(4):
        await ledger.finding("remote-control", shop_id, new_id())
    await ledger.pool.execute("UPDATE risk_findings SET verdict = 'wrong'")
    assert await ledger.count() == []


async def test_one_sign_that_weighed_less_before_counts_once(ledger: Ledger) -> None:
    shop_id = await ledger.shop()
    for _ in range(4):
        buyer_id = new_id()
        for weight in (30, 35):
            await ledger.finding("remote-control", shop_id, buyer_id, weight=weight)
    assert await ledger.count() == []


@pytest.mark.parametrize("code", list(SAID))
async def test_what_a_shop_writes_to_many(ledger: Ledger, code: str) -> None:
    shop_id, other = await ledger.shop(), await ledger.shop()
    for _ in range(5):
        await ledger.finding(SAID[code][0], shop_id, new_id(), weight=5)
    often = new_id()
    for _ in range(9):
        await ledger.finding(SAID[code][0], other, often, weight=5)
    found = await ledger.count()
    assert [(one.code, one.place.subject_id) for one in found] == [(code, shop_id)]


async def test_a_shop_that_closed_with_money_of_buyers(ledger: Ledger) -> None:
    gone, there = await ledger.shop(status="closed"), await ledger.shop()
    for shop in (gone, there):
        for _ in range(3):
            await ledger.order(shop, new_id())
    await ledger.order(gone, new_id(), moved=True)
    found = await ledger.count()
    assert [(one.code, one.place.subject_id) for one in found] == [("blocked-after", gone)]
    assert said(found, "blocked-after", "buyers") == "3"
    assert said(found, "blocked-after", "days") == "30"


RECORDED = """
INSERT INTO shop_record (shop_id, entry, slot, case_id, kind, at, body)
VALUES ($1, $2, 'sanction', $1, 'counterfeit', $3, $4)
"""
IMPOSED = '{"type": "sanction_imposed", "sanction": {"number": 1, "kind": "%s", "until": %s}}'
LIFTED = '{"type": "sanction_lifted", "number": 1, "kind": "close_shop"}'


@pytest.mark.parametrize(
    ("lines", "is_shut"),
    [
        ([IMPOSED % ("close_shop", "null")], True),
        ([IMPOSED % ("shield", '"2099-01-01T00:00:00Z"')], True),
        ([IMPOSED % ("close_shop", '"2001-01-01T00:00:00Z"')], False),
        ([IMPOSED % ("close_shop", "null"), LIFTED], False),
        ([IMPOSED % ("warning", "null")], False),
    ],
)
async def test_a_shop_that_a_sanction_shut(ledger: Ledger, lines: list[str], is_shut: bool) -> None:
    shop = await ledger.shop()
    for _ in range(3):
        await ledger.order(shop, new_id())
    for entry, body in enumerate(lines, 1):
        await ledger.pool.execute(RECORDED, shop, entry, NOW, body.encode())
    assert [one.code for one in await ledger.count()] == ["blocked-after"] * is_shut


async def test_a_shop_whose_people_are_all_blocked(ledger: Ledger) -> None:
    shop = await ledger.shop()
    for _ in range(3):
        await ledger.order(shop, new_id())
    async with ledger.pool.acquire() as connection:
        roles = await create_first_roles(connection, shop_id=shop, now=NOW)
    for name in ("a", "b"):
        await create_person(
            ledger.pool, person_id=new_id(), sign_in_name=f"{name}{shop.hex}", name=name,
            kind="shop", shop_id=shop, role_id=roles["agent"], now=NOW,
        )  # fmt: skip
    assert await ledger.count() == []
    await ledger.pool.execute("UPDATE people SET disabled_at = $1 WHERE shop_id = $2", NOW, shop)
    assert [one.code for one in await ledger.count()] == ["blocked-after"]


@pytest.mark.fact("S4-03")
async def test_refunds_upon_refunds(ledger: Ledger) -> None:
    shop_id = await ledger.shop()
    abuser, unlucky, sold_junk, returned = (new_id() for _ in range(4))
    for buyer_id, orders, cases, state in (
        (abuser, 10, 9, {}),
        (unlucky, 5, 3, {}),
        (sold_junk, 10, 9, {"upheld": True, "ruling": {"liability": "seller"}}),
        (returned, 10, 9, {"reason": "no_reason", "kind": "return_refund"}),
    ):
        for number in range(orders):
            order = await ledger.order(shop_id, buyer_id, moved=True)
            if number < cases:
                await ledger.case(order, **state)
    for _ in range(60):
        await ledger.order(shop_id, new_id(), moved=True)
    found = await ledger.count()
    assert [(one.code, one.place.subject_id) for one in found] == [("repeated-refunds", abuser)]
    assert said(found, "repeated-refunds", "refunds") == "9"
    assert found[0].place.about == "buyer"


@pytest.mark.fact("S4-03")
async def test_swapped_goods_count_when_ruled_so(ledger: Ledger) -> None:
    shop_id, swapper, accused = await ledger.shop(), new_id(), new_id()
    for buyer_id, liability in ((swapper, "buyer"), (accused, "seller")):
        for mismatch in ("empty", "different"):
            order = await ledger.order(shop_id, buyer_id, moved=True)
            await ledger.case(
                order, kind="return_refund", mismatch=mismatch, ruling={"liability": liability}
            )
    found = await ledger.count()
    assert [(one.code, one.place.subject_id) for one in found] == [("swapped-goods", swapper)]


@pytest.mark.fact("S3-10")
async def test_orders_that_timed_out_and_were_never_paid(ledger: Ledger) -> None:
    """Worked case 17: what the shop closed itself is no sign; nor what was forgotten once."""
    shop_id, other, malicious, forgetful = (
        await ledger.shop(), await ledger.shop(), new_id(), new_id(),
    )  # fmt: skip
    closed = NOW - timedelta(hours=5)
    never = {"paid_at": None, "closed_at": closed}
    for number in range(8):
        by = "timeout" if number < 6 else "seller"
        await ledger.order(shop_id, malicious, **never, closed_by=by)
        await ledger.order(
            shop_id, forgetful, **never, closed_by="timeout" if number < 1 else "seller"
        )
        await ledger.order(other, malicious, **never, closed_by="seller")
    found = await ledger.count()
    assert codes(found) == ["orders-and-never-pays"]
    assert said(found, "orders-and-never-pays", "orders") == "6"
    assert (found[0].place.subject_id, found[0].place.shop_id) == (malicious, shop_id)


@pytest.mark.fact("S1-15", "S3-16")
async def test_threats_are_counted_by_day_and_shop(ledger: Ledger) -> None:
    shops, buyer_id, angry = [await ledger.shop() for _ in range(3)], new_id(), new_id()
    for shop_id in shops:
        threat = "不给500就差评"
        await ledger.review(shop_id, buyer_id, threat, stars=1, cause="extortion")
        await ledger.finding("review-threat", shop_id, buyer_id, about="buyer")
        await ledger.review(shop_id, angry, "质量太差", stars=1, cause="quality")
    found = await ledger.count()
    assert [(one.code, one.place.subject_id) for one in found] == [("review-threats", buyer_id)]
    assert said(found, "review-threats", "times") == "3"


async def test_a_shop_alone_makes_nobody_an_extortionist(ledger: Ledger) -> None:
    honest = new_id()
    for _ in range(4):
        accuses = {"cause": "extortion", "suggested": "quality"}
        await ledger.review(await ledger.shop(), honest, "质量太差", stars=1, **accuses)
    assert await ledger.count() == []


async def test_like_claims_in_many_shops(ledger: Ledger) -> None:
    claimant, right = new_id(), new_id()
    claim = {"procedure": "counterfeit_claim", "kind": "counterfeit", "ended": "withdrawn"}
    for _ in range(8):
        shop_id = await ledger.shop()
        for buyer_id, upheld in ((claimant, False), (right, True)):
            order = await ledger.order(shop_id, buyer_id, moved=True)
            await ledger.case(order, **claim, upheld=upheld, refunded_fen=0)
    found = [one for one in await ledger.count() if one.place.subject == "buyer"]
    assert [(one.code, one.place.subject_id) for one in found] == [
        ("professional-claims", claimant)
    ]


@pytest.mark.fact("S3-11")
async def test_a_burst_of_praise_and_texts_from_one_pen(ledger: Ledger) -> None:
    shop_id, busy = await ledger.shop(), await ledger.shop()
    for number in range(22):
        text = PRAISE if number < 4 else f"第{number}次买了，{'好' * (number % 7)}"
        await ledger.review(shop_id, new_id(), text)
        await ledger.review(busy, new_id(), f"{number}")
        for _ in range(2):
            await ledger.order(busy, new_id(), moved=True, at=NOW - timedelta(days=4))
    found = await ledger.count()
    assert codes(found) == ["review-bursts", "twin-review-texts"]
    assert {one.place.subject_id for one in found} == {shop_id}
    assert said(found, "review-bursts", "reviews") == "22"
    assert said(found, "twin-review-texts", "buyers") == "4"


@pytest.mark.fact("S3-11")
async def test_three_buyers_of_one_address_and_device(ledger: Ledger) -> None:
    shop_id = await ledger.shop()
    ring, family = [new_id() for _ in range(3)], [new_id() for _ in range(3)]
    for number, (one, other) in enumerate(zip(ring, family, strict=True)):
        await ledger.trait(one, "device", "the same")
        await ledger.trait(other, "device", "of the family")
        for day in (1, 3):
            price = (Line(line=1, title="Mug", price_fen=3000 + 7 * number + day),)
            at = NOW - timedelta(days=day, minutes=number)
            await ledger.order(shop_id, one, hollow=True, at=at, lines=price, address="中街 2 号")
            await ledger.order(shop_id, other, moved=True, at=at, lines=price, address="北路 1 号")
    found = await ledger.count()
    assert codes(found) == ["ring-orders"]
    assert found[0].place.subject_id == shop_id
    assert said(found, "ring-orders", "buyers") == "3"
    assert said(found, "ring-orders", "shared") == "6"
    assert await ledger.count(NOW + timedelta(minutes=5)) == []


@pytest.mark.parametrize(("named", "codes"), [("4200", ["near-credit-limit"]), ("8000", [])])
async def test_the_limit_that_was_named_in_the_talk_counts(
    ledger: Ledger, named: str, codes: list[str]
) -> None:
    """4,188 is near no usual limit; it is what a line of 4,200 gives."""
    shop, buyer, at = await ledger.shop(), new_id(), NOW - timedelta(days=1)
    opening = Opening(id=new_id(), shop_id=shop, buyer_id=buyer)
    talk, _ = await open_conversation(ledger.pool, opening, now=at - timedelta(hours=1))
    said = Saying(
        conversation_id=talk.id, client_id=new_id(), author="buyer", author_id=buyer, kind="text",
        body=Text(text=f"我的白条额度是{named}"), at=at - timedelta(minutes=30),
    )  # fmt: skip
    await say(ledger.pool, said)
    lines = (Line(line=1, title="Phone", price_fen=418_800),)
    await ledger.order(shop, buyer, lines=lines, payment="credit")
    assert [one.code for one in await ledger.count()] == codes
