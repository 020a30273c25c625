"""Reporting a buyer.

Who: a lead or the owner, on the order or the case of somebody who acts in bad faith. Question: what
can be reported at all, and what has to be proved? Next: follow the report as a case of its own.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.accounts.gate import kind as a_kind
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import open_case
from gongdao.flows.reviews.proof import filing_of_review
from gongdao.flows.settings import current_pack
from gongdao.flows.weigh_requests import Opening, weigh_requests
from gongdao.policy.pack import Pack
from gongdao.policy.words import EvidenceKind
from gongdao.web.filing import kinds_for
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import read_amount, text_of
from gongdao.web.uploads import REQUEST_BYTES_MAX, take_files, waiting_files

#: What each kind of report means to a shop, in plain words.
WORDS: dict[str, str] = {
    "malicious_order": N_(
        "Orders placed to block the stock and never paid; only those that ran out by themselves."
    ),
    "malicious_complaint": N_("Complaints that were made up to harm the shop or to get money."),
    "review_extortion": N_("Money or goods demanded under the threat of a bad review."),
    "harassment": N_("Insults, threats, calls and messages without end."),
}
#: What usually proves it.
PROOF: tuple[EvidenceKind, ...] = (
    "chat_transcript", "system_record", "listing_snapshot", "third_party_report",
    "photo_of_item", "tracking_history", "statement",
)  # fmt: skip
_FILERS = [a_kind("shop"), may("order.read"), may("case.open")]


@get("/shop/orders/{order_id:uuid}/report", guards=_FILERS, include_in_schema=False)
async def show_report_form(
    request: Asked,
    order_id: FromPath[UUID],
    kind: FromQuery[str] = "",
    review: FromQuery[UUID | None] = None,
) -> Response[str]:
    """What can be reported about the buyer of an order, and why the rest cannot.

    From a review the form is filled in, and what was sealed for it goes along as proof.
    """
    pool = request.app.state.pool
    pack = await current_pack(pool)
    opening = await _weigh(request, order_id, pack)
    given = [each.args.kind for each in opening.possible if each.given]
    filing = None
    if review:
        filing = await filing_of_review(pool, principal_of(request), review, locale_of(request))
    return page(
        request,
        "shop/report.html",
        order=opening.order,
        possible=opening.possible,
        chosen=kind if kind in given else next(iter(given), ""),
        claim=filing.claim if filing else "",
        waiting=await waiting_files(pool, principal_of(request), filing.files if filing else []),
        words=WORDS,
        proof=PROOF,
    )


@post(
    "/shop/orders/{order_id:uuid}/report",
    guards=_FILERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_report(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """File the report, once, and open it."""
    form = await request.form()
    files = await take_files(request, form, "report-files")
    claim, loss = text_of(form, "claim").strip(), text_of(form, "amount").strip()
    if not claim:
        raise Refusal("reason_required", N_("Say what happened."))
    proof = {"kind": text_of(form, "evidence_kind") or "statement", "files": files}
    fields = {
        "procedure": "report",
        "kind": text_of(form, "kind"),
        "claim": claim,
        "amount": read_amount(loss) if loss else None,
        "evidence": [proof] if files else [],
    }
    acted = await open_case(
        request.app.state.pool,
        principal_of(request),
        order_id,
        _args(fields),
        pack=await current_pack(request.app.state.pool),
        now=utc_now(),
        key=text_of(form, "idempotency_key") or None,
    )
    return Redirect(f"/shop/cases/{acted.case.id}", status_code=303)


def _args(fields: dict[str, Any]) -> OpenArgs:
    try:
        return msgspec.convert(fields, OpenArgs)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


async def _weigh(request: Asked, order_id: UUID, pack: Pack) -> Opening:
    """Each kind that a shop can report, judged as if it were filed now."""
    asked = [OpenArgs(procedure="report", kind=k.id) for k in kinds_for(pack, "report", "seller")]
    who = principal_of(request)
    return await weigh_requests(
        request.app.state.pool, who, order_id, asked, pack=pack, now=utc_now()
    )


report_routes: list[Any] = [show_report_form, take_report]
