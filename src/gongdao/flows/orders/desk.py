"""What every step of the day has in common: who may take it, the order, the shop's rules."""

from datetime import datetime, timedelta
from uuid import UUID

from gongdao.accounts.principal import Permit, Principal
from gongdao.base.db import Connection, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.base.keys import require_key
from gongdao.flows.order_desk import Wish
from gongdao.settings.setting import DayRules
from gongdao.settings.store import load_setting
from gongdao.shops.purchase import Purchase
from gongdao.shops.store import Scope, lock_purchase

#: Whoever is told of the cut-off, or reminded, has so long to pay.
ROOM = timedelta(minutes=30)


def shop_of(who: Principal, permit: Permit) -> UUID:
    """The shop that somebody works for, if their role permits this. Raises Refusal wrong_role."""
    if who.kind != "shop" or who.shop_id is None or not who.may(permit):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


async def rules_of(database: Queryable, shop_id: UUID) -> DayRules:
    """How a shop looks after its orders."""
    return (await load_setting(database, DayRules, of=shop_id)).value


async def lock_for(connection: Connection, wish: Wish, permit: Permit) -> Purchase:
    """An order of one's shop, locked until the transaction ends. Raises Refusal."""
    shop_id = shop_of(wish.who, permit)
    if wish.key is not None:
        require_key(wish.key)
    return await lock_purchase(connection, wish.order_id, scope=Scope(shop_id=shop_id))


def other_said() -> Refusal:
    """Something else was sent under the same key."""
    return Refusal("idempotency_conflict", N_("This idempotency key was used for something else."))


def cut_off_of(rules: DayRules, now: datetime) -> datetime:
    """Until when what is paid leaves today; the next such instant from now on."""
    hour, minute = (int(part) for part in rules.cut_off.split(":"))
    today = now.astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if now <= today else today + timedelta(days=1)
