"""What a lead lays down for the desk: how far a bargain goes, what goods cost, words, the form.

Who: the lead or the owner, in a quiet hour. Question: what may my people give away, what must they
not write, on what are talks judged? Next: change a sum or a word, and see it count at once.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Queryable
from gongdao.base.i18n import N_, translate
from gongdao.base.texts import NO_NUL
from gongdao.chat.quality.check import FATALS, ITEMS
from gongdao.flows.talk import desk_rules
from gongdao.flows.talk.goods import GOODS_SHOWN, find_goods
from gongdao.flows.talk.quality import form_of, save_form
from gongdao.flows.talk.scripts import shop_of
from gongdao.web.desk.rules_forms import (
    read_costs,
    read_form,
    read_rules,
    read_words,
)
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import text_of

_LEADS = [kind("shop"), may("chat.serve"), may("chat.manage")]
_OWNERS = [*_LEADS, may("shop.edit")]
_PAGE = "/desk/rules"
#: Empty lines for what is new beside what there is.
MORE = 3
_ROLES = """
SELECT name FROM roles WHERE shop_id = $1 AND 'chat.serve' = ANY (permissions)
 ORDER BY created_at, id LIMIT 50
"""
_Text = Annotated[str, QueryParameter(max_length=60, pattern=NO_NUL)]


@get(_PAGE, guards=_LEADS, include_in_schema=False)
async def show_rules(
    request: Asked, q: _Text = "", after: FromQuery[UUID | None] = None
) -> Response[str]:
    """All of it on one page; `q` and `after` choose the products whose costs are shown."""
    pool, who = request.app.state.pool, principal_of(request)
    rules = await desk_rules.own_bargain_rules(pool, who)
    form = await form_of(pool, who)
    goods = await find_goods(pool, shop_of(who), q, after=after, limit=GOODS_SHOWN + 1)
    return page(
        request,
        "desk/rules.html",
        rules=rules.value,
        rules_version=rules.version,
        roles=await _roles(pool, shop_of(who), list(rules.value.limits)),
        campaigns=[*rules.value.campaigns, *[None] * MORE],
        may_edit=who.may("shop.edit"),
        goods=goods[:GOODS_SHOWN],
        following=goods[GOODS_SHOWN - 1].id if len(goods) > GOODS_SHOWN else None,
        q=q,
        words=[*await desk_rules.own_words(pool, who), *[None] * MORE],
        form=form.value,
        form_version=form.version,
        items=[*form.value.items, *[None] * MORE],
        fatals=[*form.value.fatals, *[None] * MORE],
        item_names=ITEMS,
        fatal_names=FATALS,
    )


@post(f"{_PAGE}/bargain", guards=_OWNERS, include_in_schema=False)
async def take_bargain(request: Asked) -> Redirect:
    """How far people go, decided on the version that was seen."""
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    await desk_rules.set_bargain_rules(
        pool,
        who,
        read_rules(form),
        seen=_seen(text_of(form, "expected_version")),
        reason=_reason(request, text_of(form, "reason")),
        now=utc_now(),
    )
    return Redirect(_PAGE, status_code=303)


@post(f"{_PAGE}/costs", guards=_LEADS, include_in_schema=False)
async def take_costs(request: Asked) -> Redirect:
    """What the products that were shown cost; an empty line says nothing of its product."""
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    await desk_rules.tell_own_costs(pool, who, read_costs(form), now=utc_now())
    return Redirect(_PAGE, status_code=303)


@post(f"{_PAGE}/words", guards=_LEADS, include_in_schema=False)
async def take_words(request: Asked) -> Redirect:
    """The words that are minded from now on; a line that was emptied is minded no more."""
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    await desk_rules.set_own_words(pool, who, read_words(form), now=utc_now())
    return Redirect(_PAGE, status_code=303)


@post(f"{_PAGE}/form", guards=_LEADS, include_in_schema=False)
async def take_form(request: Asked) -> Redirect:
    """Another form for judging; judgements keep the one they were made on."""
    pool, who, form = request.app.state.pool, principal_of(request), await request.form()
    before = await form_of(pool, who)
    await save_form(
        pool,
        who,
        read_form(form, before.value),
        seen=_seen(text_of(form, "expected_version")),
        reason=_reason(request, text_of(form, "reason")),
        now=utc_now(),
    )
    return Redirect(_PAGE, status_code=303)


async def _roles(database: Queryable, shop_id: UUID, known: list[str]) -> list[str]:
    """Every role that serves, and whatever else has a limit."""
    rows = await database.fetch(_ROLES, shop_id)
    return list(dict.fromkeys([row["name"] for row in rows] + known))


def _seen(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _reason(request: Asked, said: str) -> str:
    return said.strip()[:500] or translate(
        locale_of(request), N_("Changed on the page of the desk.")
    )


rules_routes: list[Any] = [show_rules, take_bargain, take_costs, take_words, take_form]
