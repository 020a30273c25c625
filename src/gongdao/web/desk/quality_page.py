"""Quality: promises and what became of them, and conversations that a lead judges.

Who opens them: an agent before going home: what have I promised that is due today, and how was I
judged? A lead in the morning: which promises were not kept, which talks of the week are worth a
look? Next: do what was promised; read the transcript and give points; talk with the agent.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.chat.quality.check import FATALS, ITEMS, AgentMarks
from gongdao.chat.quality.promise import State, What
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.promises import View, choose_promises, count_promises, see_promises
from gongdao.flows.talk.quality import (
    CheckArgs,
    form_of,
    judge_talk,
    marks_of_desk,
    object_to_check,
    own_checks,
    see_checks,
)
from gongdao.flows.talk.quality_list import REASONS, find_talks, week_of
from gongdao.flows.talk.see_talk import names_of, read_lines
from gongdao.settings.setting import QualityForm
from gongdao.web.shell import page
from gongdao.web.typed import text_of

_DESK = [kind("shop"), may("chat.serve")]
_LEAD = [kind("shop"), may("chat.manage")]
_WEEKS = 6
#: So many messages of a conversation stand beside the form; the rest is in the window.
_LINES = 200
VIEWS: dict[View, str] = {
    "today": N_("Due today"),
    "open": N_("Still to do"),
    "overdue": N_("Not kept"),
    "late": N_("Done late"),
    "kept": N_("Kept"),
    "all": N_("All"),
}
WHATS: dict[What, str] = {
    "refund": N_("Refund"),
    "compensation": N_("Compensation"),
    "dispatch": N_("Dispatch"),
    "resend": N_("Send once more"),
    "answer": N_("Answer"),
}
STATES: dict[State, str] = {
    "open": N_("Still to do"),
    "kept": N_("Kept"),
    "late": N_("Done late"),
    "broken": N_("Not kept"),
}


@get("/desk/promises", guards=_DESK, include_in_schema=False)
async def show_promises(request: Asked, view: FromQuery[View] = "today") -> Response[str]:
    """What was promised and is open, overdue or kept; a lead sees everybody's."""
    now = utc_now()
    rows = await see_promises(request.app.state.pool, principal_of(request), now=now)
    return page(
        request,
        "desk/promises.html",
        rows=choose_promises(rows, view, now=now),
        counts=count_promises(rows, now=now),
        chosen=view,
        views=VIEWS,
        whats=WHATS,
        states=STATES,
        last_minute=last_minute,
    )


def last_minute(due_at: datetime) -> datetime:
    """The last minute of a day reads better than the first of the next."""
    local = due_at.astimezone(ZONE)
    return local - timedelta(minutes=1) if local.time() == time() else local


@get("/desk/quality", guards=_DESK, include_in_schema=False)
async def show_quality(
    request: Asked, ago: Annotated[int, QueryParameter(ge=0, le=_WEEKS - 1)] = 0
) -> Response[str]:
    """The conversations of a week to judge, and the figures; an agent sees their own results."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    week = week_of(now, ago=ago)
    leads = who.may("chat.manage")
    marks = await marks_of_desk(pool, who, week)
    return page(
        request,
        "desk/quality.html",
        ago=ago,
        weeks=[(n, week_of(now, ago=n).since) for n in range(_WEEKS)],
        talks=await find_talks(pool, who, week, now=now) if leads else [],
        own=await own_checks(pool, who, week),
        marks=marks,
        names=await names_of(pool, {each.agent_id for each in marks}),
        items=_columns(marks),
        reasons=REASONS,
        leads=leads,
    )


def _columns(marks: list[AgentMarks]) -> dict[str, str]:
    """The items of a table of figures, by their codes."""
    items = [item for each in marks for item in each.items]
    return {item.item: item.title or ITEMS.get(item.item, item.item) for item in items}


@get("/desk/quality/{conversation_id:uuid}", guards=_DESK, include_in_schema=False)
async def show_check(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """The transcript with the form beside it, or with the result for whom it is about."""
    pool, who = request.app.state.pool, principal_of(request)
    judged = await see_checks(pool, who, conversation_id)
    talk = await talk_of(pool, who, conversation_id)
    people = {check.by_id for check in judged.checks} | {judged.agent_id or who.person_id}
    return page(
        request,
        "desk/check.html",
        judged=judged,
        talk=talk.conversation,
        lines=await read_lines(pool, talk, after=0, limit=_LINES),
        names=await names_of(pool, people),
        form=(await form_of(pool, who)).value,
        items=ITEMS,
        fatals=FATALS,
        leads=who.may("chat.manage") and judged.agent_id not in (who.person_id, None),
    )


@post("/desk/quality/{conversation_id:uuid}", guards=_LEAD, include_in_schema=False)
async def take_check(request: Asked, conversation_id: FromPath[UUID]) -> Redirect:
    """Keep a judgement; the same form sent twice is one."""
    pool, who = request.app.state.pool, principal_of(request)
    form = await request.form()
    check_id = _id_of(text_of(form, "idempotency_key"))
    args = _args((await form_of(pool, who)).value, form)
    await judge_talk(pool, who, conversation_id, args, check_id=check_id, now=utc_now())
    return Redirect(f"/desk/quality/{conversation_id}", status_code=303)


@post("/desk/quality/{conversation_id:uuid}/objection", guards=_DESK, include_in_schema=False)
async def take_objection(request: Asked, conversation_id: FromPath[UUID]) -> Redirect:
    """Keep what the agent has against it."""
    pool, who = request.app.state.pool, principal_of(request)
    text = text_of(await request.form(), "text")
    await object_to_check(pool, who, conversation_id, text, now=utc_now())
    return Redirect(f"/desk/quality/{conversation_id}", status_code=303)


def _args(form: QualityForm, sent: Any) -> CheckArgs:
    """The judgement in the fields of the form."""
    marks: list[dict[str, Any]] = []
    for item in form.items:
        mark: dict[str, Any] = {
            "item": item.code,
            "points": text_of(sent, f"points-{item.code}").strip(),
            "remark": text_of(sent, f"remark-{item.code}").strip(),
        }
        if seq := text_of(sent, f"seq-{item.code}").strip():
            mark["seq"] = seq
        marks.append(mark)
    fields = {
        "marks": marks,
        "fatal": [each.code for each in form.fatals if text_of(sent, f"fatal-{each.code}")],
        "remark": text_of(sent, "remark").strip(),
        "replaces": text_of(sent, "replaces") or None,
    }
    try:
        return msgspec.convert(fields, CheckArgs, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def _id_of(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again.")) from None


quality_routes: list[Any] = [show_promises, show_quality, show_check, take_check, take_objection]
