"""Orders as rows of the table, and back; the hot path of every command reads them here."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

import msgspec

from gongdao.base.db import Record
from gongdao.shops.order import Coupon, Discount, Gift, Line, Order, Told, TrackEvent
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address


class _Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    discounts: tuple[Discount, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    gifts: tuple[Gift, ...] = ()
    promises: tuple[str, ...] = ()
    free_shipping: bool = False


# fmt: off
_FACTS = [
    "id", "number", "shop_id", "buyer_id", "placed_at", "lines", "terms", "paid_at", "freight_fen",
    "ship_within_s", "payment", "shipped_at", "carrier", "tracking", "signed_at", "signed_by",
    "confirmed_at", "closed_at", "closed_by", "refunded_fen", "money", "told", "track",
    "confirmed_by",
]
_REMARKS = [
    "buyer_name", "receiver_name", "receiver_phone", "receiver_address", "buyer_message",
    "seller_note", "payer_account",
]
# fmt: on
#: Columns that are not kept as the order has them.
_CODED = ["lines", "terms", "told", "track", "ship_within_s"]
_PLAIN = [name for name in _FACTS if name not in _CODED]
_plain_of = attrgetter(*_PLAIN)
#: The columns that `row_of` fills, in its order.
INSERTED = [*_PLAIN, *_CODED, "total_fen", "paid_fen", *_REMARKS, "version"]
#: How many columns an order takes in a row; `order_from_row` reads that many from its start.
ORDER_WIDTH = len(_FACTS)

_lines_of = msgspec.json.Decoder(tuple[Line, ...]).decode
_terms_of = msgspec.json.Decoder(_Terms).decode
_encode = msgspec.json.Encoder().encode
_told_of = msgspec.json.Decoder(Told).decode
_track_of = msgspec.json.Decoder(tuple[TrackEvent, ...]).decode
_NO_TERMS, _NOT_LATE = _Terms(), Told()
_EMPTY, _NOTHING = b"{}", b"[]"


def order_columns(alias: str = "o") -> str:
    """The columns of an order for a SELECT list, in the order that `order_from_row` expects."""
    return ", ".join(f"{alias}.{name}" for name in _FACTS)


def order_from_row(row: Record, *, start: int = 0) -> Order:
    """Read an order from the columns that `order_columns` put into a row, from `start` on."""
    v: Any = row[start : start + ORDER_WIDTH]
    terms = _NO_TERMS if v[6] == _EMPTY else _terms_of(v[6])
    return Order(
        id=v[0],
        number=v[1],
        shop_id=v[2],
        buyer_id=v[3],
        placed_at=v[4],
        lines=_lines_of(v[5]),
        paid_at=v[7],
        freight_fen=v[8],
        free_shipping=terms.free_shipping,
        ship_within=timedelta(seconds=v[9]),
        payment=v[10],
        promises=terms.promises,
        discounts=terms.discounts,
        coupons=terms.coupons,
        gifts=terms.gifts,
        shipped_at=v[11],
        carrier=v[12],
        tracking=v[13],
        signed_at=v[14],
        signed_by=v[15],
        confirmed_at=v[16],
        closed_at=v[17],
        closed_by=v[18],
        refunded_fen=v[19],
        money=v[20],
        told=_NOT_LATE if v[21] == _EMPTY else _told_of(v[21]),
        track=() if v[22] == _NOTHING else _track_of(v[22]),
        confirmed_by=v[23],
    )


def purchase_columns(alias: str = "o") -> str:
    """The columns of a purchase for a SELECT list."""
    return ", ".join(f"{alias}.{name}" for name in [*_FACTS, *_REMARKS, "version"])


def purchase_from_row(row: Record) -> Purchase:
    """Read an order and its remarks from the columns that `purchase_columns` put into a row."""
    name, receiver, phone, address, message, note, payer, version = row[ORDER_WIDTH:]
    return Purchase(
        order=order_from_row(row),
        remarks=Remarks(
            buyer_name=name,
            receiver=Address(name=receiver, phone=phone, address=address),
            buyer_message=message,
            seller_note=note,
            payer_account=payer,
        ),
        version=version,
    )


def row_of(purchase: Purchase) -> tuple[Any, ...]:
    """An order and its remarks as a row for the columns INSERTED."""
    remarks = purchase.remarks
    return (
        *_plain_of(purchase.order),
        *_coded(purchase.order),
        remarks.buyer_name,
        remarks.receiver.name,
        remarks.receiver.phone,
        remarks.receiver.address,
        remarks.buyer_message,
        remarks.seller_note,
        remarks.payer_account,
        purchase.version,
    )


def facts_of(o: Order) -> dict[str, Any]:
    """The columns of an order's facts, by name."""
    return dict(zip(INSERTED, (*_plain_of(o), *_coded(o)), strict=False))


def _coded(o: Order) -> tuple[Any, ...]:
    """The columns from _CODED on, up to the remarks, in the order of INSERTED."""
    terms = _Terms(o.discounts, o.coupons, o.gifts, o.promises, o.free_shipping)
    total_fen = o.paid_goods_fen + o.freight_fen
    return (
        _encode(o.lines),
        _EMPTY if terms == _NO_TERMS else _encode(terms),
        _EMPTY if o.told == _NOT_LATE else _encode(o.told),
        _encode(o.track) if o.track else _NOTHING,
        int(o.ship_within.total_seconds()),
        total_fen,
        0 if o.paid_at is None else total_fen,
    )
