"""`gongdao simulate`: a year of a marketplace, every law checked after every step."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gongdao.flows.simulate.run import Seen

#: More of any takes longer than anybody waits for.
DAYS_MAX, SHOPS_MAX, ORDERS_MAX = 3660, 10_000, 1000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="How many days.")] = 365,
    shops: Annotated[int, typer.Option(min=1, max=SHOPS_MAX, help="How many shops.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed lives the same days.")] = 7,
    pack: Annotated[str, typer.Option(help="The rule book: id or id@version.")] = "cn-standard",
    orders: Annotated[
        float, typer.Option(min=0.01, max=ORDERS_MAX, help="Orders a day, of each shop.")
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Play a marketplace for some days and check it after every step; exit 1 if a check fails."""
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console
    from rich.progress import Progress

    from gongdao.flows.simulate.laws import LawBrokenError
    from gongdao.flows.simulate.run import Simulation
    from gongdao.policy.load import UnknownPackError, load_pack

    try:
        judged_by = load_pack(pack)
    except UnknownPackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    lives = Simulation(
        judged_by, seed=seed, shops=shops, start=datetime(2026, 1, 1, tzinfo=UTC), a_day=orders
    )
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{judged_by.name}, seed {seed}", total=days)
        try:
            seen = lives.run(days, told=lambda day: bar.update(task, completed=day))
        except LawBrokenError as error:
            bar.stop()
            typer.echo(
                f"A law is broken at step {lives.seen.steps}, {lives.now}: {error}", err=True
            )
            typer.echo(
                f"Again: gongdao simulate --pack {judged_by.name} --days {days}"
                f" --shops {shops} --orders {orders} --seed {seed}",
                err=True,
            )
            raise typer.Exit(1) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(seen), indent=2).decode())
    else:
        _show(seen)


def _show(seen: "Seen") -> None:
    from rich.console import Console
    from rich.table import Table

    from gongdao.base.money import yuan

    console = Console(highlight=False)
    console.print(
        f"{seen.pack}, seed {seen.seed}: {seen.days} days, {seen.shops} shops,"
        f" {seen.orders} orders, {seen.cases} cases ({seen.case_days:.0f} case-days),"
        f" {seen.events} events, {seen.silences} clocks ran out,"
        f" {seen.retries} commands sent twice."
    )
    failed = f"{seen.payouts_failed} tries failed"
    console.print(f"{seen.payouts} payouts arrived, {failed}; {seen.shops_closed} shops closed.")
    money = {name: yuan(fen) for name, fen in seen.volume_fen.items()}
    medians = {name: f"{days:.1f}" for name, days in seen.days_to_end.items()}
    for title, found in (
        ("How cases ended", seen.endings),
        ("Median days to the end", medians),
        ("What they were about", seen.kinds),
        ("What was refused", seen.refusals),
        ("Money moved, in yuan", money),
        ("Points", seen.points),
        ("Sanctions", seen.sanctions),
    ):
        if found:
            console.print(f"[bold]{title}[/bold]")
            table = Table(show_header=False, box=None)
            for name, value in found.items():
                table.add_row(str(name), str(value))
            console.print(table)
    console.print("Every law held after every step.")
