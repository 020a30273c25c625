"""Complaints that customers brought straight to the appliance shop, in every stage of its register.

Some callers have no account and bought elsewhere; two of them are companies.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from gongdao.flows.demo import register_agreed as agreed
from gongdao.flows.demo import register_open as still_open
from gongdao.flows.demo.register_steps import AGENT, OTHER, Step, opening
from gongdao.flows.demo.script import Kept
from gongdao.flows.demo.when import When


def register_entries(when: When) -> Iterator[Kept]:
    """Everything that was done in the register until now."""
    for key, at, by, steps in (
        ("door seal", when.day(24, "10:20"), AGENT, agreed.door_seal()),
        ("school", when.day(40, "15:05"), OTHER, agreed.school()),
        ("washer", when.day(9, "11:40"), AGENT, agreed.washer()),
        ("hotel", when.day(2, "09:30"), AGENT, still_open.hotel()),
        ("courier", when.day(3, "16:20"), OTHER, still_open.courier()),
        ("rice cooker", when.day(1, "14:10"), AGENT, still_open.rice_cooker()),
        ("tone", when.ago(hours=3), OTHER, still_open.tone()),
        ("manual", when.ago(hours=1, minutes=20), AGENT, still_open.manual()),
        ("noise", when.ago(minutes=25), OTHER, still_open.noise()),
        *_earlier(when),
    ):
        yield from _told(key, at, by, steps, when.now)


def _told(key: str, at: datetime, by: str, steps: list[Step], until: datetime) -> Iterator[Kept]:
    for after, who, action, args in steps:
        moment = at + after
        if moment < until:
            yield Kept(at=moment, entry=key, by=who or by, action=action, args=args)


def _earlier(when: When) -> Iterator[tuple[str, datetime, str, list[Step]]]:
    """Short ones of the past weeks, so that the numbers have something to tell."""
    for n, (days, name, reason, story, ended, why) in enumerate(
        (
            (
                57,
                "罗先生",
                "quality",
                "空气炸锅涂层起泡。",
                "withdrawn",
                "客户自行清洁后恢复，不再追究。",
            ),
            (
                52,
                "高女士",
                "logistics",
                "烤箱送错到隔壁单元。",
                "withdrawn",
                "当天已取回送到，客户满意。",
            ),
            (
                47,
                "梁先生",
                "quality",
                "台灯频闪，看书眼睛疼。",
                "expired",
                "三天内五次未接通，已发短信说明。",
            ),
            (
                36,
                "唐女士",
                "unclear_introduction",
                "以为吸尘器带充电座，其实另卖。",
                "withdrawn",
                "已说明并补发清单，客户接受。",
            ),
            (31, "曹先生", "other", "发票抬头开错。", "withdrawn", "当天重开，客户认可。"),
            (20, "邓女士", "logistics", "晾衣架少了一包螺丝。", "withdrawn", "已补寄，客户收到。"),
            (
                14,
                "许先生",
                "quality",
                "电水壶有塑料味。",
                "withdrawn",
                "按说明煮水两次后无味，客户认可。",
            ),
        )
    ):
        phone = f"150 5550 20{n:02d}"
        yield (
            f"earlier {n}",
            when.day(days, "10:30"),
            AGENT,
            [
                opening(name, phone, reason, story),
                (timedelta(hours=5), "", "close", {"ended": ended, "why": why}),
            ],
        )
