"""Replayed stories in a terminal: timeline, money, reasons, and summaries of many."""

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gongdao.base.i18n import N_, Locale, translate
from gongdao.flows.retell import CaseTold, Retold, name_of
from gongdao.policy.draw import VERIFIED

#: So many of the files that were passed over are named.
_OTHERS_NAMED = 5


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a folder: whether it held, and if not, why."""

    file: str
    title: str = ""
    failures: tuple[str, ...] = ()
    error: str = ""

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return not (self.failures or self.error)


def show_story(told: Retold, locale: Locale, console: Console) -> None:
    """Print a story: what happened, what was paid, why, and what did not hold."""
    console.print(
        Text(told.title, style="bold"), Text(f"  {told.pack}  {told.source}", style="dim")
    )
    console.print(_timeline(told, locale))
    for case in told.cases:
        console.print(_case(case, locale))
    console.print(_money(told, locale))
    _show_refusals(told, locale, console)
    _show_reasons(told, locale, console)
    _show_verdict(told, locale, console)


def show_summaries(
    summaries: list[Summary], others: list[str], locale: Locale, console: Console
) -> None:
    """Print a table of many stories, what did not hold, which files are none, how many held."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column(translate(locale, N_("Scenario file")), overflow="fold")
    table.add_column(translate(locale, N_("Title")), overflow="fold")
    for summary in summaries:
        mark = Text("✓", style="green") if summary.held else Text("✗", style="red")
        table.add_row(mark, Text(summary.file), Text(summary.title))
    console.print(table)
    for summary in summaries:
        told = [f"{summary.file}:{failure}" for failure in summary.failures]
        for why in [*told, summary.error] if summary.error else told:
            console.print(Text(f"✗ {why}", style="red"))
    if others:
        named = ", ".join(others[:_OTHERS_NAMED]) + (" …" if others[_OTHERS_NAMED:] else "")
        passed = N_("Passed over, no scenario files ({count}): {named}")
        found = translate(locale, passed, {"count": len(others), "named": named})
        console.print(Text(found, style="dim"))
    held = sum(summary.held for summary in summaries)
    sentence = N_("{held} of {all} stories held.")
    console.print(translate(locale, sentence, {"held": held, "all": len(summaries)}))


def _timeline(told: Retold, locale: Locale) -> Table:
    table = _table()
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    many = len(told.cases) > 1
    for moment in told.timeline:
        when = moment.at.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
        case = (f"[{moment.case}] " if many and moment.case else "") + moment.sentence
        table.add_row(Text(when, style="dim"), name_of(moment.by, "role", locale), Text(case))
    return table


def _case(case: CaseTold, locale: Locale) -> Table:
    """How the case stands, and its money: amounts by name, then the accounts that paid."""
    table = _table()
    stage = name_of(case.stage, "stage", locale)
    if case.ended:
        stage += f" ({name_of(case.ended, 'ended', locale)})"
    kind = name_of(case.kind, "kind", locale)
    table.add_row(Text(f"{case.name}: {kind}", style="bold"), stage)
    for field, word, vocabulary in (
        (N_("Liability"), case.liability, "liability"),
        (N_("Remedy"), case.remedy, "remedy"),
        (N_("Freight is borne by"), case.freight_by, "role"),
    ):
        if word:
            table.add_row(translate(locale, field), name_of(word, vocabulary, locale))
    for name, amount in case.amounts.items():
        table.add_row(name_of(name, "amount", locale), amount)
    for account, amount in case.paid_from.items():
        source = {"account": name_of(account, "account", locale)}
        table.add_row(translate(locale, N_("from {account}"), source), amount)
    return table


def _money(told: Retold, locale: Locale) -> Table:
    table = _table()
    table.add_row(Text(translate(locale, N_("In the end")), style="bold"), "")
    for account in ("escrow", "balance", "deposit", "debt"):
        table.add_row(name_of(account, "account", locale), str(getattr(told.money, account)))
    points = ", ".join(f"{ledger} {n}" for ledger, n in told.money.points.items())
    table.add_row(translate(locale, N_("Penalty points")), points)
    return table


def _show_refusals(told: Retold, locale: Locale, console: Console) -> None:
    for refused in told.refusals:
        who = name_of(refused.by, "role", locale)
        what = f"{who}: {name_of(refused.do, 'action', locale)}"
        style = "yellow" if refused.wanted else "red"
        line = Text(f"✋ {refused.step}. {what} - ").append(refused.code, style=style)
        console.print(line.append(f" - {refused.sentence}"))


def _show_reasons(told: Retold, locale: Locale, console: Console) -> None:
    for reason in told.reasons:
        verified = translate(locale, VERIFIED[reason.verified])
        line = Text(reason.id, style="bold").append(f"  {reason.text}", style="not bold")
        console.print(line.append(f"  ({reason.source}; {verified})", style="not bold dim"))


def _show_verdict(told: Retold, locale: Locale, console: Console) -> None:
    for failure in told.failures:
        where = Text(f"✗ {told.file}:{failure.line}: ", style="red")
        console.print(where.append(failure.message))
    if told.held:
        console.print(Text(translate(locale, N_("Every expectation held.")), style="green"))


def _table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
