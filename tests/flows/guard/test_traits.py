"""What ties accounts together: one form for what is one thing, and nothing to read back."""

from datetime import timedelta

import pytest
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.channels.secrets import Keyring
from gongdao.flows.guard.traits import (
    KEPT,
    forget_traits_of_old,
    note_receivers,
    note_sign_in,
)
from gongdao.risk.trait_store import forget_traits
from gongdao.risk.traits import network_trait, receiver_traits

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


async def test_orders_tell_where_they_go_and_a_person_can_be_forgotten(market: Market) -> None:
    pool = market.pool
    order = await place_order(market)
    await pool.execute(
        "UPDATE orders SET receiver_phone = '13812345678',"
        " receiver_address = '浙江省杭州市文一西路969号' WHERE id = $1", order.id
    )  # fmt: skip
    for _ in range(2):
        assert await note_receivers(pool, KEYRING, now=NOW + timedelta(minutes=1)) in (1, 0)
    kinds = await pool.fetch("SELECT kind, shown FROM risk_traits ORDER BY kind")
    assert [tuple(row) for row in kinds] == [("address", "浙江省杭州市…"), ("phone", "138****78")]
    await forget_traits(pool, market.buyer.person_id)
    assert await pool.fetchval("SELECT count(*) FROM risk_traits") == 0
