"""Nobody decides on what they asked for themselves, but for an owner beside whom nobody could."""

from datetime import timedelta
from uuid import UUID

from tests.staff.test_rota import MONDAY, NOW, YES, ask_leave, plan, refused
from tests.web.chat.desk_town import DeskTown

from gongdao.accounts.principal import Principal
from gongdao.base.ids import new_id
from gongdao.flows.staff import requests
from gongdao.flows.staff.access import team_of
from gongdao.flows.staff.requests import SwapArgs
from gongdao.flows.staff.today import leaves_to_decide, swaps_to_decide


async def swap_agreed(town: DeskTown, asks: Principal, takes: Principal, shift_id: UUID) -> UUID:
    args = SwapArgs(id=new_id(), shift_id=shift_id, to_id=takes.person_id)
    swap = await requests.propose_swap(town.pool, asks, args, now=NOW)
    await requests.answer_swap(town.pool, takes, swap.id, YES, now=NOW)
    return swap.id


async def test_an_owner_leaves_their_own_request_to_the_lead(town: DeskTown) -> None:
    pool, owner, lead = town.pool, town.people["老板"], town.people["主管"]
    leave = await ask_leave(town, "老板", MONDAY, MONDAY)
    (shift,) = await plan(town, "老板", MONDAY + timedelta(days=2))
    swap = await swap_agreed(town, owner, town.people["小安"], shift.id)
    for attempt in (
        requests.decide_leave(pool, owner, leave, YES, now=NOW),
        requests.decide_swap(pool, owner, swap, YES, now=NOW),
    ):
        assert (await refused(attempt)).code == "wrong_role"
    team = await team_of(pool, town.shop_id)
    assert await leaves_to_decide(pool, owner, team) == []
    assert await swaps_to_decide(pool, owner, team) == []
    seen = await requests.see_requests(pool, owner)
    assert (seen.leaves, seen.swaps) == ([], [])
    assert [each.id for each in seen.own_leaves] == [leave], "it stands among their own"
    theirs = await requests.see_requests(pool, lead)
    assert ([each.id for each in theirs.leaves], [each.id for each in theirs.swaps]) == (
        [leave], [swap],
    )  # fmt: skip
    assert not (await requests.decide_leave(pool, lead, leave, YES, now=NOW)).by_self
    assert not (await requests.decide_swap(pool, lead, swap, YES, now=NOW)).by_self


async def test_an_owner_alone_decides_and_the_record_says_so(town: DeskTown) -> None:
    pool, owner = town.pool, town.people["老板"]
    disabled = "UPDATE people SET disabled_at = now() WHERE id = $1"
    await pool.execute(disabled, town.people["主管"].person_id)
    leave = await ask_leave(town, "老板", MONDAY, MONDAY)
    assert [each.id for each in (await requests.see_requests(pool, owner)).leaves] == [leave]
    assert (await requests.decide_leave(pool, owner, leave, YES, now=NOW)).by_self


async def test_two_who_lead_do_not_settle_a_swap_between_themselves_while_a_third_could(
    town: DeskTown,
) -> None:
    pool, owner, lead = town.pool, town.people["老板"], town.people["主管"]
    (shift,) = await plan(town, "主管", MONDAY)
    swap = await swap_agreed(town, lead, owner, shift.id)
    # Nobody leads beside the two: the owner decides, never the lead, and it is told of the swap.
    own = await refused(requests.decide_swap(pool, lead, swap, YES, now=NOW))
    assert own.code == "wrong_role"
    assert (await requests.decide_swap(pool, owner, swap, YES, now=NOW)).by_self
