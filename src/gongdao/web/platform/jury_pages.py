"""The jury.

Who: a juror with ten minutes; a supervisor who watches that votes come in. Question: who is right,
by the proof alone? Next: vote with a reason, and take the next case. Jurors see no names, no order,
and nobody's vote before it is over; supervisors see how many have voted, never how.
"""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import AdjudicateArgs
from gongdao.flows.act import act_on_case
from gongdao.flows.case_view import CaseView, view_case
from gongdao.flows.conflicts import conflict_in
from gongdao.flows.jury_reads import list_open, list_progress, said_by
from gongdao.web.platform.forms import convert, text_of
from gongdao.web.platform.shown import in_words, rule_item, side_items
from gongdao.web.shell import locale_of, page

_JURORS = [kind("platform"), may("case.vote")]
#: What a jury can find; whose part is how much is not for a vote.
_LIABILITIES = ("seller", "buyer", "both", "none")


@get("/platform/jury", guards=[kind("platform")], include_in_schema=False)
async def show_jury(request: Asked) -> Response[str]:
    """What a juror may vote on; to a supervisor, how far each vote is."""
    who, pool = principal_of(request), request.app.state.pool
    if not (who.may("case.vote") or who.may("case.review")):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return page(
        request,
        "platform/jury.html",
        may_vote=who.may("case.vote"),
        open=await list_open(pool, who.person_id) if who.may("case.vote") else [],
        progress=await list_progress(pool) if who.may("case.review") else [],
    )


@get("/platform/jury/{case_id:uuid}", guards=_JURORS, include_in_schema=False)
async def show_ballot(request: Asked, case_id: FromPath[UUID]) -> Response[str]:
    """Both sides' words and proof, beside each other, and the vote."""
    who, pool, locale = principal_of(request), request.app.state.pool, locale_of(request)
    view = await _view(request, case_id)
    case = view.case
    return page(
        request,
        "platform/ballot.html",
        seen=view,
        case=case,
        goods=[line for line in view.order.lines if line.line in case.lines],
        said={side: said_by(view, side) for side in ("buyer", "seller")},
        sides=side_items(view, locale),
        rules=[rule_item(rule, locale, pack="") | {"href": ""} for rule in view.cites],
        silence=in_words(view.silence, locale),
        liabilities=_LIABILITIES,
        remedies=view.pack.kinds[case.procedure, case.kind].remedies,
        why=view.why_not("adjudicate") or await conflict_in(pool, who, case_id),
    )


@post("/platform/jury/{case_id:uuid}/vote", guards=_JURORS, include_in_schema=False)
async def take_vote(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Vote, once and with a reason, and go back for the next case."""
    form = await request.form()
    note = text_of(form, "note").strip()
    if not note:
        raise Refusal("reason_required", N_("Say what convinced you."))
    names = ("liability", "remedy")
    await act_on_case(
        request.app.state.pool,
        principal_of(request),
        case_id,
        "adjudicate",
        convert({name: text_of(form, name) for name in names} | {"note": note}, AdjudicateArgs),
        now=utc_now(),
        key=text_of(form, "idempotency_key") or None,
    )
    return Redirect("/platform/jury", status_code=303)


async def _view(request: Asked, case_id: UUID) -> CaseView:
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=utc_now())
    if view.case.stage != "jury":
        raise Refusal("not_found", N_("There is no such case."))
    return view


jury_routes = [show_jury, show_ballot, take_vote]
