"""Finds, reads and checks dialects; the only part of the room that touches the disk."""

from functools import cache
from pathlib import Path

from gongdao.dialects.check import faults
from gongdao.dialects.dialect import Dialect
from gongdao.policy.toml_lines import convert, read_source

DIALECTS = Path(__file__).parent


class UnknownDialectError(LookupError):
    """There is no such dialect."""


def dialect_names(folder: Path = DIALECTS) -> list[str]:
    """Every dialect, in order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


@cache
def load_dialect(name: str, folder: Path = DIALECTS) -> Dialect:
    """Load a dialect by its name.

    Raises UnknownDialectError, or WrittenError with the file, line and key of the first fault.
    """
    names = dialect_names(folder)
    if name not in names:
        raise UnknownDialectError(f"there is no dialect {name!r}; there are: {', '.join(names)}")
    source = read_source(folder / f"{name}.toml")
    dialect = convert(source, Dialect)
    if dialect.id != name:
        raise source.error(("dialect", "id"), f"the file says {name!r}")
    for where, message in faults(dialect):
        raise source.error(where, message)
    return dialect
