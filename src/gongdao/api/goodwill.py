"""Goodwill: what a shop gives to the buyer of an order outside of any case."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, HeaderParameter, JSONBody

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.keys import KEY_MAX
from gongdao.base.money import YUAN_PATTERN, parse_yuan, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.pay_goodwill import NOTE_MAX, Goodwill, pay_goodwill, see_goodwill
from gongdao.flows.settings import current_pack
from gongdao.shops.store import Scope

_Key = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=KEY_MAX,
        min_length=1,
        description="Sent again with the same amount, nothing is given twice.",
    ),
]


class GoodwillAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is given, and what for."""

    amount: Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)]
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX, pattern=NO_NUL)] = ""


class GiftShown(msgspec.Struct, frozen=True, kw_only=True):
    """A sum that was given."""

    at: datetime
    amount: str
    note: str


class GoodwillShown(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on an order, and what may still be given; `left` is null where the rules know
    no goodwill.
    """

    gifts: list[GiftShown]
    left: str | None
    rules: tuple[str, ...]


@get(
    "/orders/{order_id:uuid}/goodwill",
    guards=[kind("shop"), may("order.read")],
    summary="What was given outside of cases",
    tags=["orders"],
)
async def read_goodwill(request: Asked, order_id: FromPath[UUID]) -> GoodwillShown:
    """What the shop gave to the buyer of an order, and what the rules still let it give."""
    async with request.app.state.pool.acquire() as connection:
        pack = await current_pack(connection)
        scope = Scope(shop_id=principal_of(request).shop_id)
        return _shown(await see_goodwill(connection, order_id, scope=scope, pack=pack))


@post(
    "/orders/{order_id:uuid}/goodwill",
    guards=[kind("shop"), may("order.read")],
    summary="Give the buyer a small sum",
    tags=["orders"],
    status_code=200,
)
async def give_goodwill(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[GoodwillAsked], key: _Key
) -> GoodwillShown:
    """Give a sum from the shop's balance to the buyer, within the rules and the account's limit.

    Above that limit, what a lead granted in a conversation with the buyer is given, once.
    """
    async with request.app.state.pool.acquire() as connection:
        pack = await current_pack(connection)
        given = await pay_goodwill(
            connection,
            principal_of(request),
            order_id,
            amount_fen=parse_yuan(data.amount),
            key=key,
            pack=pack,
            now=utc_now(),
            note=data.note,
        )
    return _shown(given)


def _shown(goodwill: Goodwill) -> GoodwillShown:
    left_fen = goodwill.left_fen
    return GoodwillShown(
        gifts=[
            GiftShown(at=gift.at, amount=yuan(gift.amount_fen), note=gift.note)
            for gift in goodwill.gifts
        ],
        left=None if left_fen is None else yuan(left_fen),
        rules=goodwill.rules,
    )
