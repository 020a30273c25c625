"""The knowledge of a shop: /shop/knowledge and below.

Who: a lead who writes down what is asked again and again; an agent who looks something up.
Question: what do we say to this, for which product, and is it still true? Next: write or mend the
article, restore an older version, or put the answer into a conversation.
"""

from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.base.texts import NO_NUL
from gongdao.flows.knowledge import articles as desk
from gongdao.flows.knowledge.article_file import (
    COLUMNS,
    FILE_BYTES_MAX,
    articles_as_rows,
    take_article_file,
)
from gongdao.flows.knowledge.find import find_answers, find_size_in, say_size
from gongdao.flows.knowledge.gaps import note_search, see_question, write_answer
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_named, products_of_shop
from gongdao.knowledge.article import (
    KIND_LABELS,
    NOTE_MAX,
    STATE_LABELS,
    STATES,
    TEXT_MAX,
    TITLE_MAX,
    WITH_TABLE,
    Article,
    Body,
    Kind,
    State,
    Written,
    read_table,
    write_table,
)
from gongdao.knowledge.size import measures_of
from gongdao.web.knowledge.forms import EDITORS, READERS, key_in, products_in, seen_in
from gongdao.web.privacy_words import id_of
from gongdao.web.shell import locale_of, page
from gongdao.web.spreadsheet import csv_file, harmless
from gongdao.web.typed import text_of, texts_of

Typed = Annotated[str, QueryParameter(max_length=200, pattern=NO_NUL)]
Word = Annotated[str, QueryParameter(max_length=20, pattern="^[a-z]*$")]
#: `state` is a name of the framework's own.
StateWord = Annotated[str, QueryParameter(name="state", max_length=20, pattern="^[a-z]*$")]
After = Annotated[str, QueryParameter(max_length=200, pattern="^[A-Za-z0-9_=-]*$")]


@get("/shop/knowledge", guards=READERS, include_in_schema=False)
async def show_articles(
    request: Asked,
    q: Typed = "",
    kind: Word = "",
    standing: StateWord = "",
    product: FromQuery[UUID | None] = None,
    after: After = "",
    taken: Typed = "",
) -> Response[str]:
    """The articles of the shop, or what answers a question; a question in vain is kept."""
    pool, who = request.app.state.pool, principal_of(request)
    answers = None
    listed = desk.Listed(articles=[], after=None)
    if q.strip():
        products = [product] if product else []
        answers = await find_answers(pool, who, q, product_ids=products, locale=locale_of(request))
        if not answers:
            await note_search(pool, who, q, now=utc_now())
    else:
        listed = await desk.browse(
            pool, who, kind=_kind(kind), state=_state(standing), product_id=product, after=after
        )
    articles = [each.article for each in answers] if answers is not None else listed.articles
    return page(
        request,
        "knowledge/articles.html",
        articles=articles,
        answers=answers,
        after=listed.after,
        products=await products_of_shop(pool, shop_of(who)),
        named=await products_named(
            pool, shop_of(who), [each for one in articles for each in one.product_ids]
        ),
        people=await names_of_people(pool, [one.changed_by for one in articles]),
        chosen={"q": q, "kind": kind, "state": standing, "product": product},
        kinds=KIND_LABELS,
        states=STATE_LABELS,
        taken=taken,
    )


@get("/shop/knowledge/articles/new", guards=EDITORS, include_in_schema=False)
async def show_new_article(
    request: Asked, kind: Word = "answer", gap: FromQuery[UUID | None] = None
) -> Response[str]:
    """Write one; for an open question, which it answers once it is published."""
    pool, who = request.app.state.pool, principal_of(request)
    question = (await see_question(pool, who, gap))[0] if gap else None
    return page(
        request,
        "knowledge/article_form.html",
        article=None,
        kind=_kind(kind) or "answer",
        gap=question,
        **await _form_values(request),
    )


@post("/shop/knowledge/articles", guards=EDITORS, include_in_schema=False)
async def take_new_article(request: Asked) -> Redirect:
    """Keep a new article, and answer the question that it was written for."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    form = await request.form()
    written = _written(form, text_of(form, "kind"))
    if gap := text_of(form, "gap"):
        gap_id = id_of(gap)
        article = await write_answer(pool, who, gap_id, written, key=key_in(form), now=now)
        if article.state == "published":
            return Redirect(f"/shop/knowledge/gaps/{gap_id}", status_code=303)
    else:
        article = await desk.write_article(pool, who, written, key=key_in(form), now=now)
    return Redirect(f"/shop/knowledge/articles/{article.id}", status_code=303)


@get("/shop/knowledge/articles/{article_id:uuid}", guards=READERS, include_in_schema=False)
async def show_article(request: Asked, article_id: FromPath[UUID]) -> Response[str]:
    """An article with its versions; a size table finds sizes."""
    pool, who = request.app.state.pool, principal_of(request)
    article = await desk.see_article(pool, who, article_id)
    versions = await desk.see_versions(pool, who, article_id)
    table = article.body.table if article.kind == "sizes" else None
    return page(
        request,
        "knowledge/article.html",
        article=article,
        versions=versions,
        people=await names_of_people(pool, [one.by_id for one in versions]),
        named=await products_named(pool, article.shop_id, article.product_ids),
        kinds=KIND_LABELS,
        states=STATE_LABELS,
        measures=measures_of(table) if table else (),
        **await _size_values(request, article),
    )


@get("/shop/knowledge/articles/{article_id:uuid}/edit", guards=EDITORS, include_in_schema=False)
async def show_article_form(request: Asked, article_id: FromPath[UUID]) -> Response[str]:
    """Change an article."""
    article = await desk.see_article(request.app.state.pool, principal_of(request), article_id)
    return page(
        request,
        "knowledge/article_form.html",
        article=article,
        kind=article.kind,
        gap=None,
        **await _form_values(request),
    )


@post("/shop/knowledge/articles/{article_id:uuid}", guards=EDITORS, include_in_schema=False)
async def take_article(request: Asked, article_id: FromPath[UUID]) -> Redirect:
    """Keep another version."""
    pool, who = request.app.state.pool, principal_of(request)
    form = await request.form()
    before = await desk.see_article(pool, who, article_id)
    await desk.rewrite_article(
        pool, who, article_id, _written(form, before.kind), seen=seen_in(form),
        note=text_of(form, "note").strip()[:NOTE_MAX], now=utc_now(),
    )  # fmt: skip
    return Redirect(f"/shop/knowledge/articles/{article_id}", status_code=303)


@post("/shop/knowledge/articles/{article_id:uuid}/state", guards=EDITORS, include_in_schema=False)
async def take_state(request: Asked, article_id: FromPath[UUID]) -> Redirect:
    """Publish it, take it back, or retire it."""
    form = await request.form()
    state = _state(text_of(form, "state"))
    if state is None:
        raise Refusal("invalid", N_("Something in the form is missing or wrong."))
    await desk.set_state(
        request.app.state.pool, principal_of(request), article_id, state, seen=seen_in(form),
        now=utc_now(),
    )  # fmt: skip
    return Redirect(f"/shop/knowledge/articles/{article_id}", status_code=303)


@post("/shop/knowledge/articles/{article_id:uuid}/restore", guards=EDITORS, include_in_schema=False)
async def take_restore(request: Asked, article_id: FromPath[UUID]) -> Redirect:
    """Make an older version the newest again."""
    form = await request.form()
    version = text_of(form, "version")
    await desk.restore_version(
        request.app.state.pool,
        principal_of(request),
        article_id,
        int(version) if version.isdecimal() and len(version) < 9 else 0,
        seen=seen_in(form),
        note=text_of(form, "note").strip()[:NOTE_MAX],
        now=utc_now(),
    )
    return Redirect(f"/shop/knowledge/articles/{article_id}", status_code=303)


@get("/shop/knowledge/export.csv", guards=READERS, include_in_schema=False)
async def export_articles(request: Asked) -> Response[bytes]:
    """Everything as a file for spreadsheets."""
    rows = await articles_as_rows(request.app.state.pool, principal_of(request))
    cells = [[harmless(row[name]) for name in COLUMNS] for row in rows]
    return csv_file(f"knowledge-{utc_now():%Y%m%d}.csv", [list(COLUMNS), *cells])


@post(
    "/shop/knowledge/import", guards=EDITORS, request_max_body_size=FILE_BYTES_MAX + 1_000_000,
    include_in_schema=False,
)  # fmt: skip
async def import_articles(request: Asked) -> Response[str] | Redirect:
    """Take such a file over, all of it or nothing; each wrong line is named."""
    sent = (await request.form()).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Refusal("invalid", N_("Choose a file first."))
    raw = await sent.read(FILE_BYTES_MAX + 1)
    pool, locale = request.app.state.pool, locale_of(request)
    taken = await take_article_file(pool, principal_of(request), raw, now=utc_now())
    if taken.faults:
        faults = [fault.say(locale) for fault in taken.faults]
        return page(request, "knowledge/import.html", status_code=422, faults=faults)
    return Redirect(
        f"/shop/knowledge?taken={taken.new}-{taken.changed}-{taken.same}", status_code=303
    )


async def _size_values(request: Asked, article: Article) -> dict[str, Any]:
    """What was measured, and the size that it comes to."""
    told = {name[2:]: value for name, value in request.query_params.items() if name[:2] == "m."}
    measured = {name: _measure(value) for name, value in told.items() if value.strip()}
    values: dict[str, Any] = {"measured": told, "size": "", "no_size": ""}
    if not measured or article.kind != "sizes":
        return values
    known = {name: value for name, value in measured.items() if value is not None}
    locale = locale_of(request)
    try:
        pool, who = request.app.state.pool, principal_of(request)
        values["size"] = say_size(await find_size_in(pool, who, article.id, known), locale)
    except Refusal as refusal:
        values["no_size"] = say_refusal(locale, refusal)
    return values


def _measure(typed: str) -> float | None:
    try:
        value = float(typed.strip())
    except ValueError:
        return None
    return value if 0 < value <= 1000 else None


async def _form_values(request: Asked) -> dict[str, Any]:
    pool, who = request.app.state.pool, principal_of(request)
    return {
        "products": await products_of_shop(pool, shop_of(who)),
        "kinds": KIND_LABELS,
        "states": {state: STATE_LABELS[state] for state in STATES},
        "with_table": WITH_TABLE,
        "write_table": write_table,
        "title_max": TITLE_MAX,
        "text_max": TEXT_MAX,
    }


def _written(form: FormMultiDict, kind: str) -> Written:
    """The article in a form. Raises Refusal."""
    fields = texts_of(form, "title", "text", "state")
    table = read_table(text_of(form, "table")) if kind in WITH_TABLE else None
    told: dict[str, Any] = {
        "kind": kind,
        "title": fields["title"],
        "body": Body(text=fields["text"].replace("\r", ""), table=table),
        "product_ids": products_in(form),
        "state": fields["state"],
    }
    try:
        return msgspec.convert(told, Written)
    except msgspec.ValidationError as error:
        raise Refusal("invalid", N_("Something in the form is missing or wrong.")) from error


def _kind(word: str) -> Kind | None:
    return next((each for each in get_args(Kind) if each == word), None)


def _state(word: str) -> State | None:
    return next((each for each in STATES if each == word), None)


article_routes: list[Any] = [
    show_articles, show_new_article, take_new_article, show_article, show_article_form,
    take_article, take_state, take_restore, export_articles, import_articles,
]  # fmt: skip
