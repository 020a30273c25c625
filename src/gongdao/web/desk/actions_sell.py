"""Selling from the window: show a product, and bargain over it with what the shop lets one give.

Who: an agent whose buyer asks what there is, or wants it cheaper. Question: how far may I go, and
what do I answer? Next: send the card, send the reply, or ask whoever may give more.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, say_refusal, translate
from gongdao.base.money import yuan
from gongdao.flows.talk.access import Talk
from gongdao.flows.talk.bargain import Wanted, advise
from gongdao.flows.talk.goods import GoodsRow, find_goods, goods_spoken_of
from gongdao.scripts.bargain import UNITS_MAX, Advice
from gongdao.scripts.script import MOVE_LABELS, Filled, Script, Variable, fill
from gongdao.shops.wish_store import waiting_for
from gongdao.web.desk.panel import served_talk
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import read_fen, text_of

_TALK = "/desk/talks/{conversation_id:uuid}"
_SEARCH_MAX = 60


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A script with the sum filled in, ready to be sent where it has no blank left."""

    script: Script
    filled: Filled


class Bargained(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer, in the words of the page."""

    advice: Advice
    why: list[str]
    replies: list[Reply]
    asked_fen: int


@get(f"{_TALK}/products", guards=SERVERS, include_in_schema=False)
async def show_products(
    request: Asked, conversation_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Response[str]:
    """Products of the shop, those of the talk first; each can be sent as a card.

    What is sold out can be kept for the buyer, who then hears of it once it is there again.
    """
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    goods, buyer_id = await _goods(pool, talk, q), talk.conversation.buyer_id
    gone = [each.id for each in goods if each.stock == 0]
    waits = await waiting_for(pool, gone, buyer_id, shop_id=talk.conversation.shop_id)
    return page(
        request,
        "desk/products.html",
        talk=talk.conversation,
        goods=goods,
        waits=waits,
        may_note=who.may("order.read") and who.may("case.answer"),
        q=q[:_SEARCH_MAX],
    )


@get(f"{_TALK}/bargain", guards=SERVERS, include_in_schema=False)
async def show_bargain(
    request: Asked, conversation_id: FromPath[UUID], product: FromQuery[UUID | None] = None
) -> Response[str]:
    """The form as it is at first, with the product that the talk is about."""
    fields = {"product": str(product)} if product else {}
    return await _bargain_sheet(request, conversation_id, fields)


@post(f"{_TALK}/bargain", guards=SERVERS, status_code=200, include_in_schema=False)
async def weigh_bargain(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """The form with what to answer to the price in it; changes nothing."""
    return await _bargain_sheet(request, conversation_id, await request.form())


async def _bargain_sheet(
    request: Asked, conversation_id: UUID, fields: Mapping[str, Any]
) -> Response[str]:
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    q = text_of(fields, "q")
    goods = await _goods(pool, talk, q)
    named = text_of(fields, "product")
    chosen = next((each for each in goods if str(each.id) == named), None)
    if chosen is None and named and not q:
        chosen = await _one(pool, talk, named)
        goods = [*([chosen] if chosen else []), *goods]
    chosen = chosen or next(iter(goods), None)
    bargained, problem = None, ""
    try:
        bargained = await _weigh(pool, who, talk, chosen, fields, locale=locale_of(request))
    except Refusal as refusal:
        problem = say_refusal(locale_of(request), refusal)
    return page(
        request,
        "desk/bargain.html",
        talk=talk.conversation,
        goods=goods,
        chosen=chosen,
        said={name: text_of(fields, name) for name in ("q", "units", "asked", "charged")},
        bargained=bargained,
        moves=MOVE_LABELS,
        problem=problem,
    )


async def _weigh(
    pool: Pool,
    who: Principal,
    talk: Talk,
    chosen: GoodsRow | None,
    fields: Mapping[str, Any],
    *,
    locale: Locale,
) -> Bargained | None:
    """What to answer; None before anybody has named a price. Raises Refusal."""
    asked, charged = text_of(fields, "asked").strip(), text_of(fields, "charged").strip()
    if chosen is None or not asked:
        return None
    asked_fen = read_fen(asked)
    advised = await advise(
        pool,
        who,
        [Wanted(product_id=chosen.id, units=_units(text_of(fields, "units").strip()))],
        asked_fen=asked_fen,
        charged_fen=read_fen(charged) if charged else 0,
        conversation_id=talk.conversation.id,
        now=utc_now(),
    )
    advice = advised.advice
    values: dict[Variable, str] = {
        "amount": yuan(advice.counter_fen).removesuffix(".00"),
        "product": chosen.title,
    }
    return Bargained(
        advice=advice,
        why=[
            translate(locale, each.sentence, {name: yuan(fen) for name, fen in each.fen.items()})
            for each in advice.why
        ],
        replies=[
            Reply(script=one, filled=fill(one.text, advised.values | values, one.locale))
            for one in advised.scripts
        ],
        asked_fen=asked_fen,
    )


def _units(text: str) -> int:
    if not text:
        return 1
    if not (text.isdecimal() and len(text) < 6 and 1 <= int(text) <= UNITS_MAX):
        raise Refusal("invalid", N_("How many: a whole number from 1 to {most}."), most=UNITS_MAX)
    return int(text)


async def _goods(pool: Pool, talk: Talk, q: str) -> list[GoodsRow]:
    words = q.replace("\x00", "")[:_SEARCH_MAX]
    first = await goods_spoken_of(pool, talk.conversation)
    return await find_goods(pool, talk.conversation.shop_id, words, first=first)


async def _one(pool: Pool, talk: Talk, named: str) -> GoodsRow | None:
    """The product that was named, where it is not among those that are listed."""
    try:
        wanted = UUID(named)
    except ValueError:
        return None
    found = await find_goods(pool, talk.conversation.shop_id, first=[wanted], limit=1)
    return next((each for each in found if each.id == wanted), None)


sell_routes: list[Any] = [show_products, show_bargain, weigh_bargain]
