"""Notices: what the caller's side was told, and marking it as read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.i18n import Locale, translate
from gongdao.flows.read_notices import (
    ID_MAX,
    PAGE_MAX,
    Line,
    count_unread,
    list_notices,
    mark_read,
)

_After = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]
_Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]


class NoticeBody(msgspec.Struct, frozen=True, kw_only=True):
    """One notice, with its case as it is now."""

    id: int
    at: datetime
    unread: bool
    type: str
    """The type of the event that is told, or payout_arrived."""
    by: str
    name: str
    """Who did it, as the reader knows them; empty where nobody did."""
    sentence: str
    case_id: UUID
    number: int
    procedure: str
    kind: str
    waits_for_me: bool
    deadline: datetime | None


class NoticePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notices; `after` is where the next one begins, null at the end."""

    notices: list[NoticeBody]
    after: int | None
    unread: int
    """How many of the newest 100 notices are unread."""


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
    return NoticePage(
        notices=[_show(line, locale) for line in listed.lines],
        after=listed.after,
        unread=await count_unread(pool, who),
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
    return UnreadBody(unread=await count_unread(pool, who))


def _show(line: Line, locale: Locale) -> NoticeBody:
    return NoticeBody(
        id=line.id,
        at=line.at,
        unread=line.unread,
        type=line.type,
        by=line.by,
        name=line.name,
        sentence=translate(locale, line.sentence, line.params),
        case_id=line.case_id,
        number=line.number,
        procedure=line.procedure,
        kind=line.kind,
        waits_for_me=line.waits_for_me,
        deadline=line.due_at,
    )
