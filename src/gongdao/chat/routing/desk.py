"""A shop's desk: its rules as the lead sets them, its groups, and its agents as they are now."""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec

from gongdao.base.i18n import Locale
from gongdao.base.texts import NO_NUL
from gongdao.chat.routing.hours import Hours

State = Literal["online", "suspended", "offline"]
Topic = Literal["general", "presale", "aftersale", "complaint"]
#: Whether a conversation may go to another group: never, when nobody of its own is there, or also
#: when they are all busy.
Overflow = Literal["never", "empty", "full"]

#: A desk has at most so many groups and agents.
GROUPS_MAX, AGENTS_MAX = 30, 300
WEIGHT_MAX, CAPACITY_MAX = 1_000, 200

_Text = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=30, pattern=NO_NUL)]
Weight = Annotated[int, msgspec.Meta(ge=0, le=WEIGHT_MAX)]
Capacity = Annotated[int, msgspec.Meta(ge=0, le=CAPACITY_MAX)]
_Hours = Annotated[int, msgspec.Meta(ge=0, le=24 * 90)]


class Wording(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What the desk says by itself, in the buyer's language; an empty text says nothing."""

    zh: _Text = ""
    en: _Text = ""

    def in_(self, locale: Locale) -> str:
        """The text for a buyer; the other language where the shop wrote only that one."""
        first, second = (self.zh, self.en) if locale == "zh" else (self.en, self.zh)
        return first or second


class AutoAnswer(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """An answer that the desk gives by itself to a message with one of these words."""

    words: Annotated[tuple[_Word, ...], msgspec.Meta(min_length=1, max_length=20)]
    answer: Wording


class DeskRules(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How a desk works; every number here is the shop's own to change."""

    hours: Hours = Hours()
    capacity: Capacity = 10
    """How many open conversations an agent has at most, unless their own number says otherwise."""
    main_weight: Weight = 200
    weight: Weight = 120
    """The weights that the main account, and everybody else, has in a group that they join."""
    affinity_always_hours: _Hours = 24
    """Whoever came back within these gets the same agent, even one who is suspended."""
    affinity_online_hours: _Hours = 72
    """Within these, the same agent only if they are online."""
    overflow: Overflow = "empty"
    greeting: Wording = Wording()
    away: Wording = Wording()
    """Beside when the desk opens again, outside its hours or when nobody is there."""
    busy: Wording = Wording()
    """Beside the place in the queue."""
    slow: Wording = Wording()
    """When nobody has answered for `slow_seconds`; nothing is said without a text."""
    slow_seconds: Annotated[int, msgspec.Meta(ge=10, le=3_600)] = 60
    answers: Annotated[tuple[AutoAnswer, ...], msgspec.Meta(max_length=50)] = ()
    idle_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 0
    """After so many minutes without a word a conversation is closed; 0 is never."""
    silent_seconds: Annotated[int, msgspec.Meta(ge=15, le=600)] = 30
    """An agent whose screens have said nothing for so long has dropped."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that count, and their version: a change is based on the one that was seen."""

    shop_id: UUID
    rules: DeskRules
    version: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group of agents; published ones are shown on the storefront."""

    id: UUID
    name: str
    topic: Topic
    languages: tuple[Locale, ...] = ()
    """Empty: any."""
    position: int = 0
    published: bool = False


class Seat(msgspec.Struct, frozen=True):
    """An agent's place in a group, or outside any (None), with its weight."""

    group_id: UUID | None
    weight: int


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as routing sees them."""

    id: UUID
    nickname: str
    state: State
    capacity: int
    load: int = 0
    """How many open conversations they have."""
    in_routing: bool = True
    is_main: bool = False
    languages: tuple[Locale, ...] = ("zh",)
    seats: tuple[Seat, ...] = ()

    @property
    def has_room(self) -> bool:
        """Whether one more conversation fits."""
        return self.load < self.capacity

    @property
    def takes_turns(self) -> bool:
        """Whether routing gives them conversations at all right now, room or not."""
        if self.state != "online" or not self.in_routing:
            return False
        return any(seat.weight > 0 for seat in self.seats)


#: A seat at the desk: the group, if any, and the agent.
SeatKey: TypeAlias = tuple[UUID | None, UUID]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """A desk at one instant: what a pick rests on."""

    rules: DeskRules
    groups: dict[UUID, Group]
    """The groups in which somebody has a seat."""
    agents: dict[UUID, Agent]
    credits: dict[SeatKey, int] = {}
    """What each seat is owed, in conversations times the weights."""
