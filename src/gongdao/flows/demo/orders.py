"""The everyday of the four shops: orders without any dispute, over sixty days, in every state."""

from collections.abc import Iterator
from datetime import timedelta

from gongdao.flows.demo.cast import BUYERS
from gongdao.flows.demo.goods import GOODS
from gongdao.flows.demo.script import Closed, Confirmed, Placed, Sale, Shipped, Signed, Step
from gongdao.flows.demo.when import When
from gongdao.shops.order import Payment, SignedBy

COUNT = 172
DAYS = 59
_CARRIERS = ("顺丰速运", "中通快递", "圆通速递", "韵达快递", "德邦物流")
_PAYMENTS: tuple[Payment, ...] = ("balance", "card", "balance", "credit")
_SIGNED_BY: tuple[SignedBy, ...] = ("self", "self", "placed", "self", "proxy")
#: What is only bought in stories of its own.
_APART = ("BCD-516", "XF-30")
#: Of the articles, how often each shop's come up; the jeweller sells little.
_SHELF = tuple(
    sku
    for sku, good in GOODS.items()
    for _ in range({"clothing": 3, "snacks": 4, "appliances": 2, "jewellery": 1}[good.shop])
    if sku not in _APART
)
#: From here on no order of the jeweller is confirmed, so that its debt of a ruling stays one.
_QUIET_DAYS = 21


def everyday(when: When) -> Iterator[Step]:
    """What happened to all of these orders until now, and to none of them afterwards."""
    for number in range(COUNT):
        sale = _sale(when, number)
        yield Placed(at=sale.placed_at + timedelta(minutes=2), sale=sale)
        steps = _fulfilled(sale, number) if sale.paid else _given_up(sale, number)
        for step in steps:
            quiet = isinstance(step, Confirmed) and sale.shop == "jewellery"
            if step.at < when.ago(days=_QUIET_DAYS if quiet else 0, hours=1):
                yield step


def _sale(when: When, number: int) -> Sale:
    # Business grows: the nearer to today, the denser the orders.
    days_ago = int(DAYS * ((COUNT - number) / COUNT) ** 1.4)
    clock = f"{8 + number * 5 % 14}:{number * 17 % 60:02d}"
    placed_at = min(when.day(days_ago, clock), when.ago(hours=2, minutes=COUNT - number))
    sku = _SHELF[number * 37 % len(_SHELF)]
    dear = GOODS[sku].price_fen >= 5000
    return Sale(
        key=f"everyday {number}",
        buyer=BUYERS[(number * 7 + 3) % len(BUYERS)].key,
        goods=((sku, 1 if dear else 1 + number % 3),),
        placed_at=placed_at,
        paid=number % 15 != 4 and number % 43 != 41,
        freight_fen=0 if dear else 600,
        payment=_PAYMENTS[number % len(_PAYMENTS)],
        ship_within=timedelta(hours=72 if sku == "BCD-516" else 48),
    )


def _fulfilled(sale: Sale, number: int) -> Iterator[Step]:
    shipped_at = sale.placed_at + timedelta(hours=4 + number * 11 % 34)
    signed_at = shipped_at + timedelta(hours=40 + number * 13 % 50)
    yield Shipped(at=shipped_at, sale=sale, carrier=_CARRIERS[number % len(_CARRIERS)])
    yield Signed(at=signed_at, sale=sale, by=_SIGNED_BY[number % len(_SIGNED_BY)])
    if number % 4 == 1:
        yield Confirmed(at=shipped_at + timedelta(days=10), sale=sale, by="system")
    else:
        yield Confirmed(at=signed_at + timedelta(hours=6 + number * 19 % 90), sale=sale)


def _given_up(sale: Sale, number: int) -> Iterator[Step]:
    if number % 4 == 0:
        yield Closed(at=sale.placed_at + timedelta(hours=1), sale=sale, by="buyer")
    else:
        yield Closed(at=sale.placed_at + timedelta(hours=24), sale=sale, by="timeout")
