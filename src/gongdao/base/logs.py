"""How programs write their logs: lines on standard error, for whoever runs them."""

import sys
from collections.abc import Mapping
from typing import Any

import structlog


def write_logs() -> None:
    """Set it up, once for each program.

    A traceback shows what was called and never the values: among them are passwords, and drawing
    them all would keep everybody waiting just when much goes wrong.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def route_of(scope: Mapping[str, Any]) -> str:
    """Where a request went, fit for a log: the pattern of its route, without what was filled in.

    Whoever knows the address of an agreement may sign it, and queries carry tokens.
    """
    return str(scope.get("path_template") or "(no route)")
