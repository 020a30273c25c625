"""How a shop keeps its register: limits by role, the clock of the first answer, what is counted."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.keep_register import shop_of
from gongdao.flows.register_reads import colleagues_of
from gongdao.settings.setting import RegisterRules
from gongdao.settings.store import add_version, load_history, load_setting
from gongdao.web.shell import page
from gongdao.web.typed import read_fen, text_of

EDITORS = [kind("shop"), may("register.read"), may("shop.edit")]


@get("/shop/register/rules", guards=EDITORS, include_in_schema=False)
async def show_rules(request: Asked) -> Response[str]:
    """The shop's rules as they count, and who said so."""
    shop_id, pool = shop_of(principal_of(request)), request.app.state.pool
    current = await load_setting(pool, RegisterRules, of=shop_id)
    history = await load_history(pool, RegisterRules, of=shop_id, limit=10)
    colleagues = await colleagues_of(pool, shop_id, current.value)
    names = await names_of_people(pool, [one.by_id for one in history])
    return page(
        request,
        "register/rules.html",
        rules=current.value,
        version=current.version,
        history=history,
        names=names,
        colleagues=colleagues.values(),
        mine=principal_of(request).person_id,
    )


@post("/shop/register/rules", guards=EDITORS, include_in_schema=False)
async def take_rules(request: Asked) -> Redirect:
    """Let other rules count from now on."""
    who = principal_of(request)
    form = await request.form()
    seen = text_of(form, "seen")
    await add_version(
        request.app.state.pool,
        read_rules(form),
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        reason=text_of(form, "reason"),
        by_id=who.person_id,
        now=utc_now(),
        of=shop_of(who),
    )
    return Redirect("/shop/register/rules", status_code=303)


def read_rules(form: FormMultiDict) -> RegisterRules:
    """The rules in a form. Refuses hours and days that there are not."""
    limits = {
        role: read_fen(text_of(form, f"{role}_limit").strip() or "0") for role in ("agent", "lead")
    }
    day_ends, link_days = text_of(form, "day_ends"), text_of(form, "link_days")
    hours = day_ends in [str(hour) for hour in range(1, 24)]
    if not hours or link_days not in [str(days) for days in range(1, 31)]:
        raise Refusal("invalid", N_("An hour lies between 1 and 23, days between 1 and 30."))
    return RegisterRules(
        limits=limits,
        same_day=text_of(form, "same_day") == "true",
        day_ends=int(day_ends),
        link_days=int(link_days),
        count_conduct=text_of(form, "count_conduct") == "true",
    )


rule_routes: list[Any] = [show_rules, take_rules]
