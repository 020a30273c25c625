"""Papers of goods and suppliers: filed, found, renewed in time, withdrawn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST, Cursor, read_cursor
from gongdao.base.days import day_of
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.file import StoredFile
from gongdao.files.store import FIND_MAX, find_files
from gongdao.flows.knowledge.leave import (
    edited_by,
    id_under,
    shop_of,
    used_for_else,
)
from gongdao.flows.knowledge.products import require_products
from gongdao.knowledge.paper import (
    SOON_DAYS,
    Paper,
    PaperKind,
    PaperWritten,
    require_whole,
)
from gongdao.knowledge.paper_store import (
    add_paper,
    find_papers,
    list_papers,
    withdraw_paper,
)

PAGE_MAX = 50


class PapersListed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of papers, and where the next one begins."""

    papers: list[Paper]
    after: str | None


async def file_paper(
    pool: Pool, who: Principal, written: PaperWritten, *, key: str | None = None, now: datetime
) -> Paper:
    """Keep a paper with its files. Under a key that was used for the same, the one that is there.

    Raises Refusal: invalid, not_found (a product of another shop, a file of somebody else).
    """
    shop_id = edited_by(who)
    require_whole(written)
    paper = Paper(
        **{name: getattr(written, name) for name in PaperWritten.__struct_fields__},
        id=id_under(who, "paper", key),
        shop_id=shop_id,
        by_id=who.person_id,
        at=now,
    )
    await require_products(pool, shop_id, written.product_ids)
    files = await find_files(pool, written.file_ids)
    if any(
        each not in files or files[each].uploaded_by != who.person_id for each in written.file_ids
    ):
        raise Refusal("not_found", N_("One of the files is not there, or is not yours."))
    if await add_paper(pool, paper):
        return paper
    known = (await find_papers(pool, [paper.id], shop_id=shop_id))[paper.id]
    if (known.title, known.file_ids) != (paper.title, paper.file_ids):
        raise used_for_else()
    return known


async def browse_papers(
    database: Queryable,
    who: Principal,
    *,
    kind: PaperKind | None = None,
    product_id: UUID | None = None,
    ends_soon: bool = False,
    after: str = "",
    limit: int = PAGE_MAX,
    now: datetime,
) -> PapersListed:
    """A page of the papers of one's shop, the newest first."""
    before = read_cursor(after) if after else NEWEST
    until = day_of(now) + timedelta(days=SOON_DAYS) if ends_soon else None
    found = await list_papers(
        database, shop_of(who), kind=kind, product_id=product_id, until=until, before=before,
        limit=limit + 1,
    )  # fmt: skip
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    place = Cursor(last.at, last.id).text() if last else None
    return PapersListed(papers=shown, after=place)


async def see_paper(database: Queryable, who: Principal, paper_id: UUID) -> Paper:
    """One paper of one's shop. Raises Refusal not_found."""
    found = await find_papers(database, [paper_id], shop_id=shop_of(who))
    if paper_id not in found:
        raise Refusal("not_found", N_("There is no such paper."))
    return found[paper_id]


async def withdraw(pool: Pool, who: Principal, paper_id: UUID, *, now: datetime) -> Paper:
    """Take a paper out of use; it stays to be seen. Withdrawn again, nothing changes."""
    shop_id = edited_by(who)
    await see_paper(pool, who, paper_id)
    await withdraw_paper(pool, paper_id, shop_id=shop_id, by_id=who.person_id, now=now)
    return await see_paper(pool, who, paper_id)


async def files_of_papers(database: Queryable, papers: Sequence[Paper]) -> dict[UUID, StoredFile]:
    """The files of papers, with their hashes."""
    ids = list(dict.fromkeys(each for paper in papers for each in paper.file_ids))[:FIND_MAX]
    return await find_files(database, ids) if ids else {}
