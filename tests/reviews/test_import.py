"""Files of reviews: read, refused line by line, brought in whole or not at all."""

import gzip
import json
from pathlib import Path

import pytest
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.live import gather_changes
from gongdao.flows.import_orders import OrderFile, Teller, import_orders
from gongdao.flows.reviews.import_reviews import import_reviews, preview_reviews
from gongdao.reviews.import_reviews import read_reviews
from gongdao.shops.olist import Beside

OLIST = (
    "review_id,order_id,review_score,review_comment_title,review_comment_message,"
    "review_creation_date,review_answer_timestamp\n"
)
TAOBAO = "评价ID,订单编号,评价类型,评价内容,评价时间,宝贝标题,商家回复,回复时间,追加评价,追评时间\n"
NOW = START.replace(year=2027)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def test_a_file_of_olist_comes_in_once(market: Market) -> None:
    order = await place_order(market)
    raw = f'{OLIST}r1,{order.number},1,,"Não chegou, péssimo",2026-03-10 00:00:00,\n'.encode()
    with gather_changes() as told:
        report = await preview_reviews(market.pool, market.shop_id, raw, now=NOW)
    assert told == set()
    assert (report.added, report.not_good, report.faults) == (1, 1, ())
    assert await market.pool.fetchval("SELECT count(*) FROM reviews") == 0
    for added in (1, 0):
        with gather_changes() as told:
            report = await import_reviews(market.pool, market.shop_id, raw, now=NOW)
        # The same again is no news to an open page.
        assert told == ({f"shop:{market.shop_id}"} if report.added else set())
        assert (report.added, report.unchanged) == (added, 1 - added)
    row = await market.pool.fetchrow("SELECT * FROM reviews")
    # Nobody is called about what was said a year ago.
    assert row and row["cause"] == "courier" and row["due_at"] is None and row["line"] == 1


async def test_a_file_of_taobao_with_answers_and_additions(market: Market) -> None:
    order = await place_order(market)
    raw = (
        f"{TAOBAO}88,{order.number},差评,质量差,2026-03-10 10:00:00,保温杯,"
        "很抱歉,2026-03-11 09:00:00,换了一个好多了,2026-03-20 09:00:00\n"
    ).encode("gb18030")
    report = await import_reviews(market.pool, market.shop_id, raw, now=NOW)
    assert report.added == 1 and not report.faults
    row = await market.pool.fetchrow("SELECT * FROM reviews")
    assert row and (row["stars"], row["product"], row["reply"]) == (1, "保温杯", "很抱歉")
    assert row["added_text"] == "换了一个好多了"


async def test_our_own_json(market: Market) -> None:
    order = await place_order(market)
    review = {"id": "a", "order": order.number, "stars": 5, "text": "好", "at": "2026-03-10T10:00Z"}
    raw = json.dumps({"reviews": [review]}).encode()
    assert (await import_reviews(market.pool, market.shop_id, raw, now=NOW)).added == 1


async def test_broken_lines_are_told_one_by_one_and_nothing_is_kept(market: Market) -> None:
    order = await place_order(market)
    lines = [
        f"r1,{order.number},5,,,2026-03-10,",
        f"r2,{order.number},6,,,2026-03-10,",
        ",x,5,,,2026-03-10,",
        f"r3,{order.number},5,,,soon,",
        f"r1,{order.number},5,,,2026-03-10,",
        "too,few",
    ]
    raw = (OLIST + "\n".join(lines)).encode()
    report = await import_reviews(market.pool, market.shop_id, raw, now=NOW)
    said = [fault.say("en") for fault in report.faults]
    assert [text.split(":")[0] for text in said] == [
        "Line 3, review_score", "Line 4, review_id", "Line 5, review_creation_date",
        "Line 5, review_creation_date", "Line 6", "Line 7",
    ]  # fmt: skip
    assert all(fault.say("zh") != fault.say("en") for fault in report.faults)
    assert await market.pool.fetchval("SELECT count(*) FROM reviews") == 0


async def test_reviews_of_orders_that_are_not_there_are_refused_with_their_lines(
    market: Market,
) -> None:
    order = await place_order(market)
    raw = f"{OLIST}r1,{order.number},5,,,2026-03-10,\nr2,nobody,1,,,2026-03-10,\n".encode()
    report = await import_reviews(market.pool, market.shop_id, raw, now=NOW)
    assert [fault.say("en") for fault in report.faults] == [
        "Line 3: The shop has no order nobody; import the orders first."
    ]
    assert await market.pool.fetchval("SELECT count(*) FROM reviews") == 0


@pytest.mark.parametrize(
    "raw",
    [b"", b"a,b\n1,2\n", b"[", b"{}", b'"x"', OLIST.encode(), b"\xff\xfe\x00", b"order_id,x\n"],
)
def test_what_is_no_file_of_reviews_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal):
        read_reviews(raw)


async def test_a_set_of_olist_with_its_orders(market: Market) -> None:
    orders = (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
        "o1,c1,delivered,2026-03-01 10:00:00,2026-03-01 11:00:00,2026-03-01 09:00:00,"
        "2026-03-09 10:00:00,2026-03-20 00:00:00\n"
        "o2,c2,canceled,2026-03-01 10:00:00,,,,2026-03-20 00:00:00\n"
    )
    items = (
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "o1,1,p1,s,2026-03-05 11:00:00,99.9,8.77\no1,2,p1,s,2026-03-05 11:00:00,99.9,8.77\n"
    )
    customers = "customer_id,customer_unique_id\nc1,same\nc2,same\n"
    file = OrderFile(
        shop_id=market.shop_id,
        raw=orders.encode(),
        beside=Beside(items=items.encode(), customers=customers.encode()),
    )
    report = await import_orders(market.pool, file, by=Teller(platform=True), now=NOW)
    assert (report.added, report.faults) == (2, ())
    row = await market.pool.fetchrow("SELECT * FROM orders WHERE number = 'o1'")
    assert row and row["total_fen"] == 2 * 9990 + 2 * 877 and row["money"] == "elsewhere"
    assert row["shipped_at"] == row["paid_at"], "raised to what must have come first"
    assert row["state"] == "confirmed" and row["buyer_name"] == "same"
    again = await import_orders(market.pool, file, by=Teller(platform=True), now=NOW)
    assert (again.added, again.unchanged) == (0, 2)


async def test_a_set_without_its_columns_is_refused(market: Market) -> None:
    beside = Beside(items=b"order_id,x\n1,2\n")
    file = OrderFile(shop_id=market.shop_id, raw=b"order_id,y\n1,2\n", beside=beside)
    with pytest.raises(Refusal, match="order_purchase_timestamp"):
        await import_orders(market.pool, file, by=Teller(platform=True), now=NOW)


def test_packed_tables_are_read(tmp_path: Path) -> None:
    from gongdao.cli.imports.reviews import _read, _table

    with gzip.open(tmp_path / "olist_orders_dataset.csv.gz", "wb") as file:
        file.write(b"a,b\n")
    found = _table(tmp_path, "orders")
    assert found and _read(found) == b"a,b\n"
