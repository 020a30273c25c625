"""Whoever is asked for money pays it, or does not want to; the operator says what came in."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.settle_bill import drop_bill, lock_for_bill, settle_bill
from gongdao.ledger.bill import REFERENCE_MAX, Bill
from gongdao.ledger.bill_store import load_bill, mark_sent
from gongdao.ledger.transfer import Account
from gongdao.shops.purchase import Logged
from gongdao.shops.store import append_log


async def pay_bill(
    pool: Pool, who: Principal, bill_id: UUID, *, now: datetime, collects: bool
) -> Bill:
    """Pay what was asked for, the way the order was paid; paying again changes nothing.

    A gift card pays at once; anything else is on its way until the channel says it came in.
    Where the installation's channel takes no money in, only the operator can say so.
    """
    async with pool.acquire() as connection, connection.transaction():
        bill = await _lock(connection, who, bill_id)
        if bill.state != "open":
            return bill
        if bill.expires_at is not None and now > bill.expires_at:
            raise Refusal(
                "too_late",
                N_("This could be paid until {at}; ask for it again."),
                at=bill.expires_at,
            )
        if bill.channel == "gift_card":
            source = Account("gift_card", bill.payer)
            return await settle_bill(connection, bill.id, reference="", now=now, source=source)
        if not collects:
            raise Refusal(
                "not_eligible",
                N_("This platform takes payments by transfer: name the number {ref} in it."),
                ref=short_number(bill_id),
            )
        await mark_sent(connection, bill.id, channel=bill.channel, now=now)
        after = await load_bill(connection, bill.id)
    assert after, "it is locked"
    _tell(after)
    return after


async def decline_bill(pool: Pool, who: Principal, bill_id: UUID, *, now: datetime) -> Bill:
    """The buyer does not want to pay it, or the shop does not ask for it any more."""
    async with pool.acquire() as connection, connection.transaction():
        bill = await _lock(connection, who, bill_id)
        if bill.state == "sent":
            raise Refusal("not_allowed_in_stage", N_("The payment is on its way already."))
        if bill.state == "open":
            await drop_bill(connection, bill, now=now)
            if bill.purpose == "extra" and bill.order_id:
                entry = Logged(
                    order_id=bill.order_id,
                    at=now,
                    by_id=who.person_id,
                    what="extra_dropped",
                    detail={"amount_fen": bill.amount_fen},
                )
                await append_log(connection, [entry])
        after = await load_bill(connection, bill.id)
    assert after, "it is locked"
    _tell(after)
    return after


async def record_payment(
    pool: Pool, who: Principal | None, bill_id: UUID, *, reference: str, now: datetime
) -> Bill:
    """The operator has seen the money of a bill come in. Once; raises Refusal."""
    require_operator(who)
    reference = checked_reference(reference)
    async with pool.acquire() as connection, connection.transaction():
        bill = await load_bill(connection, bill_id)
        if bill is None:
            raise Refusal("not_found", N_("There is no such bill."))
        if bill.state in ("void", "sent"):
            raise Refusal("not_allowed_in_stage", N_("Nobody waits for this payment any more."))
        return await settle_bill(connection, bill_id, reference=reference, now=now)


def require_operator(who: Principal | None) -> None:
    """Refuse whoever may not say what money came in; None is whoever runs the command line."""
    if who and (who.kind != "platform" or not who.may("policy.edit")):
        raise Refusal("wrong_role", N_("Only the operator can say what money came in."))


def checked_reference(reference: str) -> str:
    """The number of a transfer, without which nobody could find it again."""
    plain = " ".join(reference.split())
    if not 0 < len(plain) <= REFERENCE_MAX or not plain.isprintable():
        raise Refusal("reason_required", N_("Name the number of the transfer."))
    return plain


def short_number(bill_id: UUID) -> str:
    """What a payer writes on a transfer, so that the operator finds the bill."""
    return bill_id.hex[-12:].upper()


async def _lock(connection: Connection, who: Principal, bill_id: UUID) -> Bill:
    found = await load_bill(connection, bill_id)
    if found is None or not _is_theirs(who, found):
        raise Refusal("not_found", N_("There is no such bill."))
    return (await lock_for_bill(connection, bill_id))[1]


def _is_theirs(who: Principal, bill: Bill) -> bool:
    if who.kind == "buyer":
        return bill.payer == who.person_id
    return who.kind == "shop" and bill.shop_id == who.shop_id


def _tell(bill: Bill) -> None:
    changed({f"shop:{bill.shop_id}", f"buyer:{bill.payer}"})
