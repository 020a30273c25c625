"""The shop's mailboxes.

Who: whoever leads the desk. Question: does our mail come in and go out, and what did not make it?
Next: set up a mailbox, or look at a mail that no conversation shows.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.channels.arrival_store import (
    ArrivalRow,
    find_arrival,
    see_arrival,
    set_aside,
    want_arrival,
)
from gongdao.channels.letter_store import letters_in_trouble, send_again
from gongdao.channels.mail.mail import Mail
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.reason import say_reason
from gongdao.channels.secrets import Keyring, open_keyring
from gongdao.channels.store import accounts_of
from gongdao.flows.talk.mailboxes import (
    add_mailbox,
    change_mailbox,
    find_mailbox,
    pause_mailbox,
)
from gongdao.flows.talk.receive_mail import raw_key
from gongdao.web.shell import page
from gongdao.web.typed import text_of, texts_of

_LEAD = [kind("shop"), may("chat.manage")]
_DESK = [kind("shop"), may("chat.serve")]
#: Why a mail stands in no conversation, as a lead reads it.
REASONS: dict[str, str] = {
    "bounce": N_("A letter of ours came back"),
    "auto_reply": N_("Sent by a program, such as an absence note"),
    "mailing_list": N_("A newsletter or a mailing list"),
    "loop": N_("Our own mail, back again"),
    "held": N_("Too many from one sender within an hour"),
    "unreadable": N_("It cannot be read"),
    "too_large": N_("Too large to be taken in; it is still in the mailbox"),
}
_FIELDS = (
    "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security",
    "login", "folder", "sender_name", "auth_server",
)  # fmt: skip


@get("/shop/mailboxes", guards=_LEAD, include_in_schema=False)
async def show_mailboxes(request: Asked) -> Response[str]:
    """How the mailboxes fare, and what needs somebody to look at it."""
    pool, shop_id = request.app.state.pool, _shop_of(request)
    accounts = await accounts_of(pool, shop_id)
    ids = [each.id for each in accounts]
    return page(
        request,
        "desk/mailboxes.html",
        accounts=accounts,
        aside=await set_aside(pool, ids),
        letters=await letters_in_trouble(pool, ids),
        reasons=REASONS,
        say_reason=say_reason,
        empty=MailSettings(imap_host="-", smtp_host="-", login=""),
    )


@post("/shop/mailboxes", guards=_LEAD, include_in_schema=False)
async def take_mailbox(request: Asked) -> Redirect:
    """Set up a mailbox, once it opens."""
    form = await request.form()
    mail, keyring = _mail_of(request)
    address = text_of(form, "address").strip()
    await add_mailbox(
        request.app.state.pool,
        principal_of(request),
        mail,
        keyring,
        address=address,
        settings=_read_settings(form, login=address),
        password=text_of(form, "password"),
        account_id=new_id(),
        now=utc_now(),
    )
    return Redirect("/shop/mailboxes", status_code=303)


@get("/shop/mailboxes/{account_id:uuid}", guards=_LEAD, include_in_schema=False)
async def show_mailbox(request: Asked, account_id: FromPath[UUID]) -> Response[str]:
    """How one mailbox is reached; its password is not shown."""
    row = await find_mailbox(request.app.state.pool, principal_of(request), account_id)
    settings = msgspec.convert(row.settings, MailSettings)
    return page(request, "desk/mailbox.html", account=row, settings=settings)


@post("/shop/mailboxes/{account_id:uuid}", guards=_LEAD, include_in_schema=False)
async def take_change(request: Asked, account_id: FromPath[UUID]) -> Redirect:
    """Change how a mailbox is reached, once it opens that way."""
    form = await request.form()
    mail, keyring = _mail_of(request)
    who, pool = principal_of(request), request.app.state.pool
    row = await find_mailbox(pool, who, account_id)
    await change_mailbox(
        pool,
        who,
        mail,
        keyring,
        account_id,
        settings=_read_settings(form, login=row.address),
        password=text_of(form, "password"),
    )
    return Redirect("/shop/mailboxes", status_code=303)


@post("/shop/mailboxes/{account_id:uuid}/pause", guards=_LEAD, include_in_schema=False)
async def take_pause(request: Asked, account_id: FromPath[UUID]) -> Redirect:
    """Leave a mailbox alone, or begin again."""
    form = await request.form()
    at = utc_now() if text_of(form, "paused") == "yes" else None
    await pause_mailbox(request.app.state.pool, principal_of(request), account_id, at=at)
    return Redirect("/shop/mailboxes", status_code=303)


@get("/shop/mails/{arrival_id:uuid}", guards=_DESK, include_in_schema=False)
async def show_original(request: Asked, arrival_id: FromPath[UUID]) -> Stream:
    """A mail as it came, to be saved; no browser shows what strangers have put in it."""
    row = await _find_arrival(request, arrival_id)
    size = await request.app.state.objects.size_of(raw_key(row.sha256)) if row.sha256 else None
    if row.sha256 is None or size is None:
        raise Refusal("not_found", N_("This mail was too large to be taken in."))
    headers = {
        "Content-Disposition": f'attachment; filename="{arrival_id}.eml"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(size),
    }
    pieces = request.app.state.objects.read(raw_key(row.sha256), 0, size)
    return Stream(pieces, media_type="application/octet-stream", headers=headers)


@post("/shop/mails/{arrival_id:uuid}/tell", guards=_LEAD, include_in_schema=False)
async def take_wanted(request: Asked, arrival_id: FromPath[UUID]) -> Redirect:
    """Put a mail into a conversation after all; it is read once more."""
    row = await _find_arrival(request, arrival_id)
    await want_arrival(request.app.state.pool, row.id)
    return Redirect("/shop/mailboxes", status_code=303)


@post("/shop/mails/{arrival_id:uuid}/seen", guards=_LEAD, include_in_schema=False)
async def take_seen(request: Asked, arrival_id: FromPath[UUID]) -> Redirect:
    """Take a mail off the list; its original stays."""
    row = await _find_arrival(request, arrival_id)
    by = principal_of(request).person_id
    await see_arrival(request.app.state.pool, row.id, by=by, now=utc_now())
    return Redirect("/shop/mailboxes", status_code=303)


@post("/shop/letters/{letter_id:uuid}/again", guards=_LEAD, include_in_schema=False)
async def take_again(request: Asked, letter_id: FromPath[UUID]) -> Redirect:
    """Try a letter again that was given up."""
    pool = request.app.state.pool
    ids = [each.id for each in await accounts_of(pool, _shop_of(request))]
    if not await send_again(pool, letter_id, ids, now=utc_now()):
        raise Refusal("not_found", N_("There is no such letter that was given up."))
    return Redirect("/shop/mailboxes", status_code=303)


def _read_settings(form: Any, *, login: str) -> MailSettings:
    fields: dict[str, Any] = {k: v for k, v in texts_of(form, *_FIELDS).items() if v}
    fields.setdefault("login", login)
    fields["has_plus"] = text_of(form, "has_plus") == "yes"
    try:
        return msgspec.convert(fields, MailSettings, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def _mail_of(request: Asked) -> tuple[Mail, Keyring]:
    config = request.app.state.config
    keyring = open_keyring(config.home, config.secret)
    return Mail(keyring, networks=config.mail_networks), keyring


async def _find_arrival(request: Asked, arrival_id: UUID) -> ArrivalRow:
    row = await find_arrival(request.app.state.pool, arrival_id, shop_id=_shop_of(request))
    if row is None:
        raise Refusal("not_found", N_("There is no such mail."))
    return row


def _shop_of(request: Asked) -> UUID:
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    return shop_id


mailbox_routes: list[Any] = [
    show_mailboxes, take_mailbox, show_mailbox, take_change, take_pause, show_original,
    take_wanted, take_seen, take_again,
]  # fmt: skip
