"""A marketplace of any size for the benchmarks, written straight into the tables in bulk.

Only their making is faster: a million cases filed one by one would take longer than everything
that is measured. They have no events before the ones that the benchmark makes.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.own import issue_token
from gongdao.accounts.principal import Principal, permissions_of
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.db import Pool
from gongdao.base.ids import new_id

_FILL = """
WITH made AS (
    SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS order_id,
           ($2::uuid[])[1 + n % cardinality($2::uuid[])] AS shop_id,
           ($3::uuid[])[1 + n % cardinality($3::uuid[])] AS buyer_id,
           $4::timestamptz - make_interval(secs => n * $5) AS opened_at
    FROM generate_series(1, $1::int) AS n
), ordered AS (
    INSERT INTO orders (id, shop_id, buyer_id, number, placed_at, paid_at, lines, terms,
                        freight_fen, total_fen, paid_fen, payment, ship_within_s, buyer_name)
    SELECT order_id, shop_id, buyer_id, $6 || n, opened_at - interval '5 days',
           opened_at - interval '5 days',
           '[{"line": 1, "title": "Lamp", "price_fen": 9500, "category": "home"}]', $9::text::jsonb,
           500, 10000, 10000, 'balance', 259200, 'buyer'
    FROM made
)
INSERT INTO cases (id, order_id, shop_id, buyer_id, opened_at, due_at, head, state)
SELECT id, order_id, shop_id, buyer_id, opened_at, due, decode(repeat('00', 32), 'hex'),
       jsonb_build_object(
           'id', id, 'order_id', order_id, 'shop_id', shop_id, 'buyer_id', buyer_id,
           'pack', 'taobao-classic@1',
           'opened_at', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'entered_at', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'opened_by', 'buyer', 'version', 2, 'lines', '[1]'::jsonb,
           'deadline', to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
       || $8::text::jsonb
FROM made CROSS JOIN LATERAL (
    SELECT CASE WHEN n <= $7 THEN $4::timestamptz - interval '1 second'
                ELSE $4::timestamptz + make_interval(secs => 3600 + n % 80000) END AS due
) AS clock
"""


#: What the cases are about, as their state has it, and what the orders promised.
LATE_SHIPMENT = (
    '{"procedure": "complaint", "kind": "late_shipment", "stage": "seller_response",'
    ' "waiting_on": "seller"}',
    "{}",
)
FAKE_ONE_PAY_TEN = (
    '{"procedure": "counterfeit_claim", "kind": "counterfeit", "stage": "adjudication",'
    ' "waiting_on": "arbiter"}',
    '{"promises": ["fake_one_pay_ten"]}',
)
#: The tables of the peers: a plain program's cases, events, ledger and jobs.
PEER_SCHEMA = """
CREATE TABLE peer_cases (id int PRIMARY KEY, version int NOT NULL, state jsonb NOT NULL);
INSERT INTO peer_cases SELECT n, 1, '{"stage": "seller_response"}' FROM generate_series(1, 50000) n;
CREATE TABLE peer_events (case_id int, version int, body jsonb, PRIMARY KEY (case_id, version));
CREATE TABLE peer_ledger (id bigserial PRIMARY KEY, account int, amount bigint);
CREATE TABLE peer_jobs (id bigserial PRIMARY KEY, name text, payload jsonb);
"""


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in it: the shops, their owners' tokens, and an arbiter's."""

    shops: list[UUID]
    owners: list[str]
    arbiter: str


async def open_market(pool: Pool, *, shops: int, now: datetime) -> Market:
    """Shops with money, owners and buyers, and an API token for each owner."""
    ids = [new_id() for _ in range(shops)]
    await pool.execute(
        "INSERT INTO shops (id, name, opened_at) SELECT i, 'Shop ' || i, $2"
        " FROM unnest($1::uuid[]) AS i",
        ids,
        now,
    )
    await pool.execute(
        "INSERT INTO ledger_transfers (kind, source_kind, source_owner, target_kind, target_owner,"
        " amount_fen, state, created_at) SELECT 'top_up', 'external', $2, 'shop_balance', i,"
        " 1000000000, 'posted', $3 FROM unnest($1::uuid[]) AS i",
        ids,
        UUID(int=0),
        now,
    )
    owners = [await _token(pool, shop_id, now) for shop_id in ids]
    return Market(shops=ids, owners=owners, arbiter=await _token(pool, None, now))


async def fill(
    pool: Pool,
    market: Market,
    *,
    cases: int,
    due: int = 0,
    now: datetime,
    spacing_s: float = 1.0,
    about: tuple[str, str] = LATE_SHIPMENT,
) -> None:
    """Open cases, `due` of them with a clock that has just run out."""
    buyers = [new_id() for _ in range(min(cases, 10_000))]
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        left, number = cases, 0
        while left:
            part = min(left, 50_000)
            number += 1
            prefix = f"B{new_id().hex[-6:]}-"
            late = max(0, min(part, due - (cases - left)))
            args = (part, market.shops, buyers, now, spacing_s, prefix, late, *about)
            await connection.execute(_FILL, *args, timeout=600)
            left -= part
        for table in ("cases", "orders", "ledger_accounts"):
            await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=600)
        await connection.execute("RESET statement_timeout")


async def case_ids(pool: Pool, shop_id: UUID, limit: int) -> list[UUID]:
    """Some open cases of a shop."""
    rows = await pool.fetch(
        "SELECT id FROM cases WHERE shop_id = $1 AND ended IS NULL LIMIT $2", shop_id, limit
    )
    return [row["id"] for row in rows]


async def _token(pool: Pool, shop_id: UUID | None, now: datetime) -> str:
    person_id = new_id()
    kind = "shop" if shop_id else "platform"
    async with pool.acquire() as connection:
        roles = {}
        if shop_id or not await connection.fetchval("SELECT 1 FROM roles WHERE shop_id IS NULL"):
            roles = await create_first_roles(connection, shop_id=shop_id, now=now)
        await create_person(
            connection,
            person_id=person_id,
            sign_in_name=f"p{person_id.hex}",
            name="Owner" if shop_id else "Arbiter",
            kind=kind,
            shop_id=shop_id,
            role_id=roles["owner" if shop_id else "arbiter"],
            now=now,
        )
    who = Principal(
        person_id=person_id,
        kind=kind,
        role="owner" if shop_id else "arbiter",
        shop_id=shop_id,
        permissions=permissions_of(kind),
        name="",
    )
    wanted = ["case.read", "order.read"]
    wanted += ["case.answer", "case.money"] if shop_id else ["case.judge"]
    issued = await issue_token(
        pool,
        who,
        token_id=new_id(),
        name="bench",
        permissions=wanted,
        life=timedelta(days=30),
        now=now,
    )
    return issued.secret
