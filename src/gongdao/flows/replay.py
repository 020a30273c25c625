"""Replays a story on simulated time, through the same decisions as the live system. Pure."""

from datetime import datetime
from typing import Any
from uuid import uuid5

import msgspec
from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan
from gongdao.cases.case import Case
from gongdao.cases.commands import Command, NoArgs, SignArgs
from gongdao.cases.decide import decide, decide_opening, decide_timeout
from gongdao.cases.draft import Outcome
from gongdao.cases.events import Recorded
from gongdao.cases.facts import Facts, sibling_of
from gongdao.cases.record import entry_of, points_at, write_down
from gongdao.flows.scenario import ORDER_STEPS, Story
from gongdao.flows.story_order import STORY
from gongdao.flows.story_record import record_before, variants_of_story
from gongdao.flows.till import Till
from gongdao.ledger.funding import Funds
from gongdao.policy.load import UnknownPackError, load_pack
from gongdao.policy.pack import Pack
from gongdao.policy.words import PointsLedger, Role
from gongdao.shops.order import Order, TrackEvent
from gongdao.shops.tracking_words import track_word

_HAPPENS = ("paid_at", "shipped_at", "signed_at", "confirmed_at", "closed_at")
#: A story that fires more clocks than this between two steps has a loop in its pack.
TIMEOUTS_MAX = 100_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline: an event of a case, or something on the order itself."""

    at: datetime
    case: str
    by: str
    type: str
    record: Recorded | None = None
    details: dict[str, str] = {}
    """What is known beside, of something on the order itself."""


class World:
    """Everything of a story at its present instant: order, money, cases, and what happened."""

    def __init__(self, story: Story, *, pack: str | None = None) -> None:
        scenario = story.scenario
        self.story = story
        self.pack = load_pack(pack) if pack else _pack_of(story)
        self.now = scenario.steps[0].at
        self._whole = story.order
        self.order: Order = _as_of(self._whole, self.now)
        self.cases: dict[str, Case] = {}
        self.packs: dict[str, Pack] = {}
        self.timeline: list[Entry] = []
        self.record = record_before(scenario, self.pack)
        self.till = Till(
            balance_fen=parse_yuan(scenario.shop.balance),
            deposit_fen=parse_yuan(scenario.shop.deposit),
            escrow_fen=0 if self.order.confirmed_at else self.order.paid_fen,
        )

    @property
    def points(self) -> dict[PointsLedger, int]:
        """The shop's points, by ledger, as the pack of today counts them."""
        pack = self.pack
        return points_at(
            self.record.charges, pack.body.clearing, calendar=pack.calendar, now=self.now
        )

    def advance(self, to: datetime, *, including: bool) -> None:
        """Let every clock run out that does so before an instant (or at it), in order.

        A clock's last instant is still in time, so whoever acts at it acts before it runs out.
        """
        for _ in range(TIMEOUTS_MAX):
            clocks = [d for d in self._deadlines() if d[0] < to or (including and d[0] == to)]
            due = clocks + [fact for fact in self._order_facts() if fact[0] <= to]
            if not due:
                break
            at, name, field = min(due)
            self.now = at
            self._happen_to_order(field) if field else self._time_out(name)
        else:
            raise AssertionError("clocks fire without end")
        self.now = to

    def act(self, index: int) -> None:
        """Do what a step says. Raises Refusal and changes nothing where it is refused."""
        step = self.story.scenario.steps[index]
        assert step.do and step.by, "checked when the story was read"
        if step.do == "set_policy":
            self._set_policy(step.by, step.with_)
        elif step.do == "open":
            self._open(index)
        elif step.do in ORDER_STEPS and not self._is_for_case(step.do, step.case):
            self._on_order(step.do, step.by, self.story.args(index))
        else:
            self._on_case(index)

    def case_named(self, name: str) -> Case | None:
        """A case by its name in the story; unnamed steps speak of the newest one."""
        if name:
            return self.cases.get(name)
        return next(reversed(self.cases.values()), None)

    def goes_on_at_once(self, name: str) -> bool:
        """Whether a case waits for nothing but the system, for no time at all."""
        case = self.case_named(name)
        return case is not None and case.deadline == case.entered_at

    def facts_for(self, name: str) -> Facts:
        """What a decision on this case may know."""
        siblings = tuple(sibling_of(case) for other, case in self.cases.items() if other != name)
        funds = Funds(
            escrow_fen=self.till["order_escrow"],
            balance_fen=self.till["shop_balance"],
            deposit_fen=self.till["shop_deposit"],
            debt_fen=self.till.debt_fen,
            debts=self.till.debts_of(name),
        )
        case = self.cases.get(name)
        return Facts(
            order=self.order,
            funds=funds,
            record=self.record,
            siblings=siblings,
            variants=variants_of_story(self.story.scenario),
            # What is paid on top is paid outside of the case; in a story it always is.
            difference_paid_fen=max(0, case.wanted.more_fen) if case and case.wanted else 0,
        )

    def _open(self, index: int) -> None:
        step = self.story.scenario.steps[index]
        name = step.case or f"case {len(self.cases) + 1}"
        if name in self.cases:
            raise Refusal("duplicate", N_("A case about the same thing is open already."))
        outcome = decide_opening(
            self._command(index),
            case_id=uuid5(STORY, name),
            facts=self.facts_for(name),
            pack=self.pack,
            now=self.now,
        )
        self.packs[name] = self.pack
        self._take(name, outcome)

    def _on_case(self, index: int) -> None:
        step = self.story.scenario.steps[index]
        case = self.case_named(step.case)
        if case is None:
            raise Refusal("not_found", N_("There is no such case."))
        name = self._name_of(case)
        self._take(
            name,
            decide(
                case,
                self._command(index),
                facts=self.facts_for(name),
                pack=self.packs[name],
                now=self.now,
            ),
        )

    def _command(self, index: int) -> Command:
        step = self.story.scenario.steps[index]
        assert step.do and step.by, "checked when the story was read"
        # A sub-account acts for its shop, as it does in the live system.
        by = "seller" if step.by in ("agent", "lead") else step.by
        return Command(action=step.do, by=by, args=self.story.args(index))

    def _time_out(self, name: str) -> None:
        case = self.cases[name]
        facts, pack = self.facts_for(name), self.packs[name]
        self._take(name, decide_timeout(case, facts=facts, pack=pack, now=self.now))

    def _take(self, name: str, outcome: Outcome) -> None:
        """Commit an outcome to this world."""
        self.cases[name] = outcome.case
        for transfer in outcome.transfers:
            self.till.move(transfer, case=name)
        for void in outcome.voids:
            self.till.void(void)
        for record in outcome.records:
            entry = entry_of(outcome.case, record)
            if entry:
                self.record = write_down(self.record, entry)
        refunded = self.order.refunded_fen + outcome.refund_fen
        self.order = replace(self.order, refunded_fen=refunded)
        if outcome.closes_order:
            self.order = replace(self.order, closed_at=self.now, closed_by="refund")
        for record in outcome.records:
            self.timeline.append(
                Entry(at=record.at, case=name, by=record.by, type=record.type, record=record)
            )

    def _deadlines(self) -> list[tuple[datetime, str, str]]:
        return [(c.deadline, name, "") for name, c in self.cases.items() if c.deadline is not None]

    def _order_facts(self) -> list[tuple[datetime, str, str]]:
        """What the file says will yet happen to the order by itself."""
        ahead = [(getattr(self._whole, field), field) for field in _HAPPENS]
        return [
            (at, "", field)
            for at, field in ahead
            if at is not None and at > self.now and getattr(self.order, field) is None
        ]

    def _happen_to_order(self, field: str) -> None:
        before = self.order
        more: dict[str, Any] = {field: getattr(self._whole, field)}
        if field == "signed_at":
            more["signed_by"] = self._whole.signed_by
        if field == "confirmed_at":
            more["confirmed_by"] = self._whole.confirmed_by
        if field == "closed_at":
            more["closed_by"] = self._whole.closed_by
        self.order = replace(before, **more)
        self._note_order("system", field.removesuffix("_at"))
        if field == "paid_at":
            self.till.receive("order_escrow", self.order.paid_fen)
        if field == "confirmed_at":
            self.till.capture()

    def _on_order(self, action: str, by: Role, args: SignArgs | NoArgs) -> None:
        if by not in ORDER_STEPS[action]:
            raise Refusal("wrong_role", N_("Your role cannot do this to an order."))
        order = self.order
        if order.closed_at is not None and action != "tracking":
            raise Refusal("not_allowed_in_stage", N_("The order is closed."))
        if action == "ship":
            assert isinstance(args, SignArgs), "the arguments of a parcel"
            may_go = order.paid_at is not None or order.payment == "cod"
            self._require(may_go, order.shipped_at is None)
            self.order = replace(
                order, shipped_at=self.now, carrier=args.carrier, tracking=args.tracking
            )
        elif action == "sign":
            assert isinstance(args, SignArgs), "the arguments of a parcel"
            self._require(order.shipped_at is not None, order.signed_at is None)
            self.order = replace(order, signed_at=self.now, signed_by=args.signed_by)
            if order.payment == "cod" and order.paid_at is None:
                self.order = replace(self.order, paid_at=self.now)
                self.till.receive("order_escrow", self.order.paid_fen)
        elif action == "tracking":
            assert isinstance(args, SignArgs), "the arguments of a parcel"
            told = TrackEvent(at=self.now, event=track_word(args.event))
            self.order = replace(
                order,
                track=(*order.track, told),
                carrier=args.carrier or order.carrier,
                tracking=args.tracking or order.tracking,
            )
        elif action == "confirm_order":
            self._require(order.paid_at is not None, order.confirmed_at is None)
            confirmed_by = "buyer" if by == "buyer" else "system"
            self.order = replace(order, confirmed_at=self.now, confirmed_by=confirmed_by)
            self.till.capture()
        details = {k: v for k, v in msgspec.structs.asdict(args).items() if v}
        self._note_order(by, action, details)

    def _require(self, reached: bool, first_time: bool) -> None:
        if not reached:
            raise Refusal("not_allowed_in_stage", N_("The order has not come that far."))
        if not first_time:
            raise Refusal("duplicate", N_("That has happened to the order already."))

    def _is_for_case(self, action: str, name: str) -> bool:
        """Whether a parcel is one of a case (a return, or goods sent instead), not the order's."""
        case = self.case_named(name)
        if case is None or not case.is_open:
            return False
        if action == "ship":
            # The order goes out once; what a shop sends after that belongs to a case.
            sent_once = self.order.shipped_at is not None
            return case.stage == "fulfilment" or (sent_once and case.stage == "seller_inspection")
        waiting = {"seller_inspection": case.parcel, "buyer_receipt": case.sent}.get(case.stage)
        return action == "sign" and waiting is not None and waiting.signed_at is None

    def _set_policy(self, by: Role, values: dict[str, Any]) -> None:
        if by != "operator":
            raise Refusal("wrong_role", N_("Only the operator edits policy."))
        try:
            switches = _switches_in(values)
            pack = load_pack(str(values["pack"])) if "pack" in values else self.pack
            self.pack = pack.with_switches(switches)
        except (ValueError, UnknownPackError) as error:
            raise Refusal("invalid", N_("{what}"), what=str(error)) from None
        self._note_order(by, "set_policy", {k: str(v) for k, v in values.items()})

    def _note_order(self, by: Role, action: str, details: dict[str, str] | None = None) -> None:
        type_ = action if action == "set_policy" else f"order_{action}"
        entry = Entry(at=self.now, case="", by=by, type=type_, details=details or {})
        self.timeline.append(entry)

    def _name_of(self, case: Case) -> str:
        return next(name for name, other in self.cases.items() if other is case)


def _switches_in(values: dict[str, Any]) -> dict[str, str]:
    """The switches that an operator sets: `C-1 = "..."`, or `switch` and `value` beside it."""
    rest = {key: value for key, value in values.items() if key != "pack"}
    if set(rest) == {"switch", "value"}:
        rest = {str(rest["switch"]): rest["value"]}
    for nested in ("switch", "switches"):
        if isinstance(rest.get(nested), dict):
            rest |= rest.pop(nested)
    return {name: str(value) for name, value in rest.items()}


def _pack_of(story: Story) -> Pack:
    try:
        return load_pack(story.scenario.pack)
    except UnknownPackError as error:
        raise story.source.error(("pack",), str(error)) from None


def _as_of(order: Order, now: datetime) -> Order:
    """The order as it stood at an instant: what lies ahead has not happened yet."""
    ahead = {f: None for f in _HAPPENS if (at := getattr(order, f)) is not None and at > now}
    return replace(order, **ahead) if ahead else order
