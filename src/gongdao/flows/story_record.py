"""The record that a story's shop begins with: its points and findings of the time before."""

from datetime import UTC, timedelta
from uuid import uuid5

from gongdao.base.money import parse_yuan
from gongdao.cases.case import Sanction
from gongdao.cases.facts import Variant
from gongdao.cases.record import BEFORE, Charged, Finding, Imposed, ShopRecord, points_at
from gongdao.flows.scenario import Scenario
from gongdao.flows.story_order import STORY
from gongdao.policy.pack import Pack


def variants_of_story(scenario: Scenario) -> tuple[Variant, ...]:
    """What an exchange may ask for, by line."""
    return tuple(
        Variant(
            product_id=uuid5(STORY, variant.sku),
            sku=variant.sku,
            title=variant.title or variant.sku,
            price_fen=parse_yuan(variant.price),
            stock=variant.stock,
            of_line=line.line or number,
        )
        for number, line in enumerate(scenario.order.lines, start=1)
        for variant in line.variants
    )


def record_before(scenario: Scenario, pack: Pack) -> ShopRecord:
    """What the file says of the shop's past: points are of the moment before the story begins, and
    the nodes that a finding's points have reached stand as they would have been imposed.
    """
    # A story that begins with the year begins with what the old year's end has left of the points.
    shop, start = scenario.shop, scenario.steps[0].at - timedelta(microseconds=1)
    charges = [
        Charged(entry=0, at=start, case_id=BEFORE, ledger=ledger, points=points, rule="")
        for ledger, points in shop.points.items()
        if points
    ]
    findings: list[Finding] = []
    # When those points were charged the file does not say: of their nodes only what has no end.
    reached = [one for charge in charges for one in _nodes_reached(charge, [], pack)]
    imposed = [one for one in reached if one.sanction.until is None]
    for number, found in enumerate(shop.findings, start=1):
        case_id = uuid5(STORY, f"finding {number}")
        findings.append(Finding(at=found.at, case_id=case_id, kind=found.kind))
        for ledger, points in found.points.items():
            if points:
                charge = Charged(
                    entry=0, at=found.at, case_id=case_id, ledger=ledger, points=points, rule=""
                )
                imposed += _nodes_reached(charge, charges, pack)
                charges.append(charge)
    return ShopRecord(charges=tuple(charges), findings=tuple(findings), sanctions=tuple(imposed))


def _nodes_reached(charge: Charged, earlier: list[Charged], pack: Pack) -> list[Imposed]:
    calendar = pack.calendar
    year = calendar.local(charge.at).year
    # The points that the file gives without a time stood before its findings of that year.
    stood = [c for c in earlier if c.at <= charge.at or calendar.local(c.at).year == year]
    now = max([charge.at, *(c.at for c in stood)])
    before = points_at(tuple(stood), pack.body.clearing, calendar=calendar, now=now)[charge.ledger]
    return [
        Imposed(
            case_id=charge.case_id,
            sanction=Sanction(
                number=0,
                kind=kind,
                at=charge.at,
                until=calendar.add(charge.at, node.span).astimezone(UTC) if node.span else None,
                rule=node.rule,
                reached=node.points,
            ),
        )
        for node in pack.body.node
        if node.ledger == charge.ledger and before < node.points <= before + charge.points
        for kind in node.impose
    ]
