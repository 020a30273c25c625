"""A decision in the making: the case so far, what has happened, and what money moves."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.cases import events as e
from gongdao.cases.case import Case
from gongdao.cases.facts import Facts
from gongdao.cases.fold import apply
from gongdao.cases.known import Known, Matter, disputed_in
from gongdao.cases.record import entry_of, write_down
from gongdao.ledger.funding import Purse, Void
from gongdao.ledger.transfer import Transfer
from gongdao.policy.pack import Body, Kind, Pack, ProcedureRule, StageRule, Text
from gongdao.policy.words import Role, Stage


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision brings about; the store commits it whole or not at all."""

    case: Case
    records: tuple[e.Recorded, ...]
    transfers: tuple[Transfer, ...] = ()
    voids: tuple[Void, ...] = ()
    refund_fen: int = 0
    """What is to be added to what the order has got back."""
    closes_order: bool = False
    """A full refund before shipping ends the order."""


class Draft:
    """Collects events, folding each at once, so that every step sees what the last one did."""

    def __init__(
        self,
        case: Case | None,
        *,
        facts: Facts,
        pack: Pack,
        now: datetime,
        by: Role,
        person_id: UUID | None = None,
    ) -> None:
        self._case = case
        self.facts = facts
        self.pack = pack
        # The same instant as the same text, or the hash of an event would depend on its zone.
        self.now = now.astimezone(UTC)
        self.by: Role = by
        self.person_id = person_id
        self.records: list[e.Recorded] = []
        self.transfers: list[Transfer] = []
        self.purse: Purse | None = None
        self.record = facts.record
        """The shop's record with what this decision adds to it."""
        self.refund_fen = 0
        self.closes_order = False
        self.stays = False
        """The action does not lead on this time, wherever its move would lead."""
        self._known: Known | None = None
        self._matter: Matter | None = None

    @property
    def case(self) -> Case:
        """The case with everything that has happened so far."""
        assert self._case is not None, "a case is opened first"
        return self._case

    @property
    def procedure(self) -> ProcedureRule:
        """The procedure that the case follows."""
        return self.pack.procedures[self.case.procedure]

    @property
    def rules(self) -> Body:
        """The pack's rules that can hold in a case of its kind."""
        return self.pack.about(self.case.procedure, self.case.kind).rules

    @property
    def kind(self) -> Kind:
        """The kind of case that it is."""
        return self.pack.kinds[self.case.procedure, self.case.kind]

    @property
    def stage(self) -> StageRule | None:
        """The rule of the stage in which the case is; None once it is closed."""
        return self.stage_ahead(self.case.stage)

    def stage_ahead(self, stage: Stage) -> StageRule | None:
        """The rule of a stage of this procedure; None where the pack does not write it."""
        return self.pack.about(self.case.procedure, self.case.kind).stages.get(stage)

    def happen(self, body: e.Event) -> None:
        """Add an event and fold it."""
        record = e.Recorded(
            version=self._case.version + 1 if self._case else 1,
            at=self.now,
            by=self.by,
            pack=self.pack.name,
            person_id=self.person_id,
            body=body,
        )
        self._case = apply(self._case, record)
        entry = entry_of(self._case, record)
        if entry:
            self.record = write_down(self.record, entry)
        self.records.append(record)
        self._known = None

    def copy(self) -> "Draft":
        """A draft of its own from here on, for trying something out."""
        twin = Draft(
            self._case,
            facts=self.facts,
            pack=self.pack,
            now=self.now,
            by=self.by,
            person_id=self.person_id,
        )
        twin.records = list(self.records)
        return twin

    def known(self, **more: Any) -> Known:
        """The facts that conditions may speak of, as they stand now."""
        if self._known is None:
            if self._matter is None or self._matter.disputed != disputed_in(self.case):
                self._matter = Matter(self.case, self.facts, self.pack, self.now)
            self._known = Known(self.case, self._matter)
        return self._known.but(more) if more else self._known

    def keep_refund(self, fen: int) -> None:
        """So much of what the order was to get back by a ruling it does not get after all."""
        self.refund_fen -= fen
        order = self.facts.order
        order = replace(order, refunded_fen=order.refunded_fen - fen)
        self.facts = replace(self.facts, order=order)
        self._matter = self._known = None

    def outcome(self) -> Outcome:
        """Everything collected, ready to be committed."""
        return Outcome(
            case=self.case,
            records=tuple(self.records),
            transfers=tuple(self.transfers),
            voids=tuple(self.purse.voids) if self.purse else (),
            refund_fen=self.refund_fen,
            closes_order=self.closes_order,
        )


def refuse_by_rule(code: Any, say: Text, rule: str) -> Refusal:
    """A refusal in the words of the pack."""
    rules = (rule,) if rule else ()
    return Refusal(code, say.en.replace("{", "{{").replace("}", "}}"), chinese=say.zh, rules=rules)
