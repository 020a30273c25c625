"""A parcel that takes too long: why that may be, and what to check first. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from gongdao.shops.order import TrackEvent

#: Why a parcel is late, as far as the carrier's words tell.
LateReason = Literal[
    "no_word", "no_such_number", "lost", "damaged", "refused", "returned", "exception",
    "at_the_door", "handed_over", "stuck", "on_its_way",
]  # fmt: skip
#: A parcel of which nothing was heard for so long is stuck.
STUCK_AFTER = timedelta(hours=48)
#: What to check first: the number itself, whether the right thing was sent, address and telephone.
CHECKS: dict[LateReason, tuple[Literal["number", "goods", "address", "phone", "carrier"], ...]] = {
    "no_word": ("number", "goods"),
    "no_such_number": ("number", "goods"),
    "lost": ("carrier",),
    "damaged": ("carrier", "goods"),
    "refused": ("phone", "goods"),
    "returned": ("address", "phone"),
    "exception": ("address", "phone", "carrier"),
    "at_the_door": ("phone", "address"),
    "handed_over": ("phone",),
    "stuck": ("carrier", "address"),
    "on_its_way": ("address", "phone"),
}
_PLAIN: dict[str, LateReason] = {
    "no_such_number": "no_such_number",
    "lost": "lost",
    "damaged": "damaged",
    "refused": "refused",
    "returned": "returned",
    "exception": "exception",
    "out_for_delivery": "at_the_door",
    "delivered": "handed_over",
    "signed": "handed_over",
}


def late_reason(track: Sequence[TrackEvent], *, now: datetime) -> LateReason:
    """Why a parcel is not there yet, by the last word of its carrier."""
    if not track:
        return "no_word"
    last = track[-1]
    reason = _PLAIN.get(last.event)
    if reason:
        return reason
    return "stuck" if now - last.at > STUCK_AFTER else "on_its_way"
