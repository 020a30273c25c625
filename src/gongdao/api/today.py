"""What is to do today, for a screen of one's own."""

from datetime import datetime

import msgspec
from litestar import get

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.i18n import translate
from gongdao.flows.today.board import read_today
from gongdao.flows.today.line import Lot, Work


class LineBody(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work."""

    page: str
    """The page on which it is done."""
    title: str
    about: str
    """A code of the vocabulary, e.g. refund_only; empty where it is no case."""
    note: str
    """A sentence, or nothing."""
    said: str
    """Somebody's own words, or nothing."""
    due_at: datetime | None
    since: datetime | None


class LotBody(msgspec.Struct, frozen=True, kw_only=True):
    """The work of one kind, the most urgent of it first."""

    work: Work
    count: int
    at_least: bool
    """There may be more than were counted."""
    page: str
    lines: list[LineBody]


class TodayBody(msgspec.Struct, frozen=True, kw_only=True):
    """The work of the caller's day."""

    now: datetime
    ends_at: datetime
    lots: list[LotBody]


@get(
    "/today",
    guards=[kind("shop"), may("order.read")],
    summary="What I have to do today",
    tags=["the day"],
)
async def read_day(request: Asked) -> TodayBody:
    """Every kind of work that the caller may do and in which something is to do."""
    locale = locale_of(request)
    async with request.app.state.pool.acquire() as connection:
        today = await read_today(connection, principal_of(request), now=utc_now())

    def body(lot: Lot) -> LotBody:
        lines = [
            LineBody(
                page=line.href,
                title=line.title,
                about=line.term[1] if line.term else "",
                note=translate(locale, line.note, line.params) if line.note else "",
                said=line.said,
                due_at=line.due_at,
                since=line.at,
            )
            for line in lot.lines
        ]
        return LotBody(
            work=lot.work, count=lot.count, at_least=lot.at_least, page=lot.href, lines=lines
        )

    return TodayBody(
        now=today.day.now, ends_at=today.day.ends, lots=[body(lot) for lot in today.lots]
    )
