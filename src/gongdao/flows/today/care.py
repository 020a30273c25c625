"""What orders and goods ask for: calls, reminders, doubles, parcels, stock."""

from gongdao.accounts.principal import Permit
from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
from gongdao.flows.orders.care import AnyLine, CareList, care_of_today
from gongdao.flows.today.line import SHOWN, Day, Line, Lot, Work
from gongdao.shops.care_reads import LISTED_MAX, CareLine, Together, Waiting

#: The work that each list is.
_WORKS: dict[CareList, Work] = {
    "cod": "calls", "cut_off": "cut_off", "unpaid": "unpaid", "twice": "doubles",
    "impulse": "impulses", "additions": "added", "merge": "merge", "late": "parcels",
    "restock": "restock", "low_stock": "stock", "differing": "differing",
}  # fmt: skip
#: What somebody needs to do the lines of a list, where it is more than writing to buyers.
_PERMITS: dict[CareList, Permit] = {
    "cod": "case.answer", "restock": "case.answer", "additions": "order.ship",
    "merge": "order.ship", "low_stock": "order.ship", "differing": "order.ship",
}  # fmt: skip


async def care(database: Queryable, day: Day) -> list[Lot]:
    """Every list of the care of orders that this person can do, with its first lines."""
    found = await care_of_today(database, day.shop_id, day.now, undone=True)
    return [
        Lot(
            work=_WORKS[each.name],
            count=each.count,
            limit=LISTED_MAX,
            lines=tuple(_line(each.name, line) for line in each.first[:SHOWN]),
            href=_page(each.name),
        )
        for each in found.values()
        if day.who.may(_PERMITS.get(each.name, "chat.serve"))
    ]


def _page(name: CareList) -> str:
    return f"/shop/orders/care?list={name}"


def _line(name: CareList, line: AnyLine) -> Line:
    match line:
        case CareLine():
            return Line(
                href=f"{_page(name)}#line-{line.addition_id or line.id}",
                title=line.buyer_name or line.number,
                said=line.title,
                at=line.shipped_at or line.placed_at,
            )
        case Together():
            return Line(
                href=f"{_page(name)}#line-{line.ids[0]}",
                title=line.name,
                note=N_("{n} orders to one address"),
                params={"n": len(line.ids)},
            )
        case Waiting():
            return Line(
                href=f"{_page(name)}#line-{line.id}",
                title=line.buyer_name,
                said=line.title,
                at=line.at,
            )
        case _:
            left = line.real_stock if line.real_stock is not None else line.stock
            return Line(
                href=f"{_page(name)}#line-{line.id}",
                title=line.title,
                said=line.variant,
                note=N_("{n} left") if left is not None else "",
                params={} if left is None else {"n": left},
            )
