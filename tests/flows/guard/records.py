"""Records for the guard to read: orders, cases, reviews and traits, written as they would stand."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.flows.guard.count_signs import count_signs
from gongdao.risk.finding import Finding
from gongdao.shops.order import Line, Order, TrackEvent
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Address, Shop
from gongdao.shops.store import insert_orders, insert_shops

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
_CASE = """
INSERT INTO cases (id, order_id, shop_id, buyer_id, opened_at, closed_at, refunded_fen, head, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8)
"""
_REVIEW = """
INSERT INTO reviews (id, shop_id, order_id, line, order_number, buyer_id, product, stars, text, at,
                     cause, suggested)
VALUES ($1, $2, $3, 1, 'N', $4, 'Shirt', $5, $6, $7, $8, $9)
"""
_TRAIT = """
INSERT INTO risk_traits (kind, digest, person_id, shown, first_at, last_at)
VALUES ($1, $2, $3, '***', $4, $4)
"""
_FINDING = """
INSERT INTO risk_findings (id, code, by, subject, subject_id, shop_id, buyer_id, about, weight,
                           evidence, pack, at, found_at)
VALUES ($1, $2, 'words', 'message', $1, $3, $4, $5, $6, '[]', 'x@1', $7, $7)
"""


class Ledger(msgspec.Struct, frozen=True):
    """Writes into one database."""

    pool: Pool

    async def shop(self, *, status: str = "open") -> UUID:
        shop_id = new_id()
        async with self.pool.acquire() as connection:
            shop = Shop(id=shop_id, name=f"Shop {shop_id}", opened_at=NOW)
            await insert_shops(connection, [shop])
            if status != "open":
                await connection.execute(
                    "UPDATE shops SET status = $2 WHERE id = $1", shop_id, status
                )
        return shop_id

    async def order(self, shop_id: UUID, buyer_id: UUID, **changes: Any) -> Order:
        """Placed and paid a day ago; `hollow` is received in minutes, `moved` has a parcel."""
        address = changes.pop("address", "")
        at: datetime = changes.pop("at", NOW - timedelta(days=1))
        hollow, moved = changes.pop("hollow", False), changes.pop("moved", False)
        lines = changes.pop("lines", (Line(line=1, title="Shirt", price_fen=12_900),))
        times: dict[str, Any] = {"placed_at": at, "paid_at": at}
        if hollow or moved:
            times |= {"shipped_at": at, "carrier": "SF", "tracking": f"SF{new_id().hex}"}
            confirmed = at + (timedelta(minutes=30) if hollow else timedelta(days=3))
            times |= {"signed_at": confirmed, "signed_by": "self"}
            times |= {"confirmed_at": confirmed, "confirmed_by": "buyer"}
        if moved:
            times["track"] = (TrackEvent(at=at, event="picked_up"),)
        order = Order(
            **{
                "id": new_id(), "number": f"E{new_id().hex}", "shop_id": shop_id,
                "buyer_id": buyer_id, "lines": lines, **times, **changes,
            }
        )  # fmt: skip
        remarks = Remarks(buyer_name="b", receiver=Address(name="b", address=address))
        async with self.pool.acquire() as connection, connection.transaction():
            await insert_orders(
                connection, [Purchase(order=order, remarks=remarks)], by=None, now=max(at, _fresh())
            )
        return order

    async def case(self, order: Order, **state: Any) -> UUID:
        """A case that was closed an hour ago."""
        case_id, at = new_id(), NOW - timedelta(hours=1)
        refunded = state.pop("refunded_fen", 1000)
        whole = {"version": 1, "procedure": "after_sale", "kind": "refund_only",
                 "reason": "quality", "ended": "settled", **state}  # fmt: skip
        await self.pool.execute(
            _CASE, case_id, order.id, order.shop_id, order.buyer_id, at - timedelta(days=1), at,
            refunded, msgspec.json.encode(whole),
        )  # fmt: skip
        return case_id

    async def review(
        self, shop_id: UUID, buyer_id: UUID, text: str, *, stars: int = 5, cause: str | None = None,
        suggested: str | None = None, at: datetime | None = None,
    ) -> None:  # fmt: skip
        when = at or NOW - timedelta(hours=2)
        await self.pool.execute(
            _REVIEW,
            new_id(),
            shop_id,
            new_id(),
            buyer_id,
            stars,
            text,
            when,
            cause,
            suggested or cause,
        )

    async def trait(self, person_id: UUID, kind: str, value: str) -> None:
        digest = sha256(value.encode()).digest()
        await self.pool.execute(_TRAIT, kind, digest, person_id, NOW)

    async def finding(
        self, code: str, shop_id: UUID, buyer_id: UUID, *, weight: int = 60, about: str = "shop"
    ) -> None:
        at = NOW - timedelta(hours=1)
        await self.pool.execute(_FINDING, new_id(), code, shop_id, buyer_id, about, weight, at)

    async def count(self, now: datetime = NOW) -> list[Finding]:
        return await count_signs(self.pool, now)


def _fresh() -> datetime:
    return NOW - timedelta(days=2)


def said(found: list[Finding], code: str, label: str) -> str:
    """What the evidence of the only finding of this code says."""
    [finding] = [one for one in found if one.code == code]
    return next(one.said for one in finding.evidence if one.label == label)


def codes(found: list[Finding]) -> list[str]:
    return sorted(one.code for one in found)
