"""The tables of articles: as they are, every version of them, and how they are found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.asked import Piece, ways_of
from gongdao.base.cursor import Cursor
from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.knowledge.article import (
    Article,
    Body,
    Kind,
    State,
    Version,
    Written,
    shop_term,
    words_of,
)
from gongdao.knowledge.likeness import any_of

#: So many articles a shop has, a search looks at, and versions are shown.
ARTICLES_MAX, LOOKED_AT, VERSIONS_MAX = 5_000, 60, 100

_NAMES = (
    "id", "shop_id", "kind", "state", "title", "body", "product_ids", "version", "changed_at",
    "changed_by",
)  # fmt: skip
_COLUMNS = ", ".join(f"a.{name}" for name in _NAMES)
_ADD = """
INSERT INTO knowledge_articles (id, shop_id, kind, state, title, body, product_ids, words,
                                changed_at, changed_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::text::tsvector, $9, $10
 WHERE (SELECT count(*) FROM knowledge_articles WHERE shop_id = $2) < $11
ON CONFLICT (id) DO NOTHING
"""
_CHANGE = """
UPDATE knowledge_articles
   SET version = version + 1, state = $3, title = $4, body = $5, product_ids = $6,
       words = $7::text::tsvector, changed_at = $8, changed_by = $9
 WHERE id = $1 AND version = $2
"""
_NOTE_VERSION = """
INSERT INTO knowledge_versions
       (article_id, version, shop_id, state, title, body, product_ids, note, by_id, at)
SELECT id, version, shop_id, state, title, body, product_ids, $2, changed_by, changed_at
  FROM knowledge_articles WHERE id = $1
"""
_FIND = f"""
SELECT {_COLUMNS} FROM knowledge_articles a
 WHERE a.state = 'published' AND a.words @@ $1::text::tsquery
 ORDER BY a.product_ids && $2::uuid[] DESC, ts_rank(a.words, $1::text::tsquery) DESC, a.id
 LIMIT {LOOKED_AT}
"""  # noqa: S608 - made of constants
_ABOUT = f"""
SELECT {_COLUMNS} FROM knowledge_articles a
 WHERE a.shop_id = $1 AND a.state = 'published' AND a.product_ids && $2::uuid[]
 ORDER BY a.changed_at DESC, a.id DESC LIMIT $3
"""  # noqa: S608 - made of constants
_LIST = f"""
SELECT {_COLUMNS} FROM knowledge_articles a
 WHERE a.shop_id = $1 AND ($2::text IS NULL OR a.kind = $2)
   AND ($3::text IS NULL AND a.state <> 'retired' OR a.state = $3)
   AND ($4::uuid IS NULL OR a.product_ids @> ARRAY[$4])
   AND (a.changed_at, a.id) < ($5, $6)
 ORDER BY a.changed_at DESC, a.id DESC LIMIT $7
"""  # noqa: S608 - made of constants
_VERSIONS = """
SELECT version, state, title, body, product_ids, note, by_id, at FROM knowledge_versions
 WHERE article_id = $1 AND shop_id = $2 AND ($3::integer IS NULL OR version = $3)
 ORDER BY version DESC LIMIT $4
"""
_DECODER = msgspec.json.Decoder(Body)


async def add_article(connection: Connection, article: Article, *, note: str = "") -> bool:
    """Keep a new article with its first version; False where this id is there already."""
    async with connection.transaction():
        added = await connection.execute(
            _ADD, article.id, article.shop_id, article.kind, article.state, article.title,
            msgspec.json.encode(article.body), list(article.product_ids),
            words_of(article.shop_id, article), article.changed_at, article.changed_by,
            ARTICLES_MAX,
        )  # fmt: skip
        if added == "INSERT 0 1":
            await connection.execute(_NOTE_VERSION, article.id, note)
            return True
    if await find_article(connection, article.id, shop_id=article.shop_id) is None:
        raise Refusal("too_large", N_("A shop has at most {n} articles."), n=ARTICLES_MAX)
    return False


async def change_article(
    connection: Connection,
    article_id: UUID,
    written: Written,
    *,
    shop_id: UUID,
    seen: int,
    note: str,
    by_id: UUID,
    now: datetime,
) -> None:
    """Another version, decided on the one that was seen. Raises Refusal version_conflict."""
    async with connection.transaction():
        changed = await connection.execute(
            _CHANGE, article_id, seen, written.state, written.title,
            msgspec.json.encode(written.body), list(written.product_ids),
            words_of(shop_id, written), now, by_id,
        )  # fmt: skip
        if changed != "UPDATE 1":
            raise Refusal(
                "version_conflict", N_("Somebody else has changed this meanwhile; look again.")
            )
        await connection.execute(_NOTE_VERSION, article_id, note)


async def find_article(database: Queryable, article_id: UUID, *, shop_id: UUID) -> Article | None:
    """One article of a shop."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM knowledge_articles a WHERE id = $1 AND shop_id = $2",  # noqa: S608
        article_id,
        shop_id,
    )
    return _article(row) if row else None


async def list_articles(
    database: Queryable,
    shop_id: UUID,
    *,
    kind: Kind | None,
    state: State | None,
    product_id: UUID | None,
    before: Cursor,
    limit: int,
) -> list[Article]:
    """A page of the articles of a shop, the newest first; retired ones only when asked for."""
    rows = await database.fetch(
        _LIST, shop_id, kind, state, product_id, before.at, before.id, limit
    )
    return [_article(row) for row in rows]


async def articles_about(
    database: Queryable, shop_id: UUID, product_ids: Sequence[UUID], *, limit: int
) -> list[Article]:
    """What is published on any of these products."""
    return [_article(row) for row in await database.fetch(_ABOUT, shop_id, product_ids, limit)]


async def articles_with(
    database: Queryable, shop_id: UUID, pieces: Sequence[Piece], *, product_ids: Sequence[UUID]
) -> list[Article]:
    """What is published and has every piece in it, that on the products first."""
    asked = " & ".join(f"({' | '.join(ways_of(piece))})" for piece in pieces)
    rows = await database.fetch(_FIND, f"{asked} & '{shop_term(shop_id)}'", list(product_ids))
    return [_article(row) for row in rows]


async def articles_like(
    database: Queryable, shop_id: UUID, said: str, *, product_ids: Sequence[UUID]
) -> list[Article]:
    """What is published and shares words with a question, that on the products first."""
    asked = any_of(said, shop_term(shop_id))
    if not asked:
        return []
    rows = await database.fetch(_FIND, asked, list(product_ids))
    return [_article(row) for row in rows]


async def versions_of(
    database: Queryable, article_id: UUID, *, shop_id: UUID, version: int | None = None
) -> list[Version]:
    """How an article was, the newest first; or the one version asked for."""
    rows = await database.fetch(_VERSIONS, article_id, shop_id, version, VERSIONS_MAX)
    return [_version(row) for row in rows]


def _version(row: Record) -> Version:
    told: dict[str, Any] = dict(row) | {
        "body": _DECODER.decode(row["body"]),
        "product_ids": tuple(row["product_ids"]),
    }
    return Version(**told)


def _article(row: Record) -> Article:
    told: dict[str, Any] = dict(row) | {
        "body": _DECODER.decode(row["body"]),
        "product_ids": tuple(row["product_ids"]),
    }
    return Article(**told)
