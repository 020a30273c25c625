import asyncio

import asyncpg
import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.ledger.balance import Balance
from gongdao.ledger.store import (
    OUTSIDE,
    funds_for,
    load_balances,
    load_shop_money,
    load_statement,
    money_of_case,
    parts_paid,
    post,
    repay_debts,
    top_up,
    top_up_deposit,
)
from gongdao.ledger.transfer import Account

from .books import END, NOW, faults, move, pay_order


async def test_a_refund_moves_both_balances_and_makes_one_payout_by_the_way_it_came(
    pool: Pool,
) -> None:
    order, person, case = new_id(), new_id(), new_id()
    buyer = Account("buyer_refund", person)
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, 268000)
        parts = [move("refund", escrow, buyer, 200000), move("refund", escrow, buyer, 68000)]
        await post(connection, parts, now=NOW, case_id=case, order_id=order)
        balances = await load_balances(connection, [escrow, buyer, OUTSIDE])
        payouts = await connection.fetch("SELECT * FROM payouts")
    assert balances == {
        escrow: Balance(),
        buyer: Balance(balance_fen=268000),
        OUTSIDE: Balance(balance_fen=-268000),
    }
    (payout,) = payouts
    assert (payout["amount_fen"], payout["channel"], payout["purpose"], payout["person"]) == (
        268000,
        "card",
        "refund",
        person,
    )
    assert (payout["case_id"], payout["state"], payout["next_attempt_at"]) == (case, "queued", NOW)
    assert await faults(pool) == []


async def test_a_refund_and_a_compensation_travel_apart(pool: Pool) -> None:
    order, shop, case = new_id(), new_id(), new_id()
    buyer = Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, 1000)
        await top_up(connection, shop_id=shop, amount_fen=1000, now=NOW)
        balance = Account("shop_balance", shop)
        parts = [
            move("refund", escrow, buyer, 1000),
            move("freight", balance, buyer, 20),
            move("punitive", balance, buyer, 30),
        ]
        await post(connection, parts, now=NOW, case_id=case, order_id=order)
        rows = await connection.fetch("SELECT purpose, amount_fen FROM payouts ORDER BY amount_fen")
    assert [tuple(row) for row in rows] == [("compensation", 50), ("refund", 1000)]


async def test_what_an_account_does_not_have_is_refused_whole_and_names_the_case(
    pool: Pool,
) -> None:
    order, case = new_id(), new_id()
    buyer = Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, 1000)
        parts = [move("refund", escrow, buyer, 600), move("refund", escrow, buyer, 401)]
        with pytest.raises(Refusal, match="insufficient_funds") as refused:
            await post(connection, parts, now=NOW, case_id=case, order_id=order)
        cause = refused.value.__cause__
        assert isinstance(cause, asyncpg.PostgresError)
        assert cause.sqlstate == "GD001"
        assert str(case) in cause.as_dict()["detail"]
        assert (await load_balances(connection, [escrow]))[escrow].balance_fen == 1000
        assert await connection.fetchval("SELECT count(*) FROM payouts") == 0


@pytest.mark.parametrize("count", [1, 16, 17, 300])
async def test_a_batch_of_any_length_is_posted_alike(pool: Pool, count: int) -> None:
    orders = [new_id() for _ in range(count)]
    parts = [
        move("payment", OUTSIDE, Account("order_escrow", order), n + 1)
        for n, order in enumerate(orders)
    ]
    async with pool.acquire() as connection:
        await post(connection, parts, now=NOW, channel="card", memo="import")
        balances = await load_balances(connection, [part.target for part in parts])
        rows = await connection.fetch("SELECT * FROM ledger_transfers ORDER BY id")
    assert [balances[part.target].balance_fen for part in parts] == list(range(1, count + 1))
    assert {(row["channel"], row["memo"], row["created_at"]) for row in rows} == {
        ("card", "import", NOW)
    }
    assert await faults(pool) == []


async def test_an_account_that_never_was_cannot_pay(pool: Pool) -> None:
    nobody, buyer = Account("shop_balance", new_id()), Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        with pytest.raises(Refusal, match="insufficient_funds"):
            await post(connection, [move("freight", nobody, buyer, 1)], now=NOW)
        assert await connection.fetchval("SELECT count(*) FROM ledger_accounts") == 0


async def test_a_hold_takes_from_what_is_available_and_ends_once(pool: Pool) -> None:
    shop = new_id()
    balance, frozen = Account("shop_balance", shop), Account("shop_frozen", shop)
    async with pool.acquire() as connection:
        await top_up(connection, shop_id=shop, amount_fen=100, now=NOW)
        await post(connection, [move("hold", balance, frozen, 70, pending=True)], now=NOW)
        money = await load_shop_money(connection, shop)
        assert money.balance == Balance(balance_fen=100, held_fen=70)
        assert money.balance.available_fen == 30
        with pytest.raises(Refusal, match="insufficient_funds"):
            await post(connection, [move("freight", balance, frozen, 31)], now=NOW)
        held = await connection.fetchval("SELECT id FROM ledger_transfers WHERE state = 'pending'")
        await connection.execute(END, [held], "voided", NOW)
        assert (await load_shop_money(connection, shop)).balance == Balance(balance_fen=100)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(END, [held], "posted", NOW)
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(END, [held + 1], "posted", NOW)
    assert await faults(pool) == []


async def test_a_debt_is_paid_when_money_comes_oldest_first_and_in_part(pool: Pool) -> None:
    shop, case, order = new_id(), new_id(), new_id()
    debt, buyer = Account("shop_debt", shop), Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        await pay_order(connection, order, 1, channel="credit")
        for amount in (300, 50):
            owed = [move("compensation", debt, buyer, amount, pending=True)]
            await post(connection, owed, now=NOW, case_id=case, order_id=order)
        assert (await load_shop_money(connection, shop)).debt_fen == 350
        assert await top_up(connection, shop_id=shop, amount_fen=100, now=NOW) == 100
        assert (await load_shop_money(connection, shop)).debt_fen == 250
        lines = await money_of_case(connection, case)
        assert sorted((line.state, line.amount_fen) for line in lines) == [
            ("owed", 50),
            ("owed", 200),
            ("posted", 100),
        ]
        # The rest of the older debt still comes before the younger one.
        assert await top_up(connection, shop_id=shop, amount_fen=201, now=NOW) == 201
        lines = await money_of_case(connection, case)
        assert [line.amount_fen for line in lines if line.state == "owed"] == [49]
        assert await top_up(connection, shop_id=shop, amount_fen=60, now=NOW) == 49
        assert await repay_debts(connection, shop_id=shop, now=NOW) == 0
        money = await load_shop_money(connection, shop)
        assert (money.balance.available_fen, money.debt_fen) == (11, 0)
        channels = await connection.fetch("SELECT DISTINCT channel FROM payouts")
        assert [row["channel"] for row in channels] == ["credit"]
    assert await faults(pool) == []


def test_parts_of_debts() -> None:
    assert parts_paid([(1, 300), (2, 50)], 0) == {}
    assert parts_paid([(1, 300), (2, 50)], 300) == {1: 300}
    assert parts_paid([(1, 300), (2, 50)], 301) == {1: 300, 2: 1}
    assert parts_paid([], 5) == {}


async def test_transfers_are_never_changed(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await pay_order(connection, new_id(), 5)
        for statement in (
            "UPDATE ledger_transfers SET amount_fen = 6",
            "DELETE FROM ledger_transfers",
            "TRUNCATE ledger_transfers",
        ):
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await connection.execute(statement)


@pytest.mark.parametrize(
    ("kind", "amount", "state"),
    [("bribe", 5, False), ("payment", 0, False), ("payment", -5, False), ("payout", 5, False)],
)
async def test_what_no_transfer_can_be(pool: Pool, kind: str, amount: int, state: bool) -> None:
    async with pool.acquire() as connection:
        escrow = Account("order_escrow", new_id())
        wrong = move(kind, OUTSIDE, escrow, amount, state)  # pyright: ignore[reportArgumentType]
        with pytest.raises(asyncpg.CheckViolationError):
            await post(connection, [wrong], now=NOW)


async def test_concurrent_refunds_never_exceed_what_was_paid(pool: Pool) -> None:
    order, person = new_id(), new_id()
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, 1000)

    async def refund(case: object) -> bool:
        async with pool.acquire() as connection:
            part = move("refund", escrow, Account("buyer_refund", person), 300)
            try:
                await post(connection, [part], now=NOW, case_id=new_id(), order_id=order)
            except Refusal:
                return False
            return True

    done = await asyncio.gather(*(refund(n) for n in range(12)))
    assert sum(done) == 3
    async with pool.acquire() as connection:
        assert (await load_balances(connection, [escrow]))[escrow].balance_fen == 100
    assert await faults(pool) == []


async def test_opposite_batches_do_not_wait_in_a_circle(pool: Pool) -> None:
    shop = new_id()
    balance, frozen = Account("shop_balance", shop), Account("shop_frozen", shop)
    async with pool.acquire() as connection:
        await top_up(connection, shop_id=shop, amount_fen=10_000, now=NOW)
        await post(connection, [move("hold", balance, frozen, 5_000)], now=NOW)

    async def swing(number: int) -> None:
        there, back = move("hold", balance, frozen, 1), move("release", frozen, balance, 1)
        async with pool.acquire() as connection:
            for _ in range(20):
                await post(connection, [there if number % 2 else back], now=NOW)
                await top_up(connection, shop_id=shop, amount_fen=1, now=NOW)

    await asyncio.gather(*(swing(n) for n in range(8)))
    assert await faults(pool) == []


async def test_the_statement_turns_its_pages_by_position(pool: Pool) -> None:
    shop = new_id()
    balance, frozen = Account("shop_balance", shop), Account("shop_frozen", shop)
    async with pool.acquire() as connection:
        for amount in range(1, 6):
            await top_up(connection, shop_id=shop, amount_fen=amount, now=NOW, memo=f"n{amount}")
        await post(connection, [move("hold", balance, frozen, 4)], now=NOW)
        first = await load_statement(connection, balance, limit=4)
        rest = await load_statement(connection, balance, limit=4, before=first[-1].id)
    assert [line.change_fen for line in first + rest] == [-4, 5, 4, 3, 2, 1]
    assert (first[0].other, first[1].other, first[1].memo) == (frozen, OUTSIDE, "n5")


async def test_funds_are_what_is_left_after_holds(pool: Pool) -> None:
    order, shop = new_id(), new_id()
    balance, debt = Account("shop_balance", shop), Account("shop_debt", shop)
    buyer = Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        empty = (await funds_for(connection, {order: shop}))[order]
        assert (empty.escrow_fen, empty.balance_fen, empty.deposit_fen, empty.debt_fen) == (0,) * 4
        await pay_order(connection, order, 900)
        await top_up(connection, shop_id=shop, amount_fen=500, now=NOW)
        await top_up_deposit(connection, shop_id=shop, amount_fen=400, now=NOW)
        held = move("hold", balance, Account("shop_frozen", shop), 200, pending=True)
        owed = move("freight", debt, buyer, 70, pending=True)
        await post(connection, [held, owed], now=NOW)
        funds = (await funds_for(connection, {order: shop}))[order]
    assert (funds.escrow_fen, funds.balance_fen, funds.deposit_fen) == (900, 300, 400)
    assert funds.debt_fen == 70


async def test_verification_finds_what_was_tampered_with(pool: Pool) -> None:
    order, buyer = new_id(), Account("buyer_refund", new_id())
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, 1000)
        await post(connection, [move("refund", escrow, buyer, 10)], now=NOW, order_id=order)
        await connection.execute(
            "UPDATE ledger_accounts SET balance_fen = 991 WHERE kind = 'order_escrow'"
        )
        await connection.execute("UPDATE payouts SET amount_fen = 11")
        await connection.execute(
            "INSERT INTO payouts (person, purpose, channel, amount_fen, transfer_ids, state,"
            " arrived_at, created_at) VALUES ($1, 'refund', 'card', 5, '{}', 'arrived', $2, $2)",
            new_id(),
            NOW,
        )
    found = "\n".join(await faults(pool))
    assert f"account order_escrow of {order}: balance 991 and held 0, but" in found
    assert "all accounts together hold 1 instead of nothing" in found
    assert "of 11 fen, but its transfers make 10" in found
    assert "is arrived, but 0 fen have left the books for it" in found
