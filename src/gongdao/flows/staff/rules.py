"""What the owner lays down for the team: shifts, commission, house rules; each with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.staff.access import shop_of
from gongdao.settings.setting import Value, Version
from gongdao.settings.store import add_version, load_setting
from gongdao.settings.team import CommissionRules, HouseRules, ShiftRules

R = TypeVar("R", ShiftRules, CommissionRules, HouseRules)


async def see_rules(database: Queryable, who: Principal, kind: type[R]) -> Version[R]:
    """The rules that count now; everybody of the team may read them."""
    return await load_setting(database, kind, of=shop_of(who))


async def save_rules(
    database: Queryable, who: Principal, rules: R, *, seen: int, reason: str, now: datetime
) -> Version[R]:
    """Let other rules count from now on; what was planned, noted or closed keeps its own.

    Raises Refusal: wrong_role, invalid, reason_required, version_conflict.
    """
    shop_id = shop_of(who)
    if not who.may("shop.edit"):
        raise Refusal("wrong_role", N_("Only who edits the shop's settings changes this."))
    _require_distinct(_names_in(rules))
    return await add_version(
        database, rules, seen=seen, reason=reason, by_id=who.person_id, now=now, of=shop_id
    )


def _names_in(rules: Value) -> Sequence[str]:
    if isinstance(rules, ShiftRules):
        return [template.name for template in rules.templates]
    return [rule.code for rule in rules.rules] if isinstance(rules, HouseRules) else []


def _require_distinct(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise Refusal("invalid", N_("Two of them have the same name."))
