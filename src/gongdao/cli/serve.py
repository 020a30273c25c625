"""`gongdao serve`: the whole product, supervised."""

import os
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; else HOST.")] = "",
    port: Annotated[
        int, typer.Option(help="Port to listen on; else PORT, else 8000.", show_default=False)
    ] = 0,
) -> None:
    """Start the database (unless GONGDAO_DATABASE_URL names one), the web server and the worker."""
    from gongdao.jobs.supervise import become_supervisor

    if host:
        os.environ["HOST"] = host
    if port:
        os.environ["PORT"] = str(port)
    become_supervisor("db migrate")
