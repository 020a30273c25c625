"""What the owner lays down for the team: shifts, commission, house rules with a note on the law."""

import re
from decimal import Decimal
from string import ascii_lowercase
from typing import Any, TypeVar

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.staff.rules import save_rules, see_rules
from gongdao.settings.team import (
    CommissionRules,
    HouseRule,
    HouseRules,
    ShiftRules,
    Template,
)
from gongdao.web.shell import page
from gongdao.web.typed import read_fen, text_of

_HERE = "/shop/team/settings"
EDITORS = [kind("shop"), may("staff.use"), may("shop.edit")]
#: Empty lines beside those that there are.
MORE = 2
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?")
R = TypeVar("R")


@get(_HERE, guards=EDITORS, include_in_schema=False)
async def show_settings(request: Asked) -> Response[str]:
    """The rules as they count."""
    who, pool = principal_of(request), request.app.state.pool
    return page(
        request,
        "staff/settings.html",
        shifts=await see_rules(pool, who, ShiftRules),
        commission=await see_rules(pool, who, CommissionRules),
        house=await see_rules(pool, who, HouseRules),
        more=MORE,
    )


@post(f"{_HERE}/{{what:str}}", guards=EDITORS, include_in_schema=False)
async def take_settings(request: Asked, what: FromPath[str]) -> Redirect:
    """Let other rules count."""
    form, who, pool = await request.form(), principal_of(request), request.app.state.pool
    seen = text_of(form, "seen")
    said: dict[str, Any] = {
        "seen": int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        "reason": text_of(form, "reason"),
        "now": utc_now(),
    }
    match what:
        case "shifts":
            await save_rules(pool, who, read_shifts(form), **said)
        case "commission":
            await save_rules(pool, who, read_commission(form), **said)
        case "house":
            before = (await see_rules(pool, who, HouseRules)).value
            await save_rules(pool, who, read_house(form, before), **said)
        case _:
            raise Refusal("not_found", N_("There is no such setting."))
    return Redirect(_HERE, status_code=303)


def read_shifts(form: FormMultiDict) -> ShiftRules:
    """The shifts in a form; a line without a name is none."""
    templates: list[dict[str, Any]] = []
    for number in _numbers(form, "name-"):
        if name := text_of(form, f"name-{number}").strip():
            templates.append(
                {
                    "name": name,
                    "starts": read_clock(text_of(form, f"starts-{number}")),
                    "ends": read_clock(text_of(form, f"ends-{number}")),
                    "extends": text_of(form, f"extends-{number}") == "true",
                }
            )
    days = text_of(form, "days_in_a_row").strip()
    kept = [_converted(each, Template) for each in templates]
    return _converted({"templates": kept, "days_in_a_row": days or 6}, ShiftRules)


def read_commission(form: FormMultiDict) -> CommissionRules:
    """Rates as percent, bonuses as yuan."""
    groups = {
        group: read_percent(text_of(form, f"rate-{number}"))
        for number in _numbers(form, "group-")
        if (group := text_of(form, f"group-{number}").strip())
    }
    sums = [text_of(form, f"mentor-{place}").strip() for place in (1, 2, 3)]
    mentor = tuple(read_fen(each) for each in sums if each)
    rate = read_percent(text_of(form, "rate") or "0")
    return _converted({"rate_bp": rate, "groups": groups, "mentor_fen": mentor}, CommissionRules)


def read_house(form: FormMultiDict, before: HouseRules) -> HouseRules:
    """Whether the rules are on, and each with its sum."""
    rules: list[HouseRule] = []
    for rule in before.rules:
        if text_of(form, f"keep-{rule.code}") == "true":
            sum_ = read_fen(text_of(form, f"sum-{rule.code}").strip() or "0")
            rules.append(msgspec.structs.replace(rule, amount_fen=sum_))
    for number in range(MORE):
        if title := text_of(form, f"title-{number}").strip():
            sum_ = read_fen(text_of(form, f"new-{number}").strip() or "0")
            code = _free_code({rule.code for rule in (*before.rules, *rules)})
            rules.append(_converted({"code": code, "title": title, "amount_fen": sum_}, HouseRule))
    return _converted({"on": text_of(form, "on") == "true", "rules": rules}, HouseRules)


def read_clock(text: str) -> int:
    """Minutes after midnight of a time such as 8:30. Raises Refusal invalid."""
    found = _CLOCK.fullmatch(text.strip().replace("：", ":"))
    if not found:
        raise Refusal("invalid", N_("A time looks like 8:30 or 17:30."))
    return int(found[1]) * 60 + int(found[2])


def read_percent(text: str) -> int:
    """Hundredths of a percent of a text such as 1.5. Raises Refusal invalid."""
    plain = text.strip().rstrip("%％").strip()
    if not _PERCENT.fullmatch(plain) or Decimal(plain) > 100:
        raise Refusal("invalid", N_("A rate lies between 0 and 100 percent, such as 1.5."))
    return int(Decimal(plain) * 100)


def _free_code(taken: set[str]) -> str:
    """A code that no rule of the house has: what was noted names its rule by it for ever."""
    codes = (f"own_{letter}" for letter in ascii_lowercase)
    return next((code for code in codes if code not in taken), "own")


def _numbers(form: FormMultiDict, prefix: str) -> list[str]:
    found = {key.removeprefix(prefix) for key in form if key.startswith(prefix)}
    return sorted(each for each in found if each.isdecimal() and len(each) < 3)


def _converted(fields: dict[str, Any], wanted: type[R]) -> R:
    try:
        return msgspec.convert(fields, wanted, strict=False, from_attributes=True)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


settings_routes: list[Any] = [show_settings, take_settings]
