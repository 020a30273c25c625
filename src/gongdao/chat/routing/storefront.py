"""What a buyer finds of the desk on the storefront: groups, lit or grey, and who is in them."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.chat.routing.desk import Agent, Group, State, Topic
from gongdao.chat.routing.desk_store import list_groups, load_desk
from gongdao.chat.routing.hours import is_open, opens_at
from gongdao.chat.routing.store import load_board


class ShownAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent under the name that buyers know; they may be clicked, in routing or not."""

    id: UUID
    nickname: str
    state: State


class ShownGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A published group; lit while somebody of it is online."""

    id: UUID
    name: str
    topic: Topic
    lit: bool
    agents: tuple[ShownAgent, ...]


class Storefront(msgspec.Struct, frozen=True, kw_only=True):
    """The desk as a shop's page shows it."""

    shop_id: UUID
    lit: bool
    """Whether anybody at all is online."""
    open: bool
    """Whether it is within the business hours; somebody may be there all the same."""
    opens_at: datetime | None
    groups: tuple[ShownGroup, ...]


async def storefront(database: Queryable, shop_id: UUID, *, now: datetime) -> Storefront:
    """The published groups of a shop in their order; a shop without any has one entry, itself."""
    desk = await load_desk(database, shop_id)
    board = await load_board(database, desk)
    groups = [each for each in await list_groups(database, shop_id) if each.published]
    agents = list(board.agents.values())
    return Storefront(
        shop_id=shop_id,
        lit=any(each.state == "online" for each in agents),
        open=is_open(desk.rules.hours, now),
        opens_at=opens_at(desk.rules.hours, now),
        groups=tuple(_group(each, agents) for each in groups),
    )


def _group(group: Group, agents: list[Agent]) -> ShownGroup:
    members = [each for each in agents if any(seat.group_id == group.id for seat in each.seats)]
    order: dict[State, int] = {"online": 0, "suspended": 1, "offline": 2}
    members.sort(key=lambda each: (order[each.state], each.nickname))
    return ShownGroup(
        id=group.id,
        name=group.name,
        topic=group.topic,
        lit=any(each.state == "online" for each in members),
        agents=tuple(
            ShownAgent(id=each.id, nickname=each.nickname, state=each.state) for each in members
        ),
    )
