"""Questions that nobody could answer: /shop/knowledge/gaps.

Who: a lead once a day, or the agent who was asked to find out. Question: what do buyers ask that
we do not know, how often, and who still waits to hear? Next: write the answer, tell who asked.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.knowledge import gaps as desk
from gongdao.flows.knowledge.articles import browse, see_article
from gongdao.flows.knowledge.find import find_answers
from gongdao.knowledge.article import say
from gongdao.knowledge.gap import GAP_LABELS, GAP_STATES, GapState
from gongdao.web.knowledge.articles import After, StateWord
from gongdao.web.knowledge.forms import EDITORS, READERS
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import text_of


@get("/shop/knowledge/gaps", guards=READERS, include_in_schema=False)
async def show_gaps(
    request: Asked, standing: StateWord = "open", after: After = ""
) -> Response[str]:
    """The questions, the most asked first."""
    pool, who = request.app.state.pool, principal_of(request)
    shown = _state(standing)
    listed = await desk.list_questions(pool, who, state=shown, after=after)
    return page(
        request,
        "knowledge/gaps.html",
        gaps=listed.gaps,
        after=listed.after,
        shown_state=shown,
        states=GAP_LABELS,
        people=await names_of_people(pool, [each.assigned_to for each in listed.gaps]),
    )


@get("/shop/knowledge/gaps/{gap_id:uuid}", guards=READERS, include_in_schema=False)
async def show_gap(request: Asked, gap_id: FromPath[UUID]) -> Response[str]:
    """One question: who asked, what may answer it, who has heard."""
    pool, who = request.app.state.pool, principal_of(request)
    gap, askings = await desk.see_question(pool, who, gap_id)
    article = await see_article(pool, who, gap.article_id) if gap.article_id else None
    near = []
    if gap.state == "open":
        near = await find_answers(pool, who, gap.question, locale=locale_of(request), limit=5)
    people = [gap.assigned_to, gap.closed_by, *(each.noted_by for each in askings)]
    buyers = [each.buyer_id for each in askings]
    return page(
        request,
        "knowledge/gap.html",
        gap=gap,
        askings=askings,
        article=article,
        said=say(article) if article else "",
        near=near,
        recent=(await browse(pool, who, state="published", limit=30)).articles,
        colleagues=await desk.colleagues_of(pool, who),
        people=await names_of_people(pool, [*people, *buyers]),
        states=GAP_LABELS,
    )


@post("/shop/knowledge/gaps/{gap_id:uuid}/assign", guards=READERS, include_in_schema=False)
async def take_assignment(request: Asked, gap_id: FromPath[UUID]) -> Redirect:
    """Let somebody look after it."""
    person = text_of(await request.form(), "person")
    await desk.assign_question(
        request.app.state.pool, principal_of(request), gap_id, _id(person) if person else None
    )
    return Redirect(f"/shop/knowledge/gaps/{gap_id}", status_code=303)


@post("/shop/knowledge/gaps/{gap_id:uuid}/answer", guards=EDITORS, include_in_schema=False)
async def take_answer(request: Asked, gap_id: FromPath[UUID]) -> Redirect:
    """An article that is there answers it."""
    article = _id(text_of(await request.form(), "article"))
    await desk.answer_question(
        request.app.state.pool, principal_of(request), gap_id, article, now=utc_now()
    )
    return Redirect(f"/shop/knowledge/gaps/{gap_id}", status_code=303)


@post("/shop/knowledge/gaps/{gap_id:uuid}/dismiss", guards=EDITORS, include_in_schema=False)
async def take_dismissal(request: Asked, gap_id: FromPath[UUID]) -> Redirect:
    """It needs no answer."""
    await desk.dismiss_question(
        request.app.state.pool, principal_of(request), gap_id, now=utc_now()
    )
    return Redirect("/shop/knowledge/gaps", status_code=303)


@post("/shop/knowledge/gaps/{gap_id:uuid}/tell", guards=READERS, include_in_schema=False)
async def take_telling(request: Asked, gap_id: FromPath[UUID]) -> Redirect:
    """Say the answer where it was asked, or note that the buyer has heard it."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    form = await request.form()
    asking = _id(text_of(form, "asking"))
    if text_of(form, "how") == "heard":
        await desk.mark_told(pool, who, gap_id, asking, now=now)
    else:
        await desk.tell_asker(pool, who, gap_id, asking, text=text_of(form, "text"), now=now)
    return Redirect(f"/shop/knowledge/gaps/{gap_id}", status_code=303)


def _state(word: str) -> GapState:
    known: dict[str, GapState] = {each: each for each in GAP_STATES}
    return known.get(word, "open")


def _id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Refusal("invalid", N_("Something in the form is missing or wrong.")) from None


gap_routes: list[Any] = [
    show_gaps, show_gap, take_assignment, take_answer, take_dismissal, take_telling,
]  # fmt: skip
