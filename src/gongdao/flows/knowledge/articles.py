"""Articles: written, changed into new versions, taken back to an older one, listed."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST, Cursor, read_cursor
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.knowledge.leave import (
    edited_by,
    id_under,
    shop_of,
    used_for_else,
)
from gongdao.flows.knowledge.products import require_products
from gongdao.knowledge.article import Article, Kind, State, Version, Written, require_sound
from gongdao.knowledge.store import (
    add_article,
    change_article,
    find_article,
    list_articles,
    versions_of,
)

PAGE_MAX = 50
#: Later than anything, and earlier.


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of articles, and where the next one begins."""

    articles: list[Article]
    after: str | None


async def write_article(
    pool: Pool, who: Principal, written: Written, *, key: str | None = None, now: datetime
) -> Article:
    """A new article. Under a key that was used for the same, the one that is there."""
    shop_id = edited_by(who)
    written = _stripped(written)
    require_sound(written)
    article = Article(
        **{name: getattr(written, name) for name in Written.__struct_fields__},
        id=id_under(who, "article", key),
        shop_id=shop_id,
        version=1,
        changed_at=now,
        changed_by=who.person_id,
    )
    async with pool.acquire() as connection:
        await require_products(connection, shop_id, written.product_ids)
        if await add_article(connection, article):
            return article
        first = (await versions_of(connection, article.id, shop_id=shop_id, version=1))[0]
        if (first.title, first.body) != (written.title, written.body):
            raise used_for_else()
        return await _article_of(connection, shop_id, article.id)


async def rewrite_article(
    pool: Pool,
    who: Principal,
    article_id: UUID,
    written: Written,
    *,
    seen: int,
    note: str = "",
    now: datetime,
) -> Article:
    """Another version of an article, decided on the one that was seen. Raises Refusal."""
    shop_id = edited_by(who)
    written = _stripped(written)
    require_sound(written)
    async with pool.acquire() as connection:
        before = await _article_of(connection, shop_id, article_id)
        if before.kind != written.kind:
            raise Refusal("invalid", N_("An article keeps its kind; write another one."))
        await require_products(connection, shop_id, written.product_ids)
        await change_article(
            connection, article_id, written, shop_id=shop_id, seen=seen, note=note.strip(),
            by_id=who.person_id, now=now,
        )  # fmt: skip
        return await _article_of(connection, shop_id, article_id)


async def set_state(
    pool: Pool, who: Principal, article_id: UUID, state: State, *, seen: int, now: datetime
) -> Article:
    """Publish an article, take it back to a draft, or retire it; a version of its own."""
    before = await see_article(pool, who, article_id)
    if before.state == state:
        return before
    written = msgspec.structs.replace(_written(before), state=state)
    return await rewrite_article(pool, who, article_id, written, seen=seen, now=now)


async def restore_version(
    pool: Pool,
    who: Principal,
    article_id: UUID,
    version: int,
    *,
    seen: int,
    note: str,
    now: datetime,
) -> Article:
    """Make an older version the newest one again; nothing in between is lost."""
    before = await see_article(pool, who, article_id)
    async with pool.acquire() as connection:
        found = await versions_of(connection, article_id, shop_id=shop_of(who), version=version)
    if not found:
        raise Refusal("not_found", N_("There is no such version."))
    old = found[0]
    written = msgspec.structs.replace(
        _written(before), title=old.title, body=old.body, product_ids=old.product_ids
    )
    return await rewrite_article(pool, who, article_id, written, seen=seen, note=note, now=now)


async def see_article(database: Queryable, who: Principal, article_id: UUID) -> Article:
    """An article of one's shop; what is no longer or not yet published, for its editors."""
    article = await _article_of(database, shop_of(who), article_id)
    if article.state != "published" and not who.may("knowledge.edit"):
        raise Refusal("not_found", N_("There is no such article."))
    return article


async def see_versions(database: Queryable, who: Principal, article_id: UUID) -> list[Version]:
    """How an article was, the newest first; drafts among them for its editors only."""
    await see_article(database, who, article_id)
    versions = await versions_of(database, article_id, shop_id=shop_of(who))
    return [one for one in versions if one.state == "published" or who.may("knowledge.edit")]


async def browse(
    database: Queryable,
    who: Principal,
    *,
    kind: Kind | None = None,
    state: State | None = None,
    product_id: UUID | None = None,
    after: str = "",
    limit: int = PAGE_MAX,
) -> Listed:
    """A page of the articles of one's shop, the newest first."""
    shop_id = shop_of(who)
    if not who.may("knowledge.edit"):
        state = "published"
    before = read_cursor(after) if after else NEWEST
    found = await list_articles(
        database, shop_id, kind=kind, state=state, product_id=product_id, before=before,
        limit=limit + 1,
    )  # fmt: skip
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    place = Cursor(last.changed_at, last.id).text() if last else None
    return Listed(articles=shown, after=place)


async def _article_of(database: Queryable, shop_id: UUID, article_id: UUID) -> Article:
    article = await find_article(database, article_id, shop_id=shop_id)
    if article is None:
        raise Refusal("not_found", N_("There is no such article."))
    return article


def _written(article: Article) -> Written:
    return Written(**{name: getattr(article, name) for name in Written.__struct_fields__})


def _stripped(written: Written) -> Written:
    body = msgspec.structs.replace(written.body, text=written.body.text.strip())
    products = tuple(dict.fromkeys(written.product_ids))
    return msgspec.structs.replace(
        written, title=written.title.strip(), body=body, product_ids=products
    )
