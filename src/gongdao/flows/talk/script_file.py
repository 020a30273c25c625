"""Scripts as a file for spreadsheets, out and in again: all of it is taken, or nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.base.ids import new_id
from gongdao.flows.talk.scripts import require_lead, shelf_of, shop_of
from gongdao.scripts.library import library_by_key
from gongdao.scripts.script import Script
from gongdao.scripts.shelf import OwnScript, require_sound
from gongdao.scripts.store import add_script, change_script, own_scripts
from gongdao.shops.table import Table

#: The heading; `ref` names the script that a line changes, or the one in whose place it stands.
COLUMNS = ("ref", "whose", "step", "move", "locale", "title", "text")
LINES_MAX = 500


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file."""

    number: int
    ref: str
    script: OwnScript


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a file came to."""

    new: int
    changed: int
    same: int


async def scripts_as_rows(
    pool: Pool, who: Principal, *, locale: Locale, now: datetime
) -> list[list[str]]:
    """Everything that one has at hand in a language, the heading first."""
    async with pool.acquire() as connection:
        shelf = await shelf_of(connection, who, locale=locale, now=now)
    return [list(COLUMNS), *(_row(script) for script in shelf.scripts)]


async def take_script_file(pool: Pool, who: Principal, raw: bytes, *, now: datetime) -> Taken:
    """Take over the scripts of a file. A line that is like what one has changes nothing.

    Raises Refusal with the number of the first line that is wrong; then nothing is changed.
    """
    lines = read_script_file(raw, shop_id=shop_of(who), agent_id=who.person_id)
    if any(line.script.owner_id is None for line in lines):
        require_lead(who)
    counts = {"new": 0, "changed": 0, "same": 0}
    async with pool.acquire() as connection, connection.transaction():
        own = await own_scripts(connection, shop_of(who), who.person_id)
        for line in lines:
            counts[await _take(connection, line, own, who, now)] += 1
    return Taken(**counts)


def read_script_file(raw: bytes, *, shop_id: UUID, agent_id: UUID) -> list[Line]:
    """The lines of a file. Raises Refusal with the number of the first that is wrong."""
    table = Table(raw)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise Refusal("invalid", N_("The column {column} is missing."), column=missing[0])
    lines: list[Line] = []
    for number, values in table.rows():
        if len(lines) >= LINES_MAX:
            raise Refusal("too_large", N_("At most {n} lines at once."), n=LINES_MAX)
        cells = {name: str(values.get(name) or "").strip() for name in COLUMNS}
        if cells["whose"] != "library":
            lines.append(_line(number, cells, shop_id, agent_id))
    if table.faults:
        raise Refusal("invalid", N_("Line {line} cannot be read."), line=table.faults[0].line)
    return lines


def _line(number: int, cells: dict[str, str], shop_id: UUID, agent_id: UUID) -> Line:
    ref = cells["ref"]
    written: dict[str, Any] = {
        "id": str(_id_of(ref) or new_id()),
        "shop_id": str(shop_id),
        "owner_id": str(agent_id) if cells["whose"] != "shop" else None,
        "replaces": ref if ref in library_by_key("zh") else None,
        "version": 1,
        "step": cells["step"],
        "move": cells["move"],
        "locale": cells["locale"] or "zh",
        "title": cells["title"].removeprefix("'"),
        "body": cells["text"].removeprefix("'"),
    }
    try:
        script = msgspec.convert(written, OwnScript)
        require_sound(title=script.title, text=script.body, step=script.step, move=script.move)
    except (msgspec.ValidationError, Refusal) as error:
        raise Refusal(
            "invalid",
            N_("Line {line} does not fit: check step, move, language, title and text."),
            line=number,
        ) from error
    return Line(number=number, ref=ref, script=script)


async def _take(
    connection: Connection,
    line: Line,
    own: Sequence[OwnScript],
    who: Principal,
    now: datetime,
) -> str:
    """Keep one line: new, changed or the same."""
    before = next((each for each in own if _is_of(line, each)), None)
    if before is None:
        if _id_of(line.ref) is not None:
            raise Refusal(
                "not_found", N_("Line {line}: there is no such script."), line=line.number
            )
        await add_script(connection, line.script, by_id=who.person_id, now=now)
        return "new"
    after = msgspec.structs.replace(
        before, step=line.script.step, move=line.script.move, title=line.script.title,
        body=line.script.body, archived_at=None,
    )  # fmt: skip
    if after == before:
        return "same"
    await change_script(connection, after, by_id=who.person_id, now=now)
    return "changed"


def _is_of(line: Line, own: OwnScript) -> bool:
    if own.owner_id != line.script.owner_id:
        return False
    by_place = line.script.replaces is not None and line.script.replaces == own.replaces
    return str(own.id) == line.ref or by_place


def _row(script: Script) -> list[str]:
    return [
        script.ref, script.owner, script.step, script.move, script.locale, script.title,
        script.text,
    ]  # fmt: skip


def _id_of(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
