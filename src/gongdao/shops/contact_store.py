"""The table of what a buyer or a carrier was written about an order: each kind of thing once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable

ContactKind = Literal["unpaid", "cut_off", "duplicate", "impulse", "late_parcel", "carrier"]
Way = Literal["chat", "phone", "carrier"]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote or called about what, and when."""

    order_id: UUID
    kind: ContactKind
    shop_id: UUID
    by_id: UUID
    at: datetime
    way: Way
    message_id: UUID
    """The client_id of the message: sent again, it is the same message."""
    said_at: datetime | None = None
    """None while it is on its way."""
    note: str = ""


_COLUMNS = ", ".join(Contact.__struct_fields__)


async def claim_contact(connection: Connection, contact: Contact) -> Contact:
    """Take it upon oneself to write this; where it was taken before, it is that one."""
    await connection.execute(
        f"INSERT INTO order_contacts ({_COLUMNS})"  # noqa: S608 - made of constants
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        *msgspec.structs.astuple(contact),
    )
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM order_contacts WHERE order_id = $1 AND kind = $2",  # noqa: S608
        contact.order_id,
        contact.kind,
    )
    assert row, "it was just put there"
    return msgspec.convert(dict(row), Contact)


async def note_said(database: Queryable, contact: Contact, *, now: datetime) -> None:
    """The message stands in its conversation."""
    await database.execute(
        "UPDATE order_contacts SET said_at = $3"
        " WHERE order_id = $1 AND kind = $2 AND said_at IS NULL",
        contact.order_id,
        contact.kind,
        now,
    )


async def drop_claim(database: Queryable, contact: Contact) -> None:
    """It could not be said: anybody may try again."""
    await database.execute(
        "DELETE FROM order_contacts WHERE order_id = $1 AND kind = $2 AND said_at IS NULL",
        contact.order_id,
        contact.kind,
    )


async def contacts_of(
    database: Queryable, order_ids: Iterable[UUID]
) -> dict[UUID, dict[ContactKind, Contact]]:
    """What was written about each of these orders."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM order_contacts WHERE order_id = ANY ($1::uuid[])",  # noqa: S608
        list(order_ids),
    )
    found: dict[UUID, dict[ContactKind, Contact]] = {}
    for row in rows:
        contact = msgspec.convert(dict(row), Contact)
        found.setdefault(contact.order_id, {})[contact.kind] = contact
    return found
