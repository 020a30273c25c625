"""A shop gives its buyer a small sum, without any case: from its balance, on their way, once."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.money import yuan
from gongdao.cases.goodwill import goodwill_left
from gongdao.ledger.store import Gift, load_shop_money, post, read_gifts
from gongdao.ledger.transfer import Account, Transfer
from gongdao.policy.pack import Pack
from gongdao.scripts.bargain_store import spend_grant
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, load_purchase, lock_order

NOTE_MAX = 60
_REFERENCE = 12


class Goodwill(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on an order so far, and what may still be given."""

    gifts: tuple[Gift, ...]
    left_fen: int | None
    """None: the rules know no goodwill."""
    rules: tuple[str, ...] = ()

    @property
    def given_fen(self) -> int:
        """All of it together."""
        return sum(gift.amount_fen for gift in self.gifts)


async def see_goodwill(
    connection: Connection, order_id: UUID, *, scope: Scope, pack: Pack
) -> Goodwill:
    """How an order stands. Raises Refusal not_found."""
    purchase = await load_purchase(connection, order_id, scope=scope)
    if purchase is None:
        raise Refusal("not_found", N_("There is no such order."))
    return await _goodwill_of(connection, purchase.order, pack)


async def pay_goodwill(
    connection: Connection,
    who: Principal,
    order_id: UUID,
    *,
    amount_fen: int,
    key: str,
    pack: Pack,
    now: datetime,
    note: str = "",
) -> Goodwill:
    """Give a sum to the buyer of an order; sent again under the same key, it is given once.

    Raises Refusal: not_found, invalid, wrong_role, idempotency_conflict, not_eligible,
    amount_above_limit or insufficient_funds.
    """
    reference = sha256(key.encode()).hexdigest()[:_REFERENCE].upper()
    async with connection.transaction():
        # Whoever gives on the same order takes turns, so that the limit holds for all together.
        order = await lock_order(connection, order_id, scope=Scope(shop_id=who.shop_id))
        if amount_fen <= 0:
            raise Refusal("invalid", N_("Say how much you give."))
        before = await _goodwill_of(connection, order, pack)
        done = next((gift for gift in before.gifts if gift.reference == reference), None)
        if done is None:
            await _require_leave(connection, who, order, amount_fen)
            _require_within_rules(order, before, amount_fen)
            await _give(connection, order, amount_fen, _memo(note, reference), now=now)
        elif done.amount_fen != amount_fen:
            raise Refusal(
                "idempotency_conflict", N_("This idempotency key was used for something else.")
            )
        after = await _goodwill_of(connection, order, pack)
    changed((f"shop:{order.shop_id}", f"buyer:{order.buyer_id}"))
    return after


async def _goodwill_of(connection: Connection, order: Order, pack: Pack) -> Goodwill:
    gifts = await read_gifts(connection, order_id=order.id, buyer_id=order.buyer_id)
    given_fen = sum(gift.amount_fen for gift in gifts)
    due = goodwill_left(order, pack, given_fen=given_fen)
    return Goodwill(
        gifts=tuple(gifts), left_fen=due.fen if due else None, rules=due.rules if due else ()
    )


async def _require_leave(
    connection: Connection, who: Principal, order: Order, amount_fen: int
) -> None:
    """One's own limit, else the word of a lead, which is spent with it."""
    if who.may_spend(amount_fen):
        return
    if await spend_grant(
        connection,
        shop_id=order.shop_id,
        buyer_id=order.buyer_id,
        person_id=who.person_id,
        order_id=order.id,
        amount_fen=amount_fen,
    ):
        return
    if not who.may("case.money"):
        raise Refusal("wrong_role", N_("Your account may not decide about money; ask your lead."))
    raise Refusal(
        "amount_above_limit",
        N_("Your account may decide about up to {limit} yuan; this is {cost}."),
        limit=yuan(who.money_limit_fen or 0),
        cost=yuan(amount_fen),
    )


def _require_within_rules(order: Order, before: Goodwill, amount_fen: int) -> None:
    if order.paid_at is None:
        raise Refusal("not_eligible", N_("The order has not been paid."))
    if before.left_fen is None:
        raise Refusal("not_eligible", N_("This rule book knows no payments outside of cases."))
    if amount_fen > before.left_fen:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan more can be given on this order."),
            rules=before.rules,
            limit=yuan(before.left_fen),
        )


async def _give(
    connection: Connection, order: Order, amount_fen: int, memo: str, *, now: datetime
) -> None:
    money = await load_shop_money(connection, order.shop_id)
    if money.balance.available_fen < amount_fen:
        raise Refusal("insufficient_funds", N_("Your balance does not cover this; top up first."))
    gift = Transfer(
        kind="goodwill",
        source=Account("shop_balance", order.shop_id),
        target=Account("buyer_refund", order.buyer_id),
        amount_fen=amount_fen,
    )
    await post(connection, [gift], now=now, order_id=order.id, memo=memo)


def _memo(note: str, reference: str) -> str:
    """What the shop noted, and the reference that makes this gift one of its kind."""
    plain = " ".join(note.split())[:NOTE_MAX]
    return f"{plain} · {reference}" if plain else reference
