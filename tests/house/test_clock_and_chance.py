"""Time and chance come in through one door each, so that every story can be replayed."""

import ast
import re
from pathlib import Path

#: Dotted calls that ask the wall clock. Durations (time.monotonic, perf_counter) are not a clock.
CLOCK = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"),
    *("datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}
CHANCE_MODULES = {"random", "secrets"}
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "uuid7", "os.urandom", "urandom"}
SQL_CLOCK = re.compile(r"\b(now\(\)|current_(timestamp|date|time)\b|clock_timestamp\(\))", re.I)
SQL_CHANCE = re.compile(r"\b(gen_random_uuid|uuidv4|uuidv7|random|gen_random_bytes)\(", re.I)


def asks(source: str) -> list[str]:
    """What a module asks of the clock or of chance, each with its line."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute() | ast.Name() as called):
                name = ast.unparse(called)
                if name in CLOCK | CHANCE:
                    found.append(f"line {node.lineno}: {name}()")
            case ast.Import(names=names):
                found += [
                    f"line {node.lineno}: import {alias.name}"
                    for alias in names
                    if alias.name in CHANCE_MODULES
                ]
            case ast.ImportFrom(module=module) if module in CHANCE_MODULES:
                found.append(f"line {node.lineno}: from {module} import ...")
            case ast.Constant(value=str() as text) if is_statement(text):
                found += [
                    f"line {node.lineno}: SQL {hit[0]}"
                    for pattern in (SQL_CLOCK, SQL_CHANCE)
                    for hit in pattern.finditer(text)
                ]
            case _:
                pass
    return found


def is_statement(text: str) -> bool:
    return bool(re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text))


def test_only_two_modules_ask(package: list[Path]) -> None:
    doors = {("base", "clock.py"), ("base", "ids.py")}
    found = [
        f"{path}: {finding}"
        for path in package
        if path.parts[-2:] not in doors
        for finding in asks(path.read_text("utf-8"))
    ]
    assert not found, (
        f"{found}\nTake `now` as an argument; at the edge, base.clock.utc_now() tells it. Ids and"
        " secrets are made by base.ids and handed in, so that a replay gives the same result."
    )


def test_asking_is_seen() -> None:
    assert asks("import random")
    assert asks("from secrets import token_hex")
    assert asks("x = datetime.now(UTC)")
    assert asks("x = uuid4()")
    assert asks("""sql = "UPDATE cases SET at = now()" """)
    assert not asks("x = time.monotonic()")
    assert not asks("""sentence = "It happens right now()." """)
