"""Signs about a shop, counted over its orders, its cases and what its people wrote. Pure."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Sign
from gongdao.risk.looking import Limits, Look, Shown, count, days_of, signs_in, who

#: Which signs in messages of a shop's people are counted for which sign about the shop.
SAID: Final[dict[str, tuple[str, ...]]] = {
    "closes-cases-outside": ("close-case-outside",),
    "asks-to-change-reason": ("change-reason",),
    "paid-reviews": ("review-bought",),
}


class ShopFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of a shop, each within the window of the sign that asks for it."""

    goods: int = 0
    orders: int = 0
    """Paid orders, for few-goods-many-sales."""
    buyers: int = 0
    """Who paid here, for many-victims."""
    victims: tuple[UUID, ...] = ()
    """Buyers with a danger sign or an upheld complaint about fraud or fakes."""
    said_to: dict[str, tuple[UUID, ...]] = {}
    """Code of a sign about the shop: the buyers to whom its people wrote such words."""
    left: tuple[UUID, ...] = ()
    """Buyers who have paid and wait, in a shop that is closed."""
    is_closed: bool = False


def shop_signs(shop: ShopFacts, rules: Mapping[str, GuardRule]) -> list[Sign]:
    """What is noticed about the shop."""
    return signs_in(shop, _LOOKS, rules)


def _few_goods(shop: ShopFacts, limits: Limits) -> Shown:
    """A handful of goods and thousands of sales (S0-32); a shop without goods here says nothing."""
    few = 0 < shop.goods <= limits["goods"]
    if not few or shop.orders < limits["orders"]:
        return ()
    return (
        count("goods", shop.goods),
        count("orders", shop.orders),
        count("days", days_of(limits["hours"])),
    )


def _many_victims(shop: ShopFacts, limits: Limits) -> Shown:
    """Several buyers, and more than a large shop meets by chance."""
    victims = len(set(shop.victims))
    if victims < limits["buyers"] or victims * 1000 < limits["per_mille"] * shop.buyers:
        return ()
    return (
        count("victims", victims),
        count("buyers", max(shop.buyers, victims)),
        count("days", days_of(limits["hours"])),
        *who("person", "buyer", set(shop.victims)),
    )


def _said(code: str) -> Look[ShopFacts]:
    def find(shop: ShopFacts, limits: Limits) -> Shown:
        to = set(shop.said_to.get(code, ()))
        if len(to) < limits["buyers"]:
            return ()
        return (
            count("buyers", len(to)),
            count("days", days_of(limits["hours"])),
            *who("person", "buyer", to),
        )

    return find


def _left(shop: ShopFacts, limits: Limits) -> Shown:
    waiting = set(shop.left)
    if not shop.is_closed or len(waiting) < limits["buyers"]:
        return ()
    return (
        count("buyers", len(waiting)),
        count("days", days_of(limits["hours"])),
        *who("person", "buyer", waiting),
    )


_LOOKS: Final[dict[str, Look[ShopFacts]]] = {
    "few-goods-many-sales": _few_goods,
    "many-victims": _many_victims,
    **{code: _said(code) for code in SAID},
    "blocked-after": _left,
}
