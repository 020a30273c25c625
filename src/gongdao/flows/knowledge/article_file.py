"""Articles as a file, out and in again: taken whole or not at all, a fault for each line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.flows.knowledge.leave import edited_by, shop_of
from gongdao.flows.knowledge.products import products_by_sku, products_named
from gongdao.knowledge.article import (
    WITH_TABLE,
    Article,
    Body,
    Written,
    read_table,
    require_sound,
    write_table,
)
from gongdao.knowledge.store import ARTICLES_MAX, add_article, change_article, list_articles
from gongdao.shops.fault import Fault
from gongdao.shops.table import Table

#: The heading. `ref` names the article that a line changes; products are named by their numbers.
COLUMNS = ("ref", "kind", "title", "text", "table", "products", "state")
LINES_MAX, FAULTS_MAX, FILE_BYTES_MAX = 1_000, 100, 4_000_000
_Row = Mapping[str, str]


class ArticlesTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What a file came to; with faults, nothing was taken."""

    new: int = 0
    changed: int = 0
    same: int = 0
    faults: tuple[Fault, ...] = ()


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    ref: UUID | None
    written: Written
    skus: tuple[str, ...]


async def articles_as_rows(database: Queryable, who: Principal) -> list[dict[str, str]]:
    """Everything that one's shop knows and did not retire, a row an article."""
    shop_id = shop_of(who)
    state = None if who.may("knowledge.edit") else "published"
    articles = await list_articles(
        database, shop_id, kind=None, state=state, product_id=None, before=NEWEST,
        limit=ARTICLES_MAX,
    )  # fmt: skip
    named = await products_named(
        database, shop_id, [each for one in articles for each in one.product_ids]
    )
    return [
        {
            "ref": str(one.id),
            "kind": one.kind,
            "title": one.title,
            "text": one.body.text,
            "table": write_table(one.body.table),
            "products": ";".join(named[each].sku for each in one.product_ids if each in named),
            "state": one.state,
        }
        for one in articles
    ]


async def take_article_file(
    pool: Pool, who: Principal, raw: bytes, *, now: datetime
) -> ArticlesTaken:
    """Take articles over from CSV or JSON. A line like what there is changes nothing.

    A line without `ref` is the article of that kind and title, where there is one.
    """
    shop_id = edited_by(who)
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal("too_large", N_("At most {n} MB."), n=FILE_BYTES_MAX // 1_000_000)
    faults: list[Fault] = []
    is_json = raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{")
    rows = _json_rows(raw) if is_json else _csv_rows(raw, faults)
    lines: list[_Line] = []
    for number, row in rows:
        if len(lines) + len(faults) >= LINES_MAX:
            raise Refusal("too_large", N_("At most {n} lines at once."), n=LINES_MAX)
        try:
            lines.append(_line(number, row))
        except Refusal as refusal:
            faults.append(_fault(number, refusal, is_json=is_json))
    async with pool.acquire() as connection, connection.transaction():
        steps = await _match(connection, shop_id, lines, faults, is_json=is_json)
        if faults:
            told = sorted(faults, key=lambda each: each.line)[:FAULTS_MAX]
            return ArticlesTaken(faults=tuple(told))
        counts = {"new": 0, "changed": 0, "same": 0}
        for written, before in steps:
            counts[await _take(connection, shop_id, who, written, before, now)] += 1
    return ArticlesTaken(new=counts["new"], changed=counts["changed"], same=counts["same"])


def _csv_rows(raw: bytes, faults: list[Fault]) -> Iterator[tuple[int, _Row]]:
    table = Table(raw)
    missing = [name for name in ("title", "text") if name not in table.columns]
    if missing:
        raise Refusal("invalid", N_("The column {column} is missing."), column=missing[0])
    for number, values in table.rows():
        yield number, {name: _unquoted(str(values.get(name) or "")) for name in COLUMNS}
    faults += table.faults


def _json_rows(raw: bytes) -> Iterator[tuple[int, _Row]]:
    try:
        told: Any = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError:
        raise Refusal("invalid", N_("The file is no JSON.")) from None
    if isinstance(told, dict):
        told = told.get("articles")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    try:
        entries = msgspec.convert(told, list[dict[str, str]])
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("The file is no list of articles whose fields are texts.")
        ) from None
    for number, entry in enumerate(entries, 1):
        yield number, {name: entry.get(name, "").strip() for name in COLUMNS}


def _unquoted(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell[:1] == "'" else cell


def _line(number: int, row: _Row) -> _Line:
    """One line, read. Raises Refusal with what is wrong in it."""
    kind = row["kind"] or "answer"
    table = read_table(row["table"]) if kind in WITH_TABLE else None
    if row["table"].strip() and kind not in WITH_TABLE:
        raise Refusal("invalid", N_("This kind of article has no table."))
    told: dict[str, Any] = {
        "kind": kind,
        "title": row["title"].strip(),
        "body": Body(text=row["text"].strip(), table=table),
        "state": row["state"] or "published",
    }
    try:
        written = msgspec.convert(told, Written)
    except msgspec.ValidationError as error:
        column = next((name for name in COLUMNS if f"$.{name}" in str(error)), "text")
        raise _misfit(column) from None
    try:
        ref = UUID(row["ref"]) if row["ref"] else None
    except ValueError:
        raise _misfit("ref") from None
    require_sound(written)
    skus = tuple(sku.strip() for sku in row["products"].replace("；", ";").split(";"))
    return _Line(number=number, ref=ref, written=written, skus=tuple(filter(None, skus)))


def _misfit(column: str) -> Refusal:
    said = N_("{column} is missing or too long, or is none of the words that it may be.")
    return Refusal("invalid", said, column=column)


async def _match(
    connection: Connection,
    shop_id: UUID,
    lines: Sequence[_Line],
    faults: list[Fault],
    *,
    is_json: bool,
) -> list[tuple[Written, Article | None]]:
    """Each line with the article that it changes; what does not fit is a fault."""
    known = await list_articles(
        connection, shop_id, kind=None, state=None, product_id=None, before=NEWEST,
        limit=ARTICLES_MAX,
    )  # fmt: skip
    by_id = {each.id: each for each in known}
    by_title = {(each.kind, each.title): each for each in known}
    skus = await products_by_sku(connection, shop_id, [sku for one in lines for sku in one.skus])
    steps: list[tuple[Written, Article | None]] = []
    seen: set[tuple[str, str]] = set()
    for line in lines:
        key = (line.written.kind, line.written.title)
        before = by_id.get(line.ref) if line.ref else by_title.get(key)
        refusal = _unfit(line, before, skus, is_double=key in seen)
        seen.add(key)
        if refusal:
            faults.append(_fault(line.number, refusal, is_json=is_json))
            continue
        products = tuple(dict.fromkeys(skus[sku] for sku in line.skus))
        steps.append((msgspec.structs.replace(line.written, product_ids=products), before))
    return steps


def _unfit(
    line: _Line, before: Article | None, skus: Mapping[str, UUID], *, is_double: bool
) -> Refusal | None:
    if is_double:
        return Refusal("invalid", N_("This title stands in the file twice."))
    if line.ref and before is None:
        return Refusal("not_found", N_("There is no such article."))
    if before is not None and before.kind != line.written.kind:
        return Refusal("invalid", N_("An article keeps its kind; write another one."))
    unknown = [sku for sku in line.skus if sku not in skus]
    if unknown:
        return Refusal(
            "not_found", N_("There is no product with the number {sku}."), sku=unknown[0]
        )
    return None


async def _take(
    connection: Connection,
    shop_id: UUID,
    who: Principal,
    written: Written,
    before: Article | None,
    now: datetime,
) -> str:
    """Keep one line: new, changed or the same."""
    fields = {name: getattr(written, name) for name in Written.__struct_fields__}
    if before is None:
        article = Article(
            **fields, id=new_id(), shop_id=shop_id, version=1, changed_at=now,
            changed_by=who.person_id,
        )  # fmt: skip
        await add_article(connection, article)
        return "new"
    if all(getattr(before, name) == value for name, value in fields.items()):
        return "same"
    await change_article(
        connection, before.id, written, shop_id=shop_id, seen=before.version, note="",
        by_id=who.person_id, now=now,
    )  # fmt: skip
    return "changed"


def _fault(number: int, refusal: Refusal, *, is_json: bool) -> Fault:
    return Fault(line=number, sentence=refusal.sentence, params=refusal.params, in_entry=is_json)
