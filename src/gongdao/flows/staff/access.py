"""Whose team it is, and who is in it."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

PEOPLE_MAX = 500
_TEAM = """
SELECT p.id, p.name, r.name AS role, p.disabled_at IS NULL AS works,
       r.permissions && '{staff.lead}' AS leads, r.permissions && '{chat.serve}' AS serves
  FROM people p JOIN roles r ON r.id = p.role_id
 WHERE p.shop_id = $1 ORDER BY p.created_at, p.id LIMIT $2
"""


class Mate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the team."""

    id: UUID
    name: str
    role: str
    works: bool
    """Not disabled."""
    leads: bool
    serves: bool


def shop_of(who: Principal) -> UUID:
    """The shop in whose team somebody is. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may("staff.use"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


def led_by(who: Principal) -> UUID:
    """The shop whose team somebody leads. Raises Refusal wrong_role."""
    shop_id = shop_of(who)
    if not who.may("staff.lead"):
        raise Refusal("wrong_role", N_("Only whoever leads the team does this."))
    return shop_id


async def team_of(database: Queryable, shop_id: UUID) -> dict[UUID, Mate]:
    """Everybody of a shop, the eldest account first, also those who are disabled."""
    rows = await database.fetch(_TEAM, shop_id, PEOPLE_MAX)
    return {row["id"]: Mate(**dict(row)) for row in rows}


async def mate_of(database: Queryable, shop_id: UUID, person_id: UUID) -> Mate:
    """Somebody who works in a shop. Raises Refusal not_found."""
    mate = (await team_of(database, shop_id)).get(person_id)
    if mate is None or not mate.works:
        raise Refusal("not_found", N_("There is no such person among your staff."))
    return mate


def decides(who: Principal, parties: Collection[UUID], team: Mapping[UUID, Mate]) -> bool:
    """Whether a lead decides on what these people asked for.

    Nobody decides on what they asked for themselves, but for an owner beside whom nobody could.
    """
    if who.person_id not in parties:
        return True
    others = any(mate.works and mate.leads and mate.id not in parties for mate in team.values())
    return who.may("staff.manage") and not others
