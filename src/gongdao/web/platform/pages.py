"""The platform's surface; each file of pages says who comes, with what question, and what is next.

queue_pages: what must be ruled first · claim_pages: who takes it · case_pages: the case and its
ruling · policy_pages: the
rules · money_pages: the books · log_pages: who did what · trouble_pages: what
stands still · shop_pages: what counts against a shop · whatif_pages: another rule book.
"""

from typing import Any

from gongdao.web.platform.case_pages import case_routes
from gongdao.web.platform.claim_pages import claim_routes
from gongdao.web.platform.log_pages import log_routes
from gongdao.web.platform.money_pages import money_routes
from gongdao.web.platform.policy_pages import policy_routes
from gongdao.web.platform.queue_pages import queue_routes
from gongdao.web.platform.shop_pages import shop_routes
from gongdao.web.platform.trouble_pages import trouble_routes
from gongdao.web.platform.whatif_pages import whatif_routes

#: For the composition root.
routes: list[Any] = [
    *queue_routes,
    *claim_routes,
    *case_routes,
    *policy_routes,
    *money_routes,
    *log_routes,
    *trouble_routes,
    *whatif_routes,
    *shop_routes,
]
