"""The record that a story's shop begins with: its points and findings of the time before."""

from uuid import uuid5

from gongdao.cases.record import BEFORE, Charged, Finding, ShopRecord
from gongdao.flows.scenario import STORY, Scenario


def record_before(scenario: Scenario) -> ShopRecord:
    """What the file says of the shop's past: points are of the year in which the story begins."""
    shop, start = scenario.shop, scenario.steps[0].at
    charges = [
        Charged(entry=0, at=start, case_id=BEFORE, ledger=ledger, points=points, rule="")
        for ledger, points in shop.points.items()
        if points
    ]
    findings: list[Finding] = []
    for number, found in enumerate(shop.findings, start=1):
        case_id = uuid5(STORY, f"finding {number}")
        findings.append(Finding(at=found.at, case_id=case_id, kind=found.kind))
        charges += [
            Charged(entry=0, at=found.at, case_id=case_id, ledger=ledger, points=points, rule="")
            for ledger, points in found.points.items()
            if points
        ]
    return ShopRecord(charges=tuple(charges), findings=tuple(findings))
