"""`gongdao money`: the operator says which money came in from outside, and what a deposit pays."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from gongdao.base.db import Pool

_Shop = Annotated[str, typer.Option(help="The name of the shop, or its id.")]
_Amount = Annotated[str, typer.Option(help="Yuan, such as 500 or 500.00.")]
_Reference = Annotated[str, typer.Option(help="The number of the transfer; it counts once.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(help="Say which money came in from outside.", no_args_is_help=True)
    for command in (top_up, paid, gift_card, collect_debts, waiting):
        group.command()(command)
    app.add_typer(group, name="money")


def top_up(
    shop: _Shop,
    amount: _Amount,
    reference: _Reference,
    deposit: Annotated[
        bool, typer.Option("--deposit", help="Into the deposit instead of the balance.")
    ] = False,
) -> None:
    """Record that a shop has paid in; its debts are paid first."""
    from gongdao.base.money import parse_yuan, yuan
    from gongdao.flows.top_up_shop import record_top_up

    async def record(pool: "Pool", now: "datetime") -> str:
        bill = await record_top_up(
            pool,
            None,
            await _shop_id(pool, shop),
            into="shop_deposit" if deposit else "shop_balance",
            amount_fen=parse_yuan(amount),
            reference=reference,
            now=now,
        )
        return f"Recorded: {yuan(bill.amount_fen)} under {bill.reference}."

    _run(record)


def paid(
    number: Annotated[str, typer.Argument(help="The number of the payment, from `waiting`.")],
    reference: _Reference,
) -> None:
    """Record that somebody has paid what they were asked for."""
    from gongdao.flows.pay_bill import record_payment, short_number
    from gongdao.ledger.bill_store import bills_waiting

    async def record(pool: "Pool", now: "datetime") -> str:
        wanted = number.strip().upper()
        for bill in await bills_waiting(pool):
            if wanted in (short_number(bill.id), str(bill.id).upper()):
                ended = await record_payment(pool, None, bill.id, reference=reference, now=now)
                return "It came too late and goes back." if ended.returned else "Recorded."
        raise LookupError(f"nobody waits for a payment {number}")

    _run(record)


def gift_card(
    buyer: Annotated[str, typer.Option(help="The sign-in name of the buyer.")],
    amount: _Amount,
    reference: _Reference,
) -> None:
    """Put what somebody paid for onto a buyer's gift card."""
    from gongdao.accounts.store import find_account
    from gongdao.base.money import parse_yuan
    from gongdao.flows.top_up_shop import issue_gift_card

    async def issue(pool: "Pool", now: "datetime") -> str:
        account = await find_account(pool, buyer)
        if account is None or account.principal.kind != "buyer":
            raise LookupError(f"there is no buyer {buyer}")
        fen = parse_yuan(amount)
        await issue_gift_card(
            pool, None, account.principal.person_id, amount_fen=fen, reference=reference, now=now
        )
        return "Recorded."

    _run(issue)


def collect_debts(shop: _Shop) -> None:
    """Let the deposit of a shop pay what it owes, after somebody has looked into it."""
    from gongdao.base.money import yuan
    from gongdao.flows.top_up_shop import collect_debts as collect

    async def pay(pool: "Pool", now: "datetime") -> str:
        fen = await collect(pool, None, await _shop_id(pool, shop), now=now)
        return f"Paid from the deposit: {yuan(fen)}."

    _run(pay)


def waiting() -> None:
    """List what nobody has paid yet, longest waiting first."""
    from gongdao.base.money import yuan
    from gongdao.flows.pay_bill import short_number
    from gongdao.ledger.bill_store import bills_waiting

    async def show(pool: "Pool", now: "datetime") -> str:
        lines = [
            f"{short_number(b.id)}  {yuan(b.amount_fen):>12}  {b.purpose:<12} {b.state:<5}"
            f" since {b.created_at:%Y-%m-%d %H:%M} UTC {b.note}".rstrip()
            for b in await bills_waiting(pool)
        ]
        return "\n".join(lines) or "Nobody is asked for money."

    _run(show)


def _run(act: "Callable[[Pool, datetime], Awaitable[str]]") -> None:
    """Do it on the configured database, and say what became of it."""
    from asyncpg import PostgresError

    from gongdao.base.clock import utc_now
    from gongdao.base.config import read_config
    from gongdao.base.db import open_pool
    from gongdao.base.embedded import reachable_database
    from gongdao.base.errors import Refusal
    from gongdao.base.i18n import say_refusal

    async def on(address: str) -> str:
        pool = await open_pool(address, size=2, name="gongdao money")
        try:
            return await act(pool, utc_now())
        finally:
            await pool.close()

    config = read_config()
    try:
        with reachable_database(config.home, config.database_url) as address:
            typer.echo(asyncio.run(on(address)))
    except Refusal as refusal:
        typer.echo(say_refusal("en", refusal), err=True)
        raise typer.Exit(1) from None
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(1) from None


async def _shop_id(pool: "Pool", shop: str) -> UUID:
    from gongdao.shops.store import find_shop

    try:
        wanted = UUID(shop)
    except ValueError:
        wanted = None
    async with pool.acquire() as connection:
        found = await find_shop(connection, shop_id=wanted, name=shop)
    if found is None:
        raise LookupError(f"there is no shop {shop}")
    return found.id
