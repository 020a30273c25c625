"""Shows what another rule book would have changed."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from gongdao.base.money import yuan
from gongdao.flows.whatif.compare import Compared, median_hours

#: So many of the cases that would change most are shown.
_SHOWN = 15


def show_compared(compared: Compared) -> None:
    """Print it for a person."""
    console = Console(highlight=False)
    share = compared.changed_count / compared.cases if compared.cases else 0
    console.print(
        f"{compared.cases} cases judged by {compared.pack}:"
        f" {compared.changed_count} would have come out otherwise ({share:.1%})."
    )
    _show_fates(compared, console)
    _show_pair(
        "Money, in yuan",
        {name: yuan(fen) for name, fen in compared.money_before_fen.items()},
        {name: yuan(fen) for name, fen in compared.money_after_fen.items()},
        console,
    )
    _show_pair(
        "Points",
        {name: str(n) for name, n in compared.points_before.items()},
        {name: str(n) for name, n in compared.points_after.items()},
        console,
    )
    time = (compared.hours_before, compared.hours_after)
    medians = [{"median hours": str(median_hours(side) or 0)} for side in time]
    silences = (compared.silences_before, compared.silences_after)
    told = [m | {"clocks that ran out": str(n)} for m, n in zip(medians, silences, strict=True)]
    _show_pair("Time", told[0], told[1], console)
    _show_refused(compared, console)
    _show_changed(compared, console)


def _show_fates(compared: Compared, console: Console) -> None:
    after = sorted({fate for row in compared.fates.values() for fate in row})
    table = Table("ended", *(f"→ {fate}" for fate in after), box=None)
    for fate, row in sorted(compared.fates.items()):
        table.add_row(fate, *(str(row.get(other, "")) for other in after))
    console.print("[bold]How cases ended, and would have ended[/bold]")
    console.print(table)


def _show_pair(
    title: str, before: Mapping[str, str], after: Mapping[str, str], console: Console
) -> None:
    names = sorted({*before, *after})
    if not names:
        return
    table = Table("", "was", "would be", box=None)
    for name in names:
        table.add_row(name, before.get(name, "–"), after.get(name, "–"))
    console.print(f"[bold]{title}[/bold]")
    console.print(table)


def _show_refused(compared: Compared, console: Console) -> None:
    if compared.refused:
        console.print("[bold]What these rules would not have let happen[/bold]")
        table = Table(show_header=False, box=None)
        for name, count in sorted(compared.refused.items(), key=lambda item: -item[1])[:_SHOWN]:
            table.add_row(name, str(count))
        console.print(table)


def _show_changed(compared: Compared, console: Console) -> None:
    if compared.changed:
        console.print("[bold]The cases that would change most[/bold]")
        table = Table("case", "about", "was", "would be", "difference", box=None)
        for one in compared.changed[:_SHOWN]:
            table.add_row(
                one.label,
                one.kind,
                f"{one.before.fate} {yuan(one.before.total_fen)}",
                f"{one.after.fate} {yuan(one.after.total_fen)}",
                yuan(one.difference_fen),
            )
        console.print(table)
