"""A buyer reviews what they bought.

Who: the buyer, on a phone, some days after the parcel came. Question: how was it, and can I still
say so? Next: stars, a few words, a picture; later think again, or add how it lasted.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.reviews.see import see_order
from gongdao.flows.reviews.write import (
    AdditionArgs,
    ChangeArgs,
    ReviewArgs,
    append_to_review,
    change_review,
    write_review,
)
from gongdao.reviews.review import MARK_LABELS, STARS_OF_MARK
from gongdao.web.shell import page
from gongdao.web.typed import text_of
from gongdao.web.uploads import REQUEST_BYTES_MAX, take_files

_BUYERS = [kind("buyer"), may("order.read")]
_MISFIT = N_("Something in the form is missing or does not fit; please check it.")
#: What a number of stars says, for who cannot see them.
STAR_WORDS: dict[int, str] = {
    1: N_("Very bad"),
    2: N_("Bad"),
    3: N_("So-so"),
    4: N_("Good"),
    5: N_("Very good"),
}


@get("/orders/{order_id:uuid}/reviews", guards=_BUYERS, include_in_schema=False)
async def show_own_reviews(request: Asked, order_id: FromPath[UUID]) -> Response[str]:
    """Each line of the order, with a form or with what was said of it."""
    pool, who = request.app.state.pool, principal_of(request)
    lines, scale, rating = await see_order(pool, who, order_id, now=utc_now())
    marks = [(STARS_OF_MARK[mark], label) for mark, label in MARK_LABELS.items()]
    return page(
        request,
        "buyer/reviews.html",
        order_id=order_id,
        lines=lines,
        choices=marks if scale == "marks" else [(n, STAR_WORDS[n]) for n in (5, 4, 3, 2, 1)],
        marks=MARK_LABELS,
        rating=rating,
    )


@post(
    "/orders/{order_id:uuid}/reviews",
    guards=_BUYERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_review(request: Asked, order_id: FromPath[UUID]) -> Redirect:
    """Keep a review, once."""
    form = await request.form()
    line = text_of(form, "line")
    pictures = await take_files(request, form, f"pictures-{line}")
    fields = {
        "line": line, "stars": text_of(form, "stars"), "text": text_of(form, "text"),
        "pictures": [str(each) for each in pictures],
    }  # fmt: skip
    pool, who = request.app.state.pool, principal_of(request)
    args: ReviewArgs = _args(fields, ReviewArgs)
    await write_review(pool, who, order_id, args, review_id=_key(form), now=utc_now())
    return Redirect(f"/orders/{order_id}/reviews", status_code=303)


@post(
    "/reviews/{review_id:uuid}/change",
    guards=_BUYERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_change(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Keep what the buyer says instead."""
    form = await request.form()
    fields = {
        "stars": text_of(form, "stars"), "text": text_of(form, "text"),
        "seen": text_of(form, "expected_version"),
    }  # fmt: skip
    pool, who = request.app.state.pool, principal_of(request)
    args: ChangeArgs = _args(fields, ChangeArgs)
    after = await change_review(pool, who, review_id, args, key=_key(form), now=utc_now())
    return Redirect(f"/orders/{after.order_id}/reviews", status_code=303)


@post(
    "/reviews/{review_id:uuid}/append",
    guards=_BUYERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_addition(request: Asked, review_id: FromPath[UUID]) -> Redirect:
    """Keep what the buyer adds."""
    form = await request.form()
    pictures = await take_files(request, form, f"added-{review_id}")
    fields = {"text": text_of(form, "text"), "pictures": [str(each) for each in pictures]}
    pool, who = request.app.state.pool, principal_of(request)
    args: AdditionArgs = _args(fields, AdditionArgs)
    after = await append_to_review(pool, who, review_id, args, key=_key(form), now=utc_now())
    return Redirect(f"/orders/{after.order_id}/reviews", status_code=303)


def _args(fields: dict[str, Any], wanted: Any) -> Any:
    given = {name: value for name, value in fields.items() if value != ""}
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError:
        raise Refusal("invalid", _MISFIT) from None


def _key(form: Any) -> UUID:
    try:
        return UUID(text_of(form, "idempotency_key"))
    except ValueError:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again.")) from None


review_routes: list[Any] = [show_own_reviews, take_review, take_change, take_addition]
