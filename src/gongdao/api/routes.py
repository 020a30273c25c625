"""Everything under /api/v1, with its OpenAPI document and a page to try it."""

from typing import Any

from litestar import Router

from gongdao.api import cases, files, me, orders, tokens


def api_routes() -> list[Any]:
    """The API."""
    return [
        Router(
            "/api/v1",
            route_handlers=[
                me.read_me,
                tokens.make_token,
                tokens.read_tokens,
                tokens.revoke_token,
                orders.read_orders,
                orders.read_order,
                orders.import_file,
                orders.ship_order,
                orders.sign_order,
                orders.confirm_receipt,
                files.send_file,
                cases.read_cases,
                cases.read_case,
                cases.read_events,
                cases.file_case,
                cases.preview_filing,
                *cases.action_routes(),
            ],
        )
    ]
