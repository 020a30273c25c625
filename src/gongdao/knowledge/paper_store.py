"""The table of papers of goods."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable, Record
from gongdao.knowledge.paper import Paper, PaperKind

_COLUMNS = ", ".join(Paper.__struct_fields__)
_MARKS = ", ".join(f"${n}" for n in range(1, len(Paper.__struct_fields__) + 1))
_ADD = f"INSERT INTO knowledge_papers ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
_LIST = f"""
SELECT {_COLUMNS} FROM knowledge_papers
 WHERE shop_id = $1 AND ($2::text IS NULL OR kind = $2)
   AND ($3::uuid IS NULL OR product_ids @> ARRAY[$3])
   AND ($4::date IS NULL OR (withdrawn_at IS NULL AND valid_until <= $4))
   AND (at, id) < ($5, $6)
 ORDER BY at DESC, id DESC LIMIT $7
"""  # noqa: S608 - made of constants
_OF_PRODUCTS = f"""
SELECT {_COLUMNS} FROM knowledge_papers
 WHERE shop_id = $1 AND product_ids && $2::uuid[] AND withdrawn_at IS NULL
 ORDER BY at DESC, id DESC LIMIT $3
"""  # noqa: S608 - made of constants


async def add_paper(database: Queryable, paper: Paper) -> bool:
    """Keep a paper; False where this id is there already."""
    values = [_column(getattr(paper, name)) for name in Paper.__struct_fields__]
    return await database.execute(_ADD, *values) == "INSERT 0 1"


async def find_papers(
    database: Queryable, paper_ids: Sequence[UUID], *, shop_id: UUID
) -> dict[UUID, Paper]:
    """Papers of a shop by their ids; those that are not there are left out."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM knowledge_papers WHERE id = ANY ($1) AND shop_id = $2",  # noqa: S608
        list(paper_ids),
        shop_id,
    )
    return {row["id"]: _paper(row) for row in rows}


async def list_papers(
    database: Queryable,
    shop_id: UUID,
    *,
    kind: PaperKind | None,
    product_id: UUID | None,
    until: date | None,
    before: Cursor,
    limit: int,
) -> list[Paper]:
    """A page of the papers of a shop, the newest first; `until`: those that end by then."""
    rows = await database.fetch(
        _LIST, shop_id, kind, product_id, until, before.at, before.id, limit
    )
    return [_paper(row) for row in rows]


async def papers_of_products(
    database: Queryable, shop_id: UUID, product_ids: Sequence[UUID], *, limit: int
) -> list[Paper]:
    """The papers of any of these products that were not withdrawn, the newest first."""
    return [_paper(row) for row in await database.fetch(_OF_PRODUCTS, shop_id, product_ids, limit)]


async def withdraw_paper(
    database: Queryable, paper_id: UUID, *, shop_id: UUID, by_id: UUID, now: datetime
) -> bool:
    """Take a paper out of use; False where it is not there or was taken out already."""
    done = await database.execute(
        "UPDATE knowledge_papers SET withdrawn_at = $3, withdrawn_by = $4"
        " WHERE id = $1 AND shop_id = $2 AND withdrawn_at IS NULL",
        paper_id,
        shop_id,
        now,
        by_id,
    )
    return done == "UPDATE 1"


def _column(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]


def _paper(row: Record) -> Paper:
    told: dict[str, Any] = dict(row) | {
        "product_ids": tuple(row["product_ids"]),
        "file_ids": tuple(row["file_ids"]),
    }
    return Paper(**told)
