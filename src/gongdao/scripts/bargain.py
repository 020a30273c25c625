"""Bargaining: how far one may go, which of the four moves comes next, who may approve. Pure."""

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from gongdao.base.i18n import N_

#: Refuse (拒), pull with what everybody gets (拉), lead to what it is worth (引), close with the
#: word of the lead (逼): in this order, each once.
Move = Literal["refuse", "pull", "lead", "close"]
MOVES: tuple[Move, ...] = get_args(Move)
#: Whose word is needed.
Approver = Literal["oneself", "lead", "owner"]
#: accept: it may be sold like this; ask: somebody else may say so; counter: offer something else.
Verdict = Literal["accept", "ask", "counter"]

UNITS_MAX = 10_000
GOODS_MAX = 50


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a product; amounts are for one unit."""

    price_fen: int
    units: int = 1
    cost_fen: int | None = None
    """None: nobody has said what it costs the shop."""
    floor_fen: int | None = None
    """The least that one is sold for."""


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer wants, and what they would pay for it in all, carriage included."""

    goods: tuple[Goods, ...]
    asked_fen: int
    freight_fen: int
    """What the shop pays the carrier."""
    charged_fen: int = 0
    """What a buyer who does not bargain is charged for carriage."""

    @property
    def listed_fen(self) -> int:
        """What it comes to without any bargain."""
        return sum(each.price_fen * each.units for each in self.goods) + self.charged_fen


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop gives to everybody who buys for so much."""

    title: str
    from_fen: int
    off_fen: int = 0
    gift: str = ""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What must be left of a sale, and what each may give away; None is any sum."""

    own_fen: int | None
    lead_fen: int | None = None
    least_fen: int = 0
    least_percent: int = 0
    offers: tuple[Offer, ...] = ()


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with sums in it, and these in fen."""

    sentence: str
    fen: dict[str, int] = {}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer to a buyer who bargains."""

    verdict: Verdict
    approver: Approver
    """Whose word makes it a deal at what was asked."""
    gives_fen: int
    """What the shop gives away at what was asked."""
    margin_fen: int | None
    """What is left at what was asked, after cost and carriage; None: nobody knows the cost."""
    lowest_fen: int | None
    """The least it may be sold for in all; None: nobody knows."""
    own_lowest_fen: int
    """The least to which one may go on one's own word."""
    counter_fen: int
    """What to offer now."""
    move: Move | None
    """The next move; None: all were made, now it is yes or no."""
    offers: tuple[Offer, ...]
    """What everybody gets who buys for this much, the best first."""
    nearly: Offer | None
    """What is given for a little more."""
    why: tuple[Reason, ...]


def bargain(deal: Deal, bounds: Bounds, said: Sequence[Move] = ()) -> Advice:
    """What to answer; `said` are the moves that were made already in this talk."""
    lowest_fen = lowest_of(deal, bounds)
    if lowest_fen is not None:
        # Who pays the list price is sold to, even where the list is too low.
        lowest_fen = min(lowest_fen, deal.listed_fen)
    gives_fen = max(0, deal.listed_fen - deal.asked_fen)
    too_low = lowest_fen is not None and deal.asked_fen < lowest_fen
    approver = _approver(gives_fen, bounds, lowest_fen=lowest_fen, too_low=too_low)
    verdict: Verdict = "counter" if too_low else "accept" if approver == "oneself" else "ask"
    own_lowest_fen = _own_lowest(deal, bounds, lowest_fen)
    offers = _offers(deal, bounds, lowest_fen)
    move = _next_move(said, offers)
    return Advice(
        verdict=verdict,
        approver=approver,
        gives_fen=gives_fen,
        margin_fen=margin_of(deal),
        lowest_fen=lowest_fen,
        own_lowest_fen=own_lowest_fen,
        counter_fen=_counter(deal, verdict, move, offers, own_lowest_fen),
        move=move,
        offers=offers,
        nearly=_nearly(deal, bounds),
        why=tuple(_why(deal, bounds, lowest_fen, own_lowest_fen, gives_fen, verdict, approver)),
    )


def margin_of(deal: Deal) -> int | None:
    """What is left of what was asked, after the cost of the goods and the carriage."""
    cost_fen = _cost(deal)
    return None if cost_fen is None else deal.asked_fen - cost_fen - deal.freight_fen


def lowest_of(deal: Deal, bounds: Bounds) -> int | None:
    """The least that the buyer may pay in all, so that what must be left is left."""
    lows: list[int] = []
    if (cost_fen := _cost(deal)) is not None:
        spent_fen = cost_fen + deal.freight_fen
        # Of a price p, p - spent >= p * percent / 100, rounded up to the fen.
        by_percent_fen = -(-spent_fen * 100 // (100 - min(bounds.least_percent, 99)))
        lows += [spent_fen + bounds.least_fen, by_percent_fen]
    if any(each.floor_fen is not None for each in deal.goods):
        floors_fen = sum(_floor(each) * each.units for each in deal.goods)
        lows.append(floors_fen + deal.freight_fen)
    return max(lows) if lows else None


def _cost(deal: Deal) -> int | None:
    total_fen = 0
    for each in deal.goods:
        if each.cost_fen is None:
            return None
        total_fen += each.cost_fen * each.units
    return total_fen


def _floor(goods: Goods) -> int:
    """The least for one unit; goods without a floor of their own are held to nothing by it."""
    return goods.floor_fen or 0


def _approver(gives_fen: int, bounds: Bounds, *, lowest_fen: int | None, too_low: bool) -> Approver:
    """Below the floor, or where nobody knows the floor, only the owner's word makes a deal."""
    if gives_fen == 0 and not too_low:
        return "oneself"
    if too_low or lowest_fen is None:
        return "owner"
    if bounds.own_fen is None or gives_fen <= bounds.own_fen:
        return "oneself"
    return "lead" if bounds.lead_fen is None or gives_fen <= bounds.lead_fen else "owner"


def _own_lowest(deal: Deal, bounds: Bounds, lowest_fen: int | None) -> int:
    """On one's own word: not below the floor, and not more off than one's limit."""
    if lowest_fen is None:
        return deal.listed_fen
    if bounds.own_fen is None:
        return lowest_fen
    return max(lowest_fen, deal.listed_fen - bounds.own_fen)


def _offers(deal: Deal, bounds: Bounds, lowest_fen: int | None) -> tuple[Offer, ...]:
    goods_fen = deal.listed_fen - deal.charged_fen
    fit = [
        offer
        for offer in bounds.offers
        if goods_fen >= offer.from_fen
        and (lowest_fen is None or deal.listed_fen - offer.off_fen >= lowest_fen)
    ]
    return tuple(sorted(fit, key=lambda offer: (-offer.off_fen, offer.from_fen)))


def _nearly(deal: Deal, bounds: Bounds) -> Offer | None:
    """The offer that a little more (up to a quarter) would bring."""
    goods_fen = deal.listed_fen - deal.charged_fen
    near = [o for o in bounds.offers if goods_fen < o.from_fen <= goods_fen * 5 // 4]
    return min(near, key=lambda offer: offer.from_fen, default=None)


def _next_move(said: Sequence[Move], offers: tuple[Offer, ...]) -> Move | None:
    """The first that was not made yet; without an offer for everybody there is nothing to pull."""
    for move in MOVES:
        if move not in said and (offers or move != "pull"):
            return move
    return None


def _counter(
    deal: Deal,
    verdict: Verdict,
    move: Move | None,
    offers: tuple[Offer, ...],
    own_lowest_fen: int,
) -> int:
    """What to offer with the next move: first nothing off, then what all get, at last the least."""
    if move == "refuse":
        return deal.listed_fen
    if move in ("pull", "lead"):
        best_fen = deal.listed_fen - (offers[0].off_fen if offers else 0)
        return max(best_fen, deal.asked_fen)
    return deal.asked_fen if verdict == "accept" else own_lowest_fen


_LEFT = N_("Asked {asked}, cost {cost}, carriage {freight}: {margin} is left.")
_UNKNOWN = N_("Nobody has said what this costs the shop, so only the list price is safe.")
_LOWEST = N_("It may be sold for {lowest} in all, and not for less.")
_BELOW = N_("That is {short} below what must be left; offer {lowest} instead.")
_WITHIN = N_("You may give {gives} away on your own word.")
_LEAD = N_("It gives {gives} away; above {own} your lead decides.")
_OWNER = N_("It gives {gives} away; only the owner decides that.")


def _why(
    deal: Deal,
    bounds: Bounds,
    lowest_fen: int | None,
    own_lowest_fen: int,
    gives_fen: int,
    verdict: Verdict,
    approver: Approver,
) -> list[Reason]:
    why: list[Reason] = []
    cost_fen, margin_fen = _cost(deal), margin_of(deal)
    if cost_fen is not None and margin_fen is not None:
        sums = {"asked": deal.asked_fen, "cost": cost_fen, "freight": deal.freight_fen}
        why.append(Reason(sentence=_LEFT, fen=sums | {"margin": margin_fen}))
    if lowest_fen is None:
        why.append(Reason(sentence=_UNKNOWN))
    elif verdict == "counter":
        short_fen = lowest_fen - deal.asked_fen
        why.append(Reason(sentence=_BELOW, fen={"short": short_fen, "lowest": own_lowest_fen}))
    else:
        why.append(Reason(sentence=_LOWEST, fen={"lowest": lowest_fen}))
    if gives_fen and verdict != "counter":
        why.append(_whose_word(gives_fen, bounds, approver))
    return why


def _whose_word(gives_fen: int, bounds: Bounds, approver: Approver) -> Reason:
    match approver:
        case "oneself":
            return Reason(sentence=_WITHIN, fen={"gives": gives_fen})
        case "lead":
            return Reason(sentence=_LEAD, fen={"gives": gives_fen, "own": bounds.own_fen or 0})
        case "owner":
            return Reason(sentence=_OWNER, fen={"gives": gives_fen})
