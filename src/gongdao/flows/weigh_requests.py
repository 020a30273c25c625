"""What filing on an order would bring: the same decisions as filing itself, not saved."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.cases.amounts import (
    compensation_due,
    freight_rule,
    refund_due,
    refundable_fen,
)
from gongdao.cases.case import Case
from gongdao.cases.commands import Command, OpenArgs
from gongdao.cases.decide import decide_opening
from gongdao.cases.facts import Facts
from gongdao.cases.known import known
from gongdao.flows.case_reads import see_order
from gongdao.policy.pack import Checklist, Pack, Rule, Text
from gongdao.policy.words import FreightBearer, Role
from gongdao.shops.order import Order, share_fen


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules give for one request, and what would happen first."""

    case: Case
    refund_fen: int
    refund_rules: tuple[Rule, ...]
    goods_fen: int
    """What was paid for the goods that it is about."""
    limit_fen: int
    """The most that can be asked for."""
    compensation_fen: int
    compensation_rules: tuple[Rule, ...]
    freight_by: FreightBearer | None
    freight_rules: tuple[Rule, ...]
    silence: Text | None
    checklist: tuple[Checklist, ...]
    """What the buyer is asked to prove."""


class Possibility(msgspec.Struct, frozen=True, kw_only=True):
    """One request: given by the rules, or refused with the reason."""

    args: OpenArgs
    given: Given | None = None
    refusal: Refusal | None = None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An order, and what each of the requests on it would bring."""

    order: Order
    possible: tuple[Possibility, ...]


async def weigh_requests(
    database: Queryable,
    who: Principal,
    order_id: UUID,
    asked: Sequence[OpenArgs],
    *,
    pack: Pack,
    now: datetime,
    role: Role | None = None,
) -> Opening:
    """Judge several requests on one order, as if each were filed now. Raises Refusal not_found.

    `role`: in whose name, where it is not the person's own.
    """
    seen = await see_order(database, order_id)
    if seen is None or not _is_own(who, seen.facts.order):
        raise Refusal("not_found", N_("There is no such order."))
    by = role or party_role(who)
    judged = tuple(_judge(who, by, args, seen.facts, pack, now) for args in asked)
    return Opening(order=seen.facts.order, possible=judged)


def _is_own(who: Principal, order: Order) -> bool:
    return who.person_id == order.buyer_id or who.shop_id == order.shop_id


def _judge(
    who: Principal, by: Role, args: OpenArgs, facts: Facts, pack: Pack, now: datetime
) -> Possibility:
    command = Command(action="open", by=by, args=args, person_id=who.person_id)
    try:
        outcome = decide_opening(command, case_id=new_id(), facts=facts, pack=pack, now=now)
    except Refusal as refusal:
        return Possibility(args=args, refusal=refusal)
    return Possibility(args=args, given=_given(outcome.case, facts, pack, now))


def _given(case: Case, facts: Facts, pack: Pack, now: datetime) -> Given:
    facts_known = known(case, facts, pack, now)
    refund = refund_due(case, facts, pack, facts_known)
    compensation = compensation_due(case, facts, pack, facts_known)
    freight = freight_rule(pack, facts_known)
    stage = pack.stages[case.procedure, case.stage]
    return Given(
        case=case,
        refund_fen=refund.fen,
        refund_rules=_rules(pack, refund.rules),
        goods_fen=share_fen(facts.order, case.lines, case.quantities) if facts.order.paid_at else 0,
        limit_fen=refundable_fen(case, facts),
        compensation_fen=compensation.fen,
        compensation_rules=_rules(pack, compensation.rules),
        freight_by=freight.by if freight else None,
        freight_rules=_rules(pack, (freight.rule,) if freight else ()),
        silence=stage.on_timeout.say if stage.on_timeout else None,
        checklist=tuple(
            each
            for each in pack.body.checklist
            if each.side == "buyer" and each.when.holds(facts_known)
        ),
    )


def _rules(pack: Pack, ids: Sequence[str]) -> tuple[Rule, ...]:
    return tuple(pack.rules[each] for each in ids if each in pack.rules)
