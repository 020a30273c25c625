"""Beside the chat: who the buyer is to the shop, and what can be done without leaving.

Who: the agent who serves. Question: which order is it, where is it, was there trouble before? Next:
offer, approve, give something, file a case for the buyer, hand over, close.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.customers.store import groups_of, groups_of_shop, preferences_of
from gongdao.flows.case_view import CaseView, view_case
from gongdao.flows.customers.history import BESIDE_CHAT, CaseRow, History, read_history
from gongdao.flows.guard.see import seen_in_talk
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.access import Talk, talk_of
from gongdao.flows.talk.bargain import asks_for
from gongdao.flows.talk.see_talk import names_of
from gongdao.reviews.review import CAUSE_LABELS
from gongdao.reviews.store import reviews_of_buyer
from gongdao.web.appeal import appeal_until
from gongdao.web.desk.window import SERVERS
from gongdao.web.guard.shown import signs_of_sides
from gongdao.web.shell import locale_of, page
from gongdao.web.shop.case_page import list_deeds, show_money
from gongdao.web.shop.cases import asked_of, remedies_of

#: What is said in the chat itself, so that the panel does not offer it a second time.
_SAID_IN_CHAT = "note"


@get("/desk/talks/{conversation_id:uuid}", guards=SERVERS, include_in_schema=False)
async def show_panel(
    request: Asked, conversation_id: FromPath[UUID], case: FromQuery[UUID | None] = None
) -> Response[str]:
    """The side panel of a conversation; `case` is the one that is unfolded in it."""
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    pair = (talk.conversation.shop_id, talk.conversation.buyer_id)
    beside = await read_history(
        pool,
        *pair,
        shown=BESIDE_CHAT,
        order_id=talk.conversation.order_id,
        conversation_id=conversation_id,
    )
    asks = await asks_for(pool, who, conversation_id=conversation_id)
    people = {talk.conversation.buyer_id, *(each.asked_by for each in asks)}
    names = await names_of(pool, people)
    told = await seen_in_talk(pool, who, conversation_id)
    chosen = _chosen(beside, talk, case) if who.may("case.read") else None
    unfolded: dict[str, Any] = {"case": None, "deeds": [], "seen": None}
    if chosen:
        unfolded = await case_values(pool, who, chosen, locale=locale_of(request))
    buyer = names.get(talk.conversation.buyer_id)
    return page(
        request,
        "desk/panel.html",
        talk=talk.conversation,
        buyer=buyer.name if buyer else "",
        beside=beside,
        told=signs_of_sides(told),
        customer=await _customer(pool, who, *pair),
        reviews=await reviews_of_buyer(pool, pair[1], shop_id=pair[0], limit=5),
        causes=CAUSE_LABELS,
        asks=asks,
        knows_goodwill=bool((await current_pack(pool)).body.goodwill),
        names=names,
        is_mine=talk.conversation.agent_id == who.person_id,
        **unfolded,
    )


async def served_talk(pool: Pool, who: Principal, conversation_id: UUID) -> Talk:
    """A conversation of one's shop. Raises Refusal not_found."""
    talk = await talk_of(pool, who, conversation_id)
    if talk.side != "shop":
        raise Refusal("not_found", N_("There is no such conversation."))
    return talk


async def case_values(
    pool: Pool, who: Principal, case_id: UUID, *, locale: Locale
) -> dict[str, Any]:
    """What the panel says of one case, and what can be done in it: as on the case's own page."""
    now = utc_now()
    seen: CaseView = await view_case(pool, who, case_id, now=now)
    deeds = await list_deeds(pool, who, seen, locale=locale, now=now)
    title = seen.pack.kinds[seen.case.procedure, seen.case.kind].title
    silence = seen.silence
    return {
        "seen": seen,
        "case": seen.case,
        "deeds": [deed for deed in deeds if deed.action != _SAID_IN_CHAT],
        "money": show_money(seen.money),
        "asked": asked_of(seen, locale),
        "remedies": remedies_of(seen),
        "appeal_until": appeal_until(seen),
        "kind_title": title.zh if locale == "zh" else title.en,
        "silence": (silence.zh if locale == "zh" else silence.en) if silence else "",
    }


async def _customer(
    pool: Pool, who: Principal, shop_id: UUID, buyer_id: UUID
) -> dict[str, Any] | None:
    """Groups and preferences, for those who may see what is kept on customers."""
    if not who.may("customers.read"):
        return None
    mine = (await groups_of(pool, shop_id, [buyer_id])).get(buyer_id, [])
    groups = await groups_of_shop(pool, shop_id) if mine else []
    return {
        "groups": [each for each in groups if each.key in mine],
        "preferences": await preferences_of(pool, shop_id, buyer_id),
    }


def _chosen(beside: History, talk: Talk, asked: UUID | None) -> UUID | None:
    """The case to unfold: the one that was clicked, that of the conversation, else an open one.

    A talk about an order unfolds no case about another: what is granted there would be the wrong
    thing. What was filed since it began is what they are talking about.
    """
    known, about = {row.id for row in beside.cases}, talk.conversation
    if asked in known:
        return asked
    if about.case_id in known:
        return about.case_id
    is_open = [row for row in beside.cases if row.ended is None]
    meant = [row for row in is_open if row.order_id == about.order_id]
    since = [row for row in is_open if row.opened_at >= about.opened_at]
    first: CaseRow | None = next(iter(meant or since or ([] if about.order_id else is_open)), None)
    return first.id if first else None


panel_routes: list[Any] = [show_panel]
