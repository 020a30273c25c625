"""A customer without an account reads what the shop offers and signs, or says why not.

The link carries a secret of 256 bits, of which only the hash is kept. It is good once and until
its day; a wrong one and one that the shop replaced look the same, one that was used says when.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.cases.happening import Happening
from gongdao.flows.keep_register import hash_of_secret, keep
from gongdao.flows.register_reads import colleagues_of, rules_of
from gongdao.register.actor import Known
from gongdao.register.acts.settling import customer_declines, customer_signs, require_link
from gongdao.register.agreement import Clause, agreement_text, clauses, promise, title_of
from gongdao.register.commands import CustomerDeclineArgs, CustomerSignArgs
from gongdao.register.decide import outcome_of
from gongdao.register.entry import Entry, hash_of_text
from gongdao.register.store import ConflictError, Stored, find_by_link

_SHOP = "SELECT name FROM shops WHERE id = $1"
#: What the customer answered through a link, unless the shop made another one before that.
_USED = """
SELECT made.body ->> 'locale' AS locale, said.type, said.at, s.name AS shop_name
  FROM register_events made
  JOIN register_entries e ON e.id = made.entry_id
  JOIN shops s ON s.id = e.shop_id
 CROSS JOIN LATERAL (
       SELECT n.type, n.at, n.body ->> 'way' AS way FROM register_events n
        WHERE n.entry_id = made.entry_id AND n.version > made.version
          AND n.type IN ('link_made', 'proposed', 'customer_agreed', 'customer_declined')
        ORDER BY n.version LIMIT 1) said
 WHERE made.type = 'link_made' AND made.body ->> 'sha256' = $1 AND said.way = 'link'
"""


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer reads: the text in its parts, and the hash of the whole."""

    number: int
    shop_name: str
    locale: Locale
    title: str
    clauses: list[Clause]
    promise: str
    sha256: str
    refuses: bool
    expires_at: datetime | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a link that was used."""

    shop_name: str
    locale: Locale
    agreed: bool
    at: datetime


async def read_paper(
    pool: Pool, secret: str, *, now: datetime, locale: Locale | None = None
) -> Paper:
    """What a link leads to, in its own language unless said. Raises Refusal."""
    async with pool.acquire() as connection:
        seen, shop_name = await _find(connection, secret)
        of_link = require_link(seen.entry, now)
        return paper_of(seen.entry, seen.number, shop_name, locale or of_link)


async def find_answer(pool: Pool, secret: str) -> Answered | None:
    """When and how the customer answered through a link; None where nobody did."""
    row = await pool.fetchrow(_USED, hash_of_secret(secret))
    if row is None:
        return None
    return Answered(
        shop_name=row["shop_name"],
        locale=row["locale"],
        agreed=row["type"] == "customer_agreed",
        at=row["at"],
    )


def paper_of(entry: Entry, number: int, shop_name: str, locale: Locale) -> Paper:
    """The paper of the proposal that stands."""
    assert entry.proposal, "a paper is about a proposal"
    return Paper(
        number=number,
        shop_name=shop_name,
        locale=locale,
        title=title_of(entry),
        clauses=clauses(entry, number, shop_name, locale),
        promise=promise(entry, locale),
        sha256=hash_of_text(agreement_text(entry, number, shop_name, locale)),
        refuses=entry.proposal.refuses,
        expires_at=entry.link.expires_at if entry.link else None,
    )


async def sign_by_link(pool: Pool, secret: str, args: CustomerSignArgs, *, now: datetime) -> Entry:
    """The customer signs. Raises Refusal."""
    async with pool.acquire() as connection:
        seen, shop_name = await _find(connection, secret)
        said = customer_signs(seen.entry, args, shop_name=shop_name, number=seen.number, now=now)
        return await _write(connection, seen, said, now)


async def decline_by_link(
    pool: Pool, secret: str, args: CustomerDeclineArgs, *, now: datetime
) -> Entry:
    """The customer says no, and why. Raises Refusal."""
    async with pool.acquire() as connection:
        seen, _shop_name = await _find(connection, secret)
        said = customer_declines(seen.entry, args, now=now)
        return await _write(connection, seen, said, now)


async def _find(connection: Connection, secret: str) -> tuple[Stored, str]:
    seen = await find_by_link(connection, hash_of_secret(secret))
    if seen is None:
        raise Refusal("not_found", N_("This link is not valid, or has been used already."))
    return seen, await shop_name_of(connection, seen.entry.shop_id)


async def shop_name_of(connection: Connection, shop_id: UUID) -> str:
    """What a shop is called."""
    return await connection.fetchval(_SHOP, shop_id) or ""


async def _write(
    connection: Connection, seen: Stored, said: Sequence[Happening], now: datetime
) -> Entry:
    outcome = outcome_of(seen.entry, said, person_id=None, at=now)
    shop_id = seen.entry.shop_id
    rules = await rules_of(connection, shop_id)
    colleagues = await colleagues_of(connection, shop_id, rules)
    try:
        await keep(connection, seen, outcome, Known(now=now, rules=rules, colleagues=colleagues))
    except ConflictError:
        # Signed in two windows at once, or the shop has just proposed something else.
        raise Refusal(
            "version_conflict", N_("The text has changed; please read it again.")
        ) from None
    return outcome.entry
