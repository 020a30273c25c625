"""Everything that a person may see of a case, gathered in a handful of statements."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Param, Refusal
from gongdao.base.i18n import N_
from gongdao.cases import events as e
from gongdao.cases.available import Available, available_actions
from gongdao.cases.case import Case
from gongdao.cases.decide import decide_timeout, timed_out
from gongdao.cases.events import Recorded
from gongdao.cases.facts import Facts
from gongdao.cases.known import known
from gongdao.cases.narrate import narrate
from gongdao.cases.seen_by import NOBODY, is_masked, records_seen_by, seen_by
from gongdao.cases.store import load_newest_events
from gongdao.flows.act import may_see, pack_of
from gongdao.flows.case_reads import see_case
from gongdao.flows.guard.hold_back import with_holds
from gongdao.flows.leave import within_leave
from gongdao.ledger.balance import MoneyLine
from gongdao.ledger.store import money_of_case
from gongdao.policy.pack import Checklist, Pack, Rule, StageRule, Text
from gongdao.policy.words import Role
from gongdao.shops.order import Order

#: The roles that read each other's private notes; jurors judge without them.
_STAFF = frozenset({"arbiter", "supervisor", "operator", "auditor"})
_NAMES = """
SELECT s.name AS shop_name, o.buyer_name,
       (SELECT jsonb_object_agg(p.id, p.name) FROM people p WHERE p.id = ANY ($2)) AS people,
       (SELECT jsonb_agg(jsonb_build_object(
                  'id', f.id, 'name', f.original_name, 'media_type', f.media_type,
                  'size_bytes', f.size_bytes, 'sha256', encode(f.sha256, 'hex')))
          FROM files f WHERE f.id = ANY ($3)) AS files
FROM orders o JOIN shops s ON s.id = o.shop_id
WHERE o.id = $1
"""


class FileSeen(msgspec.Struct, frozen=True):
    """What a page shows of a file."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline: when, who, and a sentence (a message id with its fields)."""

    version: int
    at: datetime
    by: Role
    name: str
    type: str
    sentence: str
    params: dict[str, Param]
    body: e.Event
    private: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a side is asked to prove, and which of the kinds it has submitted."""

    rule: Checklist
    submitted: frozenset[str]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case for one viewer. `case` is as of now: a clock that ran out has been counted."""

    case: Case
    masked: bool = False
    """The viewer is the side that was reported, and must not learn by whom."""
    now: datetime
    number: int
    facts: Facts
    order: Order
    shop_name: str
    buyer_name: str
    role: Role
    pack: Pack
    stage: StageRule | None
    silence: Text | None
    """What happens if nobody acts until the deadline."""
    silence_rule: str
    available: list[Available]
    timeline: list[Told]
    money: list[MoneyLine]
    checklist: list[Asked]
    cites: list[Rule]
    """The rules of the ruling; before one, those that would apply."""
    files: dict[UUID, FileSeen]

    def may(self, action: str) -> bool:
        """Whether the viewer can do this now."""
        return any(a.action == action and a.allowed for a in self.available)

    def why_not(self, action: str) -> Refusal | None:
        """Why the viewer cannot do it; None where they can, or where it is not theirs at all."""
        return next((a.refusal for a in self.available if a.action == action), None)


async def view_case(pool: Pool, who: Principal, case_id: UUID, *, now: datetime) -> CaseView:
    """A case with everything that its pages show. Raises Refusal not_found."""
    async with pool.acquire() as connection:
        seen = await see_case(connection, case_id)
        if seen is None or not may_see(who, seen.stored.case):
            raise Refusal("not_found", N_("There is no such case."))
        records = await load_newest_events(connection, case_id)
        money = await with_holds(connection, await money_of_case(connection, case_id))
        names = await _names(connection, seen.stored.case, records)
    case, facts, pack = seen.stored.case, seen.facts, pack_of(seen.stored.case)
    while timed_out(case, now):
        # The sweeper is a second behind at most; what the page says must not be.
        outcome = decide_timeout(case, facts=facts, pack=pack, now=now)
        case, records = outcome.case, [*records, *outcome.records]
    role = party_role(who)
    stage = pack.stages.get((case.procedure, case.stage))
    silence = stage.on_timeout if stage else None
    masked = is_masked(case, role)
    shown = seen_by(case, role)
    return CaseView(
        case=shown,
        masked=masked,
        now=now,
        number=seen.stored.number,
        facts=_facts_seen(facts, case) if masked else facts,
        order=_order_seen(facts.order, case) if masked else facts.order,
        shop_name="" if masked and role == "buyer" else names["shop_name"],
        buyer_name="" if masked and role == "seller" else names["buyer_name"],
        role=role,
        pack=pack,
        stage=stage,
        silence=silence.say if silence and case.deadline else None,
        silence_rule=silence.rule if silence else "",
        available=within_leave(who, available_actions(case, role, facts=facts, pack=pack, now=now)),
        timeline=[
            told
            for told in _told(records_seen_by(records, case, role), pack, names["people"])
            if _is_for(told, role)
        ],
        money=money,
        checklist=_checklist(case, facts, pack, now),
        cites=_cites(case, facts, pack, now),
        files={
            file_id: names["files"][file_id]
            for piece in shown.evidence
            for file_id in piece.file_ids
            if file_id in names["files"]
        },
    )


def _facts_seen(facts: Facts, case: Case) -> Facts:
    return Facts(order=_order_seen(facts.order, case), funds=facts.funds, record=facts.record)


def _order_seen(order: Order, case: Case) -> Order:
    """What the reported side may know of an order that would name who reported: the goods."""
    lines = tuple(
        msgspec.structs.replace(line, quantity=1) for line in order.lines if line.line in case.lines
    )
    return Order(
        id=NOBODY,
        number="",
        shop_id=NOBODY if case.opened_by == "seller" else order.shop_id,
        buyer_id=NOBODY if case.opened_by == "buyer" else order.buyer_id,
        placed_at=case.opened_at,
        lines=lines,
    )


async def _names(connection: Queryable, case: Case, records: list[Recorded]) -> dict[str, Any]:
    people = list({record.person_id for record in records if record.person_id})
    file_ids = [file_id for piece in case.evidence for file_id in piece.file_ids]
    row = await connection.fetchrow(_NAMES, case.order_id, people, file_ids)
    assert row, "a case belongs to an order"
    files = msgspec.json.decode(row["files"] or b"[]", type=list[FileSeen])
    return {
        "shop_name": row["shop_name"],
        "buyer_name": row["buyer_name"],
        "people": msgspec.json.decode(row["people"] or b"{}", type=dict[UUID, str]),
        "files": {file.id: file for file in files},
    }


def _told(records: list[Recorded], pack: Pack, people: dict[UUID, str]) -> list[Told]:
    lines: list[Told] = []
    for record in records:
        sentence, params = narrate(record, pack)
        lines.append(
            Told(
                version=record.version,
                at=record.at,
                by=record.by,
                name=people.get(record.person_id, "") if record.person_id else "",
                type=record.type,
                sentence=sentence,
                params=params,
                body=record.body,
                private=isinstance(record.body, e.Noted) and record.body.private,
            )
        )
    return lines


def _is_for(told: Told, role: Role) -> bool:
    """A private note is for its own side only; the platform's people are one side."""
    return not told.private or told.by == role or {told.by, role} <= _STAFF


def _checklist(case: Case, facts: Facts, pack: Pack, now: datetime) -> list[Asked]:
    facts_known = known(case, facts, pack, now)
    return [
        Asked(rule=rule, submitted=case.evidence_of(rule.side).intersection(rule.kinds))
        for rule in sorted(pack.body.checklist, key=lambda rule: not rule.first)
        if rule.when.holds(facts_known)
    ]


def _cites(case: Case, facts: Facts, pack: Pack, now: datetime) -> list[Rule]:
    if case.ruling:
        return [pack.rules[rule] for rule in case.ruling.cites if rule in pack.rules]
    facts_known = known(case, facts, pack, now)
    grounds = [ground.rule for ground in pack.body.ground if ground.when.holds(facts_known)]
    kind = pack.kinds[case.procedure, case.kind].rule
    freight = [r.rule for r in pack.body.freight if r.when.holds(facts_known)][:1]
    refund = [r.rule for r in pack.body.refund if r.when.holds(facts_known)][:1]
    ids = dict.fromkeys([kind, *refund, *freight, *grounds])
    return [pack.rules[rule] for rule in ids if rule in pack.rules]
