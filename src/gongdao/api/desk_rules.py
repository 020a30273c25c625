"""What a lead lays down for the desk: words that are minded, costs, how far one may go."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import JSONBody

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.money import YUAN_PATTERN, parse_yuan, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.talk import desk_rules
from gongdao.policy.manners import Level
from gongdao.scripts.bargain_store import COSTS_MAX, WORDS_MAX, Cost
from gongdao.scripts.manners import OwnWord
from gongdao.settings.setting import BargainRules, Campaign, Version

_Yuan = Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NO_NUL)]


class WordMinded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word that the shop minds: `warn` whoever writes it, or `block` the text."""

    word: Annotated[str, msgspec.Meta(min_length=2, max_length=40, pattern=NO_NUL)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    level: Level = "warn"


class WordsMinded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All words that the shop minds."""

    words: Annotated[list[WordMinded], msgspec.Meta(max_length=WORDS_MAX)]


class ProductCost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one of a product costs the shop; `freight` of a parcel with it, `floor` the least."""

    product: UUID
    cost: _Yuan
    freight: _Yuan | None = None
    floor: _Yuan | None = None


class ProductCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Costs of products."""

    costs: Annotated[list[ProductCost], msgspec.Meta(max_length=COSTS_MAX)]


class CampaignBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What everybody gets who buys for so much."""

    title: _Name
    from_: _Yuan = msgspec.field(name="from")
    off: _Yuan = "0"
    gift: Annotated[str, msgspec.Meta(max_length=60, pattern=NO_NUL)] = ""


class RulesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far people of the shop may go: by role what they may give away in one talk, what a
    parcel costs, and what must be left of a sale.
    """

    limits: Annotated[dict[_Name, _Yuan], msgspec.Meta(max_length=50)]
    freight: _Yuan
    least: _Yuan = "0"
    least_percent: Annotated[int, msgspec.Meta(ge=0, le=99)] = 0
    campaigns: Annotated[list[CampaignBody], msgspec.Meta(max_length=20)] = []


class RulesChanged(RulesBody, frozen=True, kw_only=True):
    """Other rules, decided on the version that was seen."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]


class RulesShown(RulesBody, frozen=True, kw_only=True):
    """The rules that count, and their version."""

    version: int


@get("/desk/words", guards=[may("chat.serve")], summary="Words minded", tags=["service desk"])
async def read_words(request: Asked) -> WordsMinded:
    """The words that the shop minds beside those of the rule book."""
    return _words(await desk_rules.own_words(request.app.state.pool, principal_of(request)))


@put("/desk/words", guards=[may("chat.manage")], summary="Mind words", tags=["service desk"])
async def change_words(request: Asked, data: JSONBody[WordsMinded]) -> WordsMinded:
    """From now on the shop minds these words, and no others."""
    words = [OwnWord(word=one.word, level=one.level, reason=one.reason) for one in data.words]
    return _words(
        await desk_rules.set_own_words(
            request.app.state.pool, principal_of(request), words, now=utc_now()
        )
    )


@put("/desk/costs", guards=[may("chat.manage")], summary="Tell costs", tags=["service desk"])
async def change_costs(request: Asked, data: JSONBody[ProductCosts]) -> ProductCosts:
    """What products cost the shop; the others stay as they are."""
    costs = [
        Cost(
            product_id=one.product,
            cost_fen=parse_yuan(one.cost),
            freight_fen=_fen(one.freight),
            floor_fen=_fen(one.floor),
        )
        for one in data.costs
    ]
    kept = await desk_rules.tell_own_costs(
        request.app.state.pool, principal_of(request), costs, now=utc_now()
    )
    return ProductCosts(
        costs=[
            ProductCost(
                product=cost.product_id,
                cost=yuan(cost.cost_fen),
                freight=None if cost.freight_fen is None else yuan(cost.freight_fen),
                floor=None if cost.floor_fen is None else yuan(cost.floor_fen),
            )
            for cost in kept
        ]
    )


@get(
    "/desk/bargain-rules",
    guards=[may("chat.serve")],
    summary="How far the shop lets its people go",
    tags=["service desk"],
)
async def read_bargain_rules(request: Asked) -> RulesShown:
    """Limits by role, carriage, what must be left, and what everybody gets."""
    return _rules(await desk_rules.own_bargain_rules(request.app.state.pool, principal_of(request)))


@put(
    "/desk/bargain-rules",
    guards=[may("shop.edit"), may("chat.serve")],
    summary="Lay down how far people may go",
    tags=["service desk"],
)
async def change_bargain_rules(request: Asked, data: JSONBody[RulesChanged]) -> RulesShown:
    """Other limits and campaigns, with the reason why."""
    rules = BargainRules(
        limits={role: parse_yuan(sum_) for role, sum_ in data.limits.items()},
        freight_fen=parse_yuan(data.freight),
        least_fen=parse_yuan(data.least),
        least_percent=data.least_percent,
        campaigns=tuple(
            Campaign(
                title=one.title,
                from_fen=parse_yuan(one.from_),
                off_fen=parse_yuan(one.off),
                gift=one.gift,
            )
            for one in data.campaigns
        ),
    )
    return _rules(
        await desk_rules.set_bargain_rules(
            request.app.state.pool,
            principal_of(request),
            rules,
            seen=data.version,
            reason=data.reason,
            now=utc_now(),
        )
    )


def _words(words: list[OwnWord]) -> WordsMinded:
    return WordsMinded(
        words=[WordMinded(word=one.word, level=one.level, reason=one.reason) for one in words]
    )


def _rules(version: Version[BargainRules]) -> RulesShown:
    rules = version.value
    return RulesShown(
        version=version.version,
        limits={role: yuan(fen) for role, fen in rules.limits.items()},
        freight=yuan(rules.freight_fen),
        least=yuan(rules.least_fen),
        least_percent=rules.least_percent,
        campaigns=[
            CampaignBody(
                title=one.title, from_=yuan(one.from_fen), off=yuan(one.off_fen), gift=one.gift
            )
            for one in rules.campaigns
        ],
    )


def _fen(written: str | None) -> int | None:
    return None if written is None else parse_yuan(written)


routes = [read_words, change_words, change_costs, read_bargain_rules, change_bargain_rules]
