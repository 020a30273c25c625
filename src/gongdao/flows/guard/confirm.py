"""A buyer who confirms receipt is asked once more where something speaks of a scam.

It is their word that lets the money go to the shop. They are told why, and decide; that they were
told is kept in the order's log.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.guard.see import Warned, seen_on_order
from gongdao.flows.settings import current_pack
from gongdao.policy.guard import GuardBook
from gongdao.shops.order import Order
from gongdao.shops.store import Scope

_ASK = N_(
    "Before you confirm, please look: {signs} Confirming lets the money go to the shop. Confirm"
    " again only if the goods are in your hands and all is well."
)
_IS_CONFIRMED = "SELECT confirmed_at IS NOT NULL FROM orders WHERE id = $1"


async def confirm_knowingly(
    connection: Connection,
    who: Principal,
    order_id: UUID,
    *,
    aware: bool = False,
    now: datetime,
) -> Order:
    """The buyer confirms receipt; `aware`: they were told what there is to mind.

    Raises Refusal: not_found, not_aware (with what there is to mind), not_eligible.
    """
    scope = Scope(buyer_id=who.person_id)
    told: tuple[str, ...] = ()
    if not await connection.fetchval(_IS_CONFIRMED, order_id):
        signs = await to_mind(connection, who, order_id)
        if signs and not aware:
            raise _not_aware(signs, (await current_pack(connection)).guard)
        told = tuple(dict.fromkeys(sign.code for sign in signs))
    return await confirm_order(
        connection, order_id, scope=scope, by=who.person_id, now=now, told=told
    )


async def to_mind(connection: Connection, who: Principal, order_id: UUID) -> list[Warned]:
    """The signs for which a buyer is asked once more; none where all that stands is calm."""
    seen = await seen_on_order(connection, who, order_id)
    if seen.level == "calm":
        return []
    rules = (await current_pack(connection)).guard.rules
    return [
        sign
        for sign in seen.signs
        if sign.verdict != "wrong" and (rule := rules.get(sign.code)) and "confirm" in rule.does
    ]


def _not_aware(signs: Sequence[Warned], book: GuardBook) -> Refusal:
    """Why they are asked: each sign once, in the words of the pack."""
    each = {sign.code: sign.say for sign in signs}
    english = " ".join(f"{say.en.rstrip('.')}." for say in each.values())
    chinese = "".join(f"{say.zh.rstrip('。')}。" for say in each.values())
    return Refusal(
        "not_aware",
        _ASK.format(signs=_plain(english)),
        chinese=translate("zh", _ASK, {"signs": chinese}),
        rules=tuple(dict.fromkeys(book.rules[code].rule for code in each)),
    )


def _plain(text: str) -> str:
    """Words of others have no fields to fill."""
    return text.replace("{", "{{").replace("}", "}}")
