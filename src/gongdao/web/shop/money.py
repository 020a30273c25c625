"""Money of the shop.

Who: the owner or lead. Question: what have we got, what was taken and why, and does it last for
what is decided? Next: top up, or open the case behind a line.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.top_up_shop import ask_top_up
from gongdao.ledger.bill_store import top_ups_of
from gongdao.ledger.store import load_shop_money
from gongdao.web.shell import page
from gongdao.web.shop.money_reads import recent_payouts
from gongdao.web.shop.statement import (
    ACCOUNTS_OF_SHOP,
    LINES,
    STATES,
    Day,
    Word,
    export_statement,
    read_statement,
)
from gongdao.web.typed import read_fen, text_of

#: So many top-ups are shown beside the statement.
_TOP_UPS = 5


@get("/shop/money", guards=[kind("shop"), may("ledger.read")], include_in_schema=False)
async def show_money(
    request: Asked,
    account: Word = "shop_balance",
    since: Day = "",
    until: Day = "",
    before: FromQuery[int | None] = None,
) -> Response[str]:
    """Balances, the statement of one account, and what is on its way to buyers."""
    shop_id, pool = _shop_of(request), request.app.state.pool
    statement = await read_statement(
        pool, shop_id, account=account, since=since, until=until, before=before
    )
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, shop_id)
        payouts = await recent_payouts(connection, shop_id=shop_id)
        top_ups = await top_ups_of(connection, shop_id)
    return page(
        request,
        "shop/money.html",
        money=money,
        accounts=ACCOUNTS_OF_SHOP,
        statement=statement,
        kinds=LINES,
        states=STATES,
        payouts=payouts,
        top_ups=top_ups[:_TOP_UPS],
        may_top_up=principal_of(request).may("shop.edit"),
        collects=request.app.state.config.channel_collects,
        shop_id=shop_id,
    )


@post(
    "/shop/money/top-ups",
    guards=[kind("shop"), may("ledger.read"), may("shop.edit")],
    include_in_schema=False,
)
async def take_top_up(request: Asked) -> Redirect:
    """Pay in through the payment channel; the same form sent twice is one top-up."""
    form = await request.form()
    into = "shop_deposit" if text_of(form, "account") == "shop_deposit" else "shop_balance"
    await ask_top_up(
        request.app.state.pool,
        principal_of(request),
        into=into,
        amount_fen=read_fen(text_of(form, "amount").strip()),
        note=text_of(form, "note"),
        key=text_of(form, "idempotency_key"),
        now=utc_now(),
        collects=request.app.state.config.channel_collects,
    )
    return Redirect(f"/shop/money?account={into}", status_code=303)


def _shop_of(request: Asked) -> UUID:
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    return shop_id


money_routes: list[Any] = [show_money, export_statement, take_top_up]
