"""The reviews of a shop.

Who: the agents who look after buyers, in the morning and between two talks. Question: who is not
content, why, and whom do I call now? Next: read it with the order and the chat, call, write down
how it went, answer once in public; a lead looks at the trends.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import next_midnight
from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, N_, ZONE, Locale
from gongdao.base.texts import NO_NUL
from gongdao.flows.reviews.attend import (
    CauseArgs,
    ContactArgs,
    RatingArgs,
    decide_cause,
    note_contact,
    rate_buyer,
)
from gongdao.flows.reviews.import_reviews import (
    import_reviews,
    preview_reviews,
    require_importer,
)
from gongdao.flows.reviews.proof import seal_for_review
from gongdao.flows.reviews.reply import ReplyArgs, check_reply, reply_to_review
from gongdao.flows.reviews.see import read_trends, see_list, see_review
from gongdao.reviews.import_reviews import FILE_BYTES_MAX
from gongdao.reviews.lists import Wanted
from gongdao.reviews.review import (
    CAUSE_LABELS,
    MARK_LABELS,
    OUTCOME_LABELS,
    WAY_LABELS,
    Cause,
    Mark,
)
from gongdao.web.shell import locale_of, page
from gongdao.web.shop.review_charts import cause_key, week_columns
from gongdao.web.typed import text_of
from gongdao.web.uploads import objects_of

_SERVERS = [kind("shop"), may("chat.serve")]
_IMPORTERS = [kind("shop"), may("order.import")]
_Text = Annotated[str, QueryParameter(max_length=500, pattern=NO_NUL)]
_MISFIT = N_("Something in the form is missing or does not fit; please check it.")
VIEWS: dict[str, str] = {
    "due": N_("To do today"),
    "waiting": N_("Later"),
    "unanswered": N_("Not answered in public"),
    "all": N_("All"),
}
DEEDS: dict[str, str] = {
    "written": N_("The buyer wrote the review"),
    "changed": N_("The buyer changed it"),
    "appended": N_("The buyer added to it"),
    "cause_set": N_("The cause was decided"),
    "contacted": N_("The buyer was contacted"),
    "replied": N_("Answered in public"),
    "sealed": N_("An excerpt of the chat was sealed"),
}
_WORDS: dict[str, Any] = {
    "causes": CAUSE_LABELS,
    "marks": MARK_LABELS,
    "outcomes": OUTCOME_LABELS,
    "ways": WAY_LABELS,
    "deeds": DEEDS,
}


@get("/shop/reviews", guards=_SERVERS, include_in_schema=False)
async def show_reviews(
    request: Asked,
    view: FromQuery[str] = "due",
    cause: FromQuery[str] = "",
    mark: FromQuery[str] = "",
    product: _Text = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """The reviews to work through: those that are due today first."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    wanted = Wanted(
        view=view if view in VIEWS else "due",  # type: ignore[arg-type]
        cause=_one_of(cause, Cause),
        mark=_one_of(mark, Mark),
        product=product,
    )
    found = await see_list(pool, who, wanted, now=now, after=after)
    return page(
        request,
        "shop/reviews.html",
        found=found,
        chosen=wanted,
        views=VIEWS,
        tonight=next_midnight(now),
        now=now,
        **_WORDS,
    )


@get("/shop/reviews/trends", guards=_SERVERS, include_in_schema=False)
async def show_trends(request: Asked, product: _Text = "") -> Response[str]:
    """Twelve weeks by cause and product."""
    trends = await read_trends(
        request.app.state.pool, principal_of(request), now=utc_now(), product=product or None
    )
    return page(
        request,
        "shop/review_trends.html",
        trends=trends,
        product=product,
        columns=week_columns,
        key=cause_key,
        **_WORDS,
    )


@get("/shop/reviews/{review_id:uuid}", guards=_SERVERS, include_in_schema=False)
async def show_review(
    request: Asked, review_id: FromPath[UUID], template: FromQuery[str] = ""
) -> Response[str]:
    """One review with its order, the chat, why it is sorted so, the script, and the answer."""
    seen = await see_review(
        request.app.state.pool,
        principal_of(request),
        review_id,
        locale=locale_of(request),
        now=utc_now(),
    )
    chosen = next((each for each in seen.answers if each.ref == template), None)
    draft = chosen or next(iter(seen.answers), None)
    return page(
        request, "shop/review.html", seen=seen, review=seen.review, draft=draft, now=utc_now(),
        **_WORDS,
    )  # fmt: skip


@post("/shop/reviews/{review_id:uuid}/cause", guards=_SERVERS, include_in_schema=False)
async def take_cause(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Confirm or correct the cause."""
    form = await request.form()
    args = _args({"cause": text_of(form, "cause"), "reason": text_of(form, "reason")}, CauseArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await decide_cause(pool, who, review_id, args, key=_key(form), now=utc_now())
    return _back(review_id)


@post("/shop/reviews/{review_id:uuid}/contacts", guards=_SERVERS, include_in_schema=False)
async def take_contact(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Write down how a call went."""
    form = await request.form()
    fields = {name: text_of(form, name) for name in ("way", "outcome", "note")}
    args = _args(fields | {"again_at": _local(text_of(form, "again_at"))}, ContactArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await note_contact(pool, who, review_id, args, key=_key(form), now=utc_now())
    return _back(review_id)


@post("/shop/reviews/{review_id:uuid}/reply/check", guards=_SERVERS, include_in_schema=False,
      status_code=200)  # fmt: skip
async def show_reply_check(request: Asked, review_id: FromPath[UUID]) -> Response[str]:
    """What is minded in an answer while it is written."""
    text = text_of(await request.form(), "text")
    found = await check_reply(request.app.state.pool, principal_of(request), review_id, text)
    return page(request, "shop/review_check.html", found=found, said=bool(text.strip()))


@post("/shop/reviews/{review_id:uuid}/reply", guards=_SERVERS, include_in_schema=False)
async def take_reply(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Answer in public, once."""
    form = await request.form()
    args = _args({name: text_of(form, name) for name in ("text", "reason")}, ReplyArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await reply_to_review(pool, who, review_id, args, key=_key(form), now=utc_now())
    return _back(review_id)


@post("/shop/reviews/{review_id:uuid}/proof", guards=_SERVERS, include_in_schema=False)
async def take_proof(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Seal chosen messages of one talk and bind them to the review."""
    form = await request.form()
    chosen = [str(text).partition(":") for text in form.getall("line", [])]
    talks = {talk for talk, _, _ in chosen}
    if len(talks) != 1:
        raise Refusal("invalid", N_("Choose messages of one conversation."))
    try:
        talk_id, seqs = UUID(talks.pop()), [int(seq) for _, _, seq in chosen]
    except ValueError:
        raise Refusal("invalid", _MISFIT) from None
    await seal_for_review(
        request.app.state.pool, objects_of(request), principal_of(request), review_id, talk_id,
        seqs, now=utc_now(),
    )  # fmt: skip
    return _back(review_id)


@post("/shop/orders/{order_id:uuid}/rating", guards=_SERVERS, include_in_schema=False)
async def take_rating(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Rate the buyer of an order, once."""
    form = await request.form()
    args = _args({"mark": text_of(form, "mark"), "text": text_of(form, "text")}, RatingArgs)
    pool, who = request.app.state.pool, principal_of(request)
    await rate_buyer(pool, who, order_id, args, now=utc_now())
    back = text_of(form, "review")
    return _back(_id_of(back)) if back else Redirect(f"/shop/orders/{order_id}", status_code=303)


@get("/shop/reviews/import", guards=_IMPORTERS, include_in_schema=False)
async def show_review_import(request: Asked) -> Response[str]:
    """Choose a file of reviews."""
    return page(request, "shop/review_import.html", report=None, faults=[])


@post(
    "/shop/reviews/import",
    guards=_IMPORTERS,
    status_code=200,
    request_max_body_size=FILE_BYTES_MAX + (1 << 20),
    include_in_schema=False,
)
async def take_review_import(request: Asked) -> Response[str]:
    """Bring a file in, or look through it first; with anything wrong in it nothing is changed."""
    form = await request.form()
    upload: Any = form.get("file")
    if upload is None or isinstance(upload, str) or not upload.filename:
        raise Refusal("invalid", N_("Choose a file first."))
    who = principal_of(request)
    assert who.shop_id is not None, "the guard lets only people of shops in"
    require_importer(who, who.shop_id)
    run = preview_reviews if text_of(form, "check") else import_reviews
    report = await run(request.app.state.pool, who.shop_id, await upload.read(), now=utc_now())
    faults: list[dict[Locale, str]] = [
        {locale: fault.say(locale) for locale in LOCALES} for fault in report.faults
    ]
    return page(
        request, "shop/review_import.html", report=report, faults=faults,
        checked=bool(text_of(form, "check")),
    )  # fmt: skip


def _args(fields: dict[str, Any], wanted: Any) -> Any:
    given = {name: value for name, value in fields.items() if value not in ("", None)}
    try:
        return msgspec.convert(given, wanted)
    except msgspec.ValidationError:
        raise Refusal("invalid", _MISFIT) from None


def _one_of(text: str, allowed: Any) -> Any:
    try:
        return msgspec.convert(text, allowed) if text else None
    except msgspec.ValidationError:
        return None


def _local(text: str) -> datetime | None:
    """A time as the browser sends it, meant in Shanghai."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Refusal("invalid", _MISFIT) from None


def _key(form: Any) -> UUID:
    return _id_of(text_of(form, "idempotency_key"))


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again.")) from None


def _back(review_id: UUID) -> Redirect:
    return Redirect(f"/shop/reviews/{review_id}", status_code=303)


review_routes: list[Any] = [
    show_reviews, show_trends, show_review_import, take_review_import, show_review, take_cause,
    take_contact, show_reply_check, take_reply, take_proof, take_rating,
]  # fmt: skip
