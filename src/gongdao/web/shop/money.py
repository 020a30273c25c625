"""Money of the shop.

Who: the owner or lead. Question: what have we got, what was taken and why, and does it last for
what is decided? Next: top up, or open the case behind a line.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.money import FEN_MAX, parse_yuan
from gongdao.ledger.store import load_shop_money, load_statement, top_up, top_up_deposit
from gongdao.ledger.transfer import Account, AccountKind
from gongdao.web.shell import page
from gongdao.web.shop.forms import read_amount, text_of
from gongdao.web.shop.money_reads import names_of, recent_payouts

PAGE = 50
_ACCOUNTS: tuple[AccountKind, ...] = (
    "shop_balance", "shop_deposit", "shop_debt", "shop_frozen",
)  # fmt: skip
#: How far back a repeated top-up is recognised.
_REPEATS = 200
_NOTE_MAX = 60
_Word = Annotated[str, QueryParameter(max_length=20, pattern="^[a-z_]*$")]
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('top up ' || $1::text, 0))"


@get("/shop/money", guards=[kind("shop"), may("ledger.read")], include_in_schema=False)
async def show_money(
    request: Asked, account: _Word = "shop_balance", before: FromQuery[int | None] = None
) -> Response[str]:
    """Balances, the statement of one account, and what is on its way to buyers."""
    shop_id = _shop_of(request)
    chosen = account if account in _ACCOUNTS else "shop_balance"
    async with request.app.state.pool.acquire() as connection:
        money = await load_shop_money(connection, shop_id)
        lines = await load_statement(
            connection, Account(chosen, shop_id), before=before, limit=PAGE + 1
        )
        shown = lines[:PAGE]
        names = await names_of(
            connection,
            shop_id=shop_id,
            case_ids={line.case_id for line in shown if line.case_id},
            order_ids={line.order_id for line in shown if line.order_id},
        )
        payouts = await recent_payouts(connection, shop_id=shop_id)
    at = f"/shop/money?account={chosen}"
    return page(
        request,
        "shop/money.html",
        money=money,
        accounts=_ACCOUNTS,
        account=chosen,
        lines=shown,
        names=names,
        payouts=payouts,
        first=at if before is not None else "",
        following=f"{at}&before={shown[-1].id}" if len(lines) > PAGE else "",
        may_top_up=principal_of(request).may("shop.edit"),
        shop_id=shop_id,
    )


@post(
    "/shop/money/top-ups",
    guards=[kind("shop"), may("ledger.read"), may("shop.edit")],
    include_in_schema=False,
)
async def take_top_up(request: Asked) -> Redirect:
    """Record that the shop has paid in; the same form sent twice is recorded once."""
    form = await request.form()
    shop_id = _shop_of(request)
    account = "shop_deposit" if text_of(form, "account") == "shop_deposit" else "shop_balance"
    fen = parse_yuan(read_amount(text_of(form, "amount").strip()))
    if not 0 < fen <= FEN_MAX:
        raise Refusal("invalid", N_("An amount looks like 500 or 500.00."))
    memo = _memo(text_of(form, "note"), text_of(form, "idempotency_key"))
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(_LOCK, str(shop_id))
        if not await _is_recorded(connection, Account(account, shop_id), memo):
            pay_in = top_up_deposit if account == "shop_deposit" else top_up
            await pay_in(connection, shop_id=shop_id, amount_fen=fen, now=utc_now(), memo=memo)
    changed((f"shop:{shop_id}",))
    return Redirect(f"/shop/money?account={account}", status_code=303)


async def _is_recorded(connection: Connection, account: Account, memo: str) -> bool:
    lines = await load_statement(connection, account, limit=_REPEATS)
    return any(line.kind == "top_up" and line.memo == memo for line in lines)


def _memo(note: str, key: str) -> str:
    """What the payer noted, and the reference that makes this top-up one of its kind."""
    if len(key) < 12:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again."))
    reference = key[-12:].upper()
    plain = " ".join(note.split())[:_NOTE_MAX]
    return f"{plain} · {reference}" if plain else reference


def _shop_of(request: Asked) -> UUID:
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    return shop_id


money_routes: list[Any] = [show_money, take_top_up]
