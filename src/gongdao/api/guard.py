"""The guard: what was found, what people say of it, whom it watches, and which payouts wait."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, may_one_of, principal_of
from gongdao.api.guard_forms import (
    FiguresShown,
    FindingList,
    HoldList,
    HoldShown,
    ReleaseBody,
    TakeOffBody,
    WatchedShown,
    WatchList,
    show_findings,
    show_held,
    show_hold,
    show_watch_list,
    show_watched,
)
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.flows.guard import hold as holds
from gongdao.flows.guard import watch as watching
from gongdao.flows.guard.figures import COUNTED, guard_figures
from gongdao.flows.guard.links import DEPTH_MAX, Graph, links_of
from gongdao.flows.guard.list_findings import PAGE_MAX, FindingFilter, list_findings
from gongdao.flows.guard.mark import MarkArgs, MissedArgs, mark_finding, mark_missed
from gongdao.flows.guard.see import (
    Warned,
    Warnings,
    seen_in_case,
    seen_in_talk,
    seen_on_order,
)
from gongdao.flows.guard.watch import WatchArgs
from gongdao.policy.guard import Subject

_Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
_After = Annotated[str | None, QueryParameter(max_length=64)]
_Seq = Annotated[int, QueryParameter(ge=0, le=2**31 - 1)]
_Code = Annotated[str | None, QueryParameter(max_length=40, pattern="^[a-z0-9-]+$")]
_Weight = Annotated[int | None, QueryParameter(ge=0, le=100)]
_Depth = Annotated[int, QueryParameter(ge=1, le=DEPTH_MAX)]
_Days = Annotated[int, QueryParameter(ge=1, le=3650)]
_Verdict = Literal["right", "wrong", "unmarked"]
#: Whoever reads all findings; the flow asks once more.
_READERS = may_one_of("case.judge", "case.review", "policy.edit", "audit.read")
_WATCHERS = may_one_of("case.review", "policy.edit")


@get(
    "/conversations/{conversation_id:uuid}/warnings",
    guards=[may_one_of("chat.use", "policy.edit", "audit.read")],
    summary="What to mind in a conversation",
    tags=["guard"],
)
async def read_talk_warnings(
    request: Asked, conversation_id: FromPath[UUID], after_seq: _Seq = 0
) -> Warnings:
    """The signs that one is told of; from the beginning also those about its two sides."""
    pool, who = request.app.state.pool, principal_of(request)
    return await seen_in_talk(pool, who, conversation_id, after_seq=after_seq)


@get(
    "/orders/{order_id:uuid}/warnings",
    guards=[may("order.read")],
    summary="What to mind about an order",
    tags=["guard"],
)
async def read_order_warnings(request: Asked, order_id: FromPath[UUID]) -> Warnings:
    """The signs about it, its two sides, and what they said to each other around it."""
    return await seen_on_order(request.app.state.pool, principal_of(request), order_id)


@get(
    "/cases/{case_id:uuid}/warnings",
    guards=[may("case.read")],
    summary="What to mind in a case",
    tags=["guard"],
)
async def read_case_warnings(request: Asked, case_id: FromPath[UUID]) -> Warnings:
    """The signs about it, its order, its talks and its sides; none of them decides anything."""
    return await seen_in_case(request.app.state.pool, principal_of(request), case_id)


@get(
    "/guard/findings",
    guards=[kind("platform"), _READERS],
    summary="What was found",
    tags=["guard"],
)
async def read_findings(
    request: Asked,
    code: _Code = None,
    subject: FromQuery[Subject | None] = None,
    shop_id: FromQuery[UUID | None] = None,
    buyer_id: FromQuery[UUID | None] = None,
    verdict: FromQuery[_Verdict | None] = None,
    weight: _Weight = None,
    after: _After = None,
    limit: _Limit = 50,
) -> FindingList:
    """The newest first; `weight`: at least so heavy by itself."""
    wanted = FindingFilter(
        code=code, subject=subject, shop_id=shop_id, buyer_id=buyer_id, verdict=verdict,
        weight=weight,
    )  # fmt: skip
    page = await list_findings(
        request.app.state.pool,
        principal_of(request),
        wanted,
        after=None if after is None else read_cursor(after),
        limit=limit,
    )
    return show_findings(page)


@post(
    "/guard/marks",
    guards=[kind("shop", "platform")],
    summary="Say that a finding is right or wrong",
    tags=["guard"],
)
async def make_mark(request: Asked, data: JSONBody[MarkArgs]) -> Warned:
    """Of a finding that one is told of; the newest word counts, what is wrong weighs nothing."""
    pool, who = request.app.state.pool, principal_of(request)
    return await mark_finding(pool, who, data, now=utc_now())


@post(
    "/guard/missed",
    guards=[kind("shop", "platform")],
    summary="Say that something was missed",
    tags=["guard"],
    status_code=204,
)
async def make_missed(request: Asked, data: JSONBody[MissedArgs]) -> None:
    """Of a message in which nothing of that code was found; it counts in the figures."""
    pool, who = request.app.state.pool, principal_of(request)
    await mark_missed(pool, who, data, now=utc_now())


@get(
    "/guard/links",
    guards=[kind("platform"), _READERS],
    summary="Accounts that share something",
    tags=["guard"],
)
async def read_links(
    request: Asked,
    person_id: FromQuery[UUID | None] = None,
    shop_id: FromQuery[UUID | None] = None,
    depth: _Depth = 2,
) -> Graph:
    """Around a person, or around the people of a shop; values are masked."""
    return await links_of(
        request.app.state.pool,
        principal_of(request),
        person_id=person_id,
        shop_id=shop_id,
        depth=depth,
    )


@get(
    "/guard/watched",
    guards=[kind("platform"), _READERS],
    summary="The watch list",
    tags=["guard"],
)
async def read_watched(
    request: Asked, past: FromQuery[bool] = False, after: _After = None, limit: _Limit = 50
) -> WatchList:
    """The newest first; with `past` also what is watched no more."""
    page = await watching.list_watched(
        request.app.state.pool,
        principal_of(request),
        with_past=past,
        after=None if after is None else read_cursor(after),
        now=utc_now(),
        limit=limit,
    )
    return show_watch_list(page)


@post(
    "/guard/watched",
    guards=[kind("platform"), _WATCHERS],
    summary="Watch somebody or something",
    tags=["guard"],
)
async def watch(request: Asked, data: JSONBody[WatchArgs]) -> WatchedShown:
    """A person, a shop, or a trait of the graph of links."""
    who = principal_of(request)
    one = await watching.watch(request.app.state.pool, who, data, now=utc_now())
    return show_watched(one, {who.person_id: who.name})


@post(
    "/guard/watched/{watched_id:uuid}/end",
    guards=[kind("platform"), _WATCHERS],
    summary="Watch it no more",
    tags=["guard"],
    status_code=200,
)
async def end_watch(
    request: Asked, watched_id: FromPath[UUID], data: JSONBody[TakeOffBody]
) -> WatchedShown:
    """It stays to be read; done twice it is done once."""
    pool, who = request.app.state.pool, principal_of(request)
    one = await watching.take_off(pool, who, watched_id, why=data.why, now=utc_now())
    return show_watched(one, {who.person_id: who.name})


@get(
    "/guard/holds",
    guards=[kind("platform"), _READERS],
    summary="Payouts that wait",
    tags=["guard"],
)
async def read_holds(
    request: Asked, past: FromQuery[bool] = False, after: _After = None, limit: _Limit = 50
) -> HoldList:
    """The newest first, with what was found; with `past` also what has waited."""
    page = await holds.list_holds(
        request.app.state.pool,
        principal_of(request),
        with_past=past,
        after=None if after is None else read_cursor(after),
        limit=limit,
    )
    return HoldList(
        holds=tuple(show_held(each) for each in page.holds),
        after=page.following.text() if page.following else None,
    )


@post(
    "/guard/holds/{payout_id:uuid}/release",
    guards=[kind("platform"), _WATCHERS],
    summary="Let a payout go",
    tags=["guard"],
    status_code=200,
)
async def release_payout(
    request: Asked, payout_id: FromPath[UUID], data: JSONBody[ReleaseBody]
) -> HoldShown:
    """At once, with a reason; without anybody it goes by itself when its time is over."""
    args = holds.ReleaseArgs(payout_id=payout_id, why=data.why)
    pool, who = request.app.state.pool, principal_of(request)
    return show_hold(await holds.release(pool, who, args, now=utc_now()))


@get(
    "/guard/figures",
    guards=[kind("platform"), _READERS],
    summary="How well each sign serves",
    tags=["guard"],
)
async def read_guard_figures(request: Asked, days: _Days = COUNTED.days) -> FiguresShown:
    """Found, right, wrong and missed by code; precision and recall with their intervals."""
    until = utc_now()
    since = until - timedelta(days=days)
    signs = await guard_figures(
        request.app.state.pool, principal_of(request), since=since, until=until, now=until
    )
    return FiguresShown(since=since, until=until, signs=signs)


routes: list[HTTPRouteHandler] = [
    read_talk_warnings, read_order_warnings, read_case_warnings, read_findings, make_mark,
    make_missed, read_links, read_watched, watch, end_watch, read_holds, release_payout,
    read_guard_figures,
]  # fmt: skip
