"""Everything that a shop holds on a person, as a file that people and programs read."""

import io
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.base.money import yuan
from gongdao.cases.seen_by import masked_in_sql
from gongdao.customers.customer import LogEntry
from gongdao.customers.group import BUILT_IN
from gongdao.customers.rights import KEPT
from gongdao.customers.rights_store import load_request, log_of_pair, requests_of_buyer, write_log
from gongdao.customers.store import groups_of, groups_of_shop, notes_of, preferences_of
from gongdao.flows.customers.access import require_customer, shop_of
from gongdao.flows.customers.history import read_reviews
from gongdao.register.entry import decode_entry
from gongdao.shops.rows import purchase_columns, purchase_from_row

#: So many orders, cases and messages at most; the newest.
_ORDERS_MAX, _MESSAGES_MAX = 2_000, 20_000
_ORDERS = f"""
SELECT {purchase_columns()} FROM orders o WHERE o.buyer_id = $1 AND o.shop_id = $2
 ORDER BY o.placed_at DESC, o.id DESC LIMIT {_ORDERS_MAX}
"""  # noqa: S608 - made of constants
_CASES = f"""
SELECT c.number, c.procedure, c.kind, c.stage, c.ended, c.opened_at, c.closed_at, c.refunded_fen
  FROM cases c WHERE c.buyer_id = $1 AND c.shop_id = $2 AND NOT {masked_in_sql("c.state", "buyer")}
   AND NOT {masked_in_sql("c.state", "seller")}
 ORDER BY c.opened_at DESC LIMIT {_ORDERS_MAX}
"""  # noqa: S608 - made of constants
# What the shop wrote down of complaints about their orders, whoever told it.
_COMPLAINTS = f"""
SELECT e.number, e.state FROM orders o
  JOIN register_entries e ON (e.state -> 'intake' ->> 'order_id')::uuid = o.id
   AND e.state -> 'intake' ? 'order_id' AND e.shop_id = o.shop_id
 WHERE o.buyer_id = $1 AND o.shop_id = $2 ORDER BY e.opened_at DESC, e.id DESC LIMIT {_ORDERS_MAX}
"""  # noqa: S608 - made of constants
# What was said, internal notes too: they are about the person.
_MESSAGES = f"""
SELECT c.number, m.seq, m.at, m.author, m.kind, m.body ->> 'text' AS text
  FROM chat_conversations c JOIN chat_messages m ON m.conversation_id = c.id
 WHERE c.buyer_id = $1 AND c.shop_id = $2 AND m.kind <> 'recall'
   AND NOT EXISTS (SELECT FROM cases k WHERE k.id = c.case_id AND k.state ? 'anonymous')
 ORDER BY m.at DESC LIMIT {_MESSAGES_MAX}
"""  # noqa: S608 - made of constants


async def copy_for_shop(
    pool: Pool, who: Principal, buyer_id: UUID, *, look_id: UUID, locale: Locale, now: datetime
) -> bytes:
    """The copy, made by the shop; that it was made is kept. Raises Refusal."""
    shop_id = shop_of(who, "customers.manage")
    async with pool.acquire() as connection, connection.transaction():
        await require_customer(connection, shop_id, buyer_id)
        entry = LogEntry(
            id=look_id,
            shop_id=shop_id,
            buyer_id=buyer_id,
            by_id=who.person_id,
            at=now,
            what="exported",
            why="",
        )
        await write_log(connection, entry)
        return await _pack(connection, shop_id, buyer_id, locale=locale, now=now)


async def copy_for_buyer(
    pool: Pool, who: Principal, request_id: UUID, *, locale: Locale, now: datetime
) -> bytes:
    """The copy that a person asked for, once the shop has released it. Raises Refusal."""
    request = await load_request(pool, request_id)
    if request is None or request.buyer_id != who.person_id or request.what != "copy":
        raise Refusal("not_found", N_("There is no such data request."))
    if request.answer != "done":
        raise Refusal("not_allowed_in_stage", N_("The shop has not answered yet."))
    async with pool.acquire() as connection:
        return await _pack(connection, request.shop_id, who.person_id, locale=locale, now=now)


async def _pack(
    connection: Connection, shop_id: UUID, buyer_id: UUID, *, locale: Locale, now: datetime
) -> bytes:
    held = await _held(connection, shop_id, buyer_id, locale=locale, now=now)
    encoded = msgspec.json.format(msgspec.json.encode(held), indent=2)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # A time of the archive's own would make the same copy another file.
        for name, content in (("data.json", encoded), ("README.txt", _about(locale).encode())):
            archive.writestr(zipfile.ZipInfo(name, date_time=now.timetuple()[:6]), content)
    return out.getvalue()


async def _held(
    connection: Connection, shop_id: UUID, buyer_id: UUID, *, locale: Locale, now: datetime
) -> dict[str, Any]:
    pair = (connection, shop_id, buyer_id)
    customer = await require_customer(*pair)
    groups = {each.key: each.name for each in await groups_of_shop(connection, shop_id)}
    joined = (await groups_of(connection, shop_id, [buyer_id])).get(buyer_id, [])
    looks = await log_of_pair(*pair)
    names = await names_of_people(connection, {look.by_id for look in looks})
    cases = await connection.fetch(_CASES, buyer_id, shop_id)
    messages = await connection.fetch(_MESSAGES, buyer_id, shop_id)
    return {
        "made_at": now,
        "name": customer.name,
        "customer_since": customer.first_at,
        "groups": [
            translate(locale, groups[key]) if key in BUILT_IN else groups[key]
            for key in joined
            if key in groups
        ],
        "preferences": {each.name: each.value for each in await preferences_of(*pair)},
        "notes": [{"at": note.at, "text": note.text} for note in await notes_of(*pair)],
        "orders": await _orders(connection, shop_id, buyer_id),
        "cases": [
            {
                **{k: v for k, v in row.items() if k != "refunded_fen"},
                "refunded": yuan(row["refunded_fen"]),
            }
            for row in cases
        ],
        "complaints": await _complaints(connection, shop_id, buyer_id),
        "messages": [dict(row) for row in messages],
        "reviews": await read_reviews(*pair, limit=_ORDERS_MAX),
        "requests": await requests_of_buyer(connection, buyer_id, shop_id=shop_id),
        "who_looked": [
            {"at": look.at, "who": names.get(look.by_id, ""), "what": look.what, "why": look.why}
            for look in looks
        ],
    }


async def _orders(connection: Connection, shop_id: UUID, buyer_id: UUID) -> list[dict[str, Any]]:
    rows = await connection.fetch(_ORDERS, buyer_id, shop_id)
    return [
        {
            "number": purchase.order.number,
            "placed_at": purchase.order.placed_at,
            "paid_at": purchase.order.paid_at,
            "paid": yuan(purchase.order.paid_fen),
            "refunded": yuan(purchase.order.refunded_fen),
            "goods": [f"{line.title} × {line.quantity}" for line in purchase.order.lines],
            "receiver": purchase.remarks.receiver,
            "your_message": purchase.remarks.buyer_message,
            "shop_note": purchase.remarks.seller_note,
            "paid_from": purchase.remarks.payer_account,
        }
        for purchase in map(purchase_from_row, rows)
    ]


async def _complaints(
    connection: Connection, shop_id: UUID, buyer_id: UUID
) -> list[dict[str, Any]]:
    """What stands in the shop's register of complaints about the person's orders."""
    rows = await connection.fetch(_COMPLAINTS, buyer_id, shop_id)
    read = ((row["number"], decode_entry(row["state"])) for row in rows)
    return [
        {
            "number": number,
            "opened_at": entry.opened_at,
            "stage": entry.stage,
            "ended": entry.ended,
            "closed_at": entry.closed_at,
            "intake": entry.intake,
            "contact": entry.contact,
            "analysis": entry.analysis,
            "proposed": entry.proposal.words if entry.proposal else "",
            "agreed": yuan(entry.agreed_fen),
            "signed": entry.agreement.text if entry.agreement else "",
        }
        for number, entry in read
    ]


def _about(locale: Locale) -> str:
    """What is in the file, and what is kept on which ground also after an erasure."""
    lines = [
        translate(locale, N_("This is what the shop holds on you. data.json is plain text.")),
        "",
        translate(locale, N_("Kept also when you ask for erasure:")),
    ]
    for kept in KEPT:
        lines.append(f"- {translate(locale, kept.what)}: {translate(locale, kept.ground)}")
    return "\n".join(lines) + "\n"
