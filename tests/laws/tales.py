"""Tells random stories: random orders and packs, and every role trying anything at any instant.

A tale grows step by step, so that it can aim at what is interesting just then: the exact last
instant of a clock, the instant after it, an action that is allowed, or one that is not.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.base.money import yuan
from gongdao.cases.available import available_actions
from gongdao.flows.replay import World
from gongdao.flows.scenario import (
    Scenario,
    ShopTable,
    Step,
    Story,
)
from gongdao.flows.story_order import LineTable, OrderTable
from gongdao.policy.load import load_pack
from gongdao.policy.toml_lines import Source
from gongdao.policy.words import EVIDENCE_KINDS, REASONS, Role

Draw = Callable[[st.SearchStrategy[Any]], Any]

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
#: Actions that lead nowhere by themselves.
QUIET = {"note", "remind", "pause", "extend_deadline", "withdraw", "submit_evidence"}
ROLES: tuple[Role, ...] = ("buyer", "seller", "arbiter", "supervisor", "operator", "auditor")
SWITCHES = {
    "C-1": ["after_evidence", "inside_evidence", "before_evidence"],
    "C-4": ["confirmed_at_purchase", "listed_goods"],
    "C-9": ["on_top_of_refund", "includes_price"],
    "C-10": ["goods", "goods_and_freight"],
}
REMEDIES = ["full_refund", "partial_refund", "return_and_refund", "refund_keep_item",
            "compensation", "punitive_compensation", "no_action"]  # fmt: skip
LIABILITIES = ["seller", "buyer", "both", "none", "platform", "carrier"]
REFUSALS = ["not_in_window", "no_evidence", "already_shipped", "signed", "not_liable", "other"]

fens = st.one_of(
    st.integers(0, 300), st.integers(0, 30_000), st.sampled_from([0, 1, 9_999, 10_500])
)
amounts = fens.map(yuan)
perhaps_amount = st.none() | amounts
pieces = st.lists(
    st.sampled_from(EVIDENCE_KINDS)
    | st.fixed_dictionaries(
        {"kind": st.sampled_from(["freight_receipt", "invoice"]), "amount": amounts},
        optional={"cost": st.sampled_from(["carriage", "handling"]), "note": st.just("stairs")},
    ),
    max_size=2,
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A table with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


offers = st.fixed_dictionaries(
    {"remedy": st.sampled_from(REMEDIES)},
    optional={
        "refund": amounts,
        "compensation": amounts,
        "freight_by": st.sampled_from(["seller", "buyer", "platform"]),
    },
)
nothing = st.just({})

#: What each action may be tried with.
ARGUMENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "modify": some(
        reason=st.sampled_from(REASONS),
        kind=st.sampled_from(["refund_only", "return_refund", "damaged", "nonsense"]),
        amount=amounts,
        lines=st.lists(st.integers(1, 3), min_size=1, max_size=2),
        received=st.booleans(),
        evidence=pieces,
    ),
    "withdraw": nothing,
    "approve": some(amount=amounts, freight_by=st.sampled_from(["seller", "buyer"])),
    "reject": some(reason=st.sampled_from(REFUSALS), evidence=pieces, note=st.just("no")),
    "offer": offers,
    "counter_offer": offers,
    "propose_settlement": offers,
    "accept_offer": nothing,
    "decline_offer": nothing,
    "compensate": some(amount=amounts),
    "confirm": nothing,
    "ship_back": some(freight=amounts, collect=st.booleans(), tracking=st.just("T1")),
    "refill_tracking": st.just({"tracking": "T2"}),
    "sign": nothing,
    "confirm_receipt": nothing,
    "report_mismatch": st.fixed_dictionaries(
        {"problem": st.sampled_from(["empty", "different", "damaged", "missing"])},
        optional={"evidence": pieces},
    ),
    "escalate": nothing,
    "request_evidence": st.fixed_dictionaries(
        {"from": st.sampled_from(["buyer", "seller", "both"])}
    ),
    "submit_evidence": st.fixed_dictionaries(
        {"kind": st.sampled_from(EVIDENCE_KINDS)}, optional={"amount": amounts}
    ),
    "adjudicate": st.fixed_dictionaries(
        {"liability": st.sampled_from(LIABILITIES), "remedy": st.sampled_from(REMEDIES)},
        optional={
            "refund": amounts,
            "note": st.just("because"),
            "counterfeit": st.booleans(),
            "shares": st.sampled_from(
                [{"seller": 60, "buyer": 40}, {"seller": "0.3", "buyer": "0.7"}, {"seller": 2}]
            ),
            "freight_by": st.sampled_from(["seller", "buyer", "platform"]),
        },
    ),
    "extend_deadline": st.fixed_dictionaries(
        {"by": st.sampled_from(["1h", "3d", "2wd", "40d", "99999mo"])},
        optional={"note": st.just("asked for")},
    ),
    "pause": st.fixed_dictionaries(
        {"cause": st.sampled_from(["joint_request", "court", "police"])}
    ),
    "resume": nothing,
    "ship": some(tracking=st.just("T3")),
    "concur": nothing,
    "send_back": st.just({"note": "think it over"}),
    "appeal": st.just({"grounds": "no"}),
    "execute": nothing,
    "remind": nothing,
    "note": st.fixed_dictionaries(
        {"note": st.sampled_from(["hello", " "])}, optional={"private": st.booleans()}
    ),
}  # fmt: skip


@cache
def reasons_of(pack: str) -> dict[tuple[str, str], list[Any]]:
    """The reasons that each kind of case takes."""
    return {
        (procedure, kind.id): list(kind.reasons) or [None]
        for procedure, rule in load_pack(pack).procedures.items()
        for kind in rule.kind
    }


@st.composite
def openings(draw: Draw, line_count: int, pack: str) -> dict[str, Any]:
    """A request, most often one that could be made."""
    reasons = reasons_of(pack)
    procedure, kind = draw(st.sampled_from(sorted(reasons)))
    table: dict[str, Any] = {"procedure": procedure, "kind": kind}
    if reason := draw(st.sampled_from(reasons[procedure, kind])):
        table["reason"] = reason
    if draw(st.booleans()):
        table["lines"] = draw(st.lists(st.integers(1, line_count), min_size=1, max_size=3))
    wild = some(
        reason=st.sampled_from(REASONS),
        amount=amounts,
        lines=st.just([9]),
        received=st.booleans(),
        evidence=pieces,
    )
    return table | (draw(wild) if draw(st.integers(0, 3)) == 0 else {})


lines = st.lists(
    st.builds(
        LineTable,
        price=st.integers(1, 20_000).map(yuan),
        quantity=st.integers(1, 3),
        tags=st.lists(st.sampled_from(["food", "custom", "underwear", "durable"]), max_size=1).map(
            tuple
        ),
        no_reason_exclusion_confirmed=st.booleans(),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@st.composite
def orders(draw: Draw) -> OrderTable:
    """A paid order that has come some way."""
    stage = draw(st.integers(0, 2))
    return OrderTable(
        number="E1",
        placed_at=START,
        paid_at=START,
        freight=draw(amounts),
        ship_within=draw(st.sampled_from(["24h", "48h", "72h"])),
        promises=draw(st.sampled_from([(), ("fake_one_pay_ten",)])),
        shipped_at=START + timedelta(hours=30) if stage > 0 else None,
        signed_at=START + timedelta(hours=60) if stage > 1 else None,
        signed_by="self" if stage > 1 else None,
        carrier="SF" if stage > 0 else "",
        tracking="SF1" if stage > 0 else "",
        lines=draw(lines),
    )


class Tale:
    """A story that is being told, and the world that it has brought about so far."""

    def __init__(self, draw: Draw, pack: str = "taobao-classic") -> None:
        self.draw = draw
        known = load_pack(pack).switches
        switches = {
            name: draw(st.sampled_from(values))
            for name, values in SWITCHES.items()
            if name in known
        }
        first = Step(at=START + timedelta(hours=61), by="operator", do="set_policy", with_=switches)
        self.switches = switches
        self.scenario = Scenario(
            title="A tale",
            pack=pack,
            shop=ShopTable(balance=yuan(draw(fens) + 1), deposit=draw(amounts)),
            order=draw(orders()),
            steps=(first,),
        )
        self.world = World(Story(Source("tale", ""), self.scenario))
        self.refusals: list[str | None] = []
        self._do(first)

    def go_on(self) -> None:
        """One step more: at some instant, somebody tries something."""
        self.world.advance(self._instant(), including=False)
        open_cases = [name for name, case in self.world.cases.items() if case.is_open]
        fresh = len(self.world.cases) < 4 and self.draw(st.integers(0, 5)) == 0
        if fresh or not self.world.cases:
            name = f"case {len(self.world.cases) + 1}"
            by = self.draw(st.sampled_from(["buyer", "buyer", "seller"]))
            asked = self.draw(openings(len(self.scenario.order.lines), self.scenario.pack))
            self._do(self._step("open", by, name, asked))
        elif self._can_confirm() and self.draw(st.integers(0, 7)) == 0:
            self._do(self._step("confirm_order", "buyer", "", {}))
        else:
            names = open_cases or list(self.world.cases)
            self._try_something(self.draw(st.sampled_from(names)))

    def _can_confirm(self) -> bool:
        order = self.world.order
        return bool(order.shipped_at) and not order.confirmed_at and not order.closed_at

    def _try_something(self, name: str) -> None:
        role, action = self._choose(name)
        if action in ("sign", "ship") and not self.world._is_for_case(action, name):
            action = "remind"
        self._do(self._step(action, role, name, self.draw(ARGUMENTS[action])))

    def _choose(self, name: str) -> tuple[str, str]:
        """Most often what is possible and moves the case; else anybody tries anything."""
        case, facts, pack = (
            self.world.cases[name],
            self.world.facts_for(name),
            self.world.packs[name],
        )
        if self.draw(st.integers(0, 5)):
            possible = [
                (role, one.action)
                for role in ROLES
                for one in available_actions(case, role, facts=facts, pack=pack, now=self.world.now)
                if one.allowed and (one.action not in QUIET or self.draw(st.integers(0, 9)) == 0)
            ]
            if possible:
                return self.draw(st.sampled_from(possible))
        return self.draw(st.sampled_from(ROLES)), self.draw(st.sampled_from(sorted(ARGUMENTS)))

    def _instant(self) -> datetime:
        """Now, a little or long after, a clock's last instant, or the one after it."""
        now = self.world.now
        clocks = [c.deadline for c in self.world.cases.values() if c.deadline]
        moments = [now, now + timedelta(minutes=7)]
        if clocks and self.draw(st.integers(0, 2)) == 0:
            first = min(clocks)
            moments += [
                first,
                first,
                first + timedelta(microseconds=1),
                max(clocks) + timedelta(days=9),
            ]
        return max(now, self.draw(st.sampled_from(moments)))

    def _step(self, do: str, by: str, name: str, args: dict[str, Any]) -> Step:
        return Step(at=self.world.now, by=by, do=do, case=name, with_=args)  # pyright: ignore

    def _do(self, step: Step) -> None:
        index = 0 if step.do == "set_policy" else len(self.scenario.steps)
        if index:
            steps = (*self.scenario.steps, step)
            self.scenario = msgspec.structs.replace(self.scenario, steps=steps)
            self.world.story.scenario = self.scenario
        before = picture(self.world)
        try:
            self.world.act(index)
            self.refusals.append(None)
        except Refusal as refusal:
            assert picture(self.world) == before, "a refused command changes nothing"
            self.refusals.append(refusal.code)


def picture(world: World) -> tuple[Any, ...]:
    """Everything that a command could change."""
    return (
        world.order,
        dict(world.cases),
        len(world.timeline),
        len(world.till.transfers),
        dict(world.points),
        (
            world.till["order_escrow"],
            world.till["shop_balance"],
            world.till["shop_deposit"],
            world.till.debt_fen,
        ),
    )
