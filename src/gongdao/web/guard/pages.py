"""All pages of the guard for buyers, agents and arbiters; the console is in web/platform."""

from typing import Any

from gongdao.web.guard.kit import kit_routes
from gongdao.web.guard.marks import mark_routes
from gongdao.web.guard.receipt import receipt_routes

guard_routes: list[Any] = [*kit_routes, *mark_routes, *receipt_routes]
