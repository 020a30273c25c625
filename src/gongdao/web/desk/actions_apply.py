"""Filing a case for the buyer of a conversation: what happened, what is wanted, what is given.

The wishes are those of the buyer's own form, judged by the same decision; filed, the case is the
buyer's: they may change it or take it back.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.access import Talk
from gongdao.flows.talk.open_for_buyer import open_for_buyer, require_order_of_talk
from gongdao.flows.weigh_requests import Possibility, weigh_requests
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, load_purchase
from gongdao.web.buyer.forms import Application, key_of, read_application, request_of
from gongdao.web.buyer.problems import (
    NAMED_SUM,
    REPORT,
    WISHES,
    WITHOUT_SUM,
    Choice,
    Problem,
    choices_for,
    problems_in,
)
from gongdao.web.desk.panel import served_talk
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import locale_of, page

_FILERS = [*SERVERS, may("case.open"), may("order.read")]
_ADDRESS = "/desk/talks/{conversation_id:uuid}/orders/{order_id:uuid}/apply"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the buyer can want here: given by the rules, or refused with the reason."""

    choice: Choice
    possibility: Possibility


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The form as far as it is filled in."""

    talk: Talk
    order: Order
    pack: Pack
    said: Application
    problems: list[Problem]
    problem: Problem | None
    options: list[Option]

    @property
    def chosen(self) -> Option | None:
        """The option that was chosen, else the first that is possible, else the first."""
        named = next((each for each in self.options if each.choice.key == self.said.want), None)
        given = next((each for each in self.options if each.possibility.given), None)
        return named or given or next(iter(self.options), None)


@get(_ADDRESS, guards=_FILERS, include_in_schema=False)
async def show_apply_sheet(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """The form as it is at first."""
    return _shown(request, await _sheet(request, conversation_id, order_id, request.query_params))


@post(f"{_ADDRESS}/preview", guards=_FILERS, status_code=200, include_in_schema=False)
async def preview_apply_sheet(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Response[str]:
    """The form with what the rules give for what is chosen in it; changes nothing."""
    return _shown(request, await _sheet(request, conversation_id, order_id, await request.form()))


def _shown(request: Asked, sheet: Sheet) -> Response[str]:
    return page(
        request,
        "desk/apply.html",
        sheet=sheet,
        talk=sheet.talk.conversation,
        order=sheet.order,
        wishes=WISHES,
        named_sum=NAMED_SUM,
        without_sum=WITHOUT_SUM,
    )


@post(_ADDRESS, guards=_FILERS, include_in_schema=False)
async def take_apply_sheet(
    request: Asked, conversation_id: FromPath[UUID], order_id: FromPath[UUID]
) -> Redirect:
    """File it, once; the buyer reads of it in the chat."""
    form = await request.form()
    sheet = await _sheet(request, conversation_id, order_id, form)
    if sheet.problem is None or sheet.chosen is None:
        raise Refusal("invalid", N_("Please choose what happened."))
    if not sheet.said.claim.strip():
        raise Refusal("reason_required", N_("Write down what the buyer said happened."))
    acted = await open_for_buyer(
        request.app.state.pool,
        principal_of(request),
        conversation_id,
        order_id,
        request_of(sheet.said, sheet.problem, sheet.chosen.choice),
        pack=sheet.pack,
        locale=locale_of(request),
        now=utc_now(),
        key=key_of(form),
    )
    return Redirect(f"/desk/talks/{conversation_id}?case={acted.case.id}", status_code=303)


async def _sheet(request: Asked, conversation_id: UUID, order_id: UUID, fields: Any) -> Sheet:
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    await require_order_of_talk(pool, talk, order_id)
    async with pool.acquire() as connection:
        purchase = await load_purchase(connection, order_id, scope=Scope(shop_id=who.shop_id))
        pack = await current_pack(connection)
    assert purchase, "it is an order of the conversation"
    order = purchase.order
    said = read_application(fields, order)
    problem = said.chosen_problem(order)
    problems = [each for each in problems_in(said.situation(order)) if each.reason]
    return Sheet(
        talk=talk,
        order=order,
        pack=pack,
        said=said,
        problems=problems,
        problem=problem,
        options=await _options(request, order, said, problem, pack) if problem else [],
    )


async def _options(
    request: Asked, order: Order, said: Application, problem: Problem, pack: Pack
) -> list[Option]:
    """Every wish that the problem allows but a report, judged as if the buyer filed it now."""
    choices = [each for each in choices_for(problem, pack) if each.key != REPORT]
    opening = await weigh_requests(
        request.app.state.pool,
        principal_of(request),
        order.id,
        [request_of(msgspec.structs.replace(said, claim="-"), problem, each) for each in choices],
        pack=pack,
        now=utc_now(),
        role="buyer",
    )
    return [
        Option(choice=choice, possibility=possibility)
        for choice, possibility in zip(choices, opening.possible, strict=True)
    ]


apply_routes: list[Any] = [show_apply_sheet, preview_apply_sheet, take_apply_sheet]
