"""What a shop knows: articles with their versions, search while one types, sizes, files."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from litestar.params import QueryParameter as Query

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.headers import Key
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.texts import NO_NUL
from gongdao.flows.knowledge import articles as desk
from gongdao.flows.knowledge.article_file import (
    FILE_BYTES_MAX,
    articles_as_rows,
    take_article_file,
)
from gongdao.flows.knowledge.find import FOUND_MAX, Answer, find_answers, find_size_in
from gongdao.knowledge.article import Article, Body, Kind, Note, Products, State, Title, Written

READS, EDITS = may("knowledge.read"), may("knowledge.edit")
TAGS = ["knowledge"]
After = Annotated[str, Query(max_length=200, pattern="^[A-Za-z0-9_=-]*$")]
Limit = Annotated[int, Query(ge=1, le=desk.PAGE_MAX)]
Seen = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)]
_Typed = Annotated[str, Query(max_length=200, pattern=NO_NUL)]
_FoundLimit = Annotated[int, Query(ge=1, le=FOUND_MAX)]
_Measures = Annotated[
    dict[str, Annotated[float, msgspec.Meta(gt=0, le=1000)]],
    msgspec.Meta(min_length=1, max_length=12),
]


class ArticleShown(msgspec.Struct, frozen=True, kw_only=True):
    """An article; without products it is of the whole shop."""

    id: UUID
    kind: Kind
    state: State
    title: str
    body: Body
    products: tuple[UUID, ...]
    version: int
    changed_at: datetime
    changed_by: UUID


class ArticlesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Articles, the newest first; `after` is where the next page begins, null at the end."""

    articles: list[ArticleShown]
    after: str | None


class ArticleBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article as somebody writes it: text, and a table where the kind has one."""

    kind: Kind
    title: Title
    body: Body
    products: Products = ()
    state: State = "draft"


class ChangedArticle(ArticleBody, frozen=True, kw_only=True):
    """Another version; `version` is the one that was seen, `note` says what changed."""

    version: Seen
    note: Note = ""


class RestoreBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version is to be the newest again, and the one that was seen."""

    restore: Seen
    version: Seen
    note: Note = ""


class ArticleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """How an article was once."""

    version: int
    state: State
    title: str
    body: Body
    products: tuple[UUID, ...]
    note: str
    by: UUID
    at: datetime


class ArticleVersions(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of an article, the newest first."""

    versions: list[ArticleVersion]


class AnswerShown(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; `text` is how one says it, `about`: it is on the product under talk."""

    article: UUID
    kind: Kind
    title: str
    text: str
    why: Literal["words", "alike", "size", "product"]
    about: bool


class AnswersFound(msgspec.Struct, frozen=True, kw_only=True):
    """What answers, best first."""

    answers: list[AnswerShown]


class MeasuresBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measurements by the names of the columns of a size table."""

    measures: _Measures


class SizeShown(msgspec.Struct, frozen=True, kw_only=True):
    """The sizes that fit, or the nearest ones with how far `off` they are in all."""

    sizes: tuple[str, ...]
    fits: bool
    off: float
    used: tuple[str, ...]


class KnowledgeUpload(msgspec.Struct, frozen=True, kw_only=True):
    """A file of articles."""

    file: Annotated[UploadFile, msgspec.Meta(description="CSV or JSON, as the export gives it")]


class ArticlesImported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file came to; with faults, nothing was taken."""

    new: int
    changed: int
    same: int
    faults: list[str]


class ArticlesExported(msgspec.Struct, frozen=True, kw_only=True):
    """Every article as a row of texts; the import takes it as it is."""

    articles: list[dict[str, str]]


@get("/knowledge/articles", guards=[READS], summary="Articles", tags=TAGS)
async def read_articles(
    request: Asked,
    kind: FromQuery[Kind | None] = None,
    only: FromQuery[State | None] = None,
    product: FromQuery[UUID | None] = None,
    after: After = "",
    limit: Limit = desk.PAGE_MAX,
) -> ArticlesPage:
    """What the shop knows; drafts and retired articles for those who may edit."""
    listed = await desk.browse(
        request.app.state.pool, principal_of(request), kind=kind, state=only,
        product_id=product, after=after, limit=limit,
    )  # fmt: skip
    return ArticlesPage(articles=[_shown(each) for each in listed.articles], after=listed.after)


@post("/knowledge/articles", guards=[EDITS], summary="Write an article", tags=TAGS)
async def write_article(
    request: Asked, data: JSONBody[ArticleBody], key: Key = None
) -> ArticleShown:
    """A new article, of products or of the whole shop."""
    article = await desk.write_article(
        request.app.state.pool, principal_of(request), _written(data), key=key, now=utc_now()
    )
    return _shown(article)


@get("/knowledge/articles/{article_id:uuid}", guards=[READS], summary="One article", tags=TAGS)
async def read_article(request: Asked, article_id: FromPath[UUID]) -> ArticleShown:
    """An article as it is now."""
    pool = request.app.state.pool
    return _shown(await desk.see_article(pool, principal_of(request), article_id))


@put("/knowledge/articles/{article_id:uuid}", guards=[EDITS], summary="Change it", tags=TAGS)
async def change_article(
    request: Asked, article_id: FromPath[UUID], data: JSONBody[ChangedArticle]
) -> ArticleShown:
    """Another version; every earlier one stays."""
    article = await desk.rewrite_article(
        request.app.state.pool, principal_of(request), article_id, _written(data),
        seen=data.version, note=data.note, now=utc_now(),
    )  # fmt: skip
    return _shown(article)


@get(
    "/knowledge/articles/{article_id:uuid}/versions",
    guards=[READS], summary="Its versions", tags=TAGS,
)  # fmt: skip
async def read_article_versions(request: Asked, article_id: FromPath[UUID]) -> ArticleVersions:
    """Who changed it when, and what it said."""
    versions = await desk.see_versions(request.app.state.pool, principal_of(request), article_id)
    return ArticleVersions(
        versions=[
            ArticleVersion(
                version=one.version, state=one.state, title=one.title, body=one.body,
                products=one.product_ids, note=one.note, by=one.by_id, at=one.at,
            )
            for one in versions
        ]
    )  # fmt: skip


@post(
    "/knowledge/articles/{article_id:uuid}/restore",
    guards=[EDITS], summary="Restore a version", tags=TAGS, status_code=200,
)  # fmt: skip
async def restore_article(
    request: Asked, article_id: FromPath[UUID], data: JSONBody[RestoreBody]
) -> ArticleShown:
    """An older version is the newest again; nothing in between is lost."""
    article = await desk.restore_version(
        request.app.state.pool, principal_of(request), article_id, data.restore,
        seen=data.version, note=data.note, now=utc_now(),
    )  # fmt: skip
    return _shown(article)


@post(
    "/knowledge/articles/{article_id:uuid}/size",
    guards=[READS], summary="Find a size", tags=TAGS, status_code=200,
)  # fmt: skip
async def find_article_size(
    request: Asked, article_id: FromPath[UUID], data: JSONBody[MeasuresBody]
) -> SizeShown:
    """Measurements in, the size of this table out."""
    pool = request.app.state.pool
    found = await find_size_in(pool, principal_of(request), article_id, dict(data.measures))
    return SizeShown(sizes=found.sizes, fits=found.fits, off=found.off, used=found.used)


@get("/knowledge/answers", guards=[READS], summary="Find an answer", tags=TAGS)
async def read_answers(
    request: Asked,
    q: _Typed = "",
    conversation: FromQuery[UUID | None] = None,
    product: FromQuery[UUID | None] = None,
    limit: _FoundLimit = 8,
) -> AnswersFound:
    """What answers the words typed, the product under talk first; with none, what is on it."""
    found = await find_answers(
        request.app.state.pool,
        principal_of(request),
        q,
        conversation_id=conversation,
        product_ids=[product] if product else [],
        locale=locale_of(request),
        limit=limit,
    )
    return AnswersFound(answers=[_answer(each) for each in found])


@get("/knowledge/export", guards=[READS], summary="All articles", tags=TAGS)
async def export_articles(request: Asked) -> ArticlesExported:
    """Everything as rows of texts, which the import takes again."""
    rows = await articles_as_rows(request.app.state.pool, principal_of(request))
    return ArticlesExported(articles=rows)


@post(
    "/knowledge/import",
    guards=[EDITS], summary="Import articles", tags=TAGS, status_code=200,
    request_max_body_size=FILE_BYTES_MAX + 1_000_000,
)  # fmt: skip
async def import_articles(request: Asked, data: MultipartBody[KnowledgeUpload]) -> ArticlesImported:
    """Take a CSV or JSON file over, whole or not at all; with one fault for each wrong line."""
    raw = await data.file.read()
    pool, locale = request.app.state.pool, locale_of(request)
    taken = await take_article_file(pool, principal_of(request), raw, now=utc_now())
    return ArticlesImported(
        new=taken.new, changed=taken.changed, same=taken.same,
        faults=[fault.say(locale) for fault in taken.faults],
    )  # fmt: skip


def _written(body: ArticleBody) -> Written:
    return Written(
        kind=body.kind, title=body.title, body=body.body, product_ids=body.products,
        state=body.state,
    )  # fmt: skip


def _shown(article: Article) -> ArticleShown:
    return ArticleShown(
        id=article.id, kind=article.kind, state=article.state, title=article.title,
        body=article.body, products=article.product_ids, version=article.version,
        changed_at=article.changed_at, changed_by=article.changed_by,
    )  # fmt: skip


def _answer(found: Answer) -> AnswerShown:
    return AnswerShown(
        article=found.article.id, kind=found.article.kind, title=found.article.title,
        text=found.text, why=found.why, about=found.about,
    )  # fmt: skip


routes = [
    read_articles, write_article, read_article, change_article, read_article_versions,
    restore_article, find_article_size, read_answers, export_articles, import_articles,
]  # fmt: skip
