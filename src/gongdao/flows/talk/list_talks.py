"""Lists of conversations: a buyer's, an agent's by urgency, a shop's queue, everything."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.conversation import Channel, State, Topic
from gongdao.chat.store import recalled_in_sql
from gongdao.flows.talk.access import talks

#: Conversations of one page.
PAGE_MAX = 100
#: open: under way, for an agent those that they serve; waiting: the shop's queue; all: also the
#: closed ones, newest first; closed: only those; unanswered: of the whole shop, the buyers who wait
#: for a person.
View = Literal["open", "waiting", "unanswered", "closed", "all"]

# The page is cut before anything is looked up for its conversations: however the planner guesses,
# names and newest messages are read for those shown only.
_SELECT = """
SELECT c.id, c.number, c.shop_id, s.name AS shop, c.buyer_id, b.name AS buyer, c.case_id,
       c.channel, c.topic, c.subject, c.state, c.agent_id, coalesce(a.nickname, '') AS agent,
       c.opened_at, c.queued_at, c.asked_at, c.last_at, c.last_seq, c.grade,
       u.unread, m.author AS last_author, m.kind AS last_kind,
       m.body AS last_body
  FROM (SELECT * FROM chat_conversations c WHERE {where} ORDER BY {order} LIMIT {limit}) AS c
  LEFT JOIN LATERAL (SELECT name FROM shops WHERE id = c.shop_id LIMIT 1) AS s ON true
  LEFT JOIN LATERAL (SELECT name FROM people WHERE id = c.buyer_id LIMIT 1) AS b ON true
  LEFT JOIN LATERAL (
       SELECT nickname FROM chat_agents WHERE person_id = c.agent_id LIMIT 1) AS a ON true
  LEFT JOIN LATERAL (
       SELECT read FROM chat_marks
        WHERE conversation_id = c.id AND person_id = $1 LIMIT 1) AS k ON true
  -- What others have said since, as far as one may see it; more than a list shows is not counted.
  LEFT JOIN LATERAL (
       SELECT count(*)::integer AS unread FROM (
           SELECT FROM chat_messages v
            WHERE v.conversation_id = c.id AND v.seq > coalesce(k.read, 0)
              AND v.kind NOT IN ({unseen}) AND v.author_id IS DISTINCT FROM $1
              AND NOT {recalled}
            LIMIT {unread_max}) AS fresh) AS u ON true
  -- The newest message that both sides may see and nobody took back.
  LEFT JOIN LATERAL (
       SELECT author, kind, body FROM chat_messages v
        WHERE v.conversation_id = c.id
          AND v.kind NOT IN ('note', 'recall', 'system')
          AND NOT {recalled}
        ORDER BY v.seq DESC LIMIT 1) AS m ON true
 ORDER BY {order}
"""
_ORDER_BY = {
    # Who has waited longest for a person comes first; the others by their newest message.
    "open": "(c.asked_at IS NULL), c.asked_at, c.last_at DESC, c.id DESC",
    "unanswered": "c.asked_at, c.id",
    "waiting": "c.queued_at, c.id",
    "closed": "c.last_at DESC, c.id DESC",
    "all": "c.last_at DESC, c.id DESC",
}
#: Unread messages are counted up to here.
UNREAD_MAX = 100
#: Lists that may be long, read a page at a time.
_PAGED = ("closed", "all")


#: Who is tied to a side leaves the case alone, and what is said in it.
_TIED = (
    "EXISTS (SELECT FROM ties t WHERE t.person_id = $1 AND t.tied_to IN (c.buyer_id, c.shop_id))"
)


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list."""

    id: UUID
    number: int
    shop_id: UUID
    shop: str
    buyer_id: UUID
    buyer: str
    case_id: UUID | None
    channel: Channel
    topic: Topic
    subject: str
    state: State
    agent_id: UUID | None
    agent: str
    opened_at: datetime
    queued_at: datetime | None
    asked_at: datetime | None
    """Since when the buyer waits for an answer of a person."""
    last_at: datetime
    last_seq: int
    unread: int
    """What others have said that one's own screens have not shown; counted up to UNREAD_MAX."""
    grade: int | None
    last_author: str
    last_kind: str
    last_text: str
    """What was said last, in short; empty where it is no text."""


class Listed(msgspec.Struct, frozen=True):
    """A page of conversations, and where the next one begins."""

    briefs: list[Brief]
    after: str | None


async def list_talks(
    database: Queryable,
    who: Principal,
    *,
    view: View,
    after: Cursor | None = None,
    limit: int = 50,
    now: datetime,
) -> Listed:
    """A page of the conversations that are theirs. Only `all` and `closed` have more pages."""
    where, args = _conditions(who, view)
    if view in _PAGED:
        args += [after.at if after else now, after.id if after else UUID(int=2**128 - 1)]
        where += f" AND (c.last_at, c.id) < (${len(args) - 1}, ${len(args)})"
    statement = _SELECT.format(
        where=where,
        order=_ORDER_BY[view],
        limit=int(limit) + 1,
        recalled=recalled_in_sql("v"),
        unseen="'recall', 'system'" if who.kind == "shop" else "'recall', 'system', 'note'",
        unread_max=UNREAD_MAX,
    )
    rows = await database.fetch(statement, *args)
    briefs = [_brief(row) for row in rows[:limit]]
    is_more = view in _PAGED and len(rows) > limit
    return Listed(briefs, Cursor(briefs[-1].last_at, briefs[-1].id).text() if is_more else None)


def _conditions(who: Principal, view: View) -> tuple[str, list[Any]]:
    """What limits the list to what is theirs, and its arguments; $1 is always the person."""
    args: list[Any] = [who.person_id]
    if who.kind == "buyer":
        where = "c.buyer_id = $1"
    elif who.kind == "shop":
        if not talks(who):
            raise Refusal("wrong_role", N_("Your role does not permit this."))
        args.append(who.shop_id)
        where = "c.shop_id = $2"
        if view == "open":
            where += " AND c.agent_id = $1"
    else:
        where = f"c.case_id IS NOT NULL AND NOT {_TIED}"
    match view:
        case "open":
            open_states = "'open'" if who.kind == "shop" else "'open', 'waiting'"
            where += f" AND c.state IN ({open_states})"
        case "waiting":
            where += " AND c.state = 'waiting'"
        case "unanswered":
            where += " AND c.asked_at IS NOT NULL AND c.state <> 'closed'"
        case "closed":
            where += " AND c.state = 'closed'"
        case "all":
            pass
    return where, args


def _brief(row: Any) -> Brief:
    fields: dict[str, Any] = dict(row)
    body = fields.pop("last_body")
    text = str(msgspec.json.decode(body).get("text", "")) if body else ""
    fields["last_author"] = fields["last_author"] or ""
    fields["last_kind"] = fields["last_kind"] or ""
    return Brief(**fields, last_text=text[:80])
