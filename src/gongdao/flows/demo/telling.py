"""How the stories of the demo are written down: a sale, and then who does what, when."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.script import Confirmed, Done, Placed, Sale, Shipped, Signed, Step
from gongdao.shops.order import SignedBy


class Story:
    """One dispute in the making; `case` tells cases on the same order apart."""

    def __init__(self, sale: Sale, *, case: str = "") -> None:
        self.sale = sale
        self.case = case or sale.key
        self.steps: list[Step] = []

    def after(self, days: float, hours: float = 0, minutes: float = 0) -> datetime:
        """So long after the order was placed."""
        return self.sale.placed_at + timedelta(days=days, hours=hours, minutes=minutes)

    def placed(self) -> "Story":
        """The order comes in."""
        self.steps.append(Placed(at=self.sale.placed_at + timedelta(minutes=2), sale=self.sale))
        return self

    def arrived(
        self, shipped_at: datetime, signed_at: datetime, *, carrier: str, by: SignedBy = "self"
    ) -> "Story":
        """The parcel leaves and arrives."""
        self.steps.append(Shipped(at=shipped_at, sale=self.sale, carrier=carrier))
        self.steps.append(Signed(at=signed_at, sale=self.sale, by=by))
        return self

    def confirmed(self, at: datetime) -> "Story":
        """The buyer confirms receipt."""
        self.steps.append(Confirmed(at=at, sale=self.sale))
        return self

    def confirmed_by_system(self, at: datetime) -> "Story":
        """The time to confirm receipt is over."""
        self.steps.append(Confirmed(at=at, sale=self.sale, by="system"))
        return self

    def do(self, at: datetime, by: str, action: str, **args: Any) -> "Story":
        """Somebody acts in the case."""
        self.steps.append(
            Done(at=at, case=self.case, sale=self.sale, by=by, action=action, args=args)
        )
        return self

    def complain(self, at: datetime, kind: str, claim: str, *evidence: dict[str, Any]) -> "Story":
        """The buyer files a complaint."""
        return self.do(
            at,
            self.sale.buyer,
            "open",
            procedure="complaint",
            kind=kind,
            claim=claim,
            evidence=list(evidence),
        )

    def judged_by(self, pack: str, switches: dict[str, str]) -> "Story":
        """The case that was just filed is judged by this rule book, not by today's."""
        filed = self.steps[-1]
        assert isinstance(filed, Done), "said of a filing"
        self.steps[-1] = replace(filed, pack=pack, switches=switches)
        return self

    def say(self, at: datetime, by: str, words: str) -> "Story":
        """Somebody writes to the other side."""
        return self.do(at, by, "note", note=words)

    def another(self, case: str) -> "Story":
        """A second case on the same order, told on."""
        following = Story(self.sale, case=case)
        following.steps = self.steps
        return following

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)


def proof(kind: str, *pictures: Picture, note: str = "", **more: str) -> dict[str, Any]:
    """A piece of evidence that comes with an action."""
    return {"kind": kind, "note": note, "files": list(pictures), **more}
