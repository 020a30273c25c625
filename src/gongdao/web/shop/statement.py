"""The statement of an account of the shop: a period of it by days, and the same as a file.

Who: the owner, or whoever keeps the books. Question: what did we have, what came and went, and why?
Next: open the case behind a line, or take the file to the books.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, show_instant, translate
from gongdao.base.money import yuan
from gongdao.ledger.balance import Period, PeriodSums, StatementLine
from gongdao.ledger.store import load_period, load_statement
from gongdao.ledger.transfer import Account, AccountKind, TransferKind
from gongdao.policy.terms import ACCOUNTS
from gongdao.web.shell import locale_of
from gongdao.web.shop.money_reads import names_of
from gongdao.web.spreadsheet import csv_file, harmless

PAGE, DAYS = 50, 30
#: So many lines fit one file; who wants more takes it month by month.
EXPORT_MAX, _CHUNK = 20_000, 200
ACCOUNTS_OF_SHOP: tuple[AccountKind, ...] = (
    "shop_balance", "shop_deposit", "shop_debt", "shop_frozen",
)  # fmt: skip
Word = Annotated[str, QueryParameter(max_length=20, pattern="^[a-z_]*$")]
Day = Annotated[str, QueryParameter(max_length=10, pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
LINES: dict[TransferKind, str] = {
    "payment": N_("Payment of the buyer"),
    "hold": N_("Hold"),
    "release": N_("Released"),
    "capture": N_("Order completed, money received"),
    "refund": N_("Refund to the buyer"),
    "advance": N_("Advanced by the platform"),
    "clawback": N_("Taken back by the platform"),
    "deposit_deduct": N_("Taken from the deposit"),
    "freight": N_("Freight paid to the buyer"),
    "compensation": N_("Compensation to the buyer"),
    "punitive": N_("Punitive compensation"),
    "goodwill": N_("Goodwill payment"),
    "fine": N_("Fine"),
    "top_up": N_("Top-up"),
    "repay": N_("Debt paid off"),
    "payout": N_("Payout"),
    "write_off": N_("Written off"),
}
STATES = {"pending": N_("owed"), "voided": N_("called off"), "expired": N_("called off")}
_COLUMNS = (
    N_("Date and time"), N_("What for"), N_("State"), N_("Money in or out, yuan"),
    N_("Balance, yuan"), N_("Other account"), N_("Case"), N_("Order"), N_("Note"),
)  # fmt: skip


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line, and what the account held after it."""

    line: StatementLine
    balance_fen: int
    memo: str


class DayOf(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one day, newest first."""

    at: datetime
    entries: tuple[Entry, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a period of an account."""

    account: AccountKind
    first: date
    last: date
    sums: PeriodSums
    days: tuple[DayOf, ...]
    names: dict[UUID, str]
    before: int | None
    following: int | None

    @property
    def holds(self) -> bool:
        """Whether it is an account with money in it; a debt is only what is owed."""
        return self.account != "shop_debt"

    def address(self, *, path: str = "/shop/money", **more: str | int) -> str:
        """This statement under another page, account or period."""
        fields = {"account": self.account, "since": self.first, "until": self.last, **more}
        return f"{path}?{urlencode(fields)}"

    def spans(self) -> list[tuple[str, date, date]]:
        """The periods that are a click away."""
        today = day_of(utc_now())
        this_month = today.replace(day=1)
        end_of_last = this_month - timedelta(days=1)
        return [
            (N_("Last 30 days"), today - timedelta(days=DAYS - 1), today),
            (N_("This month"), this_month, today),
            (N_("Last month"), end_of_last.replace(day=1), end_of_last),
            (N_("Last 365 days"), today - timedelta(days=364), today),
        ]


async def read_statement(
    pool: Pool, shop_id: UUID, *, account: str, since: str, until: str, before: int | None
) -> Statement:
    """A page of the period that the address asks for; without one, the last 30 days."""
    chosen = _account_asked(account)
    first, last = _days_asked(since, until)
    period, at = _period(first, last), Account(chosen, shop_id)
    async with pool.acquire() as connection:
        # Sums and lines of one moment: else a balance would not fit the line beside it.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            sums = await load_period(connection, at, period=period, before=before)
            lines = await load_statement(
                connection, at, before=before, limit=PAGE + 1, period=period
            )
        shown = lines[:PAGE]
        names = await _names(connection, shop_id, shown)
    return Statement(
        account=chosen,
        first=first,
        last=last,
        sums=sums,
        days=tuple(_by_day(with_balances(shown, sums.above_fen))),
        names=names,
        before=before,
        following=shown[-1].id if len(lines) > PAGE else None,
    )


@get("/shop/money/statement.csv", guards=[kind("shop"), may("ledger.read")],
     include_in_schema=False)  # fmt: skip
async def export_statement(
    request: Asked, account: Word = "shop_balance", since: Day = "", until: Day = ""
) -> Response[bytes]:
    """The period as a file, newest first: at most 20,000 lines."""
    who, locale = principal_of(request), locale_of(request)
    assert who.shop_id, "people of a shop have a shop"
    before: int | None = None
    rows = [[translate(locale, column) for column in _COLUMNS]]
    chosen = _account_asked(account)
    first, last = _days_asked(since, until)
    period, at = _period(first, last), Account(chosen, who.shop_id)
    pool: Pool = request.app.state.pool
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        balance_fen = (await load_period(connection, at, period=period)).closing_fen
        for _ in range(EXPORT_MAX // _CHUNK):
            lines = await load_statement(connection, at, before=before, limit=_CHUNK, period=period)
            names = await _names(connection, who.shop_id, lines)
            rows += [_cells(entry, names, locale) for entry in with_balances(lines, balance_fen)]
            if len(lines) < _CHUNK:
                break
            before = lines[-1].id
            balance_fen -= sum(line.change_fen for line in lines)
    return csv_file(f"statement-{chosen}-{first:%Y%m%d}-{last:%Y%m%d}.csv", rows)


def with_balances(lines: Iterable[StatementLine], above_fen: int) -> Iterator[Entry]:
    """Lines, newest first, with what the account held after each."""
    balance_fen = above_fen
    for line in lines:
        yield Entry(line=line, balance_fen=balance_fen, memo=_memo(line))
        balance_fen -= line.change_fen


def _memo(line: StatementLine) -> str:
    """What somebody wrote; the references of bills are for the books."""
    memo = line.memo or ""
    return memo.partition(" · ")[2] if memo.startswith(("bill ", "settled ")) else memo


def _by_day(entries: Iterable[Entry]) -> Iterator[DayOf]:
    for _day, group in groupby(entries, lambda entry: day_of(entry.line.at)):
        of_day = tuple(group)
        yield DayOf(at=of_day[0].line.at, entries=of_day)


def _cells(entry: Entry, names: dict[UUID, str], locale: Locale) -> list[str]:
    line = entry.line
    is_owed = line.state == "pending"
    return [
        show_instant(line.at),
        translate(locale, LINES[line.kind]),
        translate(locale, STATES[line.state]) if line.state in STATES else "",
        yuan(line.amount_fen if is_owed else line.change_fen),
        yuan(entry.balance_fen),
        translate(locale, ACCOUNTS[line.other.kind]),
        names.get(line.case_id, "") if line.case_id else "",
        harmless(names.get(line.order_id, "")) if line.order_id else "",
        harmless(entry.memo),
    ]


async def _names(
    connection: Connection, shop_id: UUID, lines: Iterable[StatementLine]
) -> dict[UUID, str]:
    return await names_of(
        connection,
        shop_id=shop_id,
        case_ids={line.case_id for line in lines if line.case_id},
        order_ids={line.order_id for line in lines if line.order_id},
    )


def _account_asked(account: str) -> AccountKind:
    for each in ACCOUNTS_OF_SHOP:
        if each == account:
            return each
    return ACCOUNTS_OF_SHOP[0]


def _days_asked(since: str, until: str) -> tuple[date, date]:
    """The first and the last day of what is asked for, by the shop's wall."""
    today = day_of(utc_now())
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=DAYS - 1)
    except (ValueError, OverflowError):
        raise Refusal("invalid", N_("A day looks like 2026-05-06.")) from None
    if not date(2000, 1, 1) <= first <= last <= date(2999, 12, 31):
        raise Refusal("invalid", N_("The period ends before it begins."))
    return first, last


def _period(first: date, last: date) -> Period:
    return Period(
        since=start_of(first),
        until=start_of(last + timedelta(days=1)),
    )
