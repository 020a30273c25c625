"""The team of a shop. Who opens each page, with what question, stands in docs/how-to/team.md."""

from typing import Any

from gongdao.web.staff.book_page import book_routes
from gongdao.web.staff.commission_page import commission_routes
from gongdao.web.staff.fund_page import fund_routes
from gongdao.web.staff.house_page import house_routes
from gongdao.web.staff.own_page import own_routes
from gongdao.web.staff.people_page import people_routes
from gongdao.web.staff.report_page import report_routes
from gongdao.web.staff.request_page import request_routes
from gongdao.web.staff.rota_page import rota_routes
from gongdao.web.staff.settings_page import settings_routes

routes: list[Any] = [
    *rota_routes, *own_routes, *request_routes, *book_routes, *report_routes, *people_routes,
    *commission_routes, *house_routes, *fund_routes, *settings_routes,
]  # fmt: skip
