"""The service desk of a shop. Who opens each page, and what for, stands in its module:

- `window`, `panel`, `actions`: an agent, all day: who waits longest, what do I answer and do?
- `scripts_page`: an agent between two talks, a lead once a week: how do we say it, does it help?
- `search_page`: whoever looks for what was said: who said it, and when?
- `figures_page`: a lead, in the morning and all day: how fast are we, who waits, who is there?
- `quality_page`: an agent, a lead: what was promised and not done, which talks are to be judged?
- `rules_page`: the lead: how far may a bargain go, which words are minded, how do we judge?
- `log_page`: the lead: why did it go to them, who was there, who changed that?
- `settings`: whoever leads the desk: who serves whom, when, and what does the desk say by itself?
"""

from typing import Any

from gongdao.web.desk.actions import action_routes
from gongdao.web.desk.actions_apply import apply_routes
from gongdao.web.desk.actions_ask import ask_routes
from gongdao.web.desk.actions_order import order_action_routes
from gongdao.web.desk.actions_sell import sell_routes
from gongdao.web.desk.figures_page import figure_routes
from gongdao.web.desk.log_page import log_routes
from gongdao.web.desk.panel import panel_routes
from gongdao.web.desk.quality_page import quality_routes
from gongdao.web.desk.rules_page import rules_routes
from gongdao.web.desk.scripts_page import script_routes
from gongdao.web.desk.search_page import search_routes
from gongdao.web.desk.settings import settings_routes
from gongdao.web.desk.window import window_routes

routes: list[Any] = [
    *window_routes,
    *panel_routes,
    *action_routes,
    *apply_routes,
    *ask_routes,
    *order_action_routes,
    *sell_routes,
    *script_routes,
    *search_routes,
    *settings_routes,
    *log_routes,
    *rules_routes,
    *figure_routes,
    *quality_routes,
]
