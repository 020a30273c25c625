"""The platform's surface; each file of pages says who comes, with what question, and what is next.

queue_pages: what must be ruled first · claim_pages: who takes it · jury_pages: who votes ·
case_pages: the case and its ruling · mass_pages: one shop, many buyers · watch_pages: what is to be
carried out · tie_pages: who is tied to whom · policy_pages: the rules · money_pages: the books ·
log_pages: who did what · trouble_pages: what stands still · shop_pages: what counts against a shop
· whatif_pages: another rule book · guard_pages: what the guard found · guard_link_pages: who is
linked · guard_watch_pages: whom to watch, what is kept back · guard_figure_pages: how well it
serves.
"""

from typing import Any

from gongdao.web.platform.case_pages import case_routes
from gongdao.web.platform.claim_pages import claim_routes
from gongdao.web.platform.guard_figure_pages import figure_routes
from gongdao.web.platform.guard_link_pages import link_routes
from gongdao.web.platform.guard_pages import finding_routes
from gongdao.web.platform.guard_watch_pages import watch_list_routes
from gongdao.web.platform.jury_pages import jury_routes
from gongdao.web.platform.log_pages import log_routes
from gongdao.web.platform.mass_pages import mass_routes
from gongdao.web.platform.money_pages import money_routes
from gongdao.web.platform.policy_pages import policy_routes
from gongdao.web.platform.queue_pages import queue_routes
from gongdao.web.platform.shop_pages import shop_routes
from gongdao.web.platform.tie_pages import tie_routes
from gongdao.web.platform.trouble_pages import trouble_routes
from gongdao.web.platform.watch_pages import watch_routes
from gongdao.web.platform.whatif_pages import whatif_routes

#: For the composition root.
routes: list[Any] = [
    *queue_routes,
    *claim_routes,
    *jury_routes,
    *mass_routes,
    *watch_routes,
    *tie_routes,
    *case_routes,
    *policy_routes,
    *money_routes,
    *log_routes,
    *trouble_routes,
    *whatif_routes,
    *shop_routes,
    *finding_routes,
    *link_routes,
    *watch_list_routes,
    *figure_routes,
]
