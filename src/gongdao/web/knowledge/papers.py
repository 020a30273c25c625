"""Papers of goods: /shop/knowledge/papers, and papers as evidence on a case.

Who: whoever buys for the shop, and the agent who has to prove where goods come from. Question:
have we papers for this product, and until when do they hold? Next: file or renew one; put them in.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.knowledge import papers as desk
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_named, products_of_shop
from gongdao.flows.knowledge.prove import attach_papers, papers_for_case
from gongdao.knowledge.paper import (
    EVIDENCE_OF,
    PAPER_KINDS,
    PAPER_LABELS,
    RESULT_LABELS,
    SOON_DAYS,
    Paper,
    PaperWritten,
)
from gongdao.web.knowledge.articles import After, Word
from gongdao.web.knowledge.forms import (
    EDITORS,
    READERS,
    day_in,
    key_in,
    number_in,
    products_in,
)
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import text_of, texts_of
from gongdao.web.uploads import REQUEST_BYTES_MAX, ids_of, take_files

_PROVERS: list[Any] = [*READERS, may("case.read")]


@get("/shop/knowledge/papers", guards=READERS, include_in_schema=False)
async def show_papers(
    request: Asked,
    kind: Word = "",
    product: FromQuery[UUID | None] = None,
    soon: FromQuery[bool] = False,
    after: After = "",
) -> Response[str]:
    """The papers, and those that run out."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    listed = await desk.browse_papers(
        pool, who, kind=next((each for each in PAPER_KINDS if each == kind), None),
        product_id=product, ends_soon=soon, after=after, now=now,
    )  # fmt: skip
    return page(
        request,
        "knowledge/papers.html",
        after=listed.after,
        products=await products_of_shop(pool, shop_of(who)),
        chosen={"kind": kind, "product": product, "soon": soon},
        days=SOON_DAYS,
        **await _paper_values(request, listed.papers),
    )


@get("/shop/knowledge/papers/new", guards=EDITORS, include_in_schema=False)
async def show_new_paper(request: Asked, kind: Word = "purchase") -> Response[str]:
    """File one."""
    pool, who = request.app.state.pool, principal_of(request)
    return page(
        request,
        "knowledge/paper_form.html",
        kind=next((each for each in PAPER_KINDS if each == kind), "purchase"),
        kinds=PAPER_LABELS,
        results=RESULT_LABELS,
        products=await products_of_shop(pool, shop_of(who)),
    )


@post(
    "/shop/knowledge/papers", guards=EDITORS, request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)  # fmt: skip
async def take_paper(request: Asked) -> Redirect:
    """Keep a paper with its files."""
    form = await request.form()
    written = await _written(request, form)
    await desk.file_paper(
        request.app.state.pool, principal_of(request), written, key=key_in(form), now=utc_now()
    )
    return Redirect("/shop/knowledge/papers", status_code=303)


@post("/shop/knowledge/papers/{paper_id:uuid}/withdraw", guards=EDITORS, include_in_schema=False)
async def take_withdrawal(request: Asked, paper_id: FromPath[UUID]) -> Redirect:
    """Take a paper out of use."""
    await desk.withdraw(request.app.state.pool, principal_of(request), paper_id, now=utc_now())
    return Redirect("/shop/knowledge/papers", status_code=303)


@get("/shop/cases/{case_id:uuid}/papers", guards=_PROVERS, include_in_schema=False)
async def show_papers_of_case(request: Asked, case_id: FromPath[UUID]) -> Response[str]:
    """The papers of what was bought, to choose from."""
    offered = await papers_for_case(request.app.state.pool, principal_of(request), case_id)
    return page(
        request,
        "knowledge/case_papers.html",
        case=offered.case,
        number=offered.number,
        **await _paper_values(request, offered.papers),
    )


@post(
    "/shop/cases/{case_id:uuid}/papers",
    guards=[*_PROVERS, may("case.answer")], include_in_schema=False,
)  # fmt: skip
async def take_papers_of_case(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Put them in as evidence, as uploads would be."""
    form = await request.form()
    await attach_papers(
        request.app.state.pool,
        principal_of(request),
        case_id,
        ids_of(form.getall("papers", [])),
        locale=locale_of(request),
        key=key_in(form),
        now=utc_now(),
    )
    return Redirect(f"/shop/cases/{case_id}", status_code=303)


async def _paper_values(request: Asked, papers: list[Paper]) -> dict[str, Any]:
    pool, who = request.app.state.pool, principal_of(request)
    products = [each for one in papers for each in one.product_ids]
    return {
        "papers": papers,
        "today": day_of(utc_now()),
        "files": await desk.files_of_papers(pool, papers),
        "named": await products_named(pool, shop_of(who), products),
        "people": await names_of_people(pool, [one.by_id for one in papers]),
        "kinds": PAPER_LABELS,
        "results": RESULT_LABELS,
        "evidence_of": EVIDENCE_OF,
    }


async def _written(request: Asked, form: FormMultiDict) -> PaperWritten:
    """The paper in a form. Raises Refusal."""
    fields = texts_of(form, "kind", "title", "supplier", "batch", "note")
    is_sample = fields["kind"] == "inspection"
    told: dict[str, Any] = {
        **fields,
        "product_ids": products_in(form),
        "quantity": number_in(form, "quantity"),
        "sampled": number_in(form, "sampled") if is_sample else None,
        "failed": number_in(form, "failed") if is_sample else None,
        "result": text_of(form, "result") or None if is_sample else None,
        "issued_on": day_in(form, "issued_on"),
        "valid_until": day_in(form, "valid_until"),
    }
    if not told["product_ids"]:
        raise Refusal("invalid", N_("Choose the products that the paper is about."))
    told["file_ids"] = [str(each) for each in await take_files(request, form, "files")]
    if not told["file_ids"]:
        raise Refusal("invalid", N_("Choose a file first."))
    try:
        return msgspec.convert(told, PaperWritten)
    except msgspec.ValidationError as error:
        raise Refusal("invalid", N_("Something in the form is missing or wrong.")) from error


paper_routes: list[Any] = [
    show_papers, show_new_paper, take_paper, take_withdrawal, show_papers_of_case,
    take_papers_of_case,
]  # fmt: skip
