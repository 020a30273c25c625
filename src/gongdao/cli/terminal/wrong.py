"""What a person reads at the terminal when a command could not do what it was asked."""

from asyncpg import UndefinedTableError

NO_SCHEMA = (
    "this database holds no Gongdao yet: 'gongdao db init' makes it ready,"
    " 'gongdao demo' fills it with a marketplace to look around in"
)


def in_words(error: Exception) -> str:
    """An error of a file or of the database, without the words of the machine."""
    if isinstance(error, UndefinedTableError):
        return NO_SCHEMA
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return f"{error}"
