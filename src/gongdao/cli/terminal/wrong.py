"""What a person reads at the terminal when a command could not do what it was asked."""

from socket import gaierror

from asyncpg import UndefinedTableError
from asyncpg.exceptions import ClientConfigurationError

NO_SCHEMA = (
    "this database holds no Gongdao yet: 'gongdao db init' makes it ready,"
    " 'gongdao demo' fills it with a marketplace to look around in"
)
_NO_ADDRESS = (
    "GONGDAO_DATABASE_URL is not the address of a PostgreSQL,"
    " such as postgresql://name:password@host:5432/database"
)
_NO_ANSWER = "no database answers where GONGDAO_DATABASE_URL says that it is"


def in_words(error: Exception) -> str:
    """An error of a file or of the database, without the words of the machine."""
    if isinstance(error, UndefinedTableError):
        return NO_SCHEMA
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    # The words of asyncpg could repeat the address, and a password stands in it.
    if isinstance(error, ClientConfigurationError):
        return _NO_ADDRESS
    if isinstance(error, ConnectionError | TimeoutError | gaierror):
        return _NO_ANSWER
    return f"{error}"
