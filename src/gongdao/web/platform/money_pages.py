"""The books.

Who: the operator after a night, the auditor at the end of a month. Question: how much do we hold,
who owes, what did not arrive, and does it all add up? Next: send a failed payout again, look into a
shop or a case.
"""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.dossier.words import STATES, TRANSFERS
from gongdao.ledger.payout_store import retry_payout
from gongdao.web.platform.book_reads import (
    PAGE,
    check_books,
    list_failed,
    list_shops,
    list_transfers,
    read_totals,
)
from gongdao.web.platform.forms import asked_for, text_of
from gongdao.web.platform.words import PAYOUTS
from gongdao.web.shell import page

_READERS = [kind("platform"), may("ledger.read")]


@get("/platform/money", guards=_READERS, include_in_schema=False)
async def show_books(request: Asked, before: FromQuery[int | None] = None) -> Response[str]:
    """What did not arrive, and what moved last; totals and the check come on their own."""
    pool = request.app.state.pool
    transfers = await list_transfers(pool, before=before)
    return page(
        request,
        "platform/money.html",
        failed=await list_failed(pool),
        transfers=transfers,
        more=f"/platform/money?before={transfers[-1].id}" if len(transfers) == PAGE else "",
        transfer_words=TRANSFERS,
        state_words=STATES,
        may_retry=principal_of(request).may("policy.edit"),
    )


@get("/platform/money/shops", guards=_READERS, include_in_schema=False)
async def show_shops(
    request: Asked, q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[str]:
    """What each shop has, and owes."""
    text = asked_for(q)
    shops = await list_shops(request.app.state.pool, text=text, after=asked_for(after))
    return page(
        request,
        "platform/shops.html",
        shops=shops,
        q=text,
        last=shops[-1].name if len(shops) == PAGE else "",
    )


@get("/platform/money/totals", guards=_READERS, include_in_schema=False)
async def show_totals(request: Asked) -> Response[str]:
    """What all accounts hold together, fetched by the page once it stands."""
    return page(
        request,
        "platform/totals.html",
        totals=await read_totals(request.app.state.pool),
        payout_words=PAYOUTS,
    )


@get("/platform/money/check", guards=_READERS, include_in_schema=False)
async def show_check(request: Asked) -> Response[str]:
    """Whether the books balance, checked now."""
    async with request.app.state.pool.acquire() as connection:
        checked = await check_books(connection)
    return page(request, "platform/check.html", checked=checked, at=utc_now())


@post("/platform/money/payouts/{payout_id:uuid}/retry", guards=_READERS, include_in_schema=False)
async def take_retry(request: Asked, payout_id: FromPath[UUID]) -> Redirect:
    """Send a failed payout again: the way it went, or into the buyer's account balance."""
    if not principal_of(request).may("policy.edit"):
        raise Refusal("wrong_role", N_("Only the operator sends payouts again."))
    channel = text_of(await request.form(), "channel")
    if channel not in ("", "balance"):
        raise Refusal("invalid", N_("A payout goes out again the same way or into the balance."))
    async with request.app.state.pool.acquire() as connection:
        await retry_payout(connection, payout_id, now=utc_now(), channel=channel or None)
    return Redirect("/platform/money", status_code=303)


money_routes = [show_books, show_shops, show_totals, show_check, take_retry]
