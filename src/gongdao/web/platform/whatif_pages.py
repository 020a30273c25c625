"""What if.

Who: the operator who thinks of another rule book, or of the next version of one; a supervisor who
wonders what a rule costs. Question: what would have become of our cases under it: outcomes, money,
time, points? Next: look at the cases that would change most, then choose the rule book, or not.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE, Locale, translate
from gongdao.base.ids import new_id
from gongdao.base.money import yuan
from gongdao.flows.settings import current_choice
from gongdao.flows.whatif.compare import Compared, median_hours
from gongdao.policy.load import UnknownPackError, WrittenError, load_pack, readable_packs
from gongdao.policy.terms import term
from gongdao.settings.retrials import CASES_MAX, ask_retrial, find_retrial, list_retrials
from gongdao.web.platform.charts import Pair, pair_bars
from gongdao.web.platform.forms import text_of
from gongdao.web.platform.shown import in_words
from gongdao.web.shell import locale_of, page

_GUARDS = [kind("platform"), may("case.read")]
#: How far back the form looks at first.
_SINCE = timedelta(days=90)
#: What a retrial can make of a case beside the ways in which cases end.
_FATES = {
    "open": N_("Still open"),
    "refused": N_("Could not have been filed"),
}


@get("/platform/what-if", guards=_GUARDS, include_in_schema=False)
async def show_what_if(request: Asked, pack: FromQuery[str] = "") -> Response[str]:
    """Ask what another rule book would have changed, and what was asked before."""
    pool, locale = request.app.state.pool, locale_of(request)
    chosen = await current_choice(pool)
    return page(
        request,
        "platform/what_if.html",
        packs=[(p.name, in_words(p.head.title, locale)) for p in readable_packs() if p.procedures],
        wanted=pack,
        in_force=load_pack(chosen.value.pack).name,
        since=day_of(utc_now() - _SINCE).isoformat(),
        retrials=await list_retrials(pool),
        cases_max=CASES_MAX,
    )


@post("/platform/what-if", guards=_GUARDS, include_in_schema=False)
async def ask_what_if(request: Asked) -> Redirect:
    """Have it judged; the page that follows fills as it goes."""
    form, now = await request.form(), utc_now()
    retrial_id = new_id()
    await ask_retrial(
        request.app.state.pool,
        retrial_id,
        pack=_pack_name(text_of(form, "pack")),
        since=_day(text_of(form, "since")),
        by_id=principal_of(request).person_id,
        now=now,
    )
    return Redirect(f"/platform/what-if/{retrial_id}", status_code=303)


@get("/platform/what-if/{retrial_id:uuid}", guards=_GUARDS, include_in_schema=False)
async def show_retrial(request: Asked, retrial_id: FromPath[UUID]) -> Response[str]:
    """How far it is, and what came out."""
    retrial = await find_retrial(request.app.state.pool, retrial_id)
    if retrial is None:
        raise Refusal("not_found", N_("There is no such comparison, or it is too long ago."))
    found = msgspec.json.decode(retrial.found, type=Compared) if retrial.found else None
    locale = locale_of(request)
    return page(
        request,
        "platform/retrial.html",
        retrial=retrial,
        title=in_words(load_pack(retrial.pack).head.title, locale),
        found=found,
        charts=_charts(found, locale) if found else (),
        fates=_fates(found, locale) if found else None,
        fate=partial(_fate, locale=locale),
    )


def _charts(found: Compared, locale: Locale) -> list[tuple[str, Any]]:
    """Each chart with its title; those without numbers are left out."""
    fates = sorted({*found.fates, *(fate for row in found.fates.values() for fate in row)})
    before = {fate: sum(found.fates.get(fate, {}).values()) for fate in fates}
    after = {fate: sum(row.get(fate, 0) for row in found.fates.values()) for fate in fates}
    hours = (median_hours(found.hours_before) or 0, median_hours(found.hours_after) or 0)
    silences = (found.silences_before, found.silences_after)
    time = [
        Pair(_say(N_("Median hours to the end"), locale), *hours, *map(str, hours)),
        Pair(_say(N_("Clocks that ran out"), locale), *silences, *map(str, silences)),
    ]
    money = (found.money_before_fen, found.money_after_fen)
    points = (found.points_before, found.points_after)
    drawn = (
        (N_("How cases end"), _pairs(before, after, _fate, str, locale)),
        (N_("Money, in yuan"), _pairs(*money, _amount, yuan, locale)),
        (N_("Time"), time),
        (N_("Penalty points"), _pairs(*points, _ledger, str, locale)),
    )
    return [
        (_say(title, locale), pair_bars(pairs, title=_say(title, locale)))
        for title, pairs in drawn
        if pairs
    ]


def _pairs(
    before: dict[str, int],
    after: dict[str, int],
    name: Callable[[str, Locale], str],
    write: Callable[[int], str],
    locale: Locale,
) -> list[Pair]:
    return [
        Pair(name(each, locale), was, would, write(was), write(would))
        for each in sorted({*before, *after})
        if (was := before.get(each, 0)) + (would := after.get(each, 0))
    ]


def _fates(found: Compared, locale: Locale) -> dict[str, Any]:
    """The table of ends: rows as they were, columns as they would be."""
    columns = sorted({fate for row in found.fates.values() for fate in row})
    return {
        "columns": [(name, _fate(name, locale)) for name in columns],
        "rows": [
            (fate, _fate(fate, locale), [row.get(name, 0) for name in columns])
            for fate, row in sorted(found.fates.items())
        ],
    }


def _fate(name: str, locale: Locale) -> str:
    return _say(_FATES.get(name) or term(name, "ended"), locale)


def _amount(name: str, locale: Locale) -> str:
    return _say(term(name, "amount"), locale)


def _ledger(name: str, locale: Locale) -> str:
    return _say(term(name, "points"), locale)


def _say(sentence: str, locale: Locale) -> str:
    return translate(locale, sentence)


def _pack_name(text: str) -> str:
    try:
        pack = load_pack(text)
    except (UnknownPackError, WrittenError):
        raise Refusal("not_found", N_("There is no such rule book.")) from None
    if not pack.procedures:
        raise Refusal("not_eligible", N_("This rule book only lies under others; choose one."))
    return pack.name


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal("invalid", N_("Write the day as 2026-05-01.")) from None


whatif_routes: list[Any] = [show_what_if, ask_what_if, show_retrial]
