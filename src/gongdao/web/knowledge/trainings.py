"""Trainings: /shop/knowledge/trainings.

Who: an agent before the first question on a new product; a lead who writes the training and looks
who has passed. Question: what must I know to sell this well? Next: read, answer the quiz, and from
then on the conversations about the product come.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.knowledge import trainings as desk
from gongdao.flows.knowledge.leave import shop_of
from gongdao.flows.knowledge.products import products_named, products_of_shop
from gongdao.knowledge.article import STATE_LABELS
from gongdao.knowledge.training import BODY_MAX, Training, TrainingWritten, read_quiz, write_quiz
from gongdao.web.knowledge.articles import After
from gongdao.web.knowledge.forms import (
    EDITORS,
    READERS,
    key_in,
    number_in,
    products_in,
    seen_in,
)
from gongdao.web.shell import page
from gongdao.web.typed import text_of, texts_of
from gongdao.web.uploads import REQUEST_BYTES_MAX, ids_of, take_files


@get("/shop/knowledge/trainings", guards=READERS, include_in_schema=False)
async def show_trainings(request: Asked, after: After = "") -> Response[str]:
    """The trainings, and which of them one has passed."""
    pool, who = request.app.state.pool, principal_of(request)
    listed = await desk.browse_trainings(pool, who, after=after)
    return page(
        request,
        "knowledge/trainings.html",
        trainings=listed.trainings,
        after=listed.after,
        named=await products_named(
            pool, shop_of(who), [each for one, _ in listed.trainings for each in one.product_ids]
        ),
        states=STATE_LABELS,
    )


@get("/shop/knowledge/trainings/new", guards=EDITORS, include_in_schema=False)
async def show_new_training(request: Asked) -> Response[str]:
    """Write one."""
    return await _form_page(request, None)


@post(
    "/shop/knowledge/trainings", guards=EDITORS, request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)  # fmt: skip
async def take_new_training(request: Asked) -> Redirect:
    """Keep a new training."""
    form = await request.form()
    written = await _written(request, form)
    training = await desk.write_training(
        request.app.state.pool, principal_of(request), written, key=key_in(form), now=utc_now()
    )
    return Redirect(f"/shop/knowledge/trainings/{training.id}", status_code=303)


@get("/shop/knowledge/trainings/{training_id:uuid}", guards=READERS, include_in_schema=False)
async def show_training(
    request: Asked, training_id: FromPath[UUID], tried: FromQuery[bool] = False
) -> Response[str]:
    """The text, the pictures and the quiz; what is right only once one has passed."""
    pool, who = request.app.state.pool, principal_of(request)
    seen = await desk.see_training(pool, who, training_id)
    attempts, people = [], dict[UUID, str]()
    if who.may("knowledge.edit"):
        _, attempts = await desk.see_training_to_edit(pool, who, training_id)
        people = await names_of_people(pool, [each.person_id for each in attempts])
    return page(
        request,
        "knowledge/training.html",
        training=seen.training,
        seen=seen,
        tried=tried,
        attempts=attempts,
        people=people,
        named=await products_named(pool, shop_of(who), seen.training.product_ids),
        states=STATE_LABELS,
    )


@get("/shop/knowledge/trainings/{training_id:uuid}/edit", guards=EDITORS, include_in_schema=False)
async def show_training_form(request: Asked, training_id: FromPath[UUID]) -> Response[str]:
    """Change a training."""
    training, _ = await desk.see_training_to_edit(
        request.app.state.pool, principal_of(request), training_id
    )
    return await _form_page(request, training)


@post(
    "/shop/knowledge/trainings/{training_id:uuid}", guards=EDITORS,
    request_max_body_size=REQUEST_BYTES_MAX, include_in_schema=False,
)  # fmt: skip
async def take_training(request: Asked, training_id: FromPath[UUID]) -> Redirect:
    """Keep another version."""
    form = await request.form()
    await desk.rewrite_training(
        request.app.state.pool, principal_of(request), training_id,
        await _written(request, form), seen=seen_in(form),
        again=text_of(form, "again") == "yes", now=utc_now(),
    )  # fmt: skip
    return Redirect(f"/shop/knowledge/trainings/{training_id}", status_code=303)


@post("/shop/knowledge/trainings/{training_id:uuid}/quiz", guards=READERS, include_in_schema=False)
async def take_quiz(request: Asked, training_id: FromPath[UUID]) -> Redirect:
    """A try at the quiz."""
    pool, who = request.app.state.pool, principal_of(request)
    form = await request.form()
    count = len((await desk.see_training(pool, who, training_id)).training.quiz)
    answers = tuple(_chosen(form, f"q{n}") for n in range(count))
    await desk.take_quiz(
        pool, who, training_id, answers, seen=seen_in(form), key=key_in(form), now=utc_now()
    )
    return Redirect(f"/shop/knowledge/trainings/{training_id}?tried=true#result", status_code=303)


def _chosen(form: FormMultiDict, name: str) -> tuple[int, ...]:
    picked = [str(each) for each in form.getall(name, [])]
    return tuple(int(each) for each in picked if each.isdecimal() and len(each) < 3)


async def _form_page(request: Asked, training: Training | None) -> Response[str]:
    pool, who = request.app.state.pool, principal_of(request)
    return page(
        request,
        "knowledge/training_form.html",
        training=training,
        quiz=write_quiz(training.quiz) if training else "",
        products=await products_of_shop(pool, shop_of(who)),
        states=STATE_LABELS,
        body_max=BODY_MAX,
    )


async def _written(request: Asked, form: FormMultiDict) -> TrainingWritten:
    """The training in a form. Raises Refusal."""
    fields = texts_of(form, "title", "text", "state")
    kept = [str(each) for each in ids_of(form.getall("keep", []))]
    sent = [str(each) for each in await take_files(request, form, "pictures")]
    told: dict[str, Any] = {
        "title": fields["title"],
        "body": fields["text"].replace("\r", ""),
        "quiz": read_quiz(text_of(form, "quiz")),
        "pass_mark": number_in(form, "pass_mark") or 80,
        "product_ids": products_in(form),
        "picture_ids": [*kept, *sent],
        "required": text_of(form, "required") == "yes",
        "state": fields["state"],
    }
    try:
        return msgspec.convert(told, TrainingWritten)
    except msgspec.ValidationError as error:
        raise Refusal("invalid", N_("Something in the form is missing or wrong.")) from error


training_routes: list[Any] = [
    show_trainings, show_new_training, take_new_training, show_training, show_training_form,
    take_training, take_quiz,
]  # fmt: skip
