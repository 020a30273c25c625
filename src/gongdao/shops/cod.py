"""Cash on delivery: what a buyer is told on the telephone, what they said, and who pays a refusal.

At the door the parcel costs more than the page says: the carrier takes a fee. A buyer who hears of
it only there feels cheated and refuses. So each of them is called first, and what was said is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops.order import Order

CallResult = Literal["confirmed", "refused", "no_answer", "wrong_number", "shipped_unconfirmed"]
#: What an agent may say of a call; the last one is written by a dispatch.
RESULTS: tuple[CallResult, ...] = get_args(CallResult)[:-1]
#: How an order stands with its calls.
Standing = Literal[
    "to_call", "later", "confirmed", "refused", "wrong_number", "shipped_unconfirmed"
]
#: Among the promises of an order: its buyer knows the price at the door. Rule books name it.
PRICE_TOLD = "cod_price_told"
NOTE_MAX = 500
#: At the longest so much later somebody who did not answer is called again.
LATER_MAX = timedelta(days=7)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call about an order, as it is kept."""

    order_id: UUID
    result: CallResult
    carrier: str = ""
    told_fen: int | None = None
    """What the buyer was told to pay at the door."""
    again_at: datetime | None = None
    note: str = ""
    by_id: UUID
    at: datetime


class Fees(msgspec.Struct, frozen=True, kw_only=True):
    """What carriers take for collecting the money, in fen: one by name, or least to most."""

    named: Mapping[str, int]
    least_fen: int
    most_fen: int

    def of(self, carrier: str) -> tuple[int, int]:
        """The least and the most that this carrier takes."""
        for name, fen in self.named.items():
            if name and carrier.startswith(name):
                return fen, fen
        return self.least_fen, self.most_fen


def standing(calls: Sequence[Call], *, now: datetime) -> Standing:
    """How an order stands; `calls` are the newest first."""
    if not calls:
        return "to_call"
    newest = calls[0]
    if newest.result == "no_answer":
        return "later" if newest.again_at and newest.again_at > now else "to_call"
    return newest.result


def with_price_told(order: Order) -> Order:
    """An order whose buyer heard what the parcel costs at the door, and agreed.

    Only then is a refusal at the door one to report; who was not told may refuse (S0-18).
    """
    if PRICE_TOLD in order.promises:
        return order
    return msgspec.structs.replace(order, promises=(*order.promises, PRICE_TOLD))


def check_call(order: Order, call: Call, fees: Fees) -> Call:
    """A call that may be kept. Raises Refusal for what is missing or cannot be."""
    require_cod(order)
    if call.result not in RESULTS:
        raise Refusal("invalid", N_("Say how the call ended."))
    if len(call.note) > NOTE_MAX:
        raise Refusal("too_large", N_("A note has at most {n} characters."), n=NOTE_MAX)
    if call.result == "confirmed":
        least, most = fees.of(call.carrier)
        own_fen = order.paid_goods_fen + order.freight_fen
        if call.told_fen is None:
            raise Refusal(
                "reason_required", N_("Say which sum the buyer was told to pay at the door.")
            )
        if not own_fen + least <= call.told_fen <= own_fen + most:
            raise Refusal(
                "invalid",
                N_("With this carrier the buyer pays {least} to {most} yuan at the door."),
                least=_yuan(own_fen + least),
                most=_yuan(own_fen + most),
            )
    if call.result == "no_answer":
        if call.again_at is None:
            raise Refusal("reason_required", N_("Say when the buyer is called again."))
        if not call.at < call.again_at <= call.at + LATER_MAX:
            raise Refusal("invalid", N_("Call again later than now, and within seven days."))
    if call.result in ("refused", "wrong_number") and not call.note:
        raise Refusal("reason_required", N_("Note what the buyer or the line said."))
    return call


def require_cod(order: Order) -> None:
    """Refuse what is not cash on delivery, or has left or ended already."""
    if order.payment != "cod":
        raise Refusal("not_eligible", N_("This order is not paid on delivery."))
    if order.shipped_at is not None or order.closed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("This order has left or has ended."))


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
