"""What the day around orders looks like in the API: what is told, asked and listed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from gongdao.base.i18n import Locale
from gongdao.base.money import YUAN_PATTERN, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.orders.care import AnyLine, CareList
from gongdao.flows.orders.check_receiver import SeenCheck
from gongdao.flows.orders.count_stock import CountReport
from gongdao.shops.care_reads import CareLine, Together, Waiting
from gongdao.shops.cod import Call, CallResult
from gongdao.shops.contact_store import Contact, ContactKind, Way
from gongdao.shops.late import LateReason, late_reason
from gongdao.shops.parcel import Addition, Making
from gongdao.shops.receiver import ReceiverAnswer
from gongdao.shops.remark import Flag, Remark
from gongdao.shops.shop import Address
from gongdao.shops.stock import How, StockKind
from gongdao.shops.stock_store import Stocked

_Text = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
_Short = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
_Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class _In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common to all that is sent."""


class NewRemark(_In, frozen=True, kw_only=True):
    """A remark: both halves are needed; without `agent_id` it names whoever sends it."""

    flag: Flag = ""
    reason: _Text
    agent_id: UUID | None = None


class RemarkShown(msgspec.Struct, frozen=True, kw_only=True):
    """A remark as it stands on an order."""

    flag: Flag
    reason: str
    agent_id: UUID
    by_id: UUID
    at: datetime


class ReceiverAnswered(_In, frozen=True, kw_only=True):
    """The buyer's answer: nothing more where all of it is right, else what is right."""

    name: _Short = ""
    phone: _Short = ""
    address: _Short = ""


class ReceiverShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a receiver."""

    id: UUID
    order_id: UUID
    number: str
    asked_at: datetime
    receiver: Address
    """As it was answered, else as the order has it now."""
    was: Address | None
    answer: ReceiverAnswer | None
    answered_at: datetime | None
    may_answer: bool


class NewCall(_In, frozen=True, kw_only=True):
    """How a call ended: with what was told, when to call again, or what was said."""

    result: Literal["confirmed", "refused", "no_answer", "wrong_number"]
    carrier: _Short = ""
    told: Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)] | None = None
    """In yuan: what the buyer was told to pay at the door."""
    again_at: _Aware | None = None
    note: _Text = ""


class CallShown(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it is kept."""

    result: CallResult
    carrier: str
    told: str | None
    again_at: datetime | None
    note: str
    by_id: UUID
    at: datetime


class NewContact(_In, frozen=True, kw_only=True):
    """What the buyer is written, or was told on the telephone; `carrier` asks the carrier."""

    kind: ContactKind
    way: Literal["chat", "phone"] = "chat"
    note: _Text = ""


class ContactShown(msgspec.Struct, frozen=True, kw_only=True):
    """That it was said, by whom and when."""

    kind: ContactKind
    way: Way
    by_id: UUID
    at: datetime
    said_at: datetime | None
    note: str


class NewMaking(_In, frozen=True, kw_only=True):
    """How far the parcel is made up."""

    state: Literal["read", "packed"]


class NewAddition(_In, frozen=True, kw_only=True):
    """What the buyer wants in the same parcel; once it was read, with the postage in yuan."""

    what: _Short
    extra: Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN, max_length=12)] = "0"


class AdditionShown(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be added, and how far the parcel was."""

    id: UUID
    order_id: UUID
    what: str
    making: Making
    extra: str
    bill_id: UUID | None
    at: datetime
    done_at: datetime | None


class NewMerge(_In, frozen=True, kw_only=True):
    """The orders that leave in one parcel."""

    order_ids: Annotated[list[UUID], msgspec.Meta(max_length=50)]


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """Those that leave together now."""

    order_ids: list[UUID]


class NewWish(_In, frozen=True, kw_only=True):
    """Who wants to hear when what is there again."""

    product_id: UUID
    buyer_id: UUID


class WishShown(msgspec.Struct, frozen=True, kw_only=True):
    """The wish that stands now."""

    id: UUID


class NewStock(_In, frozen=True, kw_only=True):
    """Another number: on the shelf (`real`) or as it is shown (`shown`)."""

    what: StockKind = "real"
    units: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    note: _Short = ""


class CountShown(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a stock."""

    what: StockKind
    was: int | None
    units: int
    how: How
    note: str
    by_id: UUID
    at: datetime


class StockShown(msgspec.Struct, frozen=True, kw_only=True):
    """A product with both its stocks, and how they came about."""

    id: UUID
    title: str
    sku: str
    variant: str
    shown: int | None
    real: int | None
    counts: list[CountShown] = []


class CountsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of counts did; nothing at all where there are faults."""

    changed: int
    unchanged: int
    faults: list[str]


class DayLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a list; which fields are there depends on the list."""

    order_ids: list[UUID] = []
    numbers: list[str] = []
    title: str = ""
    buyer_id: UUID | None = None
    product_id: UUID | None = None
    total: str = ""
    since: datetime | None = None
    result: str = ""
    again_at: datetime | None = None
    reason: LateReason | None = None
    what: str = ""
    addition_id: UUID | None = None
    making: str = ""
    extra: str = ""
    wish_id: UUID | None = None
    shown: int | None = None
    real: int | None = None


class DayList(msgspec.Struct, frozen=True, kw_only=True):
    """One list of the day: how many lines (50 stands for that many or more), and the first."""

    name: CareList
    count: int
    lines: list[DayLine]


def show_remark(remark: Remark) -> RemarkShown:
    """A remark for the API."""
    return RemarkShown(
        flag=remark.flag,
        reason=remark.reason,
        agent_id=remark.agent_id,
        by_id=remark.by_id,
        at=remark.at,
    )


def show_check(seen: SeenCheck) -> ReceiverShown:
    """A question about a receiver for the API."""
    return ReceiverShown(
        id=seen.check.id,
        order_id=seen.check.order_id,
        number=seen.number,
        asked_at=seen.check.asked_at,
        receiver=seen.receiver,
        was=seen.check.was,
        answer=seen.check.answer,
        answered_at=seen.check.answered_at,
        may_answer=seen.may_answer,
    )


def show_call(call: Call) -> CallShown:
    """A call for the API."""
    return CallShown(
        result=call.result,
        carrier=call.carrier,
        told=None if call.told_fen is None else yuan(call.told_fen),
        again_at=call.again_at,
        note=call.note,
        by_id=call.by_id,
        at=call.at,
    )


def show_contact(contact: Contact) -> ContactShown:
    """What a buyer was written for the API."""
    return ContactShown(
        kind=contact.kind,
        way=contact.way,
        by_id=contact.by_id,
        at=contact.at,
        said_at=contact.said_at,
        note=contact.note,
    )


def show_addition(addition: Addition) -> AdditionShown:
    """An addition for the API."""
    return AdditionShown(
        id=addition.id,
        order_id=addition.order_id,
        what=addition.what,
        making=addition.making,
        extra=yuan(addition.extra_fen),
        bill_id=addition.bill_id,
        at=addition.at,
        done_at=addition.done_at,
    )


def show_stock(product: Stocked, counts: list[CountShown] | None = None) -> StockShown:
    """A product with both its stocks for the API."""
    return StockShown(
        id=product.id,
        title=product.title,
        sku=product.sku,
        variant=product.variant,
        shown=product.stock,
        real=product.real_stock,
        counts=counts or [],
    )


def show_counted(report: CountReport, locale: Locale) -> CountsImported:
    """What a file of counts did, in a language."""
    return CountsImported(
        changed=report.changed,
        unchanged=report.unchanged,
        faults=[fault.say(locale) for fault in report.faults],
    )


def show_list(name: CareList, lines: Sequence[AnyLine], *, count: int, now: datetime) -> DayList:
    """One list of the day for the API, or its first lines."""
    return DayList(name=name, count=count, lines=[show_line(each, now=now) for each in lines])


def show_line(line: CareLine | Together | Waiting | Stocked, *, now: datetime) -> DayLine:
    """One line of a list for the API."""
    match line:
        case CareLine():
            return _order_line(line, now)
        case Together():
            return DayLine(order_ids=line.ids, numbers=line.numbers, buyer_id=line.buyer_id)
        case Waiting():
            return DayLine(
                wish_id=line.id,
                product_id=line.product_id,
                title=line.title,
                buyer_id=line.buyer_id,
                since=line.at,
                shown=line.stock,
            )
        case Stocked():
            return DayLine(
                product_id=line.id, title=line.title, shown=line.stock, real=line.real_stock
            )


def _order_line(line: CareLine, now: datetime) -> DayLine:
    is_late = line.shipped_at is not None
    return DayLine(
        order_ids=[line.id, *([line.other_id] if line.other_id else [])],
        numbers=[line.number, *([line.other] if line.other else [])],
        title=line.title,
        buyer_id=line.buyer_id,
        total=yuan(line.total_fen),
        since=line.shipped_at or line.placed_at,
        result=line.result or "",
        again_at=line.again_at,
        reason=late_reason(line.track, now=now) if is_late else None,
        what=line.what,
        addition_id=line.addition_id,
        making=line.making,
        extra=yuan(line.extra_fen) if line.addition_id else "",
    )
