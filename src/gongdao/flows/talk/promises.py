"""Promised, and done? What was promised in conversations, beside orders, money and parcels."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.plain import plain
from gongdao.chat.quality.promise import (
    SAME_BREATH,
    SUM_WITHIN_DAYS,
    Facts,
    Paid,
    Promise,
    Promised,
    State,
    What,
    due_on,
    due_within,
    standing_of,
)
from gongdao.chat.store import recalled_in_sql
from gongdao.scripts.given import find_given, worth_fen
from gongdao.scripts.promises import find_promises, in_order

View = Literal["today", "open", "overdue", "late", "kept", "all"]
#: How far back promises are looked at, and how many at most.
LOOK_BACK, LOOK_AHEAD, ROWS_MAX = timedelta(days=30), timedelta(days=400), 1000
_WORDS_MAX = 200

# $1 shop, $2 agent or null, $3 and $4 due from and until, $5 at most, $6 the same breath, $7 buyer
# or null. The order is the one whose card was shown last before the promise, else the one the
# talk was opened from.
_PROMISES = f"""
SELECT p.conversation_id, p.seq, p.nth, p.agent_id, p.what, p.words, p.amount_fen, p.at, p.due_at,
       c.number, b.name AS buyer, s.name AS agent, o.id AS order_id, o.number AS order_number,
       CASE WHEN p.what = 'dispatch' THEN (
           SELECT min(x.shipped_at) FROM (
               SELECT d.shipped_at FROM orders d
                WHERE d.shop_id = p.shop_id AND d.buyer_id = p.buyer_id AND d.shipped_at >= p.at
                  AND (o.id IS NULL OR d.id = o.id OR o.shipped_at < p.at)
               UNION ALL
               SELECT h.shipped_at FROM shipments h
                WHERE h.order_id = o.id AND h.direction = 'out' AND h.shipped_at >= p.at
           ) AS x) END AS shipped_at,
       CASE WHEN p.what = 'resend' THEN (
           SELECT min(x.at) FROM (
               SELECT e.at FROM cases k JOIN case_events e ON e.case_id = k.id
                WHERE k.buyer_id = p.buyer_id AND k.shop_id = p.shop_id
                  AND (o.id IS NULL OR k.order_id = o.id)
                  AND e.type = 'goods_sent' AND e.at >= p.at
               UNION ALL
               SELECT h.shipped_at FROM shipments h
                WHERE h.order_id = o.id AND h.direction = 'out' AND h.shipped_at >= p.at
           ) AS x) END AS sent_at,
       CASE WHEN p.what = 'answer' THEN (
           SELECT min(x.at) FROM (
               SELECT p.conversation_id AS id UNION ALL
               (SELECT id FROM chat_conversations
                 WHERE shop_id = p.shop_id AND buyer_id = p.buyer_id AND opened_at >= p.at
                 ORDER BY opened_at LIMIT 10)
           ) AS t CROSS JOIN LATERAL (
               SELECT m.at FROM chat_messages m
                WHERE m.conversation_id = t.id AND m.author = 'shop' AND m.author_id IS NOT NULL
                  AND m.kind NOT IN ('note', 'recall') AND m.at >= p.at + $6::interval
                ORDER BY m.seq LIMIT 1) AS x) END AS answered_at,
       CASE WHEN p.amount_fen IS NOT NULL THEN (
           SELECT jsonb_agg(jsonb_build_array(l.created_at, l.amount_fen) ORDER BY l.id)
             FROM ledger_transfers l
            WHERE l.target_kind IN ('buyer_refund', 'gift_card') AND l.target_owner = p.buyer_id
              AND l.state = 'posted' AND l.created_at >= p.at
              AND l.kind IN ('refund', 'compensation', 'goodwill', 'punitive', 'freight')
              AND (l.order_id = o.id OR (o.id IS NULL AND l.order_id IN (
                   SELECT id FROM orders
                    WHERE shop_id = p.shop_id AND buyer_id = p.buyer_id)))) END AS paid
  FROM (SELECT * FROM chat_promises q
         WHERE q.shop_id = $1 AND ($2::uuid IS NULL OR q.agent_id = $2)
           AND ($7::uuid IS NULL OR q.buyer_id = $7)
           AND q.due_at >= $3 AND q.due_at < $4
           AND NOT {recalled_in_sql("q")}
         ORDER BY q.due_at DESC, q.conversation_id, q.seq, q.nth LIMIT $5) AS p
  JOIN chat_conversations c ON c.id = p.conversation_id
  JOIN people b ON b.id = p.buyer_id
  JOIN people s ON s.id = p.agent_id
  LEFT JOIN LATERAL (
       SELECT (m.body ->> 'order_id')::uuid AS id FROM chat_messages m
        WHERE m.conversation_id = p.conversation_id AND m.kind = 'order' AND m.seq < p.seq
        ORDER BY m.seq DESC LIMIT 1) AS card ON TRUE
  LEFT JOIN orders o ON o.id = coalesce(card.id, c.order_id)
 -- Nobody waits for the dispatch of an order that was closed before it was due.
 WHERE NOT (p.what = 'dispatch' AND o.closed_at IS NOT NULL AND o.shipped_at IS NULL
            AND o.closed_at < p.due_at)
 ORDER BY p.due_at DESC, p.conversation_id, p.seq, p.nth
"""  # noqa: S608 - made of constants


class PromiseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A promise as a list shows it."""

    conversation_id: UUID
    number: int
    seq: int
    nth: int
    agent_id: UUID
    agent: str
    buyer: str
    what: What
    words: str
    amount_fen: int | None
    at: datetime
    due_at: datetime
    order_id: UUID | None
    order_number: str | None
    state: State
    done_at: datetime | None


def promises_in(text: str, *, now: datetime, order_fen: int | None = None) -> tuple[Promise, ...]:
    """What somebody of a shop promises by saying this; a part of an order by what that costs."""
    written = plain(text)
    parts = [each for each in find_given(written.text) if each.share is not None]
    found: list[Promise] = []
    for each in in_order([*find_promises(written.text), *(parts if order_fen else ())]):
        if each.what == "discount":
            continue
        if each.hours:
            due_at = due_within(now, each.hours)
        else:
            due_at = due_on(now, each.day if each.day is not None else SUM_WITHIN_DAYS)
        start, end = written.span(each.start, each.end)
        words = text[start:end][:_WORDS_MAX]
        fen = each.amount_fen if each.share is None else worth_fen(each, order_fen)
        found.append(Promise(what=each.what, words=words, amount_fen=fen, due_at=due_at))
    return tuple(found)


async def see_promises(
    database: Queryable, who: Principal, *, view: View = "all", now: datetime
) -> list[PromiseRow]:
    """What was promised: an agent sees what they promised themselves, a lead everything.

    Promises of the last thirty days and those that are still to come; the most urgent first.
    """
    shop_id, agent_id = _whose(who)
    rows = await read_promises(
        database, shop_id, since=now - LOOK_BACK, until=now + LOOK_AHEAD, agent_id=agent_id, now=now
    )
    return choose_promises(rows, view, now=now)


def choose_promises(rows: Sequence[PromiseRow], view: View, *, now: datetime) -> list[PromiseRow]:
    """Those of a view, the most urgent first where something is still to do."""
    chosen = [row for row in rows if _belongs(row, view, now)]
    return chosen[::-1] if view in ("today", "open") else chosen


def count_promises(rows: Sequence[PromiseRow], *, now: datetime) -> dict[View, int]:
    """How many each view holds."""
    return {view: sum(_belongs(row, view, now) for row in rows) for view in get_args(View)}


async def read_promises(
    database: Queryable,
    shop_id: UUID,
    *,
    since: datetime,
    until: datetime,
    agent_id: UUID | None = None,
    buyer_id: UUID | None = None,
    limit: int = ROWS_MAX,
    now: datetime,
) -> list[PromiseRow]:
    """The promises that were or are due in a time, the last due first."""
    rows = await database.fetch(
        _PROMISES, shop_id, agent_id, since, until, limit, SAME_BREATH, buyer_id
    )
    return [_row(dict(row), now) for row in rows]


def _whose(who: Principal) -> tuple[UUID, UUID | None]:
    if who.shop_id is None or not (who.may("chat.serve") or who.may("chat.manage")):
        raise Refusal("wrong_role", N_("Only the people of a shop see what it promised."))
    return who.shop_id, None if who.may("chat.manage") else who.person_id


def _belongs(row: PromiseRow, view: View, now: datetime) -> bool:
    match view:
        case "today":
            return row.state == "open" and row.due_at <= due_on(now, 0)
        case "overdue":
            return row.state == "broken"
        case "all":
            return True
        case _:
            return row.state == view


def _row(fields: dict[str, Any], now: datetime) -> PromiseRow:
    paid = fields.pop("paid")
    facts = Facts(
        shipped_at=fields.pop("shipped_at"),
        sent_at=fields.pop("sent_at"),
        answered_at=fields.pop("answered_at"),
        paid=tuple(
            Paid(*each) for each in msgspec.json.decode(paid, type=list[tuple[datetime, int]])
        )
        if paid
        else (),
    )
    promise = Promised(**{name: fields[name] for name in Promised.__struct_fields__})
    standing = standing_of(promise, facts, now=now)
    return PromiseRow(**fields, state=standing.state, done_at=standing.done_at)
