"""Laws of the ledger: whatever is posted, ended and paid, by whom and when, the books are right."""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.books import END, NOW

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.ledger.funding import Funds, Purse
from gongdao.ledger.store import OUTSIDE, funds_for, post, repay_debts, top_up
from gongdao.ledger.transfer import Account, AccountKind, Transfer
from gongdao.ledger.verify import verify_books

LIMITED: tuple[AccountKind, ...] = (
    "order_escrow",
    "shop_balance",
    "shop_deposit",
    "shop_frozen",
    "buyer_refund",
)
slow = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Move(NamedTuple):
    source: int
    target: int
    amount_fen: int
    pending: bool


class End(NamedTuple):
    which: int
    outcome: str


class Repay(NamedTuple):
    pass


moves = st.builds(
    Move, st.integers(0, 6), st.integers(0, 6), st.integers(1, 400), st.booleans()
).filter(lambda m: m.source != m.target)
steps = st.one_of(
    st.lists(moves, min_size=1, max_size=4),
    st.builds(End, st.integers(0, 9), st.sampled_from(["posted", "voided", "expired"])),
    st.builds(Repay),
)


def accounts_of(shop: UUID, order: UUID, buyer: UUID) -> list[Account]:
    return [
        OUTSIDE,
        Account("order_escrow", order),
        Account("shop_balance", shop),
        Account("shop_deposit", shop),
        Account("shop_frozen", shop),
        Account("shop_debt", shop),
        Account("buyer_refund", buyer),
    ]


async def take(pool: Pool, accounts: list[Account], step: Any) -> None:
    """Do one step; one that the ledger refuses must change nothing, which the law then checks."""
    shop = accounts[2].owner
    async with pool.acquire() as connection:
        try:
            if isinstance(step, Repay):
                await repay_debts(connection, shop_id=shop, now=NOW)
            elif isinstance(step, End):
                ids = [
                    row["id"]
                    for row in await connection.fetch(
                        "SELECT id FROM ledger_transfers WHERE state = 'pending'"
                        " AND source_owner = ANY ($1) ORDER BY id",
                        [account.owner for account in accounts[1:]],
                    )
                ]
                if ids:
                    chosen = ids[step.which % len(ids)]
                    await connection.execute(END, [chosen], step.outcome, NOW)
            else:
                await post(connection, [transfer_of(accounts, m) for m in step], now=NOW)
        except (Refusal, asyncpg.UniqueViolationError):
            pass
        except asyncpg.PostgresError as error:
            if error.sqlstate != "GD001":
                raise


def transfer_of(accounts: list[Account], move: Move) -> Transfer:
    return Transfer(
        kind="compensation",
        source=accounts[move.source],
        target=accounts[move.target],
        amount_fen=move.amount_fen,
        pending=move.pending and move.source != 0,
    )


async def assert_right(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert [fault async for fault in verify_books(connection)] == []


@slow
@given(st.lists(steps, max_size=25))
async def test_whatever_happens_the_books_are_right(shared_pool: Pool, story: list[Any]) -> None:
    accounts = accounts_of(new_id(), new_id(), new_id())
    await take(shared_pool, accounts, [Move(0, n, 300, False) for n in (1, 2, 3)])
    for step in story:
        await take(shared_pool, accounts, step)
    await assert_right(shared_pool)


@slow
@given(st.lists(steps, min_size=2, max_size=25))
async def test_whatever_happens_at_once_the_books_are_right(
    shared_pool: Pool, story: list[Any]
) -> None:
    accounts = accounts_of(new_id(), new_id(), new_id())
    await take(shared_pool, accounts, [Move(0, n, 300, False) for n in (1, 2, 3)])
    await asyncio.gather(*(take(shared_pool, accounts, step) for step in story))
    await assert_right(shared_pool)


@slow
@given(paid=st.integers(1, 1000), asked=st.lists(st.integers(1, 700), min_size=1, max_size=10))
async def test_refunds_never_exceed_the_payment(
    shared_pool: Pool, paid: int, asked: list[int]
) -> None:
    order, shop, person = new_id(), new_id(), new_id()
    escrow, buyer = Account("order_escrow", order), Account("buyer_refund", person)
    async with shared_pool.acquire() as connection:
        coming = Transfer(kind="payment", source=OUTSIDE, target=escrow, amount_fen=paid)
        await post(connection, [coming], now=NOW, order_id=order)

    async def refund(amount_fen: int) -> int:
        async with shared_pool.acquire() as connection:
            part = Transfer(kind="refund", source=escrow, target=buyer, amount_fen=amount_fen)
            try:
                await post(connection, [part], now=NOW, case_id=new_id(), order_id=order)
            except Refusal:
                return 0
        return amount_fen

    given_fen = sum(await asyncio.gather(*map(refund, asked)))
    async with shared_pool.acquire() as connection:
        left = (await funds_for(connection, {order: shop}))[order]
        out = await connection.fetchval(
            "SELECT coalesce(sum(amount_fen), 0)::bigint FROM payouts WHERE order_id = $1", order
        )
    assert given_fen == out == paid - left.escrow_fen <= paid
    assert all(amount > left.escrow_fen for amount in asked) or given_fen > 0


amounts = st.integers(0, 500)


@slow
@given(funds=st.tuples(amounts, amounts, amounts), refund=amounts, freight=amounts, later=amounts)
async def test_what_the_purse_draws_the_ledger_can_post_and_debts_are_paid_later(
    shared_pool: Pool, funds: tuple[int, int, int], refund: int, freight: int, later: int
) -> None:
    order, shop, person = new_id(), new_id(), new_id()
    kinds: tuple[AccountKind, ...] = ("order_escrow", "shop_balance", "shop_deposit")
    coming = [
        Transfer(
            kind="top_up",
            source=OUTSIDE,
            target=Account(kind, order if kind == "order_escrow" else shop),
            amount_fen=amount,
        )
        for kind, amount in zip(kinds, funds, strict=True)
        if amount
    ]
    async with shared_pool.acquire() as connection:
        await post(connection, coming, now=NOW)
        before = (await funds_for(connection, {order: shop}))[order]
        assert before == Funds(escrow_fen=funds[0], balance_fen=funds[1], deposit_fen=funds[2])
        purse = Purse(before, order_id=order, shop_id=shop, buyer_id=person)
        purse.refund(refund)
        purse.pay("freight", freight)
        await post(connection, purse.transfers, now=NOW, order_id=order, case_id=new_id())
        after = (await funds_for(connection, {order: shop}))[order]
        assert after.debt_fen == max(
            0, refund + freight - sum(funds), freight - funds[1] - funds[2]
        )
        if later:
            repaid = await top_up(connection, shop_id=shop, amount_fen=later, now=NOW)
            assert repaid == min(after.debt_fen, after.balance_fen + later)
    await assert_right(shared_pool)
