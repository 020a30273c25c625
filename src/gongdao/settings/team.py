"""What a shop lays down for its team: shifts, commission, house rules; settings of a shop."""

from typing import Annotated, ClassVar

import msgspec

from gongdao.base.i18n import N_
from gongdao.base.money import FEN_MAX
from gongdao.base.texts import NO_NUL
from gongdao.settings.setting import Value

DAY_MINUTES = 24 * 60
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=NO_NUL)]
_Fen = Annotated[int, msgspec.Meta(ge=0, le=FEN_MAX)]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shift that is planned again and again; it may end on the next day."""

    name: _Name
    starts: Annotated[int, msgspec.Meta(ge=0, lt=DAY_MINUTES)]
    """Minutes after midnight in Shanghai."""
    ends: Annotated[int, msgspec.Meta(ge=0, lt=DAY_MINUTES)]
    extends: bool = False
    """Whether it goes on while customers ask."""


class ShiftRules(Value, frozen=True, kw_only=True):
    """The shifts of one shop; its name in the log ends with the shop's id."""

    NAME: ClassVar[str] = "shifts"

    templates: Annotated[tuple[Template, ...], msgspec.Meta(max_length=12)] = (
        Template(name=N_("Day shift"), starts=8 * 60 + 30, ends=17 * 60 + 30),
        Template(name=N_("Night shift"), starts=17 * 60 + 30, ends=60, extends=True),
    )
    days_in_a_row: Annotated[int, msgspec.Meta(ge=1, le=6)] = 6
    """After so many days of work one is free."""


class CommissionRules(Value, frozen=True, kw_only=True):
    """What a sale brings whoever made it; rates in hundredths of a percent."""

    NAME: ClassVar[str] = "commission"

    rate_bp: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    """Of what was paid, without what was refunded."""
    groups: Annotated[
        dict[Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=NO_NUL)],
             Annotated[int, msgspec.Meta(ge=0, le=10_000)]],
        msgspec.Meta(max_length=50),
    ] = msgspec.field(default_factory=dict[str, int])  # fmt: skip
    """Other rates for groups of goods, by their category."""
    mentor_fen: Annotated[tuple[_Fen, ...], msgspec.Meta(max_length=10)] = (15_000, 10_000, 5_000)
    """What the mentors of the fastest trainees of a month get, the fastest first."""


class HouseRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that may be noted of somebody."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{0,29}$")]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NO_NUL)]
    amount_fen: _Fen = 0
    monthly: bool = False
    """Whether it is counted by calendar month and doubled each time, ..."""
    flag_at: Annotated[int, msgspec.Meta(ge=2, le=20)] | None = None
    """... until so many, from which on there is a flag instead of a sum."""


class HouseRules(Value, frozen=True, kw_only=True):
    """The house rules of one shop: only a record, and off unless the owner turns it on."""

    NAME: ClassVar[str] = "house_rules"

    on: bool = False
    rules: Annotated[tuple[HouseRule, ...], msgspec.Meta(max_length=30)] = (
        HouseRule(
            code="complaint", title=N_("Complaint about conduct"), amount_fen=5_000,
            monthly=True, flag_at=3,
        ),
        HouseRule(code="late", title=N_("Came late or left early")),
        HouseRule(code="left_post", title=N_("Left the post without asking the lead")),
        HouseRule(code="private_chat", title=N_("Private chat or games on duty"), amount_fen=1_000),
        HouseRule(code="cleaning", title=N_("Missed their turn of cleaning"), amount_fen=1_000),
        HouseRule(code="leak", title=N_("Gave away a colleague's contacts"), amount_fen=1_000),
        HouseRule(code="noise", title=N_("Loud music, or earphones on duty")),
        HouseRule(code="dress", title=N_("Slippers at work")),
    )  # fmt: skip
