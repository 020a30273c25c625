"""Where a customer of the register can be reached: masked until somebody looks, which is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from gongdao.base.db import Connection
from gongdao.customers.customer import LogEntry
from gongdao.customers.mask import mask_address, mask_email, mask_phone
from gongdao.customers.rights_store import write_log
from gongdao.register.decide import Outcome
from gongdao.register.entry import Entry
from gongdao.register.events import ContactShown, Recorded

#: Who looked sees it whole for so long: a call, and what is written down after it.
SHOWN_FOR = timedelta(minutes=30)


_BUYER = "SELECT buyer_id FROM orders WHERE id = $1 AND shop_id = $2"


class Shown(NamedTuple):
    """An entry as somebody sees it now, and whether with where the customer can be reached."""

    entry: Entry
    whole: bool


def is_shown_to(records: Sequence[Recorded], person_id: UUID, *, now: datetime) -> bool:
    """Whether this person has looked a short while ago."""
    return any(
        record.person_id == person_id and now - record.at < SHOWN_FOR
        for record in records
        if isinstance(record.body, ContactShown)
    )


def shown_to(entry: Entry, records: Sequence[Recorded], person_id: UUID, *, now: datetime) -> Shown:
    """The entry as this person sees it: whole for a while after their own look."""
    whole = is_shown_to(records, person_id, now=now)
    return Shown(entry if whole else masked(entry), whole)


async def note_looks(connection: Connection, outcome: Outcome, number: int) -> None:
    """Keep a look with the others at that customer, where the entry names an order of theirs."""
    entry = outcome.entry
    for record in outcome.records:
        if not isinstance(record.body, ContactShown) or not entry.intake.order_id:
            continue
        buyer_id = await connection.fetchval(_BUYER, entry.intake.order_id, entry.shop_id)
        if buyer_id is None or record.person_id is None:
            continue
        look = LogEntry(
            id=uuid5(entry.id, f"look {record.version}"),
            shop_id=entry.shop_id,
            buyer_id=buyer_id,
            by_id=record.person_id,
            at=record.at,
            what="complaint_shown",
            why=str(number),
            order_id=entry.intake.order_id,
        )
        await write_log(connection, look)


def masked(entry: Entry) -> Entry:
    """The entry with the customer's telephone, e-mail and address covered."""
    customer = entry.intake.customer
    covered = replace(
        customer,
        phone=mask_phone(customer.phone),
        email=mask_email(customer.email),
        address=mask_address(customer.address),
    )
    return replace(entry, intake=replace(entry.intake, customer=covered))
