"""An agent files a case for the buyer of a conversation, in the buyer's name and on the record."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import Acted, open_case
from gongdao.flows.talk.access import Talk, talk_of
from gongdao.flows.talk.say import say_line
from gongdao.flows.talk.see_talk import names_of
from gongdao.policy.pack import Pack

_ORDER_IS_THEIRS = (
    "SELECT EXISTS (SELECT FROM orders WHERE id = $1 AND shop_id = $2 AND buyer_id = $3)"
)

_HAS_SPOKEN = (
    "SELECT EXISTS (SELECT FROM chat_messages WHERE conversation_id = $1 AND author = 'buyer')"
)


async def require_order_of_talk(pool: Pool, talk: Talk, order_id: UUID) -> None:
    """Refuse an order that is not one of this buyer in this shop with not_found."""
    conversation = talk.conversation
    if talk.side != "shop" or not await pool.fetchval(
        _ORDER_IS_THEIRS, order_id, conversation.shop_id, conversation.buyer_id
    ):
        raise Refusal("not_found", N_("There is no such order."))


async def open_for_buyer(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    order_id: UUID,
    args: OpenArgs,
    *,
    pack: Pack,
    locale: Locale,
    now: datetime,
    key: str | None = None,
) -> Acted:
    """File what the buyer asked for in a conversation; they may change it or take it back.

    The record names the agent, and the claim says on whose behalf it was written. A report is the
    buyer's alone. Raises Refusal: not_found, wrong_role, not_allowed_in_stage, not_eligible
    (they have not written a word), and those of filing.
    """
    talk = await talk_of(pool, who, conversation_id)
    await require_order_of_talk(pool, talk, order_id)
    if talk.conversation.state == "closed":
        raise Refusal("not_allowed_in_stage", N_("This conversation is over. Begin a new one."))
    if args.procedure == "report":
        raise Refusal("wrong_role", N_("A report to the platform is the buyer's own to make."))
    if not await pool.fetchval(_HAS_SPOKEN, conversation_id):
        raise Refusal("not_eligible", N_("The buyer has not said anything here yet."))
    # The buyer reads the claim: an agent is called in it as in the conversation.
    names = await names_of(pool, [who.person_id])
    said = translate(
        locale, N_("Filed by {name} for the buyer:"), {"name": names[who.person_id].shown}
    )
    args = msgspec.structs.replace(args, claim=f"{said} {args.claim}".strip())
    acted = await open_case(
        pool, who, order_id, args, pack=pack, now=now, key=key, on_behalf_of="buyer"
    )
    await say_line(
        pool,
        talk.conversation,
        "case_opened",
        once=str(acted.case.id),
        now=now,
        fields={"number": acted.number, "case_id": str(acted.case.id)},
    )
    return acted
