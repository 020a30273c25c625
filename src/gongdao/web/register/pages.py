"""The complaint register. Who opens each page, with what question, and what they do next:

- `lists` `/shop/register`: an agent in the morning, a lead between two meetings: which complaints
  wait for me, who has had no answer yet, what is late? Next: open the topmost, or write a new one.
- `intake` `/shop/register/new`: an agent with a customer on the telephone: who is it, what
  happened, what do they want? Next: sign, and talk with the customer.
- `entry_page` `/shop/register/<id>`: whoever looks after a complaint: where does it stand, and
  what is the next step? Next: that step, which stands open on top. A lead: what does it cost, is it
  fair? Next: approve, or send back with a reason.
- `papers` `/shop/register/<id>/paper`: an agent with the customer before them: what do we agree
  on? Next: print it and have it signed. After making a link: how does the customer get it? Copy it.
- `numbers` `/shop/register/numbers`: the owner at the end of the month: where do complaints come
  from, is it getting better, how fast do we answer? Next: open the list behind a number.
- `rules` `/shop/register/rules`: the owner, once: up to which sum may each role decide alone?
- `signing` `/agreements/<secret>`: a customer on their telephone, without an account: is this what
  we agreed? Next: sign, or say why not.
"""

from typing import Any

from gongdao.web.register.entry_page import entry_routes
from gongdao.web.register.intake import intake_routes
from gongdao.web.register.lists import list_routes
from gongdao.web.register.numbers import number_routes
from gongdao.web.register.papers import paper_routes
from gongdao.web.register.rules import rule_routes
from gongdao.web.register.signing import signing_routes

routes: list[Any] = [
    *list_routes, *intake_routes, *number_routes, *rule_routes, *entry_routes, *paper_routes,
    *signing_routes,
]  # fmt: skip
