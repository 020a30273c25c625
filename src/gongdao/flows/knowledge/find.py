"""Finding what the shop knows while one types: the product under talk first, sizes worked out."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.asked import pieces_of
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.flows.knowledge.articles import see_article
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_of_talk
from gongdao.knowledge.article import Article, say
from gongdao.knowledge.likeness import parts_of
from gongdao.knowledge.size import SizeFound, find_size, heard_measures
from gongdao.knowledge.store import articles_about, articles_like, articles_with

#: So many answers at once, and so much of a question has to stand in an article to be like it.
FOUND_MAX, LIKE_MIN = 20, 0.5
#: Words around a question weigh less in a text than in a title.
_TITLE_WEIGHT = 2.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, as one would say it; `about`: whether it is on the product under talk."""

    article: Article
    text: str
    why: Literal["words", "alike", "size", "product"]
    about: bool
    size: SizeFound | None = None


async def find_answers(
    database: Queryable,
    who: Principal,
    typed: str,
    *,
    conversation_id: UUID | None = None,
    product_ids: Sequence[UUID] = (),
    locale: Locale = "zh",
    limit: int = FOUND_MAX,
) -> list[Answer]:
    """What answers the words typed, best first; with none, what there is on the product."""
    shop_id = shop_of(who)
    about = list(product_ids)
    if conversation_id is not None:
        about = await products_of_talk(database, who, conversation_id)
    pieces = pieces_of(typed)
    if not pieces:
        known = await articles_about(database, shop_id, about, limit=limit) if about else []
        return [_answer(each, "product", about) for each in known]
    found = [
        _answer(each, "words", about)
        for each in await articles_with(database, shop_id, pieces, product_ids=about)
    ]
    seen = {one.article.id for one in found}
    alike = [
        each
        for each in await articles_like(database, shop_id, typed, product_ids=about)
        if each.id not in seen and _covers(each, typed) >= LIKE_MIN
    ]
    found += [_answer(each, "alike", about) for each in alike]
    sizes = await _sizes(database, shop_id, typed, about, locale)
    taken = {one.article.id for one in sizes}
    others = [one for one in found if one.article.id not in taken]
    others.sort(key=lambda one: _rank(one, typed))
    return [*sizes, *others][:limit]


async def find_size_in(
    database: Queryable, who: Principal, article_id: UUID, measured: dict[str, float]
) -> SizeFound:
    """The size for some measurements by one size table. Raises Refusal."""
    article = await see_article(database, who, article_id)
    if article.kind != "sizes" or article.body.table is None:
        raise Refusal("invalid", N_("This article is no size table."))
    found = find_size(article.body.table, measured)
    if found is None:
        raise Refusal("not_found", N_("No size of this table is near these measurements."))
    return found


def say_size(found: SizeFound, locale: Locale) -> str:
    """What a buyer is told of a size."""
    sizes = " / ".join(found.sizes)
    if found.fits:
        return translate(locale, N_("By your measurements, size {size} fits."), {"size": sizes})
    return translate(
        locale,
        N_("By your measurements, size {size} is the nearest; please have them checked once more."),
        {"size": sizes},
    )


async def _sizes(
    database: Queryable, shop_id: UUID, typed: str, about: Sequence[UUID], locale: Locale
) -> list[Answer]:
    """Size tables of the product whose measurements were typed with numbers."""
    if not about or not any(each.isdigit() for each in typed):
        return []
    answers: list[Answer] = []
    for article in await articles_about(database, shop_id, about, limit=FOUND_MAX):
        table = article.body.table
        if article.kind != "sizes" or table is None:
            continue
        if found := find_size(table, heard_measures(table, typed)):
            answers.append(
                Answer(
                    article=article, text=say_size(found, locale), why="size", about=True,
                    size=found,
                )
            )  # fmt: skip
    return answers


def _answer(
    article: Article, why: Literal["words", "alike", "product"], about: Sequence[UUID]
) -> Answer:
    return Answer(
        article=article,
        text=say(article),
        why=why,
        about=bool(set(article.product_ids) & set(about)),
    )


def _covers(article: Article, typed: str) -> float:
    """How much of what was typed stands in an article."""
    asked = parts_of(typed)
    said = parts_of(f"{article.title} {say(article)}")
    return len(asked & said) / len(asked) if asked else 0.0


def _rank(one: Answer, typed: str) -> tuple[int, bool, float]:
    """On the product first, then of the whole shop; what has every word; how much stands there."""
    asked = parts_of(typed)
    in_title = len(asked & parts_of(one.article.title)) / len(asked) if asked else 0.0
    fit = _covers(one.article, typed) + _TITLE_WEIGHT * in_title
    near = 0 if one.about else 2 if one.article.product_ids else 1
    return (near, one.why != "words", -fit)
