"""A shop sets how it looks after its orders: hours, days, fees, and what is sent by itself."""

from datetime import datetime

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.orders.desk import shop_of
from gongdao.settings.setting import DayRules, Version
from gongdao.settings.store import add_version, load_setting


async def see_rules(pool: Pool, who: Principal) -> Version[DayRules]:
    """The rules that count, with their version. Raises Refusal wrong_role."""
    return await load_setting(pool, DayRules, of=shop_of(who, "order.read"))


async def set_rules(
    pool: Pool, who: Principal, rules: DayRules, *, seen: int, reason: str, now: datetime
) -> Version[DayRules]:
    """Let other rules count from now on.

    Raises Refusal: wrong_role, invalid, reason_required, too_large, version_conflict.
    """
    shop_id = shop_of(who, "shop.edit")
    if rules.near_days > rules.far_days:
        raise Refusal("invalid", N_("What is near cannot take longer than what is far."))
    if rules.cod_fee_least > rules.cod_fee_most:
        raise Refusal("invalid", N_("The least fee cannot be above the most."))
    return await add_version(
        pool, rules, seen=seen, reason=reason, by_id=who.person_id, now=now, of=shop_id
    )
