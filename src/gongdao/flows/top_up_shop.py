"""A shop pays in. Its word alone makes no money: the channel says so, or the operator does."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.base.money import FEN_MAX
from gongdao.flows.pay_bill import checked_reference, require_operator
from gongdao.flows.settle_bill import settle_bill
from gongdao.ledger.bill import NOTE_MAX, Bill, BillPurpose
from gongdao.ledger.bill_store import make_bill, top_ups_of
from gongdao.ledger.store import OUTSIDE, post, repay_debts
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.store import find_shop

Into = Literal["shop_balance", "shop_deposit"]
#: So many top-ups of a shop may be on their way.
WAITING_MAX = 10


async def ask_top_up(
    pool: Pool,
    who: Principal,
    *,
    into: Into,
    amount_fen: int,
    note: str,
    key: str,
    now: datetime,
    collects: bool,
) -> Bill:
    """A shop tells the channel to take money in; it is in the books once the channel says so."""
    assert who.shop_id, "people of a shop have a shop"
    if not collects:
        raise Refusal(
            "not_eligible", N_("On this platform the operator records top-ups; send them the slip.")
        )
    _require_amount(amount_fen)
    bill = _bill(who, who.shop_id, into, amount_fen, note=note, key=key, now=now)
    async with pool.acquire() as connection, connection.transaction():
        before = await top_ups_of(connection, who.shop_id)
        if sum(b.is_waiting for b in before if b.key != key) >= WAITING_MAX:
            raise Refusal("duplicate", N_("Wait until the top-ups that are on their way arrive."))
        made = await make_bill(connection, bill)
    changed((f"shop:{who.shop_id}",))
    return made


async def record_top_up(
    pool: Pool,
    who: Principal | None,
    shop_id: UUID,
    *,
    into: Into,
    amount_fen: int,
    reference: str,
    now: datetime,
) -> Bill:
    """The operator has seen the money of a shop come in; the same reference counts once."""
    require_operator(who)
    _require_amount(amount_fen)
    reference = checked_reference(reference)
    async with pool.acquire() as connection, connection.transaction():
        if await find_shop(connection, shop_id=shop_id) is None:
            raise Refusal("not_found", N_("There is no such shop."))
        bill = _bill(who, shop_id, into, amount_fen, note="", key=f"operator {reference}", now=now)
        made = await make_bill(connection, bill)
        ended = await settle_bill(connection, made.id, reference=reference, now=now)
    changed((f"shop:{shop_id}",))
    return ended


async def collect_debts(pool: Pool, who: Principal | None, shop_id: UUID, *, now: datetime) -> int:
    """The operator has looked, and lets a shop's deposit pay what the shop owes.

    Returns how much that was. Raises Refusal.
    """
    require_operator(who)
    async with pool.acquire() as connection:
        paid = await repay_debts(connection, shop_id=shop_id, now=now, source="shop_deposit")
    changed((f"shop:{shop_id}",))
    return paid


async def issue_gift_card(
    pool: Pool,
    who: Principal | None,
    buyer_id: UUID,
    *,
    amount_fen: int,
    reference: str,
    now: datetime,
) -> None:
    """The operator puts what somebody paid for onto a buyer's gift card; one reference, once."""
    require_operator(who)
    _require_amount(amount_fen)
    memo = f"gift card {checked_reference(reference)}"
    card = Account("gift_card", buyer_id)
    coming = Transfer(kind="top_up", source=OUTSIDE, target=card, amount_fen=amount_fen)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", memo)
        known = await connection.fetchval(
            "SELECT amount_fen FROM ledger_transfers WHERE target_kind = 'gift_card'"
            " AND target_owner = $1 AND memo = $2",
            buyer_id,
            memo,
        )
        if known is None:
            await post(connection, [coming], now=now, memo=memo)
        elif known != amount_fen:
            raise Refusal("idempotency_conflict", N_("This reference was used for another amount."))
    changed((f"buyer:{buyer_id}",))


def _require_amount(amount_fen: int) -> None:
    if not 0 < amount_fen <= FEN_MAX:
        raise Refusal("invalid", N_("An amount looks like 500 or 500.00."))


def _bill(
    who: Principal | None,
    shop_id: UUID,
    into: Into,
    amount_fen: int,
    *,
    note: str,
    key: str,
    now: datetime,
) -> Bill:
    purpose: BillPurpose = "deposit" if into == "shop_deposit" else "top_up"
    return Bill(
        id=new_id(),
        purpose=purpose,
        payer=shop_id,
        shop_id=shop_id,
        amount_fen=amount_fen,
        channel="balance",
        state="sent",
        key=key,
        note=" ".join(note.split())[:NOTE_MAX],
        made_by=who.person_id if who else None,
        created_at=now,
        sent_at=now,
    )
