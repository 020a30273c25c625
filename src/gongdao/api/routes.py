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
    stock,
    today,
    tokens,
    votes,
    widget,
)
from gongdao.api.openapi import BASE, document_route

#: What a shop's people do in a day beside cases and talks.
_SHOP_DAY: list[HTTPRouteHandler] = [*figures.routes, *customers.routes, *privacy.routes]


def api_routes() -> list[Any]:
    """The API."""
    handlers: list[HTTPRouteHandler] = [
        me.read_me,
        today.read_day,
        tokens.make_token,
        tokens.read_tokens,
        tokens.revoke_token,
        orders.read_orders,
        orders.read_order,
        orders.import_file,
        orders.ship_order,
        orders.sign_order,
        orders.confirm_receipt,
        *order_changes.routes,
        *order_care.routes,
        *stock.routes,
        goodwill.read_goodwill,
        goodwill.give_goodwill,
        files.send_file,
        files.read_file,
        cases.read_cases,
        cases.read_case,
        cases.read_events,
        cases.read_money,
        dossiers.read_dossier,
        dialects.read_dialects,
        dialects.read_dialect,
        dialects.read_case_in_dialect,
        cases.file_case,
        cases.preview_filing,
        *cases.action_routes(),
        *votes.routes,
        notices.read_notices,
        notices.mark_notices,
        notices.mark_register_notices,
        packs.read_packs,
        packs.read_pack,
        packs.read_procedure,
        register.read_register,
        register.write_entry,
        register.read_entry,
        register.read_entry_events,
        *register.entry_action_routes(),
        *conversations.routes,
        *widget.routes,
        *chat_search.routes,
        *desk.routes,
        *manners.routes,
        *scripts.routes,
        *bargains.routes,
        *desk_rules.routes,
        *quality.routes,
        *reviews.routes,
        *_SHOP_DAY,
    ]
    return [Router(BASE, route_handlers=[*handlers, document_route(handlers)])]
