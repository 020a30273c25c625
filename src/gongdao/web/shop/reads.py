"""What the inbox of a shop reads across the rooms: a page of cases by the clock, and counts.

Each page is one statement. Open cases are read side by side, one index range for each party that
a case can wait for, so that a page costs the same whether the shop has forty cases or a million.
"""
# ruff: noqa: S608 - statements are put together from constants; every value travels as a parameter

from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.cursor import Count, Instant, Place
from gongdao.base.days import next_midnight
from gongdao.base.db import Queryable, Record
from gongdao.base.errors import Param
from gongdao.base.values import Values
from gongdao.cases.case import Case
from gongdao.cases.chain import decode_state
from gongdao.cases.narrate import narrate
from gongdao.cases.seen_by import TOLD_TYPES, masked_in_sql, seen_by
from gongdao.cases.store import recorded
from gongdao.policy.load import load_pack
from gongdao.policy.words import Procedure, Role, Stage

Side = Literal["us", "buyer", "platform"]
Turn = Literal["", "us", "buyer", "platform", "closed"]
Group = Literal[
    "overdue", "soon", "today", "later", "no_clock", "buyer", "platform", "closed"
]  # fmt: skip

#: One page of the inbox; an agent with forty cases sees all of them at once.
PAGE = 50
#: Counts stop here: nobody needs to know more exactly how far behind they are.
COUNT_MAX = 1000
#: What must be answered within this stands on top.
SOON = timedelta(hours=2)
#: A search looks at so many orders that begin like what was typed.
HITS_MAX = 200
_NIL, _END = UUID(int=0), UUID(int=2**128 - 1)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)

#: Whose turn it is, as the three sides of a shop's desk see it.
SIDES: dict[Side, tuple[str, ...]] = {
    "us": ("seller", "both", "agent"),
    "buyer": ("buyer",),
    "platform": ("arbiter", "supervisor", "jurors", "system", "carrier", "operator", "nobody"),
}
_RANKS: dict[Side, int] = {"us": 0, "buyer": 1, "platform": 2}
_SIDE_OF: dict[str, Side] = {who: side for side, all_ in SIDES.items() for who in all_}
#: Events that only follow from another one, which is the news.
_NO_NEWS = [
    "stage_entered", "payments_instructed", "evidence_sealed", "points_charged", "case_closed",
    "warning_raised",
]  # fmt: skip
_COLUMNS = "c.id, c.number, c.order_id, c.due_at, c.opened_at, c.ended, c.state"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to; empty is any."""

    turn: Turn = ""
    procedure: str = ""
    kind: str = ""
    stage: str = ""
    least_fen: int = 0
    text: str = ""
    """A case's number, or the beginning of an order's number or of a buyer's name."""


class RowPlace(Place, frozen=True):
    """The last row of a page; the next page begins after it."""

    rank: Count
    at: Instant | None
    case_id: UUID


class News(msgspec.Struct, frozen=True, kw_only=True):
    """The last thing that happened: a sentence (a message id with its fields)."""

    at: datetime
    by: Role
    sentence: str
    params: dict[str, Param]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox."""

    number: int
    case: Case
    due_at: datetime | None
    group: Group
    order_number: str
    buyer_name: str
    product: str
    news: News | None

    @property
    def amount_fen(self) -> int:
        """What was agreed or ruled, else what is asked for."""
        return sum(self.case.award_fen.values()) or self.case.asked_fen


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the inbox, and where the next one begins."""

    rows: tuple[Row, ...]
    following: RowPlace | None = None


async def read_inbox(
    database: Queryable,
    *,
    shop_id: UUID,
    wanted: Wanted,
    now: datetime,
    after: RowPlace | None = None,
) -> Inbox:
    """A page of the shop's cases, the most urgent first."""
    values = Values()
    shop = values.add(shop_id)
    narrowed = _narrow(wanted, values)
    if wanted.text:
        page = _hits(wanted, shop, narrowed, values)
    elif wanted.turn == "closed":
        page = _closed_page(shop, narrowed, after, values)
    else:
        page = _open_page(wanted.turn, shop, narrowed, after, values)
    found = await database.fetch(_with_details(page, values), *values.all)
    rows = tuple(_row(record, now) for record in found[:PAGE])
    more = len(found) > PAGE and not wanted.text
    return Inbox(rows=rows, following=_place(found[PAGE - 1]) if more else None)


async def count_groups(database: Queryable, *, shop_id: UUID, now: datetime) -> dict[Group, int]:
    """How many open cases each group has; COUNT_MAX stands for that many or more."""
    values = Values()
    shop, us = values.add(shop_id), values.add(list(SIDES["us"]))
    at, soon, night = values.add(now), values.add(now + SOON), values.add(next_midnight(now))
    conditions: dict[Group, str] = {
        "overdue": f"waiting_on = ANY ({us}) AND due_at <= {at}",
        "soon": f"waiting_on = ANY ({us}) AND due_at > {at} AND due_at <= {soon}",
        "today": f"waiting_on = ANY ({us}) AND due_at > {soon} AND due_at < {night}",
        "later": f"waiting_on = ANY ({us}) AND due_at > {soon} AND due_at >= {night}",
        "no_clock": f"waiting_on = ANY ({us}) AND due_at IS NULL",
        "buyer": f"waiting_on = ANY ({values.add(list(SIDES['buyer']))})",
        "platform": f"waiting_on = ANY ({values.add(list(SIDES['platform']))})",
    }
    counted = ", ".join(
        f"(SELECT count(*) FROM (SELECT FROM cases WHERE shop_id = {shop} AND ended IS NULL"
        f" AND {condition} LIMIT {COUNT_MAX}) AS {group}) AS {group}"
        for group, condition in conditions.items()
    )
    row = await database.fetchrow(f"SELECT {counted}", *values.all)
    assert row, "a count always answers"
    return {group: row[group] for group in conditions}


def group_of(case: Case, due_at: datetime | None, now: datetime) -> Group:
    """Under which heading a case stands."""
    if case.ended is not None:
        return "closed"
    side = _SIDE_OF[case.waiting_on]
    if side != "us":
        return side
    if due_at is None:
        return "no_clock"
    if due_at <= now:
        return "overdue"
    if due_at <= now + SOON:
        return "soon"
    return "today" if due_at < next_midnight(now) else "later"


def _narrow(wanted: Wanted, values: Values) -> str:
    terms: list[str] = []
    if wanted.procedure in get_args(Procedure):
        terms.append(f"c.procedure = {values.add(wanted.procedure)}")
    if wanted.kind:
        terms.append(f"c.kind = {values.add(wanted.kind)}")
    if wanted.stage in get_args(Stage):
        terms.append(f"c.stage = {values.add(wanted.stage)}")
    if wanted.least_fen:
        asked = "coalesce((c.state ->> 'asked_fen')::bigint, 0)"
        terms.append(f"{asked} >= {values.add(wanted.least_fen)}")
    if wanted.text and wanted.turn == "closed":
        terms.append("c.ended IS NOT NULL")
    elif wanted.text and wanted.turn:
        terms.append(f"c.ended IS NULL AND c.waiting_on = ANY ({values.add(_all_of(wanted.turn))})")
    return "".join(f" AND {term}" for term in terms)


def _all_of(turn: Turn) -> list[str]:
    return [who for side, all_ in SIDES.items() if turn in ("", side) for who in all_]


def _open_page(turn: Turn, shop: str, narrowed: str, after: RowPlace | None, values: Values) -> str:
    """One range of the index for each party, from where the last page ended."""
    starts = [
        (who, _RANKS[_SIDE_OF[who]], *_start(_RANKS[_SIDE_OF[who]], after))
        for who in _all_of(turn)
        if after is None or _RANKS[_SIDE_OF[who]] >= after.rank
    ]
    types = ("text", "int", "timestamptz", "uuid", "uuid")
    columns = [[start[i] for start in starts] for i in range(len(types))]
    arrays = ", ".join(
        f"{values.add(column)}::{type_}[]" for column, type_ in zip(columns, types, strict=True)
    )
    waiting = f"c.shop_id = {shop} AND c.ended IS NULL AND c.waiting_on = turn.who"
    limit = PAGE + 1
    return (
        f"SELECT turn.rank, c.* FROM unnest({arrays}) AS turn (who, rank, due_at, id, undated)"
        f" CROSS JOIN LATERAL ((SELECT {_COLUMNS} FROM cases c WHERE {waiting}"
        f" AND (c.due_at, c.id) > (turn.due_at, turn.id){narrowed}"
        f" ORDER BY c.due_at, c.id LIMIT {limit})"
        f" UNION ALL (SELECT {_COLUMNS} FROM cases c WHERE {waiting}"
        # Ordered by both columns, although one is null: by the id alone the primary key is walked.
        f" AND c.due_at IS NULL AND c.id > turn.undated{narrowed}"
        f" ORDER BY c.due_at, c.id LIMIT {limit})) c"
        f" ORDER BY turn.rank, c.due_at NULLS LAST, c.id LIMIT {limit}"
    )


def _start(rank: int, after: RowPlace | None) -> tuple[datetime, UUID, UUID]:
    """Where a range begins: cases with a clock, and behind them those without."""
    if after is None or rank > after.rank:
        return _FIRST, _NIL, _NIL
    if after.at is None:
        return _LAST, _END, after.case_id
    return after.at, after.case_id, _NIL


def _closed_page(shop: str, narrowed: str, after: RowPlace | None, values: Values) -> str:
    at = values.add(after.at if after and after.at else _LAST)
    last = values.add(after.case_id if after else _END)
    return (
        f"SELECT 3 AS rank, {_COLUMNS} FROM cases c WHERE c.shop_id = {shop}"
        f" AND c.ended IS NOT NULL AND (c.opened_at, c.id) < ({at}, {last}){narrowed}"
        f" ORDER BY c.opened_at DESC, c.id DESC LIMIT {PAGE + 1}"
    )


def _hits(wanted: Wanted, shop: str, narrowed: str, values: Values) -> str:
    """Cases by their number, by their order's number, or by their buyer's name."""
    text = wanted.text
    number = int(text) if text.isdecimal() and len(text) < 16 else 0
    # Two comparisons that the byte-ordered indexes serve; LIKE would need escaping.
    begins, ends = values.add(text), values.add(text + "\U0010ffff")
    by_order = " UNION ALL ".join(
        f"SELECT d.id FROM (SELECT o.id FROM orders o WHERE o.shop_id = {shop}"
        f" AND o.{column} >= {begins} AND o.{column} < {ends}"
        f" ORDER BY o.{column} LIMIT {HITS_MAX}) o JOIN cases d ON d.order_id = o.id"
        f" AND NOT {masked_in_sql('d.state', 'seller')}"
        for column in ("number", "buyer_name")
    )
    return (
        f"SELECT 0 AS rank, {_COLUMNS} FROM cases c WHERE c.shop_id = {shop} AND c.id IN ("
        f"SELECT id FROM cases WHERE number = {values.add(number)} UNION ALL {by_order}){narrowed}"
        f" ORDER BY c.ended IS NOT NULL, c.due_at NULLS LAST, c.id LIMIT {PAGE}"
    )


def _with_details(page: str, values: Values) -> str:
    """The page with its orders and the last thing that happened in each case."""
    masked = masked_in_sql("page.state", "seller")
    return (
        f"WITH page AS MATERIALIZED (SELECT row_number() OVER () AS place, p.* FROM ({page}) p)"
        f" SELECT page.*, {masked} AS masked,"
        f" CASE WHEN {masked} THEN '' ELSE o.number END AS order_number,"
        f" CASE WHEN {masked} THEN '' ELSE o.buyer_name END AS buyer_name,"
        " (SELECT l ->> 'title' FROM jsonb_array_elements(o.lines) l"
        "   WHERE coalesce(page.state -> 'lines', '[]') @> (l -> 'line') LIMIT 1) AS product,"
        " news.version, news.at, news.by, news.person_id, news.pack, news.body"
        " FROM page JOIN orders o ON o.id = page.order_id LEFT JOIN LATERAL ("
        "   SELECT e.version, e.at, e.by, e.person_id, e.pack, e.body FROM case_events e"
        f"   WHERE e.case_id = page.id AND e.type <> ALL ({values.add(_NO_NEWS)})"
        # A private note is for its own side only.
        "    AND (e.by = 'seller' OR NOT coalesce((e.body ->> 'private')::boolean, false))"
        # Nor is a side told what was said by whoever reported it without a name.
        f"    AND NOT ({masked} AND e.by = page.state ->> 'opened_by'"
        f"             AND e.type <> ALL ({values.add([*TOLD_TYPES])}))"
        "   ORDER BY e.version DESC LIMIT 1) news ON true"
        " ORDER BY page.place"
    )


def _row(record: Record, now: datetime) -> Row:
    case = seen_by(decode_state(record["state"]), "seller")
    return Row(
        number=record["number"],
        case=case,
        due_at=record["due_at"],
        group=group_of(case, record["due_at"], now),
        order_number=record["order_number"],
        buyer_name=record["buyer_name"],
        product=record["product"] or "",
        news=_news(record),
    )


def _news(record: Record) -> News | None:
    if record["version"] is None:
        return None
    event = recorded(record)
    sentence, params = narrate(event, load_pack(event.pack))
    return News(at=event.at, by=event.by, sentence=sentence, params=params)


def _place(record: Record) -> RowPlace:
    at = record["opened_at"] if record["ended"] is not None else record["due_at"]
    return RowPlace(rank=record["rank"], at=at, case_id=record["id"])
