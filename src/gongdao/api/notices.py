"""Notices: what the caller's side was told, and marking it as read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.i18n import Locale, translate
from gongdao.flows.read_notices import (
    ID_MAX,
    PAGE_MAX,
    Line,
    count_unread,
    list_notices,
    mark_read,
)
from gongdao.flows.register_notices import Line as Told
from gongdao.flows.register_notices import count_told, list_told, see_told
from gongdao.register.store import About

_After = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]
_Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]


class NoticeBody(msgspec.Struct, frozen=True, kw_only=True):
    """One notice, with its case as it is now, or of an order."""

    id: int
    at: datetime
    unread: bool
    type: str
    """The type of the event that is told, payout_arrived, or order_ and what has happened to it."""
    by: str
    name: str
    """Who did it, as the reader knows them; empty where nobody did."""
    sentence: str
    case_id: UUID | None
    number: int | None
    """Of the case; null of an order."""
    procedure: str | None
    kind: str | None
    waits_for_me: bool
    deadline: datetime | None
    order_id: UUID | None
    """Of news of an order, null of a case."""
    order_number: str | None


class RegisterNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Something unread of the shop's complaint register."""

    id: int
    at: datetime
    about: About
    name: str
    sentence: str
    entry_id: UUID
    number: int
    customer: str


class NoticePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notices; `after` is where the next one begins, null at the end."""

    notices: list[NoticeBody]
    after: int | None
    unread: int
    """How many of the newest 100 notices are unread, and of the register."""
    register: list[RegisterNotice]
    """What the caller was told of the complaint register and has not read; on the first page."""


class ReadBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything up to this notice has been read."""

    through: Annotated[int, msgspec.Meta(ge=1, le=ID_MAX)]


class UnreadBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is left."""

    unread: int


@get("/notices", guards=[may("case.read")], summary="Notices, newest first", tags=["notices"])
async def read_notices(request: Asked, after: _After = None, limit: _Limit = 30) -> NoticePage:
    """What the caller's side was told: a buyer, a shop, the arbiters or the supervisors."""
    pool, who, locale = request.app.state.pool, principal_of(request), locale_of(request)
    listed = await list_notices(pool, who, after=after, limit=limit)
    told = await list_told(pool, who) if after is None else []
    return NoticePage(
        notices=[_show(line, locale) for line in listed.lines],
        after=listed.after,
        unread=await _count(pool, who),
        register=[_show_register(line, locale) for line in told],
    )


@post(
    "/notices/read",
    guards=[may("case.read")],
    summary="Mark notices as read",
    tags=["notices"],
    status_code=200,
)
async def mark_notices(request: Asked, data: JSONBody[ReadBody]) -> UnreadBody:
    """Mark everything up to a notice as read, for the caller alone; twice is as good as once."""
    pool, who = request.app.state.pool, principal_of(request)
    await mark_read(pool, who, through=data.through, now=utc_now())
    return UnreadBody(unread=await _count(pool, who))


@post(
    "/notices/register/read",
    guards=[may("register.read")],
    summary="Mark notices of the complaint register as read",
    tags=["notices"],
    status_code=200,
)
async def mark_register_notices(request: Asked) -> UnreadBody:
    """Mark as read, for the caller alone, all that they were told of the shop's register."""
    pool, who = request.app.state.pool, principal_of(request)
    await see_told(pool, who, now=utc_now())
    return UnreadBody(unread=await _count(pool, who))


async def _count(pool: Pool, who: Principal) -> int:
    return await count_unread(pool, who) + await count_told(pool, who)


def _show_register(line: Told, locale: Locale) -> RegisterNotice:
    return RegisterNotice(
        id=line.id,
        at=line.at,
        about=line.about,
        name=line.name,
        sentence=translate(locale, line.sentence, line.params),
        entry_id=line.entry_id,
        number=line.number,
        customer=line.customer,
    )


def _show(line: Line, locale: Locale) -> NoticeBody:
    case = line.case
    return NoticeBody(
        id=line.id,
        at=line.at,
        unread=line.unread,
        type=line.type,
        by=line.by,
        name=line.name,
        sentence=translate(locale, line.sentence, line.params),
        case_id=case.id if case else None,
        number=case.number if case else None,
        procedure=case.procedure if case else None,
        kind=case.kind if case else None,
        waits_for_me=case is not None and case.waits_for_me,
        deadline=case.due_at if case else None,
        order_id=line.order.id if line.order else None,
        order_number=line.order.number if line.order else None,
    )
