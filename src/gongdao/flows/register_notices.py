"""What people of a shop are told about its register, and the clocks that ran out unseen."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable, Record
from gongdao.base.errors import Param
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.register_reads import colleagues_of, rules_of
from gongdao.register.concern import leads
from gongdao.register.entry import Entry, decode_entry
from gongdao.register.narrate import narrate
from gongdao.register.store import About, note_read, recorded, tell

#: How many unread notices are listed and counted, and how many late entries one round tells of.
UNREAD_MAX, LATE_MAX = 100, 500

_UNREAD = """
SELECT n.id, n.about, n.at AS told_at, n.entry_id, e.number,
       e.state -> 'intake' -> 'customer' AS customer,
       p.name AS actor_name, v.version, v.at, v.by, v.person_id, v.body
  FROM register_notices n
  JOIN register_entries e ON e.id = n.entry_id AND e.shop_id = $2
  JOIN register_events v ON v.entry_id = n.entry_id AND v.version = n.version
  LEFT JOIN people p ON p.id = v.person_id
 WHERE n.person_id = $1 AND n.read_at IS NULL ORDER BY n.id DESC LIMIT $3
"""
_COUNT = """
SELECT count(*) FROM (SELECT FROM register_notices n
                       WHERE n.person_id = $1 AND n.read_at IS NULL LIMIT $2) AS unread
"""
# A clock is told once, by the event that set it.
_OVERDUE = """
SELECT r.state FROM register_entries r
 WHERE r.due_at < $1 AND EXISTS (
       SELECT FROM jsonb_array_elements(r.state -> 'instructions') i
        WHERE (i ->> 'due_at')::timestamptz < $1 AND NOT i ? 'done_at' AND NOT i ? 'cancelled'
          AND NOT EXISTS (SELECT FROM register_notices n
                           WHERE n.entry_id = r.id AND n.about = 'overdue'
                             AND n.version = (i ->> 'version')::integer))
 ORDER BY r.due_at LIMIT $2
"""
_UNANSWERED = """
SELECT r.state FROM register_entries r
 WHERE r.answer_due_at < $1 AND NOT EXISTS (
       SELECT FROM register_notices n WHERE n.entry_id = r.id AND n.about = 'unanswered')
 ORDER BY r.answer_due_at LIMIT $2
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One unread notice: a sentence with its fields, and the entry that it is about."""

    id: int
    at: datetime
    about: About
    name: str
    sentence: str
    params: dict[str, Param]
    entry_id: UUID
    number: int
    customer: str


async def count_told(database: Queryable, who: Principal) -> int:
    """How many notices of the register somebody has not read."""
    if who.shop_id is None or not who.may("register.read"):
        return 0
    return await database.fetchval(_COUNT, who.person_id, UNREAD_MAX) or 0


async def list_told(database: Queryable, who: Principal) -> list[Line]:
    """What somebody was told of the register and has not read, newest first."""
    if who.shop_id is None or not who.may("register.read"):
        return []
    rows = await database.fetch(_UNREAD, who.person_id, who.shop_id, UNREAD_MAX)
    return [_line(row) for row in rows]


async def see_told(
    database: Queryable, who: Principal, *, now: datetime, entry_id: UUID | None = None
) -> None:
    """Somebody has read what they were told: of one entry, or all of it."""
    await note_read(database, who.person_id, now=now, entry_id=entry_id)


async def tell_of_late(pool: Pool, now: datetime) -> None:
    """Tell whom it concerns of orders that are overdue and customers who wait; once each."""
    async with pool.acquire() as connection, connection.transaction():
        overdue = await connection.fetch(_OVERDUE, now, LATE_MAX)
        waiting = await connection.fetch(_UNANSWERED, now, LATE_MAX)
        late = list(_late_of(overdue, waiting, now))
        shops = {entry.shop_id for entry, _version, _about in late}
        watched = {shop_id: await _leads_of(connection, shop_id) for shop_id in shops}
        for entry, version, about in late:
            people = dict.fromkeys((entry.in_charge, *watched[entry.shop_id]), version)
            await tell(connection, entry.id, people, now=now, about=about)
            changed((f"register:{entry.shop_id}", *(f"notices:{each}" for each in people)))


def _late_of(
    overdue: list[Record], waiting: list[Record], now: datetime
) -> Iterator[tuple[Entry, int, About]]:
    """Each clock that ran out, with the event that set it."""
    for row in overdue:
        entry = decode_entry(row["state"])
        for one in entry.instructions:
            if one.is_open and one.due_at < now:
                yield entry, one.version, "overdue"
    for row in waiting:
        yield decode_entry(row["state"]), 1, "unanswered"


async def _leads_of(connection: Connection, shop_id: UUID) -> list[UUID]:
    rules = await rules_of(connection, shop_id)
    return list(leads(await colleagues_of(connection, shop_id, rules)))


def _line(row: Record) -> Line:
    record = recorded(row)
    customer: str = msgspec.json.decode(row["customer"])["name"]
    sentence, params, _note = narrate(record)
    if row["about"] == "overdue":
        sentence, params = N_("An instruction is overdue."), {}
    elif row["about"] == "unanswered":
        sentence, params = N_("The customer has had no answer yet."), {}
    # A sentence that names whoever acted does so itself.
    is_named = row["about"] == "event" and not sentence.startswith("{name}")
    return Line(
        id=row["id"],
        at=row["told_at"],
        about=row["about"],
        name=(row["actor_name"] or customer) if is_named else "",
        sentence=sentence,
        params=params,
        entry_id=row["entry_id"],
        number=row["number"],
        customer=customer,
    )
