"""How programs write their logs: lines on standard error, for whoever runs them."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO, cast

import asyncpg
import structlog
from structlog.typing import ExcInfo


def write_logs() -> None:
    """Set it up, once for each program.

    A traceback shows what was called and never the values: among them are passwords, and drawing
    them all would keep everybody waiting just when much goes wrong. What a refused row contained
    is not said either.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=_without_values
            ),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def route_of(scope: Mapping[str, Any]) -> str:
    """Where a request went, fit for a log: the pattern of its route, without what was filled in.

    Whoever knows the address of an agreement may sign it, and queries carry tokens.
    """
    return str(scope.get("path_template") or "(no route)")


def _without_values(lines: TextIO, told: ExcInfo) -> None:
    for error in _beneath(told[1]):
        if isinstance(error, asyncpg.PostgresError):
            error.detail = None
    structlog.dev.plain_traceback(lines, told)


def _beneath(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from or is made of."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", one).exceptions
