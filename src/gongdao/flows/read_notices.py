"""Each person's notices: how many are unread, the list, and marking them as read.

A person reads one inbox, their own side's, without what they did themselves. New colleagues start
with what came after them: what is older counts as read.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable, Record
from gongdao.base.errors import Param, Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.cases.events import Recorded
from gongdao.cases.narrate import Sentence, narrate
from gongdao.cases.store import recorded
from gongdao.flows.deduction_notice import say_deduction
from gongdao.flows.notify_orders import narrate_order
from gongdao.notices.notice import Inbox
from gongdao.notices.store import note_opened, note_read_through
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Ended
from gongdao.policy.words import Party, Procedure, Role, Stage

#: How many notices a page lists at most, and how far unread ones are counted.
PAGE_MAX = 100
COUNT_MAX = 100

_UNREAD = """
n.id > coalesce((SELECT r.through FROM notice_readers r WHERE r.person_id = $3), 0)
AND n.at >= (SELECT p.created_at FROM people p WHERE p.id = $3)
AND NOT EXISTS (SELECT FROM notices_opened o WHERE o.person_id = $3 AND o.notice_id = n.id)
"""
_MINE = "n.side = $1 AND n.owner_id = $2 AND n.by_id IS DISTINCT FROM $3"
# Looks at the newest ones only: a count costs the same however many there are.
_COUNT = f"""
SELECT count(*)
  FROM (SELECT n.* FROM notices n WHERE {_MINE} ORDER BY n.id DESC LIMIT {COUNT_MAX}) n
 WHERE {_UNREAD}
"""  # noqa: S608 - made of constants
_LIST = f"""
SELECT n.id, n.at AS told_at, n.case_id, n.payout_id, {_UNREAD} AS unread,
       n.order_id, o.number AS order_number, g.what, g.detail, g.by_id, o.buyer_id,
       c.number, c.procedure, c.kind, c.stage, c.waiting_on, c.due_at, c.ended,
       c.state ? 'rest' AS rests,
       (c.state ? 'anonymous' AND $1 IN ('buyer', 'seller')
        AND c.state ->> 'opened_by' <> $1) AS masked,
       s.name AS shop_name, o.buyer_name, actor.name AS actor_name, p.amount_fen,
       (SELECT l ->> 'title' FROM jsonb_array_elements(o.lines) l
         WHERE c.id IS NULL OR NOT c.state ? 'lines' OR c.state -> 'lines' @> (l -> 'line')
         LIMIT 1) AS product,
       e.version, e.at, e.by, e.person_id, e.pack, e.body
  FROM (SELECT n.* FROM notices n WHERE {_MINE} AND n.id < $4 ORDER BY n.id DESC LIMIT $5) n
  LEFT JOIN cases c ON c.id = n.case_id
  LEFT JOIN case_events e ON e.case_id = n.case_id AND e.version = n.version
  LEFT JOIN order_log g ON g.position = n.log_position
  JOIN orders o ON o.id = coalesce(n.order_id, c.order_id)
  JOIN shops s ON s.id = o.shop_id
  LEFT JOIN people actor ON actor.id = coalesce(e.person_id, g.by_id)
  LEFT JOIN payouts p ON p.id = n.payout_id
 ORDER BY n.id DESC
"""  # noqa: S608 - made of constants
_FIND = f"SELECT n.case_id, n.order_id FROM notices n WHERE {_MINE} AND n.id = $4"  # noqa: S608 - constants
#: No notice has a greater number.
ID_MAX = 2**63 - 1


class OfCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case of a notice, as it is now."""

    id: UUID
    number: int
    procedure: Procedure
    kind: str
    stage: Stage
    ended: Ended | None
    rests: bool
    waits_for_me: bool
    due_at: datetime | None


class OfOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a notice."""

    id: UUID
    number: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One notice: a sentence (a message id with its fields), and its case or order."""

    id: int
    at: datetime
    unread: bool
    by: Role
    name: str
    """Who did it, as the reader knows them: a buyer, a shop or a colleague by name."""
    type: str
    """The type of the event, payout_arrived, or order_ and what the order's log says."""
    sentence: str
    params: dict[str, Param]
    case: OfCase | None
    order: OfOrder | None
    product: str
    shop_name: str
    buyer_name: str

    @property
    def about(self) -> UUID:
        """The id of the case or of the order."""
        subject = self.case or self.order
        assert subject, "news is of something"
        return subject.id


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notices, newest first, and where the next one begins."""

    lines: list[Line]
    after: int | None = None


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice was about: a case or an order."""

    case_id: UUID | None
    order_id: UUID | None


def inbox_of(who: Principal) -> Inbox | None:
    """The inbox that a person reads; None for those who are told of no case."""
    if not who.may("case.read"):
        return None
    match who.kind:
        case "buyer":
            return Inbox("buyer", who.person_id)
        case "shop":
            return Inbox("seller", who.shop_id) if who.shop_id else None
        case "platform":
            return Inbox(who.role) if who.role in ("arbiter", "supervisor") else None


async def count_unread(database: Queryable, who: Principal) -> int:
    """How many of a person's newest notices are unread; COUNT_MAX stands for that many or more."""
    inbox = inbox_of(who)
    if inbox is None:
        return 0
    return await database.fetchval(_COUNT, inbox.side, inbox.owner_id, who.person_id)


async def list_notices(
    database: Queryable, who: Principal, *, after: int | None = None, limit: int = 30
) -> Listed:
    """A person's notices, newest first."""
    assert 1 <= limit <= PAGE_MAX, "the edge checks the limit"
    inbox = inbox_of(who)
    if inbox is None:
        return Listed(lines=[])
    rows = await database.fetch(
        _LIST, inbox.side, inbox.owner_id, who.person_id, after or ID_MAX, limit + 1
    )
    lines = [_line(row, inbox) for row in rows[:limit]]
    return Listed(lines=lines, after=lines[-1].id if len(rows) > limit else None)


async def open_notice(
    database: Queryable, who: Principal, notice_id: int, *, now: datetime
) -> Opened:
    """Mark a notice, and the earlier ones of its case or order, as read. Raises Refusal."""
    inbox = inbox_of(who)
    row: Record | None = None
    if inbox is not None and 0 < notice_id <= ID_MAX:
        row = await database.fetchrow(_FIND, inbox.side, inbox.owner_id, who.person_id, notice_id)
    if inbox is None or row is None:
        raise Refusal("not_found", N_("There is no such notice."))
    opened = Opened(case_id=row["case_id"], order_id=row["order_id"])
    about = opened.case_id or opened.order_id
    assert about, "news is of something"
    await note_opened(database, inbox, who.person_id, about=about, notice_id=notice_id, now=now)
    return opened


async def see_told(database: Queryable, who: Principal, about: UUID, *, now: datetime) -> None:
    """Whoever has a case or an order before them has read what they were told of it."""
    inbox = inbox_of(who)
    if inbox is not None:
        await note_opened(database, inbox, who.person_id, about=about, notice_id=ID_MAX, now=now)


async def mark_read(pool: Pool, who: Principal, *, through: int, now: datetime) -> None:
    """Mark everything up to a notice as read; what came after it stays unread."""
    inbox = inbox_of(who)
    if inbox is None:
        return
    async with pool.acquire() as connection, connection.transaction():
        await note_read_through(connection, inbox, who.person_id, notice_id=through, now=now)


def _line(row: Record, inbox: Inbox) -> Line:
    return _of_order(row, inbox) if row["order_id"] else _of_case(row, inbox)


def _of_order(row: Record, inbox: Inbox) -> Line:
    by_buyer = row["by_id"] == row["buyer_id"]
    sentence, params = narrate_order(row["what"], msgspec.json.decode(row["detail"]))
    name = row["buyer_name"] or row["actor_name"] if by_buyer else row["shop_name"]
    return Line(
        id=row["id"],
        at=row["told_at"],
        unread=row["unread"],
        by="buyer" if by_buyer else "seller",
        name=name or "",
        type=f"order_{row['what']}",
        sentence=sentence,
        params=params,
        case=None,
        order=OfOrder(id=row["order_id"], number=row["order_number"]),
        product=row["product"] or "",
        shop_name=row["shop_name"],
        buyer_name=row["buyer_name"],
    )


def _of_case(row: Record, inbox: Inbox) -> Line:
    record = recorded(row)
    sentence, params = _said(row, record, inbox)
    name = _name(row, record, inbox) if row["payout_id"] is None else ""
    shop_name, buyer_name = row["shop_name"], row["buyer_name"]
    if row["masked"]:
        # Whoever was reported is told that something happened, not what the reporter said.
        name, shop_name, buyer_name = "", "", ""
        if record.by not in ("system", "arbiter", "supervisor", inbox.side):
            sentence, params = N_("There is news of a report that concerns you."), {}
    return Line(
        id=row["id"],
        at=row["told_at"],
        unread=row["unread"],
        by=record.by if row["payout_id"] is None else "system",
        name=name,
        type=record.type if row["payout_id"] is None else "payout_arrived",
        sentence=sentence,
        params=params,
        case=OfCase(
            id=row["case_id"],
            number=row["number"],
            procedure=row["procedure"],
            kind=row["kind"],
            stage=row["stage"],
            ended=row["ended"],
            rests=row["rests"],
            waits_for_me=not row["rests"] and _waits(row["waiting_on"], inbox),
            due_at=row["due_at"],
        ),
        order=None,
        product=row["product"] or "",
        shop_name=shop_name,
        buyer_name=buyer_name,
    )


def _said(row: Record, record: Recorded, inbox: Inbox) -> tuple[str, dict[str, Param]]:
    if row["payout_id"] is not None:
        return N_("Your {sum} yuan have arrived."), {"sum": yuan(row["amount_fen"])}
    pack = load_pack(record.pack)
    said: Sentence | None = None
    if inbox.side == "seller":
        goods = row["product"] or ""
        said = say_deduction(record, pack, procedure=row["procedure"], goods=goods)
    return said or narrate(record, pack)


def _name(row: Record, record: Recorded, inbox: Inbox) -> str:
    """A party by its name, a colleague by theirs; who judges is named by the office."""
    if record.by == "buyer":
        return row["buyer_name"] or row["actor_name"] or ""
    if record.by == "seller":
        return (row["actor_name"] or "") if inbox.side == "seller" else row["shop_name"]
    return ""


def _waits(waiting_on: Party, inbox: Inbox) -> bool:
    if inbox.side == "seller":
        return waiting_on in ("seller", "agent", "both")
    if inbox.side == "buyer":
        return waiting_on in ("buyer", "both")
    return waiting_on == inbox.side
