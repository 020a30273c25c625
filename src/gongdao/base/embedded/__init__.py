"""The database that Gongdao brings along: starting, stopping and finding it. Stdlib only."""

from gongdao.base.embedded.server import (
    AlreadyRunning,
    Server,
    reachable_database,
    running_url,
    start_server,
    stop_server,
)

__all__ = [
    "AlreadyRunning",
    "Server",
    "reachable_database",
    "running_url",
    "start_server",
    "stop_server",
]
