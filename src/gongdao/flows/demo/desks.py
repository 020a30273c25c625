"""The desks of two shops of the demo: rules, groups with weights, and who was there when."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from gongdao.chat.routing.desk import AutoAnswer, DeskRules, State, Topic, Wording
from gongdao.chat.routing.desk_store import load_desk
from gongdao.chat.routing.hours import Hours, Period, Weekly
from gongdao.flows.demo.cast import SHOPS
from gongdao.flows.demo.goods import GOODS
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.talk_script import SHOPS_WITH_DESK
from gongdao.flows.demo.when import When
from gongdao.flows.talk.desk_rules import tell_own_costs
from gongdao.flows.talk.desk_settings import (
    AgentArgs,
    GroupArgs,
    save_agent,
    save_group,
    save_members,
    save_rules,
)
from gongdao.scripts.bargain_store import Cost

_RULES = DeskRules(
    hours=Hours(
        week=(
            Weekly(
                periods=(
                    Period(opens="09:00", closes="12:30"),
                    Period(opens="13:30", closes="22:30"),
                )
            ),
        )
    ),
    greeting=Wording(
        zh="您好，欢迎光临。请直接说您的问题，带上订单会更快。",
        en="Welcome. Tell us what it is about; with the order it goes faster.",
    ),
    away=Wording(
        zh="现在没有客服在线，您可以先留言，上班后按先后回复您。",
        en="Nobody is here right now. Leave a message; we answer in order when we are back.",
    ),
    busy=Wording(zh="咨询的人有点多，请稍等一下。", en="Many are asking right now; please wait."),
    answers=(
        AutoAnswer(
            words=("几点上班", "营业时间", "opening hours"),
            answer=Wording(
                zh="客服每天 9:00–12:30、13:30–22:30 在线，其余时间可以留言。",
                en="We are here 9:00-12:30 and 13:30-22:30 every day.",
            ),
        ),
    ),
)
#: Of each group: its name, what it is for, and the weights of its first and second member.
_GROUPS: tuple[tuple[str, Topic, dict[str, int]], ...] = (
    ("售前", "presale", {"agent1": 200, "agent2": 120}),
    ("售后", "aftersale", {"agent2": 200, "agent1": 120}),
    ("投诉", "complaint", {"agent1": 200, "agent2": 120}),
)
#: What goods cost a shop, and the least that it takes, as parts of a hundred of the price.
_COST, _FLOOR = 78, 88


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """An agent comes or goes."""

    at: datetime
    shop: str
    who: str
    state: State


def seats_of(shop: str) -> dict[str, str]:
    """The sign-in names at a desk, with the nicknames that buyers see; the lead comes first."""
    house = next(each for each in SHOPS if each.key == shop)
    return {name: shown for name, shown, role in house.people if role != "owner"}


def shifts(when: When) -> Iterator[Shift]:
    """Two weeks of working days, and the one that goes on."""
    for shop in SHOPS_WITH_DESK:
        seats = list(seats_of(shop))
        stays = seats[1]
        for place, who in enumerate(seats):
            for days in range(15, 0, -1):
                came = when.day(days, f"08:{40 + place * 4}")
                # Whoever starts the demo at midnight finds the day before over.
                left = min(when.day(days, f"22:{35 + place * 4}"), when.ago(hours=3))
                yield Shift(at=came, shop=shop, who=who, state="online")
                yield Shift(at=left, shop=shop, who=who, state="offline")
            yield Shift(at=when.ago(minutes=70), shop=shop, who=who, state="online")
            # Who waits now waits for one of them, and is theirs as soon as that one opens the desk.
            if who != stays:
                yield Shift(at=when.ago(minutes=10), shop=shop, who=who, state="offline")


async def set_up_desks(stage: Stage, *, now: datetime) -> None:
    """Groups, weights, nicknames, hours, texts and costs; what is set up is left alone."""
    for shop in SHOPS_WITH_DESK:
        if not (await load_desk(stage.pool, stage.shops[shop])).version:
            await _set_up(stage, shop, now)


async def _set_up(stage: Stage, shop: str, now: datetime) -> None:
    lead, *agents = seats_of(shop).items()
    who = stage.people[lead[0]]
    for name, nickname in (lead, *agents):
        args = AgentArgs(
            nickname=nickname,
            in_routing=name != lead[0],
            languages=("zh", "en"),
            is_main=name == lead[0],
        )
        await save_agent(stage.pool, who, stage.people[name].person_id, args, now=now)
    ids = {name.rpartition(":")[2]: stage.people[name].person_id for name, _ in agents}
    for position, (name, topic, weights) in enumerate(_GROUPS):
        group_id = demo_id("group", shop, name)
        args = GroupArgs(name=name, topic=topic, position=position, published=True)
        await save_group(stage.pool, who, group_id, args, now=now)
        of_agents = {ids[agent]: weight for agent, weight in weights.items()}
        await save_members(stage.pool, who, group_id, of_agents, now=now)
    await tell_own_costs(stage.pool, who, _costs(shop), now=now)
    # The rules come last: their version tells that all of it is set up.
    await save_rules(stage.pool, who, _RULES, seen=0, now=now)


def _costs(shop: str) -> list[Cost]:
    return [
        Cost(
            product_id=demo_id("product", good.sku),
            cost_fen=good.price_fen * _COST // 100,
            freight_fen=600,
            floor_fen=good.price_fen * _FLOOR // 100,
        )
        for good in GOODS.values()
        if good.shop == shop
    ]
