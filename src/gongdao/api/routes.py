"""Everything under /api/v1, with its OpenAPI document and a page to try it."""

from typing import Any

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from gongdao.api import (
    bargains,
    cases,
    chat_search,
    conversations,
    customers,
    desk,
    desk_rules,
    dialects,
    dossiers,
    figures,
    files,
    goodwill,
    guard,
    knowledge,
    knowledge_gaps,
    knowledge_papers,
    knowledge_trainings,
    manners,
    me,
    notices,
    order_care,
    order_changes,
    orders,
    packs,
    privacy,
    quality,
    register,
    reviews,
    scripts,
    staff,
    staff_books,
    stock,
    today,
    tokens,
    votes,
    widget,
)
from gongdao.api.openapi import BASE, document_route

#: People, their tokens, and what they are told.
_PEOPLE: list[HTTPRouteHandler] = [
    me.read_me, tokens.make_token, tokens.read_tokens, tokens.revoke_token, notices.read_notices,
    notices.mark_notices, notices.mark_register_notices,
]  # fmt: skip
#: Orders, their money and parcels, and files.
_ORDERS: list[HTTPRouteHandler] = [
    orders.read_orders, orders.read_order, orders.import_file, orders.ship_order,
    orders.sign_order, orders.confirm_receipt, *order_changes.routes, *order_care.routes,
    *stock.routes, goodwill.read_goodwill, goodwill.give_goodwill, files.send_file,
    files.read_file,
]  # fmt: skip
#: Disputes, what they are judged by, and the shop's own register of complaints.
_CASES: list[HTTPRouteHandler] = [
    cases.read_cases, cases.read_case, cases.read_events, cases.read_money,
    dossiers.read_dossier, dialects.read_dialects, dialects.read_dialect,
    dialects.hear_documents, dialects.read_case_in_dialect, cases.file_case,
    cases.preview_filing, *votes.routes,
    packs.read_packs, packs.read_pack, packs.read_procedure, register.read_register,
    register.write_entry, register.read_entry, register.read_entry_events,
]  # fmt: skip
#: Conversations, and the desk at which they are served.
_DESK: list[HTTPRouteHandler] = [
    *conversations.routes, *widget.routes, *chat_search.routes, *desk.routes, *manners.routes,
    *scripts.routes, *bargains.routes, *desk_rules.routes, *quality.routes,
]  # fmt: skip
#: What a shop's people do in a day beside cases and talks.
_DAY: list[HTTPRouteHandler] = [
    today.read_day, *figures.routes, *customers.routes, *privacy.routes, *staff.routes,
    *staff_books.routes, *reviews.routes, *knowledge.routes, *knowledge_gaps.routes,
    *knowledge_trainings.routes, *knowledge_papers.routes, *guard.routes,
]  # fmt: skip


def api_routes() -> list[Any]:
    """The API."""
    handlers = [
        *_PEOPLE, *_ORDERS, *_CASES, *cases.action_routes(), *register.entry_action_routes(),
        *_DESK, *_DAY,
    ]  # fmt: skip
    return [Router(BASE, route_handlers=[*handlers, document_route(handlers)])]
