"""What the team's own affairs ask of somebody: the hand-over book, leave and swaps, memos."""

from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
from gongdao.flows.staff import today as staff
from gongdao.flows.staff.access import team_of
from gongdao.flows.staff.hand_over import may_accept
from gongdao.flows.today.line import SHOWN, Day, Line, Lot
from gongdao.staff.house_rule import Mark

_TEXT_MAX = 80


async def hand_over(database: Queryable, day: Day) -> list[Lot]:
    """Questions about one's own lines of the book, and lines that one may accept now."""
    found = await staff.lines_for(database, day.shop_id, day.who.person_id)
    if any(line.state == "open" for line in found) and not await may_accept(
        database, day.who, now=day.now
    ):
        found = [line for line in found if line.state != "open"]
    lines = tuple(
        Line(
            href=f"/shop/team/book#line-{line.id}",
            title=line.text[:_TEXT_MAX],
            note=N_("A colleague asks") if line.state == "returned" else "",
            due_at=line.due_at,
        )
        for line in found[:SHOWN]
    )
    return [
        Lot(
            work="hand_over", count=len(found), lines=lines, href="/shop/team/book",
            limit=staff.LINES_MAX,
        )
    ]  # fmt: skip


async def decisions(database: Queryable, day: Day) -> list[Lot]:
    """Leave, swaps and contested marks that wait for this person."""
    leads = day.who.may("staff.lead")
    team = await team_of(database, day.shop_id)
    leaves = await staff.leaves_to_decide(database, day.who, team) if leads else []
    swaps = await staff.swaps_to_answer(database, day.who.person_id)
    swaps += await staff.swaps_to_decide(database, day.who, team) if leads else []
    marks = await staff.marks_to_decide(database, day.who) if leads else []
    lines = [
        *(_line(team[leave.person_id].name, N_("asks for leave"), "requests") for leave in leaves),
        *(
            _line(team[swap.from_id].name, N_("wants to swap a shift"), "requests")
            for swap in swaps
        ),
        *(
            _line(team[mark.person_id].name, N_("contests an entry"), _place_of(mark))
            for mark in marks
        ),
    ]
    return [
        Lot(
            work="decisions",
            count=len(lines),
            lines=tuple(lines[:SHOWN]),
            href="/shop/team/requests" if leaves or swaps or not marks else lines[0].href,
        )
    ]


async def memos(database: Queryable, day: Day) -> list[Lot]:
    """One's own memos until today."""
    found = await staff.memos_today(database, day.who.person_id, now=day.now)
    lines = tuple(
        Line(href="/shop/team/me#memos", title=memo.text[:_TEXT_MAX]) for memo in found[:SHOWN]
    )
    return [Lot(work="memos", count=len(found), lines=lines, href="/shop/team/me#memos")]


def _place_of(mark: Mark) -> str:
    """Where an entry stands: on the page of its month."""
    return f"rules?month={mark.happened_on:%Y-%m}#mark-{mark.id}"


def _line(name: str, note: str, page: str) -> Line:
    return Line(href=f"/shop/team/{page}", title=name, note=note)
