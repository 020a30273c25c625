"""What a carrier's word does to an order. Pure.

It clears what the shop merely told late: from then on it counts as the carrier says it
(docs/decisions/0012-money-comes-from-the-platform.md). What a shop told in time stays.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from gongdao.policy.words import TrackWord
from gongdao.shops.order import Order, SignedBy
from gongdao.shops.shipment import Trace

#: After these the carrier has nothing more to say.
ENDS: frozenset[TrackWord] = frozenset({"signed", "returned", "lost"})
_PROXY = ("代收", "代签", "他人", "家人", "门卫", "前台", "proxy", "neighbour")
_PLACED = ("驿站", "快递柜", "自提柜", "代收点", "丰巢", "菜鸟", "locker", "left at", "placed")


def signer_in(said: str) -> SignedBy:
    """Who signed, as far as the carrier's words tell."""
    text = said.lower()
    if any(word in text for word in _PLACED):
        return "placed"
    return "proxy" if any(word in text for word in _PROXY) else "self"


def heed_carrier(order: Order, traces: Sequence[Trace]) -> Order:
    """The order with what the carrier says of its outbound parcel, oldest first."""
    picked_up = next((t.at for t in traces if t.event == "picked_up"), None)
    if picked_up and order.told.shipped_at and order.shipped_at:
        start, end = order.paid_at or order.placed_at, order.signed_at or picked_up
        if start <= picked_up <= end:
            told = replace(order.told, shipped_at=None)
            order = replace(order, shipped_at=picked_up, told=told)
    signed = next((t for t in traces if t.event == "signed"), None)
    if signed is None or order.shipped_at is None or signed.at < order.shipped_at:
        return order
    late = order.told.signed_at is not None
    if (order.signed_at is None and order.closed_at is None) or late:
        told = replace(order.told, signed_at=None)
        return replace(order, signed_at=signed.at, signed_by=signer_in(signed.said), told=told)
    return order
