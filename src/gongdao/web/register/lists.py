"""The list of the register, narrowed and searched, and the same as a file for a spreadsheet."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.days import day_of
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, show_instant, translate
from gongdao.base.money import yuan
from gongdao.base.texts import NO_NUL
from gongdao.customers.mask import mask_email, mask_phone
from gongdao.flows.keep_register import shop_of
from gongdao.flows.register_list import (
    COUNT_MAX,
    PAGE_MAX,
    VIEWS,
    Wanted,
    count_views,
    list_entries,
    month_span,
)
from gongdao.register.entry import REASONS, STAGES, Entry
from gongdao.register.words import WORDS
from gongdao.web.shell import locale_of, page
from gongdao.web.spreadsheet import csv_stream, harmless

PAGE = 40
#: So many entries fit one file; who wants more narrows it to a month.
EXPORT_MAX = 5000
READERS = [kind("shop"), may("register.read")]
Word = Annotated[str, QueryParameter(max_length=40, pattern="^[a-z_]*$")]
Text = Annotated[str, QueryParameter(max_length=100, pattern=NO_NUL)]
Month = Annotated[str, QueryParameter(max_length=7, pattern="^([0-9]{4}-[0-9]{2})?$")]

_COLUMNS = (
    N_("Number"), N_("Written down"), N_("Stage"), N_("Reason"), N_("Customer"), N_("Company"),
    N_("Phone"), N_("E-mail address"), N_("Order"), N_("What the customer said"), N_("Product"),
    N_("Batch"), N_("Findings"), N_("Fault"), N_("Agreed, yuan"), N_("Looks after it"),
    N_("Taken up again"), N_("Closed"), N_("How it ended"), N_("What was learned"),
)  # fmt: skip


@get("/shop/register", guards=READERS, include_in_schema=False)
async def show_list(
    request: Asked, view: Word = "open", stage: Word = "", reason: Word = "", month: Month = "",
    q: Text = "", after: Text = "",
) -> Response[str]:  # fmt: skip
    """The shop's complaints, newest first."""
    who, now = principal_of(request), utc_now()
    shop_id = shop_of(who)
    wanted = _wanted(view, stage, reason, month, q)
    pool = request.app.state.pool
    listed = await list_entries(
        pool, shop_id, person_id=who.person_id, wanted=wanted, now=now,
        after=read_cursor(after) if after else None, limit=PAGE,
    )  # fmt: skip
    counts = await count_views(pool, shop_id, person_id=who.person_id, now=now)
    chosen = {"view": wanted.view, "stage": wanted.stage or "", "reason": wanted.reason or "",
              "month": wanted.month, "q": wanted.text}  # fmt: skip
    return page(
        request,
        "register/list.html",
        listed=listed.entries,
        counts=counts,
        count_max=COUNT_MAX,
        chosen=chosen,
        narrowed=any(chosen[name] for name in ("stage", "reason", "month", "q")),
        tabs={each: _address(chosen | {"view": each}) for each in VIEWS},
        stages=STAGES,
        reasons=REASONS,
        words=WORDS,
        first=_address(chosen) if after else "",
        following=_address(chosen | {"after": listed.following.text()}) if listed.following else "",
        export=_address(chosen, "/shop/register/export.csv"),
        shop_id=shop_id,
        now=now,
    )


@get("/shop/register/export.csv", guards=READERS, include_in_schema=False)
async def export_list(
    request: Asked, view: Word = "open", stage: Word = "", reason: Word = "", month: Month = "",
    q: Text = "",
) -> Stream:  # fmt: skip
    """The same list as a file: at most 5,000 entries, newest first."""
    now, wanted = utc_now(), _wanted(view, stage, reason, month, q)
    pages = _pages(
        request.app.state.pool, principal_of(request), wanted, now=now, locale=locale_of(request)
    )
    return csv_stream(f"register-{day_of(now):%Y%m%d}.csv", pages)


async def _pages(
    pool: Pool, who: Principal, wanted: Wanted, *, now: datetime, locale: Locale
) -> AsyncIterator[list[list[str]]]:
    """The head of the file, then its rows as far as one statement reads."""
    yield [[translate(locale, column) for column in _COLUMNS]]
    after, shop_id = None, shop_of(who)
    for _ in range(EXPORT_MAX // PAGE_MAX):
        listed = await list_entries(
            pool, shop_id, person_id=who.person_id, wanted=wanted, now=now, after=after,
            limit=PAGE_MAX,
        )  # fmt: skip
        yield [
            [harmless(cell) for cell in _cells(number, entry, locale)]
            for number, entry in listed.entries
        ]
        after = listed.following
        if after is None:
            break


def _cells(number: int, entry: Entry, locale: Locale) -> list[str]:
    intake, customer, analysis = entry.intake, entry.intake.customer, entry.analysis

    def word(group: str, key: str | None) -> str:
        return translate(locale, WORDS[group][key]) if key else ""

    return [
        str(number),
        show_instant(entry.opened_at),
        word("stage", entry.stage),
        word("reason", intake.reason),
        customer.name,
        customer.company,
        # A file goes on to others: who has to call finds the whole number in the entry.
        mask_phone(customer.phone),
        mask_email(customer.email),
        intake.order_number,
        intake.story,
        entry.contact.product if entry.contact else "",
        entry.contact.batch if entry.contact else "",
        analysis.facts if analysis else "",
        word("fault", analysis.fault if analysis else None),
        yuan(entry.agreed_fen) if entry.agreed_fen else "",
        entry.in_charge_name,
        str(entry.rounds),
        show_instant(entry.closed_at) if entry.closed_at else "",
        word("ended", entry.ended),
        " / ".join(lesson.text for lesson in entry.lessons),
    ]


def _wanted(view: str, stage: str, reason: str, month: str, q: str) -> Wanted:
    try:
        if month:
            month_span(month)
    except (ValueError, OverflowError):
        raise Refusal("invalid", N_("A month looks like 2026-05.")) from None
    return Wanted(
        view=cast("Any", view if view in VIEWS else "open"),
        stage=cast("Any", stage if stage in STAGES else None),
        reason=cast("Any", reason if reason in REASONS else None),
        month=month,
        text=q.strip().lstrip("#"),
    )


def _address(chosen: dict[str, str], path: str = "/shop/register") -> str:
    """The list under these filters; what is not chosen does not stand in the address."""
    query = urlencode(
        {name: v for name, v in chosen.items() if v and (name, v) != ("view", "open")}
    )
    return f"{path}?{query}" if query else path


def address_of(entry_id: UUID) -> str:
    """The page of an entry."""
    return f"/shop/register/{entry_id}"


list_routes: list[Any] = [show_list, export_list]
