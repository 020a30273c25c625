"""A table is written by its own room only: schema/<room>.sql, or <room>_<part>.sql, says whose."""

import ast
import re
from pathlib import Path

CREATE = re.compile(r"^\s*CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)", re.I | re.M)
WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|(?<!FOR )(?<!DO )UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|COPY)"
    r"\s+(?:ONLY\s+)?(\w+)"
)


def written_tables(sql: str) -> set[str]:
    return set(WRITE.findall(sql))


def texts_of(path: Path) -> list[str]:
    """The strings of a module; the parts of an f-string count one by one."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def room_of(schema: Path) -> str:
    """The room of a file of the schema; a large room has several."""
    return schema.stem.partition("_")[0]


def owners(root: Path) -> dict[str, str]:
    return {
        table: room_of(path)
        for path in (root / "schema").glob("*.sql")
        for table in CREATE.findall(path.read_text("utf-8"))
    }


def test_rooms_write_their_own_tables(package: list[Path], root: Path) -> None:
    owner = owners(root)
    source = root / "src" / "gongdao"
    found = [
        f"{path}: writes {table}, which is {owner[table]}'s"
        for path in package
        for text in texts_of(path)
        for table in written_tables(text)
        if table in owner and owner[table] != path.relative_to(source).parts[0]
    ]
    assert not found, (
        f"{found}\nCall a function of the room that the table belongs to, with the connection of"
        " the transaction; its store.py holds the statement."
    )


def test_functions_of_the_schema_write_their_own_tables(root: Path) -> None:
    owner = owners(root)
    found = [
        f"{path.name}: writes {table}, which is {owner[table]}'s"
        for path in (root / "schema").glob("*.sql")
        for table in written_tables(path.read_text("utf-8"))
        if table in owner and owner[table] != room_of(path)
    ]
    assert not found, f"{found}\nA function in schema/<room>.sql writes tables of that file only."


def test_each_table_is_made_once(root: Path) -> None:
    made = [
        table
        for path in (root / "schema").glob("*.sql")
        for table in CREATE.findall(path.read_text("utf-8"))
    ]
    assert len(made) == len(set(made)), f"two files make the same table: {sorted(made)}"


def test_writing_is_seen() -> None:
    assert written_tables("INSERT INTO orders (id) VALUES ($1)") == {"orders"}
    assert written_tables("SELECT 1 FROM orders FOR UPDATE OF orders") == set()
    assert written_tables("... ON CONFLICT (id) DO UPDATE SET x = 1") == set()
    assert written_tables("WITH gone AS (DELETE FROM shops RETURNING id) SELECT 1") == {"shops"}
