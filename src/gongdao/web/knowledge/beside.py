"""Beside the chat: what the shop knows of the product under talk, on one click."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.flows.knowledge.find import find_answers
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_named
from gongdao.knowledge.article import KIND_LABELS
from gongdao.web.shell import locale_of, page

_SERVERS: list[Any] = [kind("shop"), may("chat.serve"), may("knowledge.read")]


@get("/desk/talks/{conversation_id:uuid}/knowledge", guards=_SERVERS, include_in_schema=False)
async def show_beside(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """Facts of the product, each of which can be put into the text box."""
    pool, who = request.app.state.pool, principal_of(request)
    found = await find_answers(
        pool, who, "", conversation_id=conversation_id, locale=locale_of(request)
    )
    products = [each for one in found for each in one.article.product_ids]
    return page(
        request,
        "knowledge/beside.html",
        found=found,
        named=await products_named(pool, shop_of(who), products),
        kinds=KIND_LABELS,
    )


beside_routes: list[Any] = [show_beside]
