"""What the rules make of a finding: amounts, freight and the rules to cite. A human decides."""

from decimal import Decimal
from typing import Any

import msgspec

from gongdao.base.money import scale
from gongdao.cases.amounts import (
    Due,
    carriage_fen,
    compensation_due,
    freight_rule,
    punitive_due,
    refund_due,
    test_fee_due,
)
from gongdao.cases.draft import Draft
from gongdao.cases.known import Known
from gongdao.policy.words import AmountName, FreightBearer, Liability, Remedy

_FULL = ("full_refund", "return_and_refund", "refund_keep_item", "punitive_compensation")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The computed amounts of a ruling, who bears the freight, and what they rest on."""

    amounts_fen: dict[AmountName, int]
    freight_by: FreightBearer
    cites: tuple[str, ...]
    unverified: tuple[str, ...]


def compute_verdict(
    draft: Draft,
    *,
    liability: Liability,
    remedy: Remedy,
    freight_by: FreightBearer | None = None,
    seller_share: int = 100,
    counterfeit: bool = False,
    serious: bool = False,
    count: int | None = None,
) -> Verdict:
    """Compute what a finding would bring, without deciding anything."""
    found: dict[str, Any] = {
        "liability": liability,
        "remedy": remedy,
        "counterfeit": counterfeit,
        "serious": serious,
    }
    if count is not None:
        found["concerned"] = count
    facts_known = draft.known(**found)
    freight = freight_rule(draft.pack, facts_known)
    bearer: FreightBearer = freight_by or (freight.by if freight else "buyer")
    dues = _dues(draft, remedy, facts_known, seller_share, count)
    carriage = carriage_fen(draft.case, draft.pack)
    if bearer != "buyer" and carriage:
        dues["freight"] = Due(carriage, (freight.rule,) if freight else ())
    cites = _cites(draft, dues, facts_known, freight.rule if freight else "")
    return Verdict(
        amounts_fen={name: due.fen for name, due in dues.items()},
        freight_by=bearer,
        cites=cites,
        unverified=tuple(rule for rule in cites if draft.pack.rules[rule].verified == "U"),
    )


def _dues(
    draft: Draft, remedy: Remedy, facts_known: Known, seller_share: int, count: int | None
) -> dict[AmountName, Due]:
    case, facts, pack = draft.case, draft.facts, draft.pack
    dues: dict[AmountName, Due] = {}
    if remedy in _FULL or (remedy == "partial_refund" and seller_share < 100):
        refund = refund_due(case, facts, pack, facts_known)
        dues["refund"] = Due(scale(refund.fen, _percent(seller_share)), refund.rules)
    if remedy == "compensation":
        dues["compensation"] = compensation_due(case, facts, pack, facts_known)
    test_fee = test_fee_due(case, pack, facts_known)
    if test_fee.fen:
        dues["test_fee"] = test_fee
    punitive = punitive_due(case, facts, pack, facts_known, count=count)
    if punitive.fen:
        dues["punitive"] = punitive
    return dues


def _percent(share: int) -> Decimal:
    return Decimal(share) / 100


def _cites(
    draft: Draft, dues: dict[AmountName, Due], facts_known: Known, freight: str
) -> tuple[str, ...]:
    """The rules of the amounts, then the procedure's, then the grounds; each once."""
    pack, case = draft.pack, draft.case
    rules = [rule for due in dues.values() for rule in due.rules]
    if freight:
        rules.append(freight)
    rules.append(pack.kinds[case.procedure, case.kind].rule)
    rules.append(draft.procedure.rule)
    rules += [ground.rule for ground in draft.rules.ground if ground.when.holds(facts_known)]
    return tuple(dict.fromkeys(rule for rule in rules if rule))
