"""What decisions about the shop's register rest on: colleagues, orders, files, the shop's rules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Queryable, Record
from gongdao.base.i18n import DEFAULT_LOCALE, Locale
from gongdao.register.actor import Colleague, Known, limit_of
from gongdao.settings.setting import RegisterRules
from gongdao.settings.store import load_setting

#: So many colleagues of a shop are looked at; a shop with more names nobody beyond them.
COLLEAGUES_MAX = 500

_FACTS = """
SELECT s.name,
       (SELECT o.id FROM orders o WHERE o.shop_id = s.id AND o.number = $2) AS order_id,
       ARRAY(SELECT f.id FROM files f WHERE f.id = ANY ($3) AND f.uploaded_by = $4) AS own_files
  FROM shops s WHERE s.id = $1
"""
_COLLEAGUES = """
SELECT p.id, p.name, r.name AS role, r.permissions, r.money_limit_fen
  FROM people p JOIN roles r ON r.id = p.role_id
 WHERE p.shop_id = $1 AND p.disabled_at IS NULL ORDER BY p.created_at, p.id LIMIT $2
"""


async def rules_of(database: Queryable, shop_id: UUID) -> RegisterRules:
    """How a shop keeps its register."""
    return (await load_setting(database, RegisterRules, of=shop_id)).value


async def colleagues_of(
    database: Queryable, shop_id: UUID, rules: RegisterRules
) -> dict[UUID, Colleague]:
    """The people of a shop with how far their word reaches, the eldest account first."""
    rows = await database.fetch(_COLLEAGUES, shop_id, COLLEAGUES_MAX)
    return {row["id"]: _colleague(row, rules) for row in rows}


async def know(
    database: Queryable,
    shop_id: UUID,
    *,
    now: datetime,
    rules: RegisterRules,
    person_id: UUID,
    number: int = 0,
    order_number: str = "",
    file_ids: Sequence[UUID] = (),
    link_sha256: str = "",
    locale: Locale = DEFAULT_LOCALE,
) -> Known:
    """Everything beside the entry itself that a decision needs."""
    row = await database.fetchrow(_FACTS, shop_id, order_number, list(file_ids), person_id)
    assert row, "a shop with people exists"
    return Known(
        now=now,
        rules=rules,
        number=number,
        shop_name=row["name"],
        order_id=row["order_id"],
        colleagues=await colleagues_of(database, shop_id, rules),
        own_files=frozenset(row["own_files"]),
        link_sha256=link_sha256,
        locale=locale,
    )


def _colleague(row: Record, rules: RegisterRules) -> Colleague:
    held = frozenset(row["permissions"])
    return Colleague(
        name=row["name"],
        role=row["role"],
        writes="register.write" in held,
        approves="register.approve" in held,
        limit_fen=limit_of(
            row["role"],
            spends="case.money" in held,
            money_limit_fen=row["money_limit_fen"],
            rules=rules,
        ),
    )
