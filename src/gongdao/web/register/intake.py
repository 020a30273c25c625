"""Writing a complaint down while the customer is on the telephone, and correcting it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.keep_register import act_on_entry, open_entry, see_entry, shop_of
from gongdao.flows.register_contact import is_shown_to
from gongdao.flows.register_reads import colleagues_of, rules_of
from gongdao.register.commands import EntryArgs
from gongdao.register.entry import REASONS
from gongdao.register.store import load_events
from gongdao.register.words import CHANNELS, WORDS
from gongdao.web.register.forms import read_args, read_command
from gongdao.web.register.lists import address_of
from gongdao.web.shell import page
from gongdao.web.typed import text_of

WRITERS = [kind("shop"), may("register.read"), may("register.write")]


@get("/shop/register/new", guards=WRITERS, include_in_schema=False)
async def show_new(request: Asked, order: FromQuery[str] = "") -> Response[str]:
    """An empty form; from an order's page with its number."""
    return await _form(request, filled={"order_number": order[:120]})


@get("/shop/register/{entry_id:uuid}/amend", guards=WRITERS, include_in_schema=False)
async def show_amend(request: Asked, entry_id: FromPath[UUID]) -> Response[str] | Redirect:
    """The form as it stands, until it is signed; for whoever has looked at what is in it."""
    who = principal_of(request)
    async with request.app.state.pool.acquire() as connection:
        seen = await see_entry(connection, who, entry_id)
        records = await load_events(connection, entry_id)
    if seen.entry.stage != "intake":
        raise Refusal(
            "not_allowed_in_stage", N_("What was signed is no longer changed; write a note.")
        )
    if not is_shown_to(records, who.person_id, now=utc_now()):
        return Redirect(address_of(entry_id), status_code=303)
    intake = seen.entry.intake
    customer = intake.customer
    filled = {
        "name": customer.name,
        "company": customer.company,
        "phone": customer.phone,
        "email": customer.email,
        "address": customer.address,
        "channel": intake.channel,
        "reason": intake.reason,
        "story": intake.story,
        "wanted": intake.wanted,
        "order_number": intake.order_number,
        "about": str(intake.about_id or ""),
    }
    return await _form(request, filled=filled, entry_id=entry_id, version=seen.entry.version)


@post("/shop/register", guards=WRITERS, include_in_schema=False)
async def take_new(request: Asked) -> Redirect:
    """Write it down, once, and go to it."""
    form = await request.form()
    kept = await open_entry(
        request.app.state.pool,
        principal_of(request),
        read_args(EntryArgs, form),
        now=utc_now(),
        key=text_of(form, "idempotency_key") or None,
    )
    return Redirect(address_of(kept.entry.id), status_code=303)


@post("/shop/register/{entry_id:uuid}/amend", guards=WRITERS, include_in_schema=False)
async def take_amend(request: Asked, entry_id: FromPath[UUID]) -> Redirect:
    """Correct it; the page of the form has this address, so no other route answers here."""
    sent = await read_command(request, "amend")
    await act_on_entry(
        request.app.state.pool,
        principal_of(request),
        entry_id,
        "amend",
        sent.args,
        now=utc_now(),
        version=sent.version,
        key=sent.key,
    )
    return Redirect(address_of(entry_id), status_code=303)


async def _form(
    request: Asked,
    *,
    filled: dict[str, str],
    entry_id: UUID | None = None,
    version: int | None = None,
) -> Response[str]:
    who, pool = principal_of(request), request.app.state.pool
    shop_id = shop_of(who)
    rules = await rules_of(pool, shop_id)
    return page(
        request,
        "register/intake.html",
        filled=filled,
        url=f"{address_of(entry_id)}/amend" if entry_id else "/shop/register",
        back=address_of(entry_id) if entry_id else "/shop/register",
        version=version,
        colleagues=await colleagues_of(pool, shop_id, rules),
        reasons=REASONS,
        channels=CHANNELS,
        words=WORDS,
        rules=rules,
    )


intake_routes: list[Any] = [show_new, show_amend, take_new, take_amend]
