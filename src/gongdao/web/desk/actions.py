"""What an agent does from the window: their state, take the next, hand over, close.

Every answer is small: the window stays where it is and fetches its lists and panel anew.
"""

from typing import Any, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of, start_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.routing.desk import State
from gongdao.flows.talk.close_talk import close_talk
from gongdao.flows.talk.desk_reads import read_agents, read_groups
from gongdao.flows.talk.hand_over import hand_over_talk
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.take_talk import take_next
from gongdao.web.desk.panel import served_talk
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import page
from gongdao.web.typed import texts_of


@post("/desk/presence", guards=SERVERS, include_in_schema=False)
async def take_presence(request: Asked) -> Redirect:
    """Come online, be suspended, go offline."""
    wanted = texts_of(await request.form(), "state")["state"]
    state: State | None = next((each for each in get_args(State) if each == wanted), None)
    if state is None:
        raise Refusal("invalid", N_("Something in the form is missing or wrong."))
    await set_own_state(request.app.state.pool, principal_of(request), state, now=utc_now())
    return Redirect("/desk/list", status_code=303)


@post("/desk/take", guards=SERVERS, include_in_schema=False)
async def take_first(request: Asked) -> Redirect:
    """Serve whoever has waited longest; the address of the answer says whom."""
    taken = await take_next(request.app.state.pool, principal_of(request), now=utc_now())
    if taken is None:
        raise Refusal("not_eligible", N_("Nobody is waiting just now."))
    return Redirect(f"/desk/list?c={taken}", status_code=303)


@get("/desk/talks/{conversation_id:uuid}/hand-over", guards=SERVERS, include_in_schema=False)
async def show_hand_over(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """To whom it can go: colleagues with their state and load, and groups."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    talk = await served_talk(pool, who, conversation_id)
    midnight = start_of(day_of(now))
    agents = await read_agents(pool, who, since=midnight)
    order = {"online": 0, "suspended": 1, "offline": 2}
    others = [each for each in agents if each.id != talk.conversation.agent_id and each.nickname]
    return page(
        request,
        "desk/hand_over.html",
        talk=talk.conversation,
        agents=sorted(others, key=lambda each: (order[each.state], each.load)),
        groups=await read_groups(pool, who),
    )


@post("/desk/talks/{conversation_id:uuid}/hand-over", guards=SERVERS, include_in_schema=False)
async def take_hand_over(request: Asked, conversation_id: FromPath[UUID]) -> Redirect:
    """Hand it over with a reason; the reason stays in the shop."""
    form = texts_of(await request.form(), "to", "reason")
    kind_of, _, text = form["to"].partition(":")
    try:
        to = UUID(text)
    except ValueError:
        raise Refusal("invalid", N_("Name a colleague or a group.")) from None
    await hand_over_talk(
        request.app.state.pool,
        principal_of(request),
        conversation_id,
        to_agent=to if kind_of == "agent" else None,
        to_group=to if kind_of == "group" else None,
        reason=form["reason"],
        now=utc_now(),
    )
    return Redirect("/desk/list", status_code=303)


@post("/desk/talks/{conversation_id:uuid}/close", guards=SERVERS, include_in_schema=False)
async def take_close(request: Asked, conversation_id: FromPath[UUID]) -> Redirect:
    """End it; the buyer is asked how content they were."""
    pool, who = request.app.state.pool, principal_of(request)
    await served_talk(pool, who, conversation_id)
    await close_talk(pool, who, conversation_id, now=utc_now())
    return Redirect("/desk/list", status_code=303)


action_routes: list[Any] = [
    take_presence, take_first, show_hand_over, take_hand_over, take_close,
]  # fmt: skip
