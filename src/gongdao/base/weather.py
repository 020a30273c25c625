"""Which errors are the server's and pass by themselves, and so count against nothing."""

import asyncpg

#: Classes of errors that are the server's and not the work's: connection, deadlock or
#: serialization, resources, shutdown, disk.
_WEATHER = ("08", "40", "53", "57P", "58")


def is_weather(error: Exception) -> bool:
    """Whether the same work, done again a little later, may well succeed."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_WEATHER)
    return isinstance(error, OSError | asyncpg.InterfaceError)
