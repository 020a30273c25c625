"""What a rule book of a marketplace gives: every kind, a person who decides, a way to appeal."""

from datetime import datetime
from pathlib import Path

import pytest

from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.policy.calendar import Calendar, parse_span
from gongdao.policy.load import load_pack, pack_names
from gongdao.policy.pack import Pack

KINDS = {
    "after_sale": (
        "refund_only", "return_refund", "exchange", "resend", "repair", "price_protection",
        "intercept_return", "freight_dispute",
    ),
    "complaint": (
        "late_shipment", "out_of_stock", "refuse_to_sell", "paid_not_shipped", "not_as_described",
        "fake_dispatch", "promise_broken", "staff_conduct", "not_received", "short_shipment",
        "damaged",
    ),
    "counterfeit_claim": ("counterfeit", "pirated"),
    "report": (
        "prohibited_goods", "counterfeit_listing", "ip_infringement", "fake_trade",
        "malicious_order", "malicious_complaint", "review_extortion", "harassment",
    ),
}  # fmt: skip
BY_SELLERS = {"malicious_order", "malicious_complaint", "review_extortion"}
#: Where an order must stand for a kind to make sense; the others need one that was signed for.
UNSHIPPED = {"late_shipment", "out_of_stock", "refuse_to_sell", "paid_not_shipped"}
UNDER_WAY = {"intercept_return", "not_received", "fake_dispatch"}
BOOKS = [name for name in pack_names() if load_pack(name).procedures]
EACH = [(p, kind) for p, kinds in KINDS.items() for kind in kinds]


def times(kind: str) -> str:
    """The order's own times, as this kind needs them."""
    if kind == "malicious_order":
        return 'closed_at = 2026-03-02T10:00:00+08:00\nclosed_by = "timeout"'
    shipped = "" if kind in UNSHIPPED else "shipped_at = 2026-03-01T18:00:00+08:00"
    signed = "" if kind in UNSHIPPED | UNDER_WAY else "signed_at = 2026-03-08T12:00:00+08:00"
    return f"paid_at = 2026-03-01T10:00:00+08:00\n{shipped}\n{signed}"


def story(pack: str, procedure: str, kind: str) -> str:
    """A case of the kind, filed by its natural role with nothing but what is required."""
    by = "seller" if kind in BY_SELLERS else "buyer"
    return f"""title = "x"
pack = "{pack}"
zone = "Asia/Shanghai"
[shop]
balance = "1000.00"
[order]
number = "N1"
placed_at = 2026-03-01T09:00:00+08:00
{times(kind)}
free_shipping = true
ship_within = "48h"
[[order.lines]]
line = 1
title = "Lamp"
price = "100.00"
category = "home"
[[steps]]
at = 2026-03-09T10:00:00+08:00
by = "{by}"
do = "open"
with = {{ procedure = "{procedure}", kind = "{kind}" }}
[[steps]]
at = 2026-03-09T10:00:00+08:00
expect = {{ stage = "{load_pack(pack).procedures[procedure].start}" }}
"""


@pytest.mark.parametrize("pack", BOOKS)
def test_every_kind_can_be_filed_with_nothing_but_what_is_required(
    pack: str, tmp_path: Path
) -> None:
    failed: dict[str, list[str]] = {}
    for procedure, kind in EACH:
        path = tmp_path / f"{procedure}-{kind}.toml"
        path.write_text(story(pack, procedure, kind), "utf-8")
        failures = run_story(read_story(path)).failures
        if failures:
            failed[f"{procedure} {kind}"] = [failure.message for failure in failures]
    assert failed == {}


@pytest.mark.parametrize("pack", BOOKS)
def test_only_a_person_decides_for_the_platform(pack: str) -> None:
    for (procedure, stage), rule in load_pack(pack).stages.items():
        if stage in ("adjudication", "supervisor_review"):
            assert rule.on_timeout, (procedure, stage)
            assert rule.on_timeout.effect == "overdue", (procedure, stage)
            assert {to.stage for to in rule.on_timeout.to} == {stage}, (procedure, stage)


@pytest.mark.parametrize("name", ["pdd-2026", "cn-standard", "taobao-2025"])
def test_since_2026_every_ruling_can_be_appealed_against(name: str) -> None:
    pack = load_pack(name)
    for procedure in KINDS:
        assert {"buyer", "seller"} <= pack.roles_of(procedure, "appeal")


def test_what_a_switch_turns_off_belongs_to_nobody() -> None:
    pack = load_pack("pdd-2020")
    assert pack.roles_of("counterfeit_claim", "appeal") == frozenset()
    assert "appeal" not in moves_of(pack, "complaint")
    assert pack.roles_of("report", "appeal") == {"buyer", "seller"}
    assert pack.roles_of("complaint", "concur") == frozenset()
    assert ("complaint", "jury") not in pack.stages
    assert ("complaint", "jury") in pack.with_switches({"jury": "on"}).stages
    turned_on = pack.with_switches({"counterfeit_appeal": "after_close"})
    assert turned_on.roles_of("counterfeit_claim", "appeal") == {"buyer", "seller"}


def moves_of(pack: Pack, procedure: str) -> set[str]:
    """Every action of a procedure."""
    return {move.do for stage in pack.procedures[procedure].stage for move in stage.action}


def test_the_clocks_of_the_authority() -> None:
    """Worked case 40: seven working days to accept a complaint, sixty days to mediate."""
    calendar = Calendar()
    filed = datetime.fromisoformat("2026-05-11T10:00:00+08:00")
    accepted = calendar.add(filed, parse_span("7wd"))
    assert accepted.date().isoformat() == "2026-05-20"
    assert calendar.add(accepted, parse_span("60d")).date().isoformat() == "2026-07-19"
