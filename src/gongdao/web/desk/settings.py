"""How the desk is set up.

Who: the lead or the owner, in a quiet hour. Question: who serves whom, when are we there, and what
does the desk say by itself? Next: change a weight, the hours or a text, and see it count at once.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of, start_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.chat.routing.desk_store import load_desk
from gongdao.flows.talk import desk_settings
from gongdao.flows.talk.desk_reads import read_agents, read_groups, shop_at
from gongdao.flows.talk.desk_settings import AgentArgs, GroupArgs
from gongdao.flows.talk.visitors import own_widget_key
from gongdao.web.desk.settings_forms import (
    ANSWERS_MORE,
    WORDINGS,
    hours_by_day,
    read_rules,
    spans_of,
)
from gongdao.web.shell import page
from gongdao.web.typed import text_of

_LEADS = [kind("shop"), may("chat.manage")]
_PAGE = "/desk/settings"


#: What a page of the shop names, once.
_WIDGET = '<script src="{site}/widget.js" data-shop="{shop}" async></script>'


@get(_PAGE, guards=_LEADS, include_in_schema=False)
async def show_settings(request: Asked) -> Response[str]:
    """Groups and weights, agents, hours, and what the desk says by itself."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    midnight = start_of(day_of(now))
    desk = await load_desk(pool, shop_at(who))
    hours = desk.rules.hours
    return page(
        request,
        "desk/settings.html",
        desk=desk,
        rules=desk.rules,
        agents=await read_agents(pool, who, since=midnight),
        groups=await read_groups(pool, who),
        days=hours_by_day(hours),
        holiday_line=spans_of(hours.holiday_periods),
        own_days="\n".join(f"{each.day} {spans_of(each.periods)}" for each in hours.own_days),
        wordings=WORDINGS,
        answers=[*desk.rules.answers, *[None] * ANSWERS_MORE],
        script=_WIDGET.format(site=request.app.state.config.public_url, shop=shop_at(who)),
        key=await own_widget_key(pool, request.app.state.keyring, who),
    )


@post("/desk/settings/rules", guards=_LEADS, include_in_schema=False)
async def take_rules(request: Asked) -> Redirect:
    """Hours, texts, capacity and weights, decided on the version that was seen."""
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    before = await load_desk(pool, shop_at(who))
    seen = text_of(form, "expected_version")
    await desk_settings.save_rules(
        pool,
        who,
        read_rules(form, before.rules),
        seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
        now=utc_now(),
    )
    return Redirect(_PAGE, status_code=303)


@post("/desk/settings/groups", guards=_LEADS, include_in_schema=False)
async def make_group(request: Asked) -> Redirect:
    """A new group with its members."""
    return await _keep_group(request, new_id())


@post("/desk/settings/groups/{group_id:uuid}", guards=_LEADS, include_in_schema=False)
async def change_group(request: Asked, group_id: FromPath[UUID]) -> Redirect:
    """Another name, other members, other weights."""
    return await _keep_group(request, group_id)


@post("/desk/settings/groups/{group_id:uuid}/retire", guards=_LEADS, include_in_schema=False)
async def retire_group(request: Asked, group_id: FromPath[UUID]) -> Redirect:
    """Take it off the desk."""
    pool, who = request.app.state.pool, principal_of(request)
    await desk_settings.retire_group(pool, who, group_id, now=utc_now())
    return Redirect(_PAGE, status_code=303)


@post("/desk/settings/agents/{agent_id:uuid}", guards=_LEADS, include_in_schema=False)
async def change_agent(request: Asked, agent_id: FromPath[UUID]) -> Redirect:
    """What buyers call them, how many conversations they take, whether routing gives them any."""
    form = await request.form()
    capacity = text_of(form, "capacity").strip()
    args = _converted(
        {
            "nickname": text_of(form, "nickname").strip(),
            "capacity": capacity or None,
            "in_routing": text_of(form, "in_routing") == "yes",
            "languages": [each for each in ("zh", "en") if text_of(form, f"speaks_{each}")],
            "is_main": True if text_of(form, "is_main") == "yes" else None,
        },
        AgentArgs,
    )
    pool, who = request.app.state.pool, principal_of(request)
    await desk_settings.save_agent(pool, who, agent_id, args, now=utc_now())
    return Redirect(_PAGE, status_code=303)


async def _keep_group(request: Asked, group_id: UUID) -> Redirect:
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    args = _converted(
        {
            "name": text_of(form, "name").strip(),
            "topic": text_of(form, "topic") or "general",
            "languages": [each for each in ("zh", "en") if text_of(form, f"speaks_{each}")],
            "position": text_of(form, "position") or 0,
            "published": text_of(form, "published") == "yes",
        },
        GroupArgs,
    )
    weights = _weights(form)
    await desk_settings.save_group(pool, who, group_id, args, now=utc_now())
    await desk_settings.save_members(pool, who, group_id, weights, now=utc_now())
    return Redirect(_PAGE, status_code=303)


def _weights(form: FormMultiDict) -> dict[UUID, int | None]:
    """Who is ticked, with the weight beside it; an empty one is the desk's own."""
    weights: dict[UUID, int | None] = {}
    for name in form.getall("member", []):
        text = text_of(form, f"weight-{name}").strip()
        if text and not (text.isdecimal() and len(text) < 5):
            raise Refusal("invalid", N_("A weight is a whole number."))
        try:
            weights[UUID(str(name))] = int(text) if text else None
        except ValueError:
            raise Refusal("not_found", N_("There is no such agent at your desk.")) from None
    return weights


def _converted(fields: dict[str, Any], wanted: Any) -> Any:
    try:
        return msgspec.convert(fields, wanted, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


settings_routes: list[Any] = [
    show_settings, take_rules, make_group, change_group, retire_group, change_agent,
]  # fmt: skip
