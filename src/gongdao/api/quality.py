"""Quality at the desk: promises, conversations to judge, judgements, objections, the form."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.texts import NO_NUL
from gongdao.chat.quality.check import AgentMarks, Check, Objection
from gongdao.flows.talk import quality
from gongdao.flows.talk.promises import PromiseRow, View, see_promises
from gongdao.flows.talk.quality import CheckArgs, Judged
from gongdao.flows.talk.quality_list import FoundTalk, find_talks, week_of
from gongdao.settings.setting import FatalItem, FormItem, QualityForm, Version

_Ago = Annotated[int, QueryParameter(ge=0, le=52)]
_Text = Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)]


class NewCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A judgement under an id of the sender's: sent twice it stands there once."""

    id: UUID
    judgement: CheckArgs


class NewObjection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent has against a judgement."""

    text: _Text


class FormShown(msgspec.Struct, frozen=True, kw_only=True):
    """The form with everything that counts, also what is as by default."""

    items: tuple[FormItem, ...]
    fatals: tuple[FatalItem, ...]
    per_week: int
    seed: str


class FormBody(msgspec.Struct, frozen=True, kw_only=True):
    """The form and its version."""

    version: int
    form: FormShown


class FormArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole form as it is to be, decided on the version that was seen, and why."""

    seen: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]
    form: QualityForm
    reason: _Text


@get("/desk/promises", guards=[may("chat.serve")], summary="What was promised", tags=["desk"])
async def read_promises(request: Asked, view: FromQuery[View] = "all") -> list[PromiseRow]:
    """Promises of the last 30 days and to come: an agent's own, for a lead those of the shop."""
    pool, who = request.app.state.pool, principal_of(request)
    return await see_promises(pool, who, view=view, now=utc_now())


@get("/desk/quality", guards=[may("chat.manage")], summary="What to judge", tags=["desk"])
async def read_found(request: Asked, weeks_ago: _Ago = 0) -> list[FoundTalk]:
    """The conversations of a week that a rule found or a lot drew, each with its reasons."""
    now = utc_now()
    week = week_of(now, ago=weeks_ago)
    return await find_talks(request.app.state.pool, principal_of(request), week, now=now)


@get("/desk/quality/figures", guards=[may("chat.serve")], summary="Marks by agent", tags=["desk"])
async def read_marks(request: Asked, weeks_ago: _Ago = 0) -> list[AgentMarks]:
    """How many were judged in a week, the mean, and each item; an agent sees their own."""
    pool, who = request.app.state.pool, principal_of(request)
    return await quality.marks_of_desk(pool, who, week_of(utc_now(), ago=weeks_ago))


@get("/desk/quality/form", guards=[may("chat.serve")], summary="The form", tags=["desk"])
async def read_form(request: Asked) -> FormBody:
    """The items on which conversations are judged, and how many are drawn."""
    form = await quality.form_of(request.app.state.pool, principal_of(request))
    return _body(form)


@put("/desk/quality/form", guards=[may("chat.manage")], summary="Change the form", tags=["desk"])
async def change_form(request: Asked, data: JSONBody[FormArgs]) -> FormBody:
    """Let another form count from now on; judgements keep the one they were made on."""
    form = await quality.save_form(
        request.app.state.pool,
        principal_of(request),
        data.form,
        seen=data.seen,
        reason=data.reason,
        now=utc_now(),
    )
    return _body(form)


@get(
    "/conversations/{conversation_id:uuid}/checks",
    guards=[may("chat.serve")],
    summary="How a conversation was judged",
    tags=["desk"],
)
async def read_checks(request: Asked, conversation_id: FromPath[UUID]) -> Judged:
    """Every judgement, newest first, with the objection; for leads, and the agent it is about."""
    pool, who = request.app.state.pool, principal_of(request)
    return await quality.see_checks(pool, who, conversation_id)


@post(
    "/conversations/{conversation_id:uuid}/checks",
    guards=[may("chat.manage")],
    summary="Judge a conversation",
    tags=["desk"],
)
async def judge(request: Asked, conversation_id: FromPath[UUID], data: JSONBody[NewCheck]) -> Check:
    """Points for each item of the form; a correction names the judgement that it replaces."""
    return await quality.judge_talk(
        request.app.state.pool,
        principal_of(request),
        conversation_id,
        data.judgement,
        check_id=data.id,
        now=utc_now(),
    )


@post(
    "/conversations/{conversation_id:uuid}/checks/objection",
    guards=[may("chat.serve")],
    summary="Object to a judgement",
    tags=["desk"],
)
async def object_to(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[NewObjection]
) -> Objection:
    """Once, by the agent whose work was judged."""
    pool, who = request.app.state.pool, principal_of(request)
    return await quality.object_to_check(pool, who, conversation_id, data.text, now=utc_now())


def _body(form: Version[QualityForm]) -> FormBody:
    return FormBody(
        version=form.version,
        form=FormShown(
            items=form.value.items,
            fatals=form.value.fatals,
            per_week=form.value.per_week,
            seed=form.value.seed,
        ),
    )


routes = [
    read_promises,
    read_found,
    read_marks,
    read_form,
    change_form,
    read_checks,
    judge,
    object_to,
]
