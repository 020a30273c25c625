"""Bargaining at the service desk: how far one may go, and what the lead is asked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.api.scripts import ScriptShown, show_script
from gongdao.base.clock import utc_now
from gongdao.base.i18n import Locale, translate
from gongdao.base.money import YUAN_PATTERN, parse_yuan, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.talk.bargain import Wanted, advise, answer_lead_ask, ask_lead, asks_for
from gongdao.flows.talk.scripts import shop_of
from gongdao.scripts.bargain import (
    GOODS_MAX,
    MOVES,
    UNITS_MAX,
    Advice,
    Approver,
    Move,
    Offer,
    Verdict,
)
from gongdao.scripts.bargain_store import Answer, Ask, What

_Yuan = Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)]
_Why = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
_Note = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]


class GoodsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units of a product of the shop, or of something at this price for one."""

    product: UUID | None = None
    price: _Yuan | None = None
    units: Annotated[int, msgspec.Meta(ge=1, le=UNITS_MAX)] = 1


class BargainAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the buyer wants, and would pay in all. `charged` is the carriage that buyers pay who do
    not bargain, `freight` what the carrier costs the shop, if that is known better here. Without
    `said`, the moves are those that were made in the conversation.
    """

    goods: Annotated[list[GoodsWanted], msgspec.Meta(min_length=1, max_length=GOODS_MAX)]
    asked: _Yuan
    charged: _Yuan = "0"
    freight: _Yuan | None = None
    said: Annotated[tuple[Move, ...], msgspec.Meta(max_length=len(MOVES))] | None = None
    conversation: UUID | None = None


class OfferShown(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody gets who buys for so much."""

    title: str
    from_: str = msgspec.field(name="from")
    off: str
    gift: str


class BargainAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer. `verdict`: accept, ask (whom `approver` says), or counter with `counter`."""

    verdict: Verdict
    approver: Approver
    gives: str
    margin: str | None
    lowest: str | None
    own_lowest: str
    counter: str
    move: Move | None
    offers: list[OfferShown]
    nearly: OfferShown | None
    why: list[str]
    scripts: list[ScriptShown]


class LeadAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question to the lead; the `id` is made by the screen, and sent again it is one question."""

    id: UUID
    conversation: UUID
    what: What
    gives: _Yuan
    why: _Why
    price: _Yuan | None = None


class LeadAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer. `amount`: what is granted, where it is not what was asked for."""

    answer: Answer
    amount: _Yuan | None = None
    note: _Note = ""


class AskShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the lead, and the answer once there is one."""

    id: UUID
    conversation: UUID
    what: What
    gives: str
    price: str | None
    why: str
    asked_by: UUID
    asked_at: datetime
    answer: Answer | None
    granted: str | None
    note: str
    answered_by: UUID | None
    answered_at: datetime | None


class AsksShown(msgspec.Struct, frozen=True, kw_only=True):
    """Questions to the lead."""

    asks: list[AskShown]


@post(
    "/desk/bargains",
    guards=[may("chat.serve")],
    summary="How far one may go",
    tags=["service desk"],
    status_code=200,
)
async def weigh_bargain(request: Asked, data: JSONBody[BargainAsked]) -> BargainAdvice:
    """What to answer to a buyer who bargains: cost, carriage and limits are known here."""
    advised = await advise(
        request.app.state.pool,
        principal_of(request),
        [
            Wanted(
                product_id=each.product,
                price_fen=None if each.price is None else parse_yuan(each.price),
                units=each.units,
            )
            for each in data.goods
        ],
        asked_fen=parse_yuan(data.asked),
        charged_fen=parse_yuan(data.charged),
        freight_fen=None if data.freight is None else parse_yuan(data.freight),
        said=data.said,
        conversation_id=data.conversation,
        now=utc_now(),
    )
    return _advice(advised.advice, [show_script(s) for s in advised.scripts], locale_of(request))


@post("/desk/asks", guards=[may("chat.serve")], summary="Ask the lead", tags=["service desk"])
async def ask_lead_for_more(request: Asked, data: JSONBody[LeadAsked]) -> AskShown:
    """Ask the lead for more than one may give oneself."""
    who = principal_of(request)
    ask = Ask(
        id=data.id,
        shop_id=shop_of(who),
        conversation_id=data.conversation,
        what=data.what,
        gives_fen=parse_yuan(data.gives),
        price_fen=None if data.price is None else parse_yuan(data.price),
        why=data.why.strip(),
        asked_by=who.person_id,
        asked_at=utc_now(),
    )
    return _ask(await ask_lead(request.app.state.pool, ask, who))


@get(
    "/desk/asks", guards=[may("chat.serve")], summary="Questions to the lead", tags=["service desk"]
)
async def read_asks(request: Asked, conversation: FromQuery[UUID | None] = None) -> AsksShown:
    """Those of a conversation, the newest first; without one, those that wait for an answer."""
    asks = await asks_for(
        request.app.state.pool, principal_of(request), conversation_id=conversation
    )
    return AsksShown(asks=[_ask(ask) for ask in asks])


@post(
    "/desk/asks/{ask_id:uuid}/answer",
    guards=[may("chat.serve")],
    summary="Answer as the lead",
    tags=["service desk"],
    status_code=200,
)
async def answer_for_lead(
    request: Asked, ask_id: FromPath[UUID], data: JSONBody[LeadAnswer]
) -> AskShown:
    """Grant or refuse with `chat.manage`, within one's own limit; whoever asked may drop it."""
    ask = await answer_lead_ask(
        request.app.state.pool,
        principal_of(request),
        ask_id,
        data.answer,
        granted_fen=None if data.amount is None else parse_yuan(data.amount),
        note=data.note,
        now=utc_now(),
    )
    return _ask(ask)


def _advice(advice: Advice, scripts: list[ScriptShown], locale: Locale) -> BargainAdvice:
    return BargainAdvice(
        verdict=advice.verdict,
        approver=advice.approver,
        gives=yuan(advice.gives_fen),
        margin=_yuan(advice.margin_fen),
        lowest=_yuan(advice.lowest_fen),
        own_lowest=yuan(advice.own_lowest_fen),
        counter=yuan(advice.counter_fen),
        move=advice.move,
        offers=[_offer(offer) for offer in advice.offers],
        nearly=_offer(advice.nearly) if advice.nearly else None,
        why=[
            translate(locale, reason.sentence, {k: yuan(fen) for k, fen in reason.fen.items()})
            for reason in advice.why
        ],
        scripts=scripts,
    )


def _offer(offer: Offer) -> OfferShown:
    return OfferShown(
        title=offer.title, from_=yuan(offer.from_fen), off=yuan(offer.off_fen), gift=offer.gift
    )


def _ask(ask: Ask) -> AskShown:
    return AskShown(
        id=ask.id,
        conversation=ask.conversation_id,
        what=ask.what,
        gives=yuan(ask.gives_fen),
        price=_yuan(ask.price_fen),
        why=ask.why,
        asked_by=ask.asked_by,
        asked_at=ask.asked_at,
        answer=ask.answer,
        granted=_yuan(ask.granted_fen),
        note=ask.note,
        answered_by=ask.answered_by,
        answered_at=ask.answered_at,
    )


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


routes = [weigh_bargain, ask_lead_for_more, read_asks, answer_for_lead]
