"""One complaint: where it stands, the next step open on top, and everything that was done."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.i18n import Locale, say_refusal
from gongdao.files.store import find_files
from gongdao.flows.keep_register import act_on_entry, see_entry
from gongdao.flows.register_contact import shown_to
from gongdao.flows.register_notices import see_told
from gongdao.flows.register_reads import colleagues_of, rules_of
from gongdao.register.actor import Actor, Colleague, actor_of
from gongdao.register.acts.dispatching import DAYS_GIVEN, as_agreed
from gongdao.register.concern import approvers
from gongdao.register.decide import ACTS, why_not
from gongdao.register.entry import STAGES, Entry
from gongdao.register.events import Recorded
from gongdao.register.narrate import narrate
from gongdao.register.store import load_events
from gongdao.register.suggest import ADVICE, suggest
from gongdao.register.words import WORDS
from gongdao.web.register.forms import read_command
from gongdao.web.register.lists import READERS, address_of
from gongdao.web.shell import locale_of, page
from gongdao.web.typed import text_of
from gongdao.web.uploads import REQUEST_BYTES_MAX, thumbnail_of


@get("/shop/register/{entry_id:uuid}", guards=READERS, include_in_schema=False)
async def show_entry(request: Asked, entry_id: FromPath[UUID]) -> Response[str]:
    """An entry with what this person can do with it."""
    who, now, locale = principal_of(request), utc_now(), locale_of(request)
    pool = request.app.state.pool
    async with pool.acquire() as connection:
        seen = await see_entry(connection, who, entry_id)
        entry = seen.entry
        rules = await rules_of(connection, entry.shop_id)
        colleagues = await colleagues_of(connection, entry.shop_id, rules)
        records = await load_events(connection, entry_id)
        files = await find_files(connection, list(entry.files)) if entry.files else {}
        await see_told(connection, who, now=now, entry_id=entry_id)
    actor = actor_of(who, rules)
    shown = shown_to(entry, records, who.person_id, now=now)
    return page(
        request,
        "register/entry.html",
        entry=shown.entry,
        contact_shown=shown.whole,
        number=seen.number,
        stages=STAGES,
        words=WORDS,
        refusals=_refusals(entry, actor, locale),
        actor=actor,
        colleagues=colleagues,
        higher=[
            (person_id, one)
            for person_id, one in colleagues.items()
            if one.approves and person_id not in (entry.in_charge, who.person_id)
        ],
        may_approve=[colleagues[each] for each in approvers(entry, colleagues)],
        suggestion=suggest(entry.analysis) if entry.analysis else None,
        advice=ADVICE,
        agreed=as_agreed(entry, locale),
        timeline=[_told(record, colleagues, entry) for record in reversed(records)],
        photos=[
            {"url": f"/files/{each.id}", "thumb": thumbnail_of(each.id, each.media_type),
             "media_type": each.media_type, "name": each.original_name}
            for file_id in entry.files if (each := files.get(file_id))
        ],
        url=address_of(entry_id),
        today=day_of(now),
        due_on=day_of(now) + timedelta(days=DAYS_GIVEN),
        now=now,
        shop_id=entry.shop_id,
    )  # fmt: skip


@post(
    "/shop/register/{entry_id:uuid}/{action:str}",
    guards=READERS,
    request_max_body_size=REQUEST_BYTES_MAX,
    include_in_schema=False,
)
async def take_action(request: Asked, entry_id: FromPath[UUID], action: FromPath[str]) -> Redirect:
    """Do something with an entry, once, and go back to it."""
    sent = await read_command(request, action)
    await act_on_entry(
        request.app.state.pool,
        principal_of(request),
        entry_id,
        action,
        sent.args,
        now=utc_now(),
        version=sent.version,
        key=sent.key,
    )
    # Who corrects the form looks first: it has the customer's number and address in it.
    goes_on = action == "show_contact" and text_of(await request.form(), "then") == "amend"
    return Redirect(address_of(entry_id) + ("/amend" if goes_on else ""), status_code=303)


def _refusals(entry: Entry, actor: Actor, locale: Locale) -> dict[str, str]:
    """Why each action is not possible; an empty text where it is."""
    found = {action: why_not(entry, action, actor=actor) for action in ACTS}
    return {
        action: say_refusal(locale, refusal) if refusal else "" for action, refusal in found.items()
    }


def _told(record: Recorded, colleagues: dict[UUID, Colleague], entry: Entry) -> dict[str, Any]:
    sentence, params, note = narrate(record)
    colleague = colleagues.get(record.person_id) if record.person_id else None
    customer = record.by == "customer"
    return {
        "id": record.version,
        "at": record.at,
        "by": "buyer" if customer else "seller",
        "customer": customer,
        "name": entry.intake.customer.name if customer else colleague.name if colleague else "",
        "sentence": sentence,
        "params": params,
        "note": note,
    }


entry_routes: list[Any] = [show_entry, take_action]
