"""Questions that are asked at the same time go out as one, and nobody pays for another's."""

import asyncio

import asyncpg

from gongdao.base.together import COMPANY_MAX, Together

_HALVES = """
SELECT asked.n / asked.by FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS asked (n, by, place)
ORDER BY place
"""


def halving():
    """A question that PostgreSQL refuses to answer when the divisor is 0, and who asked it when."""
    companies = []

    async def divide(connection, asked):
        companies.append(list(asked))
        await asyncio.sleep(0.01)
        return [row[0] for row in await connection.fetch(_HALVES, *zip(*asked, strict=True))]

    return divide, companies


async def test_one_is_asked_at_once_and_those_that_come_meanwhile_go_together(pool):
    divide, companies = halving()
    ask = Together(divide)
    answers = await asyncio.gather(
        ask(pool, (10, 1)), *(_later(ask, pool, (n, 1)) for n in range(20, 25))
    )
    assert answers == [10, 20, 21, 22, 23, 24]
    assert [len(company) for company in companies] == [1, 5]


async def _later(ask, pool, question):
    await asyncio.sleep(0.005)
    return await ask(pool, question)


async def test_who_asks_what_cannot_be_answered_is_refused_alone(pool):
    divide, companies = halving()
    ask = Together(divide)
    questions = [(8, 2), (1, 0), (9, 3), (7, 0)]
    answers = await asyncio.gather(*(ask(pool, q) for q in questions), return_exceptions=True)
    assert answers[0] == 4 and answers[2] == 3
    assert isinstance(answers[1], asyncpg.DivisionByZeroError)
    assert isinstance(answers[3], asyncpg.DivisionByZeroError)
    assert companies == [questions, *([one] for one in questions)]


async def test_a_lost_connection_is_not_asked_again_because_something_may_have_been_done(pool):
    companies = []

    async def vanish(connection, asked):
        companies.append(len(asked))
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return asked

    ask = Together(vanish)
    answers = await asyncio.gather(*(ask(pool, n) for n in range(3)), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
    assert companies == [3]


async def test_those_that_do_not_go_together_take_turns_in_their_order(pool):
    companies = []

    async def echo(connection, asked):
        companies.append(list(asked))
        return list(asked)

    ask = Together(echo, apart=lambda question: question)
    questions = ["ax", "ay", "b", "bx", "c", "ay", "d"]
    assert await asyncio.gather(*(ask(pool, q) for q in questions)) == questions
    assert companies == [["ax", "b", "c", "d"], ["ay", "bx"], ["ay"]]


async def test_who_leaves_does_not_disturb_the_others(pool):
    divide, companies = halving()
    ask = Together(divide)
    first, gone, last = (asyncio.ensure_future(ask(pool, (n, 1))) for n in (1, 2, 3))
    await asyncio.sleep(0.005)
    waiting = asyncio.ensure_future(ask(pool, (4, 1)))
    await asyncio.sleep(0)
    gone.cancel()
    waiting.cancel()
    assert (await first, await last) == (1, 3)
    assert await ask(pool, (5, 1)) == 5
    assert companies == [[(1, 1), (2, 1), (3, 1)], [(5, 1)]]


async def test_a_company_is_of_a_bounded_size(pool):
    divide, companies = halving()
    ask = Together(divide)
    count = COMPANY_MAX * 2 + 1
    assert await asyncio.gather(*(ask(pool, (n, 1)) for n in range(count))) == list(range(count))
    assert [len(company) for company in companies] == [COMPANY_MAX, COMPANY_MAX, 1]


async def test_on_a_connection_of_ones_own_one_asks_alone(pool):
    divide, companies = halving()
    ask = Together(divide)
    async with pool.acquire() as connection, connection.transaction():
        assert await ask(connection, (6, 2)) == 3
    assert companies == [[(6, 2)]]
