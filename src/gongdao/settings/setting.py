"""The settings there are: each a name and the struct of its value."""

from datetime import datetime
from typing import Annotated, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec

from gongdao.base.texts import NO_NUL

#: The pack of an installation whose operator has chosen none.
DEFAULT_PACK = "taobao-classic"


class Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a setting holds; without any version in the log, the defaults of its struct count."""

    NAME: ClassVar[str]


class PolicyChoice(Value, frozen=True, kw_only=True):
    """Which pack judges the cases that are opened from now on, and its switches that were set."""

    NAME: ClassVar[str] = "policy"

    pack: str = DEFAULT_PACK
    """A pack (its newest version counts) or a pack with its version: taobao-classic@1."""
    switches: dict[str, str] = {}


class RegisterRules(Value, frozen=True, kw_only=True):
    """How one shop keeps its complaint register; its name in the log ends with the shop's id."""

    NAME: ClassVar[str] = "register"

    limits: dict[str, int] = msgspec.field(default_factory=lambda: {"agent": 5_000, "lead": 50_000})
    """In fen: what a complaint may cost on the word of a role; other roles have their own limit."""
    same_day: bool = True
    """Whether a clock shows that an answer is best given on the same day."""
    day_ends: int = 22
    """The hour in which a day of answering ends."""
    link_days: int = 7
    """How long a customer's link is good for."""
    count_conduct: bool = False
    """Whether complaints about conduct are counted per colleague and month; only counted."""


Hours = Annotated[int, msgspec.Meta(ge=1, le=240)]
Days = Annotated[int, msgspec.Meta(ge=1, le=60)]
Fee = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class DayRules(Value, frozen=True, kw_only=True):
    """How one shop looks after its orders in a day; its name in the log ends with the shop's id."""

    NAME: ClassVar[str] = "orders_day"

    remind_hours: Hours = 12
    """An order that is not paid so long after it was placed is asked about."""
    cut_off: Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "15:30"
    """What is paid until then leaves today, in the time of the shop; ..."""
    cut_off_lead_hours: Annotated[int, msgspec.Meta(ge=1, le=12)] = 3
    """... so long before, buyers who have not paid are told of it."""
    duplicate_hours: Hours = 24
    """The same goods for the same buyer within so long may be an order made twice."""
    impulse_hours: Hours = 48
    """Whoever has not paid so long after may not want it any more."""
    near_days: Days = 3
    """A parcel within the shop's own region should be there after so many days, ..."""
    far_days: Days = 5
    """... and any other after so many."""
    low_stock: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 10
    """Of what fewer can be promised, somebody looks at the shelf."""
    cod_note: bool = True
    """Whether an order that pays on delivery and was not confirmed leaves only with a reason."""
    cod_fees: Annotated[dict[str, Fee], msgspec.Meta(max_length=30)] = msgspec.field(
        default_factory=lambda: {"顺丰": 1_000, "SF": 1_000}
    )
    """In fen: what carriers take for collecting the money, by how their names begin; ..."""
    cod_fee_least: Fee = 300
    """... any other takes at least so much, ..."""
    cod_fee_most: Fee = 600
    """... and at most so much."""
    tell_dispatch: bool = True
    """Whether buyers are told that their parcel has left."""
    sms: bool = False
    """Whether a text message may be sent where nothing else reaches the buyer; it costs money."""


class Campaign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shop gives to everybody who buys for so much."""

    title: str
    from_fen: int
    off_fen: int = 0
    gift: str = ""


class BargainRules(Value, frozen=True, kw_only=True):
    """How far one shop lets its people go in a bargain; its name in the log ends with its id."""

    NAME: ClassVar[str] = "bargain"

    limits: dict[str, int] = msgspec.field(default_factory=lambda: {"agent": 500, "lead": 5_000})
    """In fen: what somebody of a role may give away in one talk; others have their own limit."""
    freight_fen: int = 1_000
    """What a parcel costs the shop, where a product says nothing else."""
    least_fen: int = 0
    """What must be left of a sale after cost and freight, ..."""
    least_percent: int = 0
    """... and what part of the price."""
    campaigns: tuple[Campaign, ...] = ()


class FormItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item of the form on which conversations are judged."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{0,29}$")]
    title: Annotated[str, msgspec.Meta(max_length=40, pattern=NO_NUL)] = ""
    """As the shop calls it; the items of the form that one begins with have names of ours."""
    points: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    weight: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class FatalItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mistake after which nothing else counts."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{0,29}$")]
    title: Annotated[str, msgspec.Meta(max_length=40, pattern=NO_NUL)] = ""


class QualityForm(Value, frozen=True, kw_only=True):
    """How one shop judges its conversations; its name in the log ends with the shop's id."""

    NAME: ClassVar[str] = "quality"

    items: Annotated[tuple[FormItem, ...], msgspec.Meta(min_length=1, max_length=20)] = (
        FormItem(code="greeting"),
        FormItem(code="understanding", weight=2),
        FormItem(code="correctness", weight=3),
        FormItem(code="manners", weight=2),
        FormItem(code="solution", weight=3),
        FormItem(code="closing"),
    )
    fatals: Annotated[tuple[FatalItem, ...], msgspec.Meta(max_length=20)] = (
        FatalItem(code="insult"),
        FatalItem(code="privacy"),
        FatalItem(code="off_platform"),
        FatalItem(code="empty_promise"),
    )
    per_week: Annotated[int, msgspec.Meta(ge=0, le=50)] = 3
    """How many conversations of each agent and week are drawn by lot, ..."""
    seed: Annotated[str, msgspec.Meta(max_length=40, pattern=NO_NUL)] = ""
    """... and what the lot is drawn with: the same draws the same."""


V = TypeVar("V", bound=Value)


class Version(msgspec.Struct, Generic[V], frozen=True, kw_only=True):
    """One entry of the log of a setting. Version 0 stands for the defaults, said by nobody."""

    version: int
    value: V
    reason: str = ""
    by_id: UUID | None = None
    at: datetime | None = None


class WidgetRules(Value, frozen=True, kw_only=True):
    """How one shop's widget knows its customers; its name in the log ends with the shop's id."""

    NAME: ClassVar[str] = "widget"

    round: int = 1
    """Which key counts: the next one makes everything that was signed before worthless."""
