"""The log-ins of the demo as a table in a terminal, in Chinese and English."""

from rich.console import Console
from rich.table import Table

from gongdao.base.i18n import N_, translate
from gongdao.flows.demo.cast import LOGINS, PASSWORD


def show_logins(address: str) -> None:
    """Print where the demo is, who one can be there, and what to look at first."""
    table = Table(title=_both(N_("Demo log-ins, all with the password {word}"), word=PASSWORD))
    table.add_column(_both(N_("Sign-in name")), no_wrap=True)
    table.add_column(_both(N_("Who that is")), overflow="fold")
    table.add_column(_both(N_("Look at first")), overflow="fold")
    for login in LOGINS:
        table.add_row(login.name, _both(login.role), _both(login.first))
    console = Console()
    console.print(table)
    console.print(_both(N_("Open {address} in a browser."), address=address), highlight=False)


def _both(sentence: str, **fields: str) -> str:
    return f"{translate('zh', sentence, fields)}\n{translate('en', sentence, fields)}"
