"""Applying for after-sales or complaining, in three short steps.

Who opens it: a buyer with something wrong in a parcel, on a phone, often angry. Their question:
what can I get, and what must I do? What they do next: send it, and follow the case.

Steps one and two are plain addresses, so that back, forward and reload lose nothing; only the last
one posts. Every option is judged by the same decision that filing makes, and one that is not
possible says why.
"""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.base.money import parse_yuan
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.flows.settings import current_pack
from gongdao.flows.weigh_requests import Given, Possibility, weigh_requests
from gongdao.policy.pack import Pack
from gongdao.policy.words import EvidenceKind
from gongdao.shops.amend import variants_of
from gongdao.shops.order import Order
from gongdao.shops.product_store import products_of_lines
from gongdao.shops.shop import Product
from gongdao.web.buyer.first_step import question_in
from gongdao.web.buyer.forms import (
    Application,
    amount_of,
    key_of,
    read_application,
    request_of,
)
from gongdao.web.buyer.problems import (
    GOOD_PROOF,
    NAMED_SUM,
    USUAL_PROOF,
    WISHES,
    WITHOUT_SUM,
    Choice,
    Problem,
    Situation,
    choices_for,
)
from gongdao.web.buyer.reads import OrderPage, read_order
from gongdao.web.buyer.shown import rule_items
from gongdao.web.shell import locale_of, page
from gongdao.web.uploads import REQUEST_BYTES_MAX, take_files, waiting_files


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One wish of the second step: chosen or not, given or refused."""

    choice: Choice
    possibility: Possibility
    amount: str = ""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one step is rendered from."""

    order_page: OrderPage
    pack: Pack
    said: Application
    problem: Problem | None
    options: list[Option]

    @property
    def chosen(self) -> Option | None:
        """The option that was chosen, else the first that is possible."""
        given = [each for each in self.options if each.possibility.given]
        named = (each for each in self.options if each.choice.key == self.said.want)
        return next(named, given[0] if given else None)


@get("/orders/{order_id:uuid}/apply", guards=[kind("buyer"), may("case.open")],
     include_in_schema=False)  # fmt: skip
async def show_apply(request: Asked, order_id: FromPath[UUID]) -> Response[Any]:
    """One of the three steps, as far as the answers before it allow."""
    desk = await _desk(request, order_id, request.query_params)
    return await _step(request, desk)


@post("/orders/{order_id:uuid}/apply", guards=[kind("buyer"), may("case.open")],
      request_max_body_size=REQUEST_BYTES_MAX, include_in_schema=False)  # fmt: skip
async def take_apply(request: Asked, order_id: FromPath[UUID]) -> Response[Any]:
    """File the case, or show the last step again with everything that was said."""
    form = await request.form()
    desk = await _desk(request, order_id, form)
    try:
        said = await _with_uploads(request, form, desk.said)
        desk = msgspec.structs.replace(desk, said=said)
        acted = await open_case(
            request.app.state.pool,
            principal_of(request),
            order_id,
            _args(desk),
            pack=desk.pack,
            now=utc_now(),
            key=key_of(form),
        )
    except Refusal as refusal:
        return await _step(request, desk, refusal=refusal)
    return Redirect(f"/cases/{acted.case.id}", status_code=303)


async def _desk(request: Asked, order_id: UUID, fields: Any) -> Desk:
    pool: Pool = request.app.state.pool
    who = principal_of(request)
    order_page = await read_order(pool, who.person_id, order_id)
    pack = await current_pack(pool)
    said = read_application(fields, order_page.order)
    problem = said.chosen_problem(order_page.order)
    options = await _options(pool, who, order_id, said, problem, pack) if problem else []
    return Desk(order_page=order_page, pack=pack, said=said, problem=problem, options=options)


async def _options(
    pool: Pool, who: Principal, order_id: UUID, said: Application, problem: Problem, pack: Pack
) -> list[Option]:
    """Every wish that the problem allows, judged with the sum that the rules give."""
    choices = choices_for(problem, pack)
    by_rule = msgspec.structs.replace(said, amounts={})
    asked = [request_of(by_rule, problem, choice) for choice in choices]
    opening = await weigh_requests(pool, who, order_id, asked, pack=pack, now=utc_now())
    return [
        Option(choice=choice, possibility=possibility, amount=said.amounts.get(choice.key, ""))
        for choice, possibility in zip(choices, opening.possible, strict=True)
    ]


async def _with_uploads(request: Asked, form: FormMultiDict, said: Application) -> Application:
    files: dict[EvidenceKind, list[UUID]] = {}
    for each in GOOD_PROOF:
        ids = await take_files(request, form, f"files-{each}", kept=f"kept-{each}")
        if ids:
            files[each] = ids
    return msgspec.structs.replace(said, files=files)


def _args(desk: Desk) -> c.OpenArgs:
    if desk.problem is None:
        raise Refusal("invalid", N_("Please choose what happened."))
    option = next((o for o in desk.options if o.choice.key == desk.said.want), None)
    if option is None:
        raise Refusal("invalid", N_("Please choose what you want."))
    _require_sum(desk.said, option.choice)
    return request_of(desk.said, desk.problem, option.choice, with_files=True)


def _require_sum(said: Application, choice: Choice) -> None:
    """Refuse a request for a sum that only the buyer can name, and did not."""
    if choice.key in NAMED_SUM and not said.amounts.get(choice.key, "").strip():
        raise Refusal("invalid", N_("Please enter the sum that you ask for."))


async def _step(request: Asked, desk: Desk, *, refusal: Refusal | None = None) -> Response[Any]:
    step = desk.said.step
    missing = ""
    if step > 1 and desk.problem is None:
        step, missing = 1, N_("Please choose what happened.")
    chosen = desk.chosen
    if step > 2 and (chosen is None or chosen.possibility.given is None):
        step = 2
    if step > 2 and refusal is None and chosen is not None:
        # A typed amount is judged before the last step, where it would be far from its field.
        refusal = await _judge_amount(request, desk, chosen)
        step = 2 if refusal else 3
    said = (refusal.code, say_refusal(locale_of(request), refusal)) if refusal else None
    return page(
        request,
        f"buyer/apply_{step}.html",
        status_code=refusal.status if refusal and request.method == "POST" else 200,
        refusal=said,
        missing=missing,
        desk=desk,
        order=desk.order_page.order,
        shop_name=desk.order_page.shop_name,
        said=desk.said,
        situation=desk.said.situation(desk.order_page.order),
        wishes=WISHES,
        without_sum=WITHOUT_SUM,
        named_sum=NAMED_SUM,
        good_proof=GOOD_PROOF,
        **await _values_of_step(request, desk, step),
    )


async def _values_of_step(request: Asked, desk: Desk, step: int) -> dict[str, Any]:
    order = desk.order_page.order
    if step == 1:
        groups: tuple[Situation, ...] = ("received", "awaited")
        if order.shipped_at is None:
            groups = ("unshipped",)
        return {"questions": [question_in(each, desk.pack) for each in groups]}
    if step == 2:
        locale = locale_of(request)
        return {"chosen": desk.chosen, "cited": partial(rule_items, locale=locale)}
    chosen = desk.chosen
    assert chosen and chosen.possibility.given, "the third step has a possible wish"
    waiting = await waiting_files(
        request.app.state.pool,
        principal_of(request),
        [file_id for ids in desk.said.files.values() for file_id in ids],
    )
    given = chosen.possibility.given
    kinds = _proof_kinds(given, desk.said, order)
    variants: list[Product] = []
    asked = [line for line in order.lines if not desk.said.lines or line.line in desk.said.lines]
    if chosen.choice.kind == "exchange" and len(asked) == 1:
        products = await products_of_lines(request.app.state.pool, order.shop_id, asked)
        variants = variants_of(products, asked[0])
    return {
        "chosen": chosen,
        "given": given,
        "asked_fen": _asked_fen(desk.said, chosen),
        "variants": variants,
        "asked": asked,
        "kinds": kinds,
        "waiting": {
            each: [
                waiting[file_id] for file_id in desk.said.files.get(each, []) if file_id in waiting
            ]
            for each in kinds
        },
    }


def _asked_fen(said: Application, chosen: Option) -> int:
    """The sum that was typed, else what the rules give."""
    typed = amount_of(said.amounts.get(chosen.choice.key))
    if typed is None:
        return chosen.possibility.given.refund_fen if chosen.possibility.given else 0
    return parse_yuan(typed)


def _proof_kinds(given: Given, said: Application, order: Order) -> list[EvidenceKind]:
    """What the rules ask for, then what is usual, then what is there already; each once."""
    asked = [kind for rule in given.checklist for kind in rule.kinds]
    wanted = (*asked, *USUAL_PROOF[said.situation(order)], *said.files)
    kinds: list[EvidenceKind] = []
    for each in wanted:
        if each in GOOD_PROOF and each not in kinds:
            kinds.append(each)
    return kinds


async def _judge_amount(request: Asked, desk: Desk, chosen: Option) -> Refusal | None:
    assert desk.problem, "an option belongs to a problem"
    try:
        _require_sum(desk.said, chosen.choice)
        args = request_of(desk.said, desk.problem, chosen.choice)
    except Refusal as refusal:
        return refusal
    if args.amount is None:
        return None
    opening = await weigh_requests(
        request.app.state.pool,
        principal_of(request),
        desk.order_page.order.id,
        [args],
        pack=desk.pack,
        now=utc_now(),
    )
    return opening.possible[0].refusal
