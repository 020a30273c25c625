"""Orders and reviews of Olist's shape a second: 100,000 of each, brought in with every check.

The peer is PostgreSQL's own COPY of the same rows into tables of the same shape, one transaction
each: what no import can be faster than. The limit is what a person waits for with a progress bar:
two minutes for each file. The files are made here, from a seed; nothing of Olist is in them.

A number after the name of the module is how many orders there are instead.
"""

import csv
import io
import sys
import time
from datetime import datetime, timedelta
from uuid import UUID

import uvloop

from bench.running import database, installed, say
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import Chance, chance_of, new_id
from gongdao.flows.import_orders import OrderFile, Teller, import_orders
from gongdao.flows.reviews.import_reviews import import_reviews
from gongdao.shops.olist import Beside
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_shops

ORDERS, SEED, LIMIT_S = 100_000, 2014, 120
_START = datetime(2026, 1, 5)  # noqa: DTZ001 - Olist writes times without a zone
_WORDS = {
    1: ("Não recebi meu produto", "质量太差，穿一次就开线", "客服没人理", "péssimo"),
    2: ("Veio com defeito", "快递太慢，等了十天", "atendimento ruim"),
    3: ("失望", "razoável", "和图片有色差"),
    4: ("bom", "不错"),
    5: ("ótimo", "很好，推荐", ""),
}


class Tables:
    """The tables of Olist's shape, as bytes."""

    def __init__(self, count: int) -> None:
        chance = chance_of(SEED)
        self._texts = {
            name: io.StringIO(newline="") for name in ("orders", "items", "customers", "reviews")
        }
        self._writers = {name: csv.writer(text) for name, text in self._texts.items()}
        self._writers["orders"].writerow([
            "order_id", "customer_id", "order_status", "order_purchase_timestamp",
            "order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date",
            "order_estimated_delivery_date",
        ])  # fmt: skip
        self._writers["items"].writerow([
            "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
            "freight_value",
        ])  # fmt: skip
        self._writers["customers"].writerow(["customer_id", "customer_unique_id"])
        self._writers["reviews"].writerow([
            "review_id", "order_id", "review_score", "review_comment_title",
            "review_comment_message", "review_creation_date", "review_answer_timestamp",
        ])  # fmt: skip
        for _ in range(count):
            self._order(chance)

    def _order(self, chance: Chance) -> None:
        order, customer = f"{chance.getrandbits(128):032x}", f"{chance.getrandbits(128):032x}"
        at = _START + timedelta(minutes=chance.randrange(60 * 24 * 300))
        shipped, signed = at + timedelta(days=2), at + timedelta(days=chance.randrange(3, 20))
        paid = at + timedelta(hours=1)
        self._writers["orders"].writerow(
            [order, customer, "delivered", at, paid, shipped, signed, at + timedelta(days=15)]
        )
        price = f"{chance.randrange(500, 50_000) / 100:.2f}"
        product = f"{chance.randrange(20_000):032x}"
        due = at + timedelta(days=4)
        self._writers["items"].writerow([order, 1, product, "s", due, price, "9.90"])
        self._writers["customers"].writerow([customer, f"{chance.randrange(90_000):032x}"])
        stars = chance.choices((1, 2, 3, 4, 5), weights=(11, 3, 8, 19, 59))[0]
        self._writers["reviews"].writerow([
            f"{chance.getrandbits(128):032x}", order, stars, "", chance.choice(_WORDS[stars]),
            signed, signed,
        ])  # fmt: skip

    def read(self, name: str) -> bytes:
        """One table as a file."""
        return self._texts[name].getvalue().encode()


async def copied(pool: Pool, table: str, shop_id: UUID) -> float:
    """Seconds that COPY takes for the rows of a table into one of the same shape."""
    generated = "attgenerated <> '' AND attnum > 0"
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(
            f"CREATE TABLE peer (LIKE {table} INCLUDING INDEXES INCLUDING GENERATED)"
        )
        columns = await connection.fetchval(
            "SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute"
            f" WHERE attrelid = $1::regclass AND attnum > 0 AND NOT ({generated})",
            table,
        )
        names, rows = ", ".join(columns), io.BytesIO()
        query = f"SELECT {names} FROM {table} WHERE shop_id = '{shop_id}'"
        await connection.copy_from_query(query, output=rows)
        rows.seek(0)
        start = time.perf_counter()
        await connection.copy_to_table("peer", source=rows, columns=columns)
        took = time.perf_counter() - start
        await connection.execute("DROP TABLE peer; RESET statement_timeout")
    return took


async def measure(url: str, *, count: int) -> None:
    """Bring both files in, then copy their rows."""
    tables, shop_id = Tables(count), new_id()
    async with installed(url, size=4) as pool:
        now = utc_now()
        async with pool.acquire() as connection:
            await insert_shops(connection, [Shop(id=shop_id, name="Olist", opened_at=now)])
        beside = Beside(items=tables.read("items"), customers=tables.read("customers"))
        file = OrderFile(shop_id=shop_id, raw=tables.read("orders"), beside=beside)
        start = time.perf_counter()
        orders = await import_orders(pool, file, by=Teller(platform=True), now=now)
        took = time.perf_counter() - start
        assert orders.added == count, orders
        _say("orders", count, took, await copied(pool, "orders", shop_id))
        start = time.perf_counter()
        reviews = await import_reviews(pool, shop_id, tables.read("reviews"), now=now)
        took = time.perf_counter() - start
        assert reviews.added == count, reviews
        _say("reviews", count, took, await copied(pool, "reviews", shop_id))


def _say(name: str, count: int, took: float, peer: float) -> None:
    say(
        f"import_{name}",
        count / took,
        "a second",
        seconds=round(took, 1),
        limit="seconds for the file",
        limit_value=LIMIT_S,
        peer="COPY of the same rows",
        peer_value=round(count / peer, 1),
        ratio=round(peer / took, 3),
        rows=count,
    )


if __name__ == "__main__":
    with database() as address:
        uvloop.run(measure(address, count=int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))
