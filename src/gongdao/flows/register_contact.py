"""Where a customer of the register can be reached: masked until somebody looks, which is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from gongdao.customers.mask import mask_address, mask_email, mask_phone
from gongdao.register.entry import Entry
from gongdao.register.events import ContactShown, Recorded

#: Who looked sees it whole for so long: a call, and what is written down after it.
SHOWN_FOR = timedelta(minutes=30)


def is_shown_to(records: Sequence[Recorded], person_id: UUID, *, now: datetime) -> bool:
    """Whether this person has looked a short while ago."""
    return any(
        record.person_id == person_id and now - record.at < SHOWN_FOR
        for record in records
        if isinstance(record.body, ContactShown)
    )


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
