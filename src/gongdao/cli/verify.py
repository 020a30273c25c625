"""`gongdao verify`: whether chains, rows, books and files still agree, over the whole database.

With a file, whether that dossier is still as it was written: without a database or a network.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from gongdao.base.db import Pool
    from gongdao.files.objects import Objects
    from gongdao.flows.verify import Fault, Looked

#: So many faults are told one by one; the rest is counted.
FAULTS_TOLD = 50
CHECKED = (
    "the hash chain of every case, its row, and its transfers",
    "the complaint registers of shops: chains, rows and signatures",
    "the conversations: every message, and every excerpt that was sealed",
    "the guard: findings with their marks, and money kept back",
    "what every order says it paid back",
    "deadlines that could not be decided",
    "the books: balances, holds, pending transfers, payouts",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    dossier: Annotated[
        Path | None, typer.Argument(help="A dossier to check by itself, instead of the database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Do not read the stored bytes of files again.")
    ] = False,
) -> None:
    """Check the whole database and change nothing. Exit 0 if all is well, 1 if not, 2 if unread."""
    if dossier is not None:
        from gongdao.cli.terminal.dossiers import check_dossier

        raise typer.Exit(check_dossier(dossier, as_json=as_json))
    from asyncpg import PostgresError

    from gongdao.base.config import read_config
    from gongdao.base.embedded import reachable_database
    from gongdao.files.objects import open_objects

    config = read_config()
    try:
        objects = None if no_files else open_objects(config.files_url)
        with reachable_database(config.home, config.database_url) as address:
            report = asyncio.run(_verify(address, objects))
    except (OSError, LookupError, ValueError, PostgresError) as error:
        from gongdao.cli.terminal.wrong import in_words

        typer.echo(in_words(error), err=True)
        raise typer.Exit(2) from None
    report.files = objects is not None
    report.say_json() if as_json else report.say(_console())
    raise typer.Exit(1 if report.count else 0)


class Report:
    """What was looked at, and what was found."""

    def __init__(self) -> None:
        self.cases, self.events, self.count = 0, 0, 0
        self.faults: list[Fault] = []
        self.files = False

    def add(self, fault: "Fault") -> None:
        """Count a fault, and keep it while there are few."""
        self.count += 1
        if self.count <= FAULTS_TOLD:
            self.faults.append(fault)

    def say(self, console: "Console") -> None:
        """Tell it to a person."""
        for fault in self.faults:
            console.print(f"✗ {fault.what} {fault.id}: {fault.message}", style="red", markup=False)
        if self.count > len(self.faults):
            console.print(f"… and {self.count - len(self.faults)} more", style="red")
        console.print(f"Looked at {self.cases} cases with {self.events} events:")
        for checked in self._checked():
            console.print(f"  {checked}")
        if not self.count:
            console.print("Everything agrees.", style="green")
        else:
            console.print(f"{self.count} things do not agree.", style="red")

    def say_json(self) -> None:
        """Tell it to a program."""
        import msgspec

        document = {
            "ok": self.count == 0,
            "cases": self.cases,
            "events": self.events,
            "checked": self._checked(),
            "fault_count": self.count,
            "faults": self.faults,
        }
        typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())

    def _checked(self) -> list[str]:
        files = ["the stored bytes of every file"] if self.files else []
        return [*CHECKED, *files]


async def _verify(address: str, objects: "Objects | None") -> Report:
    from gongdao.base.db import open_pool

    pool = await open_pool(address, size=2, name="gongdao verify")
    try:
        return await _look(pool, objects)
    finally:
        await pool.close()


async def _look(pool: "Pool", objects: "Objects | None") -> Report:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from gongdao.base.clock import utc_now
    from gongdao.flows.verify import count_cases, verify_cases, verify_rest
    from gongdao.flows.verify_guard import verify_guard
    from gongdao.flows.verify_register import verify_register
    from gongdao.flows.verify_talks import verify_talks

    report = Report()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console(stderr=True), transient=True) as progress:
        task = progress.add_task("Cases", total=await count_cases(pool))

        def tell(looked: "Looked") -> None:
            report.cases, report.events = looked.cases, looked.events
            progress.update(task, completed=looked.cases)

        async with pool.acquire() as connection:
            async for fault in verify_cases(connection, tell):
                report.add(fault)
            async for fault in verify_register(connection):
                report.add(fault)
            progress.update(task, description="Conversations", total=None)
            async for fault in verify_talks(connection):
                report.add(fault)
            async for fault in verify_guard(connection, now=utc_now()):
                report.add(fault)
            progress.update(task, description="Books and files", total=None)
            async for fault in verify_rest(pool, connection, objects):
                report.add(fault)
    return report


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)
