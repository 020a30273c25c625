"""What to do when money is gone or nearly so: the police kit, and the letter to who paid it out.

Who: a buyer who has just been warned, or who sees that money is gone; shaking, on a phone.
Question: what do I do first, whom do I call, what must I not do? Next: call, tick off what is
saved, print the letter. Nobody has to sign in to read it: a visitor of a shop's page comes here.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from gongdao.accounts.gate import Asked
from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, say_full_instant
from gongdao.flows.guard.see import Warned, Warnings, seen_in_talk, seen_on_order
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.access import talk_of
from gongdao.policy.sources import say_source
from gongdao.shops.order import Order
from gongdao.shops.store import find_shop
from gongdao.web.buyer.reads import CaseCard, read_order
from gongdao.web.shell import locale_of, page, view_of

#: What the kit and the letter lean on.
RULES = ("LAW-ECOM-57", "LAW-FRAUD-20", "LAW-44")
#: The letter is one page: so many facts of the talk go into it.
FACTS_MAX = 5
_WORDS_MAX = 60


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of what happened; where nothing is, the blanks stay blank."""

    order: Order | None = None
    cases: list[CaseCard] = []
    shop_id: UUID | None = None
    shop_name: str = ""
    conversation_id: UUID | None = None
    case_id: UUID | None = None
    """The case whose conversation it is."""
    told: Warnings = Warnings(level="calm")

    @property
    def address(self) -> str:
        """How the pages of the kit are told of it."""
        if self.conversation_id:
            return f"?conversation={self.conversation_id}"
        return f"?order={self.order.id}" if self.order else ""

    @property
    def talk(self) -> str:
        """Where the conversation is read and sealed; empty where nobody knows of one."""
        if self.case_id:
            return f"/cases/{self.case_id}/chat"
        if self.shop_id is None:
            return ""
        if self.conversation_id:
            return f"/chat/{self.shop_id}?talk={self.conversation_id}"
        return f"/chat/{self.shop_id}" + (f"?order={self.order.id}" if self.order else "")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the letter: when, what it is, and the words themselves."""

    at: str
    say: str
    words: str = ""


@get("/help/scam", include_in_schema=False)
async def show_kit(
    request: Asked,
    order: FromQuery[UUID | None] = None,
    conversation: FromQuery[UUID | None] = None,
) -> Response[str]:
    """What to do, in which order."""
    known = await _known(request, order, conversation)
    return page(request, "guard/kit.html", known=known, rules=await _rules(request))


@get("/help/scam/letter", include_in_schema=False)
async def show_letter(
    request: Asked,
    order: FromQuery[UUID | None] = None,
    conversation: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The objection to a payment that one did not make oneself, to be printed and signed."""
    known = await _known(request, order, conversation)
    locale = locale_of(request)
    paid_at = known.order.paid_at if known.order else None
    return page(
        request,
        "guard/letter.html",
        known=known,
        facts=facts_of(known.told.signs, locale),
        paid_at=say_full_instant(paid_at, locale) if paid_at else "",
        payments=PAYMENTS,
    )


#: What an order was paid with, as the letter names it.
PAYMENTS: dict[str, str] = {
    "balance": N_("payment account balance"),
    "card": N_("bank card"),
    "credit": N_("consumer credit"),
    "cod": N_("cash on delivery"),
    "gift_card": N_("gift card"),
}


def facts_of(signs: tuple[Warned, ...], locale: Locale) -> list[Fact]:
    """What the letter tells of the talk: the heaviest signs, in the order of their time."""
    heaviest = sorted(signs, key=lambda sign: (-sign.weight, sign.at))[:FACTS_MAX]
    return [_fact(sign, locale) for sign in sorted(heaviest, key=lambda sign: sign.at)]


def _fact(sign: Warned, locale: Locale) -> Fact:
    """A sign as a line; words that its sentence says already are not said again."""
    say = sign.say.zh if locale == "zh" else sign.say.en
    words = "" if all(each in say for each in sign.words) else "…".join(sign.words)
    return Fact(at=say_full_instant(sign.at, locale), say=say, words=words[:_WORDS_MAX])


async def _known(request: Asked, order: UUID | None, conversation: UUID | None) -> Known:
    """What is known to whoever asks; a stranger, or somebody of a shop, reads it unfilled."""
    user = view_of(request).principal
    if user is None or user.kind != "buyer":
        return Known()
    pool: Pool = request.app.state.pool
    if conversation is not None:
        return await _of_talk(pool, user, conversation)
    return await _of_order(pool, user, order) if order is not None else Known()


async def _of_talk(pool: Pool, who: Principal, conversation_id: UUID) -> Known:
    talk = (await talk_of(pool, who, conversation_id)).conversation
    told = await seen_in_talk(pool, who, conversation_id)
    known = Known()
    if talk.order_id and who.may("order.read"):
        known = await _of_order(pool, who, talk.order_id)
    elif not talk.case_id:
        async with pool.acquire() as connection:
            shop = await find_shop(connection, shop_id=talk.shop_id)
        known = Known(shop_id=talk.shop_id, shop_name=shop.name if shop else "")
    return msgspec.structs.replace(
        known, conversation_id=conversation_id, case_id=talk.case_id, told=told
    )


async def _of_order(pool: Pool, who: Principal, order_id: UUID) -> Known:
    if not who.may("order.read"):
        raise Refusal("not_found", N_("There is no such order."))
    found = await read_order(pool, who.person_id, order_id)
    return Known(
        order=found.order,
        cases=found.cases,
        shop_id=found.order.shop_id,
        shop_name=found.shop_name,
        told=await seen_on_order(pool, who, order_id),
    )


async def _rules(request: Asked) -> list[dict[str, Any]]:
    pack, zh = await current_pack(request.app.state.pool), locale_of(request) == "zh"
    return [
        {
            "id": rule.id,
            "text": rule.text.zh if zh else rule.text.en,
            "source": say_source(rule.source, locale_of(request)),
            "verified": rule.verified,
        }
        for rule in (pack.rules[each] for each in RULES if each in pack.rules)
    ]


kit_routes: list[Any] = [show_kit, show_letter]
