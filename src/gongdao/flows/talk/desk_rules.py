"""What a lead lays down for the desk: words that the shop minds, what goods cost, how far to go."""

from collections.abc import Sequence
from datetime import datetime

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.plain import plain
from gongdao.flows.talk.scripts import shop_of
from gongdao.scripts.bargain_store import (
    COSTS_MAX,
    WORDS_MAX,
    Cost,
    costs_of,
    set_words,
    tell_costs,
    words_of,
)
from gongdao.scripts.manners import OwnWord
from gongdao.settings.setting import BargainRules, Version
from gongdao.settings.store import add_version, load_setting

_PRODUCTS = "SELECT id FROM products WHERE shop_id = $1 AND id = ANY ($2)"


async def own_words(pool: Pool, who: Principal) -> list[OwnWord]:
    """The words that one's shop minds."""
    return await words_of(pool, shop_of(who))


async def set_own_words(
    pool: Pool, who: Principal, words: Sequence[OwnWord], *, now: datetime
) -> list[OwnWord]:
    """From now on the shop minds these words. Raises Refusal."""
    _require_lead(who)
    distinct = {word.word.strip(): word for word in words}
    if len(distinct) > WORDS_MAX:
        raise Refusal("too_large", N_("At most {n} words."), n=WORDS_MAX)
    if any(len(plain(word).text) < 2 for word in distinct):
        raise Refusal("invalid", N_("A word has two letters at least, or everything is minded."))
    kept = [OwnWord(word=w, level=o.level, reason=o.reason.strip()) for w, o in distinct.items()]
    async with pool.acquire() as connection:
        await set_words(connection, shop_of(who), kept, by_id=who.person_id, now=now)
        return await words_of(connection, shop_of(who))


async def tell_own_costs(
    pool: Pool, who: Principal, costs: Sequence[Cost], *, now: datetime
) -> list[Cost]:
    """What products of one's shop cost it. Raises Refusal not_found for a product of another."""
    _require_lead(who)
    if len(costs) > COSTS_MAX:
        raise Refusal("too_large", N_("At most {n} products at once."), n=COSTS_MAX)
    by_product = {cost.product_id: cost for cost in costs}
    async with pool.acquire() as connection:
        rows = await connection.fetch(_PRODUCTS, shop_of(who), list(by_product))
        if len(rows) != len(by_product):
            raise Refusal("not_found", N_("There is no such product in this shop."))
        await tell_costs(
            connection, shop_of(who), list(by_product.values()), by_id=who.person_id, now=now
        )
        known = await costs_of(connection, shop_of(who), list(by_product))
    return list(known.values())


async def own_bargain_rules(pool: Pool, who: Principal) -> Version[BargainRules]:
    """How far one's shop lets its people go, with the version that a change is based on."""
    return await load_setting(pool, BargainRules, of=shop_of(who))


async def set_bargain_rules(
    pool: Pool, who: Principal, rules: BargainRules, *, seen: int, reason: str, now: datetime
) -> Version[BargainRules]:
    """Lay down how far the people of one's shop may go. Raises Refusal."""
    if not who.may("shop.edit"):
        raise Refusal("wrong_role", N_("Your role does not include the settings of the shop."))
    return await add_version(
        pool,
        rules,
        seen=seen,
        reason=reason,
        by_id=who.person_id,
        now=now,
        of=shop_of(who),
    )


def _require_lead(who: Principal) -> None:
    if not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only a lead lays this down for the desk."))
