"""Reviews over the API: the buyer's words, and everything the shop does about them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.texts import NO_NUL
from gongdao.flows.reviews.access import review_for
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
from gongdao.flows.reviews.reply import Objection, ReplyArgs, check_reply, reply_to_review
from gongdao.flows.reviews.see import Trends, read_trends, see_list
from gongdao.flows.reviews.write import (
    AdditionArgs,
    ChangeArgs,
    ReviewArgs,
    append_to_review,
    change_review,
    write_review,
)
from gongdao.reviews.import_reviews import FILE_BYTES_MAX
from gongdao.reviews.lists import View, Wanted
from gongdao.reviews.review import BuyerRating, Cause, Mark, Review, ReviewEvent
from gongdao.reviews.store import events_of, reviews_of_buyer
from gongdao.reviews.triage import sign_book

_SERVERS = [kind("shop"), may("chat.serve")]
_BUYERS = [kind("buyer"), may("order.read")]
_Word = Annotated[str, QueryParameter(max_length=500, pattern=NO_NUL)]


class ReviewShown(msgspec.Struct, frozen=True, kw_only=True):
    """A review as it stands; what the shop thinks of it only the shop reads."""

    id: UUID
    order_id: UUID
    order_number: str
    line: int
    product: str
    stars: int
    mark: Mark
    text: str
    pictures: tuple[UUID, ...]
    at: datetime
    changed_at: datetime | None
    added_text: str | None
    added_at: datetime | None
    reply: str | None
    replied_at: datetime | None
    version: int
    cause: Cause | None = None
    suggested: Cause | None = None
    reasons: list[str] = []
    due_at: datetime | None = None
    solved_at: datetime | None = None


class ReviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some reviews, and where the rest begins; an empty `next` at the end."""

    reviews: list[ReviewShown]
    next: str


class Keyed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The id of the sender's, under which the same is done once."""

    id: UUID


class NewReview(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A review under an id of the sender's."""

    review: ReviewArgs


class NewChange(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer says instead."""

    change: ChangeArgs


class NewAddition(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer adds."""

    addition: AdditionArgs


class NewCause(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cause as somebody has decided it."""

    decision: CauseArgs


class NewContact(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How trying to reach the buyer went."""

    contact: ContactArgs


class NewReply(Keyed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer in public."""

    answer: ReplyArgs


class ReplyToCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer that is being written."""

    text: Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)]


class ReplyChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What is minded in it; `blocked`: it would be refused."""

    blocked: bool
    minded: list[Objection]


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Messages of a conversation that prove something."""

    conversation: UUID
    messages: Annotated[list[int], msgspec.Meta(min_length=1, max_length=200)]


class SealedShown(msgspec.Struct, frozen=True, kw_only=True):
    """The excerpt that was sealed: its pages, its document, and their checksum."""

    id: UUID
    sealed_at: datetime
    sha256: str
    pages: UUID
    document: UUID


class ReviewsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; with faults it did nothing."""

    added: int
    unchanged: int
    not_good: int
    faults: list[str]


class ReviewUpload(msgspec.Struct, kw_only=True):
    """A file of reviews."""

    file: UploadFile


_Upload = MultipartBody[ReviewUpload]


@get("/reviews", guards=[kind("buyer", "shop")], summary="List reviews", tags=["reviews"])
async def read_reviews(
    request: Asked,
    view: FromQuery[View] = "all",
    cause: FromQuery[Cause | None] = None,
    mark: FromQuery[Mark | None] = None,
    product: _Word = "",
    after: _Word = "",
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 30,
) -> ReviewPage:
    """Those of one's shop, by what is to do; a buyer reads the newest of their own."""
    pool, who = request.app.state.pool, principal_of(request)
    if who.kind == "buyer":
        own = await reviews_of_buyer(pool, who.person_id, limit=limit)
        return ReviewPage(reviews=[_shown(request, review) for review in own], next="")
    wanted = Wanted(view=view, cause=cause, mark=mark, product=product)
    found = await see_list(pool, who, wanted, now=utc_now(), after=after, limit=limit)
    shown = [_shown(request, review) for review in found.reviews]
    return ReviewPage(reviews=shown, next=found.following)


@get("/reviews/trends", guards=_SERVERS, summary="Trends of reviews", tags=["reviews"])
async def read_review_trends(request: Asked, product: _Word = "") -> Trends:
    """Twelve weeks by cause and product, the score, and how often suggestions stood."""
    pool, who = request.app.state.pool, principal_of(request)
    return await read_trends(pool, who, now=utc_now(), product=product or None)


@get(
    "/reviews/{review_id:uuid}",
    guards=[kind("buyer", "shop")],
    summary="Read a review",
    tags=["reviews"],
)
async def read_review(request: Asked, review_id: FromPath[UUID]) -> ReviewShown:
    """One review of one's own, or of one's shop."""
    pool, who = request.app.state.pool, principal_of(request)
    return _shown(request, await review_for(pool, who, review_id))


@get("/reviews/{review_id:uuid}/log", guards=_SERVERS, summary="What happened", tags=["reviews"])
async def read_review_log(request: Asked, review_id: FromPath[UUID]) -> list[ReviewEvent]:
    """What happened to a review, the oldest first."""
    pool, who = request.app.state.pool, principal_of(request)
    return await events_of(pool, (await review_for(pool, who, review_id)).id)


@post("/orders/{order_id:uuid}/reviews", guards=_BUYERS, summary="Review", tags=["reviews"])
async def send_review(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[NewReview]
) -> ReviewShown:
    """Say what one thinks of a line of a finished order; once."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await write_review(pool, who, order_id, data.review, review_id=data.id, now=utc_now())
    return _shown(request, review)


@put("/reviews/{review_id:uuid}", guards=_BUYERS, summary="Change a review", tags=["reviews"])
async def send_change(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[NewChange]
) -> ReviewShown:
    """Think again, as often and as long as the rule book lets one."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await change_review(pool, who, review_id, data.change, key=data.id, now=utc_now())
    return _shown(request, review)


@post("/reviews/{review_id:uuid}/addition", guards=_BUYERS, summary="Add words", tags=["reviews"])
async def send_addition(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[NewAddition]
) -> ReviewShown:
    """A few words more after some time; once."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await append_to_review(pool, who, review_id, data.addition, key=data.id, now=utc_now())
    return _shown(request, review)


@post("/reviews/{review_id:uuid}/cause", guards=_SERVERS, summary="Decide why", tags=["reviews"])
async def send_cause(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[NewCause]
) -> ReviewShown:
    """Confirm or correct the suggested cause."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await decide_cause(pool, who, review_id, data.decision, key=data.id, now=utc_now())
    return _shown(request, review)


@post(
    "/reviews/{review_id:uuid}/contacts", guards=_SERVERS, summary="Note a call", tags=["reviews"]
)
async def send_contact(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[NewContact]
) -> ReviewShown:
    """Write down how it went; when the buyer is contacted next follows from it."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await note_contact(pool, who, review_id, data.contact, key=data.id, now=utc_now())
    return _shown(request, review)


@post(
    "/reviews/{review_id:uuid}/reply/check",
    guards=_SERVERS,
    summary="Check an answer",
    tags=["reviews"],
    status_code=200,
)
async def check_answer(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[ReplyToCheck]
) -> ReplyChecked:
    """Hold an answer against manners and records; nothing is sent."""
    pool, who = request.app.state.pool, principal_of(request)
    minded = await check_reply(pool, who, review_id, data.text)
    return ReplyChecked(blocked=any(each.level == "block" for each in minded), minded=minded)


@post(
    "/reviews/{review_id:uuid}/reply", guards=_SERVERS, summary="Answer in public", tags=["reviews"]
)
async def send_reply(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[NewReply]
) -> ReviewShown:
    """Once, for ever; a warning needs a reason."""
    pool, who = request.app.state.pool, principal_of(request)
    review = await reply_to_review(pool, who, review_id, data.answer, key=data.id, now=utc_now())
    return _shown(request, review)


@post("/reviews/{review_id:uuid}/excerpts", guards=_SERVERS, summary="Seal proof", tags=["reviews"])
async def send_excerpt(
    request: Asked, review_id: FromPath[UUID], data: JSONBody[Chosen]
) -> SealedShown:
    """Seal messages of the chat with the buyer and bind them to the review."""
    sealed = await seal_for_review(
        request.app.state.pool,
        request.app.state.objects,
        principal_of(request),
        review_id,
        data.conversation,
        data.messages,
        now=utc_now(),
    )
    excerpt = sealed.excerpt
    return SealedShown(
        id=excerpt.id,
        sealed_at=excerpt.sealed_at,
        sha256=excerpt.sha256.hex(),
        pages=excerpt.paper_id,
        document=excerpt.file_id,
    )


@post(
    "/orders/{order_id:uuid}/buyer-rating",
    guards=_SERVERS,
    summary="Rate the buyer",
    tags=["reviews"],
)
async def send_rating(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[RatingArgs]
) -> BuyerRating:
    """How the shop found the buyer of an order; once, and it stays."""
    pool, who = request.app.state.pool, principal_of(request)
    return await rate_buyer(pool, who, order_id, data, now=utc_now())


@post(
    "/shops/{shop_id:uuid}/reviews/import",
    guards=[kind("shop", "platform"), may("order.import")],
    summary="Import reviews",
    tags=["reviews"],
    status_code=200,
    request_max_body_size=FILE_BYTES_MAX + (1 << 20),
)
async def import_review_file(
    request: Asked, shop_id: FromPath[UUID], data: _Upload, preview: FromQuery[bool] = False
) -> ReviewsImported:
    """Import a file: all or nothing. With `preview`, report and change nothing."""
    require_importer(principal_of(request), shop_id)
    run = preview_reviews if preview else import_reviews
    report = await run(request.app.state.pool, shop_id, await data.file.read(), now=utc_now())
    locale = locale_of(request)
    return ReviewsImported(
        added=report.added,
        unchanged=report.unchanged,
        not_good=report.not_good,
        faults=[fault.say(locale) for fault in report.faults],
    )


def _shown(request: Asked, review: Review) -> ReviewShown:
    """What this side may read of it."""
    names = [name for name in ReviewShown.__struct_fields__ if hasattr(review, name)]
    values = {name: getattr(review, name) for name in names}
    if principal_of(request).kind == "buyer":
        hidden = ("cause", "suggested", "due_at", "solved_at")
        return ReviewShown(**{name: v for name, v in values.items() if name not in hidden})
    locale, book = locale_of(request), sign_book()
    reasons = [book.said(s, locale) for s in review.signs if s.cause == review.suggested]
    return ReviewShown(**values, reasons=reasons)


routes = [
    read_reviews, read_review_trends, read_review, read_review_log, send_review, send_change,
    send_addition, send_cause, send_contact, check_answer, send_reply, send_excerpt, send_rating,
    import_review_file,
]  # fmt: skip
