"""What every change of an order before its parcel leaves has in common."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.keys import require_key
from gongdao.base.live import changed
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.order import Order
from gongdao.shops.purchase import LogEntry, Logged, Purchase
from gongdao.shops.store import Scope, append_log, lock_purchase, logged_under

# An anonymous report decides nothing about its order; that one waits would say who made it.
_OPEN_CASE = """
SELECT EXISTS (SELECT FROM cases
                WHERE order_id = $1 AND ended IS NULL AND NOT state ? 'anonymous')
"""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to change which order; the version that they saw, and the key of their request."""

    who: Principal
    order_id: UUID
    now: datetime
    key: str | None = None
    version: int | None = None
    digest: str = ""
    """The hash of what they said, as far as it matters whether it is the same again."""


def saying(wish: Wish, *said: object) -> Wish:
    """The wish with what it says: a key that was used for something else is refused."""
    encoded = msgspec.json.encode([wish.key, *said], order="deterministic")
    return msgspec.structs.replace(wish, digest=sha256(encoded).hexdigest()[:16])


def scope_of(who: Principal) -> Scope:
    """Whose orders somebody sees: a buyer their own, a shop's people their shop's, else all."""
    if who.kind == "buyer":
        return Scope(buyer_id=who.person_id)
    if who.kind == "shop":
        return Scope(shop_id=who.shop_id)
    return Scope(platform=True)


async def take_up(connection: Connection, wish: Wish, what: LogEntry) -> tuple[Purchase, bool]:
    """The order, locked, and whether this very request was carried out before."""
    purchase = await lock_purchase(connection, wish.order_id, scope=scope_of(wish.who))
    if wish.key is not None:
        require_key(wish.key)
        done = await logged_under(connection, wish.order_id, wish.key, by=wish.who.person_id)
        # What was written before there were digests counts as the same.
        if done and done[0] == what and done[1] in (None, wish.digest):
            return purchase, True
        if done:
            raise Refusal(
                "idempotency_conflict", N_("This idempotency key was used for something else.")
            )
    if wish.version is not None and wish.version != purchase.version:
        raise Refusal(
            "version_conflict",
            N_("The order has changed since you looked (version {now}); look again."),
            now=purchase.version,
        )
    return purchase, False


def bill_key(wish: Wish, bill_id: UUID) -> str:
    """The key of a bill: nobody else's on the order, and no other order's of the same person."""
    if wish.key is None:
        return str(bill_id)
    said = f"{wish.order_id} {wish.who.person_id} {wish.key}"
    return sha256(said.encode()).hexdigest()


async def require_no_open_case(connection: Connection, order_id: UUID) -> None:
    """While a case is open, it decides what becomes of the order."""
    if await connection.fetchval(_OPEN_CASE, order_id):
        raise Refusal(
            "duplicate", N_("There is an open case on this order; withdraw it first, or wait.")
        )


async def write_log(
    connection: Connection, wish: Wish, what: LogEntry, **detail: str | int
) -> None:
    """Keep what was done, by whom, and under which key."""
    key = {"key": wish.key, "digest": wish.digest} if wish.key is not None else {}
    entry = Logged(
        order_id=wish.order_id,
        at=wish.now,
        by_id=wish.who.person_id,
        what=what,
        detail=detail | key,
    )
    await append_log(connection, [entry])


async def give_back(
    connection: Connection, order: Order, amount_fen: int, *, now: datetime
) -> None:
    """Send a part of what was paid for an order back the way it came."""
    if amount_fen:
        refund = Transfer(
            kind="refund",
            source=Account("order_escrow", order.id),
            target=Account("buyer_refund", order.buyer_id),
            amount_fen=amount_fen,
        )
        await post(connection, [refund], now=now, order_id=order.id)


def tell_sides(order: Order) -> None:
    """Open pages of both sides show the order anew."""
    changed((f"shop:{order.shop_id}", f"buyer:{order.buyer_id}"))
