"""More than an agent may give: they ask the lead from the chat, and the lead answers in theirs."""

from typing import Any, cast, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.talk.bargain import answer_lead_ask, ask_lead, asks_for
from gongdao.flows.talk.see_talk import names_of
from gongdao.scripts.bargain_store import Answer, Ask, What
from gongdao.web.desk.panel import served_talk
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import page
from gongdao.web.typed import read_fen, texts_of


@get("/desk/talks/{conversation_id:uuid}/ask", guards=SERVERS, include_in_schema=False)
async def show_ask(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """The question: what, how much, and why."""
    talk = await served_talk(request.app.state.pool, principal_of(request), conversation_id)
    return page(request, "desk/ask.html", talk=talk.conversation)


@post("/desk/talks/{conversation_id:uuid}/ask", guards=SERVERS, include_in_schema=False)
async def take_ask(request: Asked, conversation_id: FromPath[UUID]) -> Redirect:
    """Ask the lead; the same form sent twice asks once."""
    pool, who = request.app.state.pool, principal_of(request)
    talk = await served_talk(pool, who, conversation_id)
    form = texts_of(await request.form(), "what", "gives", "price", "why", "idempotency_key")
    if form["what"] not in get_args(What):
        raise Refusal("invalid", N_("Something in the form is missing or wrong."))
    ask = Ask(
        id=_id_of(form["idempotency_key"]),
        shop_id=talk.conversation.shop_id,
        conversation_id=conversation_id,
        what=cast("What", form["what"]),
        gives_fen=read_fen(form["gives"]),
        price_fen=read_fen(form["price"]) if form["price"] else None,
        why=form["why"][:500],
        asked_by=who.person_id,
        asked_at=utc_now(),
    )
    await ask_lead(pool, ask, who)
    return Redirect(f"/desk/talks/{conversation_id}", status_code=303)


@get("/desk/asks", guards=SERVERS, include_in_schema=False)
async def show_asks(request: Asked) -> Response[str]:
    """What waits for an answer: of the whole shop for its leads, else one's own."""
    pool, who = request.app.state.pool, principal_of(request)
    asks = await asks_for(pool, who, conversation_id=None)
    return page(
        request,
        "desk/asks.html",
        asks=asks,
        names=await names_of(pool, {each.asked_by for each in asks}),
    )


@post("/desk/asks/{ask_id:uuid}/answer", guards=SERVERS, include_in_schema=False)
async def take_answer(request: Asked, ask_id: FromPath[UUID]) -> Redirect:
    """Grant it, all or another sum, or refuse it; whoever asked may drop it."""
    form = texts_of(await request.form(), "answer", "amount", "note")
    if form["answer"] not in get_args(Answer):
        raise Refusal("invalid", N_("Something in the form is missing or wrong."))
    answered = await answer_lead_ask(
        request.app.state.pool,
        principal_of(request),
        ask_id,
        cast("Answer", form["answer"]),
        granted_fen=read_fen(form["amount"])
        if form["amount"] and form["answer"] == "granted"
        else None,
        note=form["note"][:500],
        now=utc_now(),
    )
    return Redirect(f"/desk/talks/{answered.conversation_id}", status_code=303)


def _id_of(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again.")) from None


ask_routes: list[Any] = [show_ask, take_ask, show_asks, take_answer]
