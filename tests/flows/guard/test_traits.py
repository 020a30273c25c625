"""What ties accounts together: one form for what is one thing, and nothing to read back."""

from datetime import timedelta

import msgspec
import pytest
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.channels.secrets import Keyring
from gongdao.flows.guard.traits import (
    KEPT,
    forget_traits_of_old,
    forget_traits_of_shop,
    note_receivers,
    note_sign_in,
)
from gongdao.risk.traits import network_trait, payee_trait, receiver_traits

KEYRING = Keyring(b"k" * 32)
NOW = START + timedelta(days=1)


def digests(phone: str, address: str = "") -> list[bytes]:
    return [each.digest for each in receiver_traits(phone, address, KEYRING.trait)]


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


@pytest.mark.parametrize(
    "phone", ["13812345678", "+86 138 1234 5678", "１３８12345678", "86-13812345678"]
)
def test_a_number_has_one_form(phone: str) -> None:
    assert digests(phone) == digests("138-1234-5678")


def test_an_address_has_one_form() -> None:
    first = digests("", "浙江省杭州市 文一西路 969 号, 3 幢")
    assert first == digests("", "浙江省杭州市文一西路９６９号3幢") and len(first) == 1
    assert first != digests("", "浙江省杭州市文一西路969号4幢")


@pytest.mark.parametrize(("phone", "address"), [("138****5678", "浙江省***"), ("", ""), ("1", "x")])
def test_what_is_masked_or_nothing_ties_nobody(phone: str, address: str) -> None:
    assert digests(phone, address) == []


def test_another_key_gives_another_digest_and_nothing_is_shown_whole() -> None:
    (one,) = receiver_traits("13812345678", "", KEYRING.trait)
    (other,) = receiver_traits("13812345678", "", Keyring(b"l" * 32).trait)
    assert one.digest != other.digest and one.shown == other.shown == "138****78"


def test_an_account_that_paid_has_one_form_and_none_where_it_is_masked() -> None:
    one, other = (payee_trait(a, KEYRING.trait) for a in ("Zhang.San@qq.com", " zhang.san@QQ.com"))
    assert one and other and one.digest == other.digest and one.shown == "zh****om"
    assert not any(payee_trait(a, KEYRING.trait) for a in ("zha***@qq.com", "", "x"))


def test_networks_are_wide_and_a_house_is_none() -> None:
    one, other = (network_trait(ip, KEYRING.trait) for ip in ("8.8.4.1", "::ffff:8.8.4.200"))
    assert one and other and one.digest == other.digest and one.shown == "8.8.4.0/24"
    for ip in ("127.0.0.1", "10.1.2.3", "fe80::1%eth0", "", None, "x"):
        assert network_trait(ip, KEYRING.trait) is None


async def test_a_sign_in_is_noted_once_and_forgotten_in_time(market: Market) -> None:
    pool, who = market.pool, market.buyer.person_id
    for hours in (0, 2):
        await note_sign_in(
            pool, KEYRING, who, device="gdd_x", address="8.8.4.1", now=NOW + timedelta(hours=hours)
        )
    rows = await pool.fetch("SELECT kind, shown, first_at, last_at FROM risk_traits ORDER BY kind")
    assert [row["kind"] for row in rows] == ["device", "network"]
    assert {row["last_at"] - row["first_at"] for row in rows} == {timedelta(hours=2)}
    await forget_traits_of_old(pool, now=NOW + KEPT)
    assert await pool.fetchval("SELECT count(*) FROM risk_traits") == 2
    await forget_traits_of_old(pool, now=NOW + KEPT + timedelta(hours=3))
    assert await pool.fetchval("SELECT count(*) FROM risk_traits") == 0


async def sent_to(
    market: Market, phone: str, address: str = "浙江省杭州市文一西路969号", payer: str = ""
) -> None:
    order = await place_order(market)
    await market.pool.execute(
        "UPDATE orders SET receiver_phone = $2, receiver_address = $3, payer_account = $4"
        " WHERE id = $1",
        order.id, phone, address, payer,
    )  # fmt: skip


async def shown(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT shown FROM risk_traits ORDER BY kind, shown")
    return [row["shown"] for row in rows]


async def test_orders_tell_where_they_go(market: Market) -> None:
    pool = market.pool
    await sent_to(market, "13812345678", payer="zhang@qq.com")
    for _ in range(2):
        assert await note_receivers(pool, KEYRING, now=NOW + timedelta(minutes=1)) in (1, 0)
    kinds = await pool.fetch("SELECT kind, shown FROM risk_traits ORDER BY kind")
    assert [tuple(row) for row in kinds] == [
        ("address", "浙江省杭州市…"),
        ("payee", "zh****om"),
        ("phone", "138****78"),
    ]


async def test_one_shop_forgets_what_its_own_orders_told(market: Market) -> None:
    """What another shop's orders told as well, and where somebody signs in, stays."""
    pool, who = market.pool, market.buyer.person_id
    elsewhere = msgspec.structs.replace(await open_market(pool), buyer=market.buyer)
    await sent_to(market, "13812345678")
    await sent_to(market, "138-1234-0000", payer="zhang@qq.com")
    await sent_to(elsewhere, "+86 13812340000", "四川省成都市天府大道1号")
    await note_sign_in(pool, KEYRING, who, device="gdd_x", address=None, now=NOW)
    await note_receivers(pool, KEYRING, now=NOW)
    assert len(await shown(pool)) == 6
    async with pool.acquire() as connection:
        await forget_traits_of_shop(connection, KEYRING, who, market.shop_id)
    left = await shown(pool)
    assert [each for each in left if "*" in each or "…" in each] == ["四川省成都市…", "138****00"]
    assert len(left) == 3


async def test_what_was_erased_is_not_noted_again(market: Market) -> None:
    pool, who = market.pool, market.buyer.person_id
    await sent_to(market, "13812345678")
    await pool.execute(
        "INSERT INTO customers (shop_id, buyer_id, name, first_at, last_at, erased_at)"
        " VALUES ($1, $2, '', $3, $3, $3) ON CONFLICT (shop_id, buyer_id)"
        " DO UPDATE SET erased_at = $3",
        market.shop_id, who, NOW,
    )  # fmt: skip
    await note_receivers(pool, KEYRING, now=NOW)
    assert await shown(pool) == []
