"""Bargaining at the desk: what may be given, what the lead is asked, and what they answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.money import FEN_MAX
from gongdao.flows.talk.manners import limit_of, pays_up_to
from gongdao.flows.talk.scripts import shelf_of, shop_of
from gongdao.flows.talk.talk_facts import facts_of_talk
from gongdao.scripts.bargain import (
    Advice,
    Bounds,
    Deal,
    Goods,
    Move,
    Offer,
    bargain,
)
from gongdao.scripts.bargain_store import (
    Answer,
    Ask,
    add_ask,
    answer_ask,
    asks_of_talk,
    asks_waiting,
    costs_of,
    find_ask,
)
from gongdao.scripts.library import library_by_key
from gongdao.scripts.script import Script, Variable
from gongdao.settings.setting import BargainRules
from gongdao.settings.store import load_setting

#: Of so many scripts of a move one is chosen.
_MOVE_SCRIPTS_MAX = 4
_PRICES = "SELECT id, price_fen FROM products WHERE shop_id = $1 AND id = ANY ($2)"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a product, or of something at a price that is not in the list."""

    product_id: UUID | None = None
    price_fen: int | None = None
    units: int = 1


class Advised(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer, with which scripts, and what is known to fill them in."""

    advice: Advice
    scripts: list[Script]
    values: dict[Variable, str]


async def advise(
    pool: Pool,
    who: Principal,
    wanted: Sequence[Wanted],
    *,
    asked_fen: int,
    charged_fen: int = 0,
    freight_fen: int | None = None,
    said: Sequence[Move] | None = None,
    conversation_id: UUID | None = None,
    now: datetime,
) -> Advised:
    """How far one may go. Without `said` the moves are those that were made in the conversation."""
    async with pool.acquire() as connection:
        rules = await bargain_rules(connection, shop_of(who))
        goods, own_freight_fen = await _goods(connection, who, wanted)
        facts = await facts_of_talk(connection, who, conversation_id)
        shelf = await shelf_of(connection, who, locale=facts.locale, now=now)
    if freight_fen is None:
        freight_fen = rules.freight_fen if own_freight_fen is None else own_freight_fen
    deal = Deal(goods=goods, asked_fen=asked_fen, freight_fen=freight_fen, charged_fen=charged_fen)
    made = moves_in(facts.said) if said is None else said
    advice = bargain(deal, bounds_of(who, rules), made)
    fit = [script for script in shelf.scripts if _fits(script, advice)]
    fit.sort(key=lambda script: -shelf.uses.get(script.ref, 0))
    return Advised(advice=advice, scripts=fit[:_MOVE_SCRIPTS_MAX], values=facts.values)


async def ask_lead(pool: Pool, ask: Ask, who: Principal) -> Ask:
    """Ask the lead for more; the same question sent again is one. Raises Refusal."""
    if not 0 <= ask.gives_fen <= FEN_MAX or not ask.why.strip():
        raise Refusal("reason_required", N_("Say why the shop should give this."))
    async with pool.acquire() as connection:
        await facts_of_talk(connection, who, ask.conversation_id)
        kept = await add_ask(connection, ask)
    _tell(kept)
    return kept


async def answer_lead_ask(
    pool: Pool,
    who: Principal,
    ask_id: UUID,
    answer: Answer,
    *,
    granted_fen: int | None = None,
    note: str = "",
    now: datetime,
) -> Ask:
    """The lead grants or refuses; whoever asked may drop it. The same answer again is one."""
    async with pool.acquire() as connection:
        ask = await find_ask(connection, ask_id, shop_id=shop_of(who))
        if ask is None:
            raise Refusal("not_found", N_("There is no such question."))
        granted = None
        if answer == "granted":
            granted = ask.gives_fen if granted_fen is None else granted_fen
        rules = await bargain_rules(connection, ask.shop_id)
        _require_answer(who, ask, answer, granted, rules)
        kept = await answer_ask(
            connection,
            ask_id,
            answer=answer,
            granted_fen=granted,
            note=note.strip(),
            by_id=who.person_id,
            now=now,
        )
        if kept is None:
            kept = await find_ask(connection, ask_id, shop_id=ask.shop_id)
            assert kept is not None, "questions are never deleted"
            if (kept.answer, kept.granted_fen) != (answer, granted):
                raise Refusal("duplicate", N_("This has been answered already."))
    _tell(kept)
    return kept


async def asks_for(pool: Pool, who: Principal, *, conversation_id: UUID | None) -> list[Ask]:
    """What was asked in a conversation; without one, what waits for the leads of the shop."""
    async with pool.acquire() as connection:
        if conversation_id is not None:
            await facts_of_talk(connection, who, conversation_id)
            return await asks_of_talk(connection, conversation_id, shop_id=shop_of(who))
        waiting = await asks_waiting(connection, shop_of(who))
    if who.may("chat.manage"):
        return waiting
    return [ask for ask in waiting if ask.asked_by == who.person_id]


async def bargain_rules(database: Queryable, shop_id: UUID) -> BargainRules:
    """How far a shop lets its people go."""
    return (await load_setting(database, BargainRules, of=shop_id)).value


def bounds_of(who: Principal, rules: BargainRules) -> Bounds:
    """The bounds of one person of a shop."""
    return Bounds(
        own_fen=limit_of(who, rules),
        lead_fen=rules.limits.get("lead"),
        least_fen=rules.least_fen,
        least_percent=rules.least_percent,
        offers=tuple(
            Offer(title=one.title, from_fen=one.from_fen, off_fen=one.off_fen, gift=one.gift)
            for one in rules.campaigns
        ),
    )


def moves_in(said: Sequence[str]) -> tuple[Move, ...]:
    """The moves of a bargain among the scripts that were said."""
    known = library_by_key("zh")
    moves = [known[ref].move for ref in said if ref in known and known[ref].move]
    return tuple(cast("list[Move]", list(dict.fromkeys(moves))))


async def _goods(
    database: Queryable, who: Principal, wanted: Sequence[Wanted]
) -> tuple[tuple[Goods, ...], int | None]:
    """What is bargained for, with its costs, and what its parcel costs; None: nobody said."""
    ids = [each.product_id for each in wanted if each.product_id is not None]
    rows = await database.fetch(_PRICES, who.shop_id, ids) if ids else []
    prices: dict[UUID, int] = {row["id"]: row["price_fen"] for row in rows}
    costs = await costs_of(database, shop_of(who), ids) if ids else {}
    goods: list[Goods] = []
    for each in wanted:
        price_fen = each.price_fen
        if price_fen is None and each.product_id is not None:
            price_fen = prices.get(each.product_id)
        if price_fen is None:
            raise Refusal("not_found", N_("There is no such product in this shop."))
        cost = costs.get(each.product_id) if each.product_id else None
        goods.append(
            Goods(
                price_fen=price_fen,
                units=each.units,
                cost_fen=cost.cost_fen if cost else None,
                floor_fen=cost.floor_fen if cost else None,
            )
        )
    freights = [cost.freight_fen for cost in costs.values() if cost.freight_fen is not None]
    return tuple(goods), max(freights, default=None)


def _fits(script: Script, advice: Advice) -> bool:
    """Whether a script says what is advised: the next move, a little more, or a polite end."""
    if advice.move is not None:
        return script.move == advice.move
    key = script.replaces or script.ref
    endings = {
        "accept": ("bargain.changing", "bargain.done"),
        "ask": ("bargain.close.ask-lead", "bargain.close.middle"),
        "counter": ("bargain.add-a-bit", "bargain.part"),
    }
    return key in endings[advice.verdict]


def _require_answer(
    who: Principal, ask: Ask, answer: Answer, granted_fen: int | None, rules: BargainRules
) -> None:
    if answer == "dropped":
        if who.person_id != ask.asked_by:
            raise Refusal("wrong_role", N_("Only whoever asked takes a question back."))
        return
    if not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only a lead answers this."))
    if granted_fen is not None:
        if who.person_id == ask.asked_by:
            raise Refusal("wrong_role", N_("Somebody else grants what you have asked for."))
        # Compensation is paid: who may pay it may let it be paid, whatever a bargain may give away.
        limit_fen = pays_up_to(who) if ask.what == "compensation" else limit_of(who, rules)
        if not 0 <= granted_fen <= FEN_MAX:
            raise Refusal("invalid", N_("This is no amount."))
        if limit_fen is not None and granted_fen > limit_fen:
            raise Refusal(
                "amount_above_limit", N_("This is above your own limit; the owner decides it.")
            )


def _tell(ask: Ask) -> None:
    """The desk's leads hear of the question, whoever asked of the answer."""
    changed([f"desk:{ask.shop_id}", f"agent:{ask.asked_by}", f"state:{ask.conversation_id}"])
