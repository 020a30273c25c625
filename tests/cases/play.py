"""Plays a story in a pack of its own: steps one after the other, on simulated time."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gongdao.cases.case import Case
from gongdao.flows.replay import World
from gongdao.flows.scenario import Scenario, ShopTable, Step, Story
from gongdao.flows.story_order import LineTable, OrderTable
from gongdao.policy.load import load_folder
from gongdao.policy.toml_lines import Source

STRICT = load_folder(Path(__file__).parent / "packs/strict/1")
ZONE = ZoneInfo("Asia/Shanghai")
PAID = datetime(2026, 5, 1, 10, tzinfo=ZONE)
LATER = PAID + timedelta(days=10)


class Play:
    """A world in which a pack of tests holds."""

    def __init__(
        self, *, price: str = "59.90", confirmed: bool = True, start: datetime = LATER, **shop: Any
    ) -> None:
        order = OrderTable(
            paid_at=PAID,
            shipped_at=PAID + timedelta(hours=8),
            signed_at=PAID + timedelta(days=3),
            signed_by="self",
            confirmed_at=PAID + timedelta(days=4) if confirmed else None,
            lines=(LineTable(price=price),),
        )
        nothing = Step(at=start, by="operator", do="set_policy")
        self.scenario = Scenario(
            title="A play",
            pack="cn-law",
            shop=msgspec.convert(shop, ShopTable),
            order=order,
            steps=(nothing,),
        )
        self.world = World(Story(Source("play", ""), self.scenario))
        self.world.pack = STRICT

    @property
    def case(self) -> Case:
        """The case that was filed last."""
        found = self.world.case_named("")
        assert found
        return found

    def do(self, action: str, by: str, case: str = "", **with_: Any) -> Case:
        """Somebody does something. Raises Refusal."""
        step = Step(at=self.world.now, by=by, do=action, case=case, with_=with_)  # type: ignore[arg-type]
        self.scenario = msgspec.structs.replace(self.scenario, steps=(*self.scenario.steps, step))
        self.world.story.scenario = self.scenario
        self.world.act(len(self.scenario.steps) - 1)
        return self.case

    def wait(self, **span: Any) -> Case:
        """Time goes by, and clocks run out."""
        self.world.advance(self.world.now + timedelta(**span), including=True)
        return self.case

    def complain(self, name: str = "a", **more: Any) -> Case:
        """The buyer complains."""
        asked = {"procedure": "complaint", "kind": "not_as_described", "reason": "quality"} | more
        return self.do("open", "buyer", name, **asked)

    def rule(self, name: str = "a", **finding: Any) -> Case:
        """The arbiter rules."""
        said = {"liability": "seller", "remedy": "full_refund", "note": "so it is"} | finding
        return self.do("adjudicate", "arbiter", name, **said)

    def fake(self, name: str = "a") -> Case:
        """The arbiter finds that the goods are fake."""
        return self.rule(name, remedy="punitive_compensation", counterfeit=True)

    def in_force(self) -> list[str]:
        """The sanctions that hold now."""
        now = self.world.now
        return sorted(one.sanction.kind for one in self.world.record.in_force(now))
