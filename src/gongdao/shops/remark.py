"""A remark on an order: a flag to be seen in lists, whose sale it is, and why. Pure."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NOT_TEXT

Flag = Literal["", "red", "yellow", "green", "blue", "purple"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
REASON_MAX = 500


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One remark, as it stands on an order for ever."""

    order_id: UUID
    flag: Flag
    agent_id: UUID
    """Whose sale the order is: commission is computed from it."""
    reason: str
    by_id: UUID
    at: datetime


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was paid in a time, and whose sale its newest remark says it is."""

    order_id: UUID
    number: str
    paid_at: datetime
    paid_fen: int
    refunded_fen: int
    agent_id: UUID | None
    """None where nobody wrote their name on it: nobody's commission."""


def read_flag(text: str) -> Flag:
    """The flag of that name; no flag is the empty one. Raises Refusal."""
    if text not in FLAGS:
        raise Refusal("invalid", N_("There is no flag of this colour."))
    return text


def read_reason(text: str, *, agent_id: UUID | None) -> tuple[str, UUID]:
    """What a remark says and whose sale it names; half of it is refused."""
    reason = " ".join(text.split())
    if not reason and agent_id is None:
        raise Refusal("reason_required", N_("A remark needs a reason and the agent it belongs to."))
    if not reason:
        raise Refusal(
            "reason_required", N_("Say why this remark is made; the agent alone is half.")
        )
    if agent_id is None:
        raise Refusal(
            "reason_required", N_("Name the agent of this order; the reason alone is half.")
        )
    if len(reason) > REASON_MAX:
        raise Refusal("too_large", N_("A reason has at most {n} characters."), n=REASON_MAX)
    if NOT_TEXT.search(reason):
        raise Refusal("invalid", N_("There is a character in it that no text has."))
    return reason, agent_id
