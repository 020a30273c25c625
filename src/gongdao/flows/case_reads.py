"""What a decision needs to know, read across the rooms in one statement."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.together import Together
from gongdao.cases.chain import decode_state
from gongdao.cases.facts import Elsewhere, Facts, Sibling
from gongdao.cases.record import Entry, ShopRecord, write_down
from gongdao.cases.store import Stored
from gongdao.ledger.funding import Debt, Funds
from gongdao.shops.rows import order_columns, order_from_row

_lines_of = msgspec.json.Decoder(tuple[Entry, ...]).decode
_elsewhere_of = msgspec.json.Decoder(tuple[Elsewhere, ...]).decode
_debts_of = msgspec.json.Decoder(tuple[Debt, ...]).decode
_siblings_of = msgspec.json.Decoder(tuple[Sibling, ...]).decode

#: The lines of a shop's record; most shops have none, and then one look is enough.
_RECORD = """
    CASE WHEN EXISTS (SELECT FROM shop_record WHERE shop_id = {shop_id}) THEN (
     SELECT jsonb_agg(jsonb_build_object(
                'at', r.at, 'case_id', r.case_id, 'kind', r.kind, 'body', r.body) ORDER BY r.entry)
       FROM (VALUES ('general'), ('serious'), ('counterfeit'), ('sanction'), ('finding')) s (slot)
      CROSS JOIN LATERAL (SELECT entry, at, case_id, kind, body FROM shop_record
                           WHERE shop_id = {shop_id} AND slot = s.slot
                           ORDER BY entry DESC LIMIT 200) r) END
"""
#: Available money of the accounts that can pay for an order, its other cases, and what counts
#: against its shop: of each kind of line the newest, far more than any rule looks at.
_MONEY_AND_SIBLINGS = """
    (SELECT balance_fen - held_fen FROM ledger_accounts
      WHERE kind = 'order_escrow' AND owner = o.id) AS escrow_fen,
    (SELECT balance_fen - held_fen FROM ledger_accounts
      WHERE kind = 'shop_balance' AND owner = o.shop_id) AS balance_fen,
    (SELECT balance_fen - held_fen FROM ledger_accounts
      WHERE kind = 'shop_deposit' AND owner = o.shop_id) AS deposit_fen,
    (SELECT held_fen FROM ledger_accounts
      WHERE kind = 'shop_debt' AND owner = o.shop_id) AS debt_fen,
    (SELECT jsonb_agg(jsonb_build_object(
                'procedure', s.procedure, 'kind', s.kind, 'ended', s.ended,
                'lines', coalesce(s.state -> 'lines', '[]'), 'refunded_fen', s.refunded_fen,
                'opened_by', s.state -> 'opened_by',
                'quantities', coalesce(s.state -> 'quantities', '{{}}'),
                'reason', s.state -> 'reason',
                'returned', coalesce(s.state -> 'returned', 'false'),
                'remedy', coalesce(s.state #> '{{ruling,remedy}}', s.state -> 'remedy'),
                'resent_at', CASE WHEN s.state ? 'sent' THEN coalesce(
                    s.state #> '{{sent,signed_at}}', s.state -> 'closed_at') END,
                'freight_fen', {freight}, 'compensated_fen', {compensation}))
       FROM cases s WHERE s.order_id = o.id AND s.id IS DISTINCT FROM {case_id}) AS siblings,
    (SELECT jsonb_agg(jsonb_build_object(
                'kind', s.kind, 'paid_at', po.paid_at, 'compensated_fen', {compensation}))
       FROM cases s JOIN orders po ON po.id = s.order_id
      WHERE s.buyer_id = o.buyer_id AND s.shop_id = o.shop_id AND s.order_id <> o.id
        AND s.state ? 'paid'
        AND po.paid_at BETWEEN o.paid_at - interval '1 day' AND o.paid_at + interval '1 day'
    ) AS elsewhere,
    {record} AS record
"""

#: What the shop still owes by this case; only a ruling can take it back.
_DEBTS = """
    CASE WHEN c.state ? 'ruling' OR c.state ? 'sanctions' THEN (
     SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'target', t.target_kind,
                                         'amount_fen', t.amount_fen) ORDER BY t.id)
       FROM ledger_transfers t
      WHERE t.case_id = c.id AND t.state = 'pending' AND t.source_kind = 'shop_debt'
        AND NOT EXISTS (SELECT FROM ledger_transfers e WHERE e.ends_transfer = t.id)) END AS debts
"""

_PAID_IN = """coalesce((SELECT sum((p ->> 'amount_fen')::bigint)
                             FROM jsonb_array_elements(s.state -> 'paid') p
                            WHERE p ->> 'name' = '{name}'), 0)"""
_PAID = {name: _PAID_IN.format(name=name) for name in ("freight", "compensation")}
_RECORD_OF_ORDER = _RECORD.format(shop_id="o.shop_id")

_OF_CASE = f"""
SELECT {order_columns("o")}, c.number AS case_number, c.head, c.state AS case_state,
       k.digest, k.version AS done_version, asked.place, {_DEBTS},
       {_MONEY_AND_SIBLINGS.format(case_id="c.id", record=_RECORD_OF_ORDER, **_PAID)}
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY
     AS asked (case_id, person_id, key, place)
JOIN cases c ON c.id = asked.case_id JOIN orders o ON o.id = c.order_id
LEFT JOIN command_keys k ON k.person_id = asked.person_id AND k.key = asked.key
"""  # noqa: S608 - made of constants

_OF_ORDER = f"""
SELECT {order_columns("o")}, k.digest, k.case_id AS done_case, k.version AS done_version,
       NULL::jsonb AS debts,
       {_MONEY_AND_SIBLINGS.format(case_id="NULL::uuid", record=_RECORD_OF_ORDER, **_PAID)}
FROM orders o LEFT JOIN command_keys k ON k.person_id = $2 AND k.key = $3
WHERE o.id = $1
"""  # noqa: S608 - made of constants

# An anonymous report decides nothing about its order: what is left out would say who made it.
_DISPUTED = """
SELECT order_id, bool_or(ended IS NULL OR refunded_fen > 0) AS bound
FROM cases WHERE order_id = ANY ($1) AND (NOT state ? 'anonymous' OR refunded_fen > 0)
GROUP BY order_id
"""

_OF_SHOP = f"""
SELECT shops.name, {_RECORD.format(shop_id="shops.id")} AS record FROM shops WHERE id = $1
"""  # noqa: S608 - made of constants
_NUMBERS = "SELECT id, number FROM cases WHERE id = ANY ($1)"

_FILES = """
SELECT id, sha256 FROM files WHERE id = ANY ($1) AND uploaded_by = $2
"""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a key has been used for before."""

    digest: bytes
    version: int
    case_id: UUID | None = None


class ShopSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's record, with the numbers of the cases that it speaks of."""

    name: str
    record: ShopRecord
    numbers: dict[UUID, int]


class CaseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A case with everything that its decisions rest on."""

    stored: Stored
    facts: Facts
    done: Done | None = None


class OrderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order with everything that filing a case on it rests on."""

    facts: Facts
    done: Done | None = None


async def see_case(
    database: Queryable, case_id: UUID, *, person_id: UUID | None = None, key: str | None = None
) -> CaseSeen | None:
    """A case with its facts, and what this key was used for by this person."""
    return await _see(database, (case_id, person_id, key))


async def see_cases(connection: Connection, case_ids: Sequence[UUID]) -> list[CaseSeen]:
    """Many cases with their facts, in one statement."""
    seen = await _see_many(connection, [(case_id, None, None) for case_id in case_ids])
    return [one for one in seen if one]


async def _see_many(
    connection: Connection, asked: Sequence[tuple[UUID, UUID | None, str | None]]
) -> list[CaseSeen | None]:
    seen: list[CaseSeen | None] = [None] * len(asked)
    for row in await connection.fetch(_OF_CASE, *zip(*asked, strict=True)):
        seen[row["place"] - 1] = _case_seen(row)
    return seen


_see = Together(_see_many)


async def see_order(
    database: Queryable, order_id: UUID, *, person_id: UUID | None = None, key: str | None = None
) -> OrderSeen | None:
    """An order with its facts, and what this key was used for by this person."""
    row = await database.fetchrow(_OF_ORDER, order_id, person_id, key)
    if row is None:
        return None
    done = None
    if row["digest"] is not None:
        done = Done(digest=row["digest"], version=row["done_version"], case_id=row["done_case"])
    return OrderSeen(facts=_facts(row), done=done)


async def disputed_among(database: Queryable, order_ids: list[UUID]) -> dict[UUID, bool]:
    """Which of these orders have cases; true where one is open or has paid back."""
    rows = await database.fetch(_DISPUTED, order_ids)
    return {row["order_id"]: row["bound"] for row in rows}


async def see_shop(database: Queryable, shop_id: UUID) -> ShopSeen | None:
    """A shop's record."""
    row = await database.fetchrow(_OF_SHOP, shop_id)
    if row is None:
        return None
    record = record_of(row["record"])
    lines = (*record.charges, *record.findings, *record.sanctions)
    rows = await database.fetch(_NUMBERS, list({line.case_id for line in lines}))
    numbers = {found["id"]: found["number"] for found in rows}
    return ShopSeen(name=row["name"], record=record, numbers=numbers)


async def hashes_of_files(
    database: Queryable, file_ids: list[UUID], *, uploaded_by: UUID
) -> dict[UUID, str]:
    """The hashes of those of the files that this person uploaded."""
    rows = await database.fetch(_FILES, file_ids, uploaded_by)
    return {row["id"]: row["sha256"].hex() for row in rows}


def _case_seen(row: Record) -> CaseSeen:
    done = None
    if row["digest"] is not None:
        done = Done(digest=row["digest"], version=row["done_version"])
    return CaseSeen(
        stored=Stored(
            case=decode_state(row["case_state"]), number=row["case_number"], head=row["head"]
        ),
        facts=_facts(row),
        done=done,
    )


def record_of(lines: bytes | None) -> ShopRecord:
    """A shop's record from its lines, oldest first."""
    record = ShopRecord()
    for entry in _lines_of(lines) if lines else ():
        record = write_down(record, entry)
    return record


def _facts(row: Record) -> Facts:
    siblings = row["siblings"]
    return Facts(
        order=order_from_row(row),
        funds=Funds(
            escrow_fen=row["escrow_fen"] or 0,
            balance_fen=row["balance_fen"] or 0,
            deposit_fen=row["deposit_fen"] or 0,
            debt_fen=row["debt_fen"] or 0,
            debts=_debts_of(row["debts"]) if row["debts"] else (),
        ),
        siblings=_siblings_of(siblings) if siblings else (),
        elsewhere=_elsewhere_of(row["elsewhere"]) if row["elsewhere"] else (),
        record=record_of(row["record"]),
    )
