"""Cases: file one, read it, and do what can be done; a transition is a resource."""

from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, Guarded, kind, may, principal_of
from gongdao.accounts.principal import party_role
from gongdao.api.case_forms import (
    RESOURCES,
    CaseBody,
    CaseBrief,
    CasePage,
    EventBody,
    FilingPreviewBody,
    PreviewBody,
    show_acted,
    show_brief,
    show_case,
    show_event,
    show_filing,
    show_preview,
)
from gongdao.api.case_parts import MoneyBody, show_money
from gongdao.api.case_reads import CasesWanted, list_cases
from gongdao.api.headers import Key, Version, version_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import ARGS, OpenArgs
from gongdao.cases.seen_by import seen_by
from gongdao.cases.store import PAGE_MAX, load_case
from gongdao.flows.act import act_on_case, open_case, preview, preview_opening
from gongdao.flows.case_view import view_case
from gongdao.flows.settings import current_pack
from gongdao.policy.words import Procedure, Stage

Word = Annotated[str | None, QueryParameter(max_length=40, pattern="^[a-z_]+$")]
After = Annotated[str | None, QueryParameter(max_length=200, pattern="^[A-Za-z0-9_=-]+$")]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]


@get("/cases", guards=[may("case.read")], summary="Cases, newest first", tags=["cases"])
async def read_cases(
    request: Asked,
    stage: FromQuery[Stage | None] = None,
    procedure: FromQuery[Procedure | None] = None,
    waiting_on: Word = None,
    case_kind: Annotated[
        str | None, QueryParameter(name="kind", max_length=40, pattern="^[a-z_]+$")
    ] = None,
    order_id: FromQuery[UUID | None] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    after: After = None,
    limit: Limit = 20,
) -> CasePage:
    """A buyer's own cases, a shop's, or all of them for the platform."""
    wanted = CasesWanted(
        stage=stage,
        waiting_on=waiting_on,
        procedure=procedure,
        kind=case_kind,
        order_id=order_id,
        is_open=is_open,
    )
    who = principal_of(request)
    role = party_role(who)
    found, last = await list_cases(
        request.app.state.pool,
        who,
        wanted,
        after=read_cursor(after) if after else None,
        limit=limit,
    )
    return CasePage(
        cases=[show_brief(seen_by(one.case, role), one.number) for one in found],
        after=last.text() if last else None,
    )


@get("/cases/{case_id:uuid}", guards=[may("case.read")], summary="One case", tags=["cases"])
async def read_case(request: Asked, case_id: FromPath[UUID]) -> CaseBody:
    """A case with whose turn it is, until when, what silence means and what you can do."""
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=utc_now())
    return show_case(view, locale_of(request))


@get(
    "/cases/{case_id:uuid}/events",
    guards=[may("case.read")],
    summary="What happened in a case",
    tags=["cases"],
)
async def read_events(request: Asked, case_id: FromPath[UUID]) -> list[EventBody]:
    """The timeline of a case, oldest first, with a sentence for each event."""
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=utc_now())
    locale = locale_of(request)
    return [show_event(told, locale) for told in view.timeline]


@get(
    "/cases/{case_id:uuid}/money",
    guards=[may("case.read")],
    summary="Where the money of a case is",
    tags=["cases"],
)
async def read_money(request: Asked, case_id: FromPath[UUID]) -> list[MoneyBody]:
    """Every sum that was decided: from which account, and how far it is on its way."""
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=utc_now())
    return [show_money(line) for line in view.money]


@post(
    "/orders/{order_id:uuid}/cases",
    guards=[kind("buyer", "shop"), may("case.open")],
    summary="File a case on an order",
    tags=["cases"],
)
async def file_case(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[OpenArgs], key: Key = None
) -> CaseBrief:
    """File a case. A refusal says which rule stands in the way."""
    pool, who = request.app.state.pool, principal_of(request)
    pack = await current_pack(pool)
    acted = await open_case(pool, who, order_id, data, pack=pack, now=utc_now(), key=key)
    return show_acted(acted, party_role(who))


@post(
    "/orders/{order_id:uuid}/cases/preview",
    guards=[kind("buyer", "shop"), may("case.open")],
    summary="What filing a case would bring",
    tags=["cases"],
    status_code=200,
)
async def preview_filing(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[OpenArgs]
) -> FilingPreviewBody:
    """What the rules give for such a request; nothing is filed."""
    pool = request.app.state.pool
    pack = await current_pack(pool)
    outcome = await preview_opening(
        pool, principal_of(request), order_id, data, pack=pack, now=utc_now()
    )
    return show_filing(outcome)


#: What agrees to something that the other side can change: only in the version that was read.
_OF_A_VERSION = frozenset({"accept_offer"})


def action_routes() -> list[HTTPRouteHandler]:
    """For every action, the address that does it and the one that previews it."""
    routes: list[HTTPRouteHandler] = []
    for action, resource in RESOURCES.items():
        routes += [_doing(action, resource), _previewing(action, resource)]
    return routes


def _doing(action: str, resource: str) -> HTTPRouteHandler:
    async def act(
        request: Asked, case_id: FromPath[UUID], data: Any, key: Key = None, seen: Version = None
    ) -> CaseBrief:
        if action in _OF_A_VERSION and seen is None:
            raise Refusal("invalid", N_("Say in If-Match which version of the case you have read."))
        who = principal_of(request)
        acted = await act_on_case(
            request.app.state.pool,
            who,
            case_id,
            action,
            data,
            now=utc_now(),
            version=version_of(seen),
            key=key,
        )
        return show_acted(acted, party_role(who))

    act.__name__ = f"do_{action}"
    act.__doc__ = ARGS[action].__doc__
    if action in _OF_A_VERSION:
        act.__doc__ = f"{act.__doc__} `If-Match` is required: what you agree to may have changed."
    act.__annotations__["data"] = _body_of(action)
    return Guarded(
        f"/cases/{{case_id:uuid}}/{resource}",
        http_method=HttpMethod.POST,
        guards=[may("case.read")],
        summary=f"Action {action}",
        tags=["actions"],
        status_code=200,
    )(act)


def _previewing(action: str, resource: str) -> HTTPRouteHandler:
    async def look(request: Asked, case_id: FromPath[UUID], data: Any) -> PreviewBody:
        pool, who = request.app.state.pool, principal_of(request)
        outcome = await preview(pool, who, case_id, action, data, now=utc_now())
        before = await load_case(pool, case_id)
        return show_preview(before.case if before else None, outcome)

    look.__name__ = f"preview_{action}"
    look.__doc__ = f"What {action} would bring about, and who would pay; nothing is changed."
    look.__annotations__["data"] = _body_of(action)
    return post(
        f"/cases/{{case_id:uuid}}/{resource}/preview",
        guards=[may("case.read")],
        summary=f"Preview of {action}",
        tags=["previews"],
        status_code=200,
    )(look)


def _body_of(action: str) -> Any:
    """The type of an action's body, for the framework and the OpenAPI document."""
    return JSONBody[ARGS[action]]  # pyright: ignore[reportInvalidTypeArguments]
