"""The shop's desk. Who opens it, with what question and what they do next, stands in each module:

- `today`: everybody of the shop, in the morning: what must not be forgotten, and what first?
- `inbox`: an agent, all day: what must I answer next, and how long have I got?
- `cases`: an agent or lead: what does the buyer want, what do the rules give, what does it cost us?
- `orders`: an agent or packer: what has to leave today, and what happened to this order?
- `orders_care`: an agent, all day: whom do I write to or call now, which parcel goes wrong?
- `imports`: the owner or lead: bring the orders of another system in, without a surprise.
- `money`: the owner or lead: what have we got, what was taken and why, does it last?
- `customers`: an agent or lead: who is this, what did we promise, when do I call again?
- `customers_rights`: the owner or lead: what was asked about data, and who looked at it?
- `figures`: the owner or lead: how did we do, and better than before?
- `report`: the owner or lead: can this buyer be reported, for what, and how is it proved?
- `reviews`: an agent or lead: who is not content, why, and whom do I call now?
- `record`: the owner or lead: what counts against us, what does it mean, until when?
"""

from typing import Any

from gongdao.web.shop.cases import case_routes
from gongdao.web.shop.customers import customer_routes
from gongdao.web.shop.customers_rights import rights_routes
from gongdao.web.shop.figures import figure_routes
from gongdao.web.shop.imports import import_routes
from gongdao.web.shop.inbox import show_inbox, start
from gongdao.web.shop.money import money_routes
from gongdao.web.shop.orders import order_routes
from gongdao.web.shop.orders_acts import act_routes
from gongdao.web.shop.orders_care import care_routes
from gongdao.web.shop.record import record_routes
from gongdao.web.shop.report import report_routes
from gongdao.web.shop.reviews import review_routes
from gongdao.web.shop.today import today_routes

routes: list[Any] = [
    start, show_inbox, *case_routes, *order_routes, *act_routes, *care_routes,
    *import_routes, *money_routes,
    *record_routes, *report_routes, *figure_routes, *customer_routes, *rights_routes, *today_routes,
    *review_routes,
]  # fmt: skip
