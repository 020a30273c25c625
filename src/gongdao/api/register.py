"""The shop's complaint register: list, write down, read, and do what can be done."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.headers import Key, Version, version_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.i18n import Locale, translate
from gongdao.base.money import yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.keep_register import Kept, act_on_entry, open_entry, see_entry, shop_of
from gongdao.flows.register_contact import shown_to
from gongdao.flows.register_list import PAGE_MAX, View, Wanted, list_entries
from gongdao.register.commands import ARGS, EntryArgs
from gongdao.register.decide import ACTS
from gongdao.register.entry import Ended, Entry, Reason, Stage
from gongdao.register.events import Recorded
from gongdao.register.narrate import narrate
from gongdao.register.store import load_events

#: Each action has an address of its own: a transition is a resource.
RESOURCES = {
    "sign": "signature",
    "amend": "intake",
    "contact": "contact",
    "analyse": "analysis",
    "ask_again": "questions",
    "propose": "proposal",
    "approve": "approval",
    "send_back": "returns",
    "make_link": "link",
    "note_signature": "paper",
    "note_refusal": "refusal",
    "instruct_as_agreed": "instructions/agreed",
    "instruct": "instructions",
    "report_done": "instructions/done",
    "cancel_instruction": "instructions/cancelled",
    "carried_out": "execution",
    "follow_up": "follow-up",
    "take": "charge",
    "hand_up": "charge/higher",
    "learn": "lessons",
    "note": "notes",
    "show_contact": "looks",
    "close": "closure",
    "reopen": "reopening",
}
assert RESOURCES.keys() == ACTS.keys(), "every action has an address"

After = Annotated[str | None, QueryParameter(max_length=64, pattern="^[A-Za-z0-9_=-]+$")]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
Text = Annotated[str, QueryParameter(max_length=100, pattern=NO_NUL)]


class EntryBrief(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a list."""

    id: UUID
    number: int
    version: int
    stage: Stage
    reason: Reason
    customer: str
    opened_at: datetime
    in_charge: UUID
    answer_due_at: datetime | None
    answered_at: datetime | None
    due_at: datetime | None
    agreed: str
    rounds: int
    ended: Ended | None


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries; `after` is where the next one begins, null at the end."""

    entries: list[EntryBrief]
    after: str | None


class EntryBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of an entry, as its events add up; fields in fen are integers."""

    number: int
    entry: Entry


class EntryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of an entry, with a sentence for people."""

    version: int
    at: datetime
    by: str
    person_id: UUID | None
    type: str
    sentence: str
    note: str


class KeptBody(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of an entry."""

    entry: EntryBrief
    repeated: bool
    secret: str = ""
    """Of a link that was just made: `/agreements/<secret>`. It is told once and kept nowhere."""


@get("/register", guards=[may("register.read")], summary="Entries, newest first", tags=["register"])
async def read_register(
    request: Asked,
    view: FromQuery[View] = "open",
    stage: FromQuery[Stage | None] = None,
    reason: FromQuery[Reason | None] = None,
    q: Text = "",
    after: After = None,
    limit: Limit = 20,
) -> EntryPage:
    """The complaint register of one's own shop."""
    who = principal_of(request)
    listed = await list_entries(
        request.app.state.pool,
        shop_of(who),
        person_id=who.person_id,
        wanted=Wanted(view=view, stage=stage, reason=reason, text=q.strip()),
        now=utc_now(),
        after=read_cursor(after) if after else None,
        limit=limit,
    )
    following = listed.following.text() if listed.following else None
    return EntryPage(entries=[show_brief(e, n) for n, e in listed.entries], after=following)


@post(
    "/register",
    guards=[may("register.write")],
    summary="Write a complaint down",
    tags=["register"],
)
async def write_entry(request: Asked, data: JSONBody[EntryArgs], key: Key = None) -> KeptBody:
    """Write a complaint down; with a `signature` it is signed at once."""
    who = principal_of(request)
    return _kept(await open_entry(request.app.state.pool, who, data, now=utc_now(), key=key))


@get(
    "/register/{entry_id:uuid}",
    guards=[may("register.read")],
    summary="One entry",
    tags=["register"],
)
async def read_entry(request: Asked, entry_id: FromPath[UUID]) -> EntryBody:
    """An entry with everything that stands in it.

    The customer's phone, e-mail and address are masked, but for half an hour after one's own
    `looks`.
    """
    who = principal_of(request)
    async with request.app.state.pool.acquire() as connection:
        seen = await see_entry(connection, who, entry_id)
        records = await load_events(connection, entry_id)
    shown = shown_to(seen.entry, records, who.person_id, now=utc_now())
    return EntryBody(number=seen.number, entry=shown.entry)


@get(
    "/register/{entry_id:uuid}/events",
    guards=[may("register.read")],
    summary="What happened to an entry",
    tags=["register"],
)
async def read_entry_events(request: Asked, entry_id: FromPath[UUID]) -> list[EntryEvent]:
    """The events of an entry, oldest first, with a sentence for each."""
    async with request.app.state.pool.acquire() as connection:
        await see_entry(connection, principal_of(request), entry_id)
        records = await load_events(connection, entry_id)
    locale = locale_of(request)
    return [_event(record, locale) for record in records]


def entry_action_routes() -> list[HTTPRouteHandler]:
    """For every action the address that does it."""
    return [_doing(action, resource) for action, resource in RESOURCES.items()]


def _doing(action: str, resource: str) -> HTTPRouteHandler:
    async def act(
        request: Asked, entry_id: FromPath[UUID], data: Any, key: Key = None, seen: Version = None
    ) -> KeptBody:
        kept = await act_on_entry(
            request.app.state.pool,
            principal_of(request),
            entry_id,
            action,
            data,
            now=utc_now(),
            version=version_of(seen),
            key=key,
        )
        return _kept(kept)

    act.__name__ = f"register_{action}"
    act.__doc__ = ARGS[action].__doc__
    act.__annotations__["data"] = JSONBody[ARGS[action]]  # pyright: ignore[reportInvalidTypeArguments]
    return post(
        f"/register/{{entry_id:uuid}}/{resource}",
        guards=[may("register.read")],
        summary=f"Action {action}",
        tags=["register actions"],
        status_code=200,
    )(act)


def show_brief(entry: Entry, number: int) -> EntryBrief:
    """An entry as a list shows it."""
    return EntryBrief(
        id=entry.id,
        number=number,
        version=entry.version,
        stage=entry.stage,
        reason=entry.intake.reason,
        customer=entry.intake.customer.name,
        opened_at=entry.opened_at,
        in_charge=entry.in_charge,
        answer_due_at=entry.answer_due_at,
        answered_at=entry.answered_at,
        due_at=entry.due_at,
        agreed=yuan(entry.agreed_fen),
        rounds=entry.rounds,
        ended=entry.ended,
    )


def _kept(kept: Kept) -> KeptBody:
    brief = show_brief(kept.entry, kept.number)
    return KeptBody(entry=brief, repeated=kept.again, secret=kept.secret)


def _event(record: Recorded, locale: Locale) -> EntryEvent:
    sentence, params, note = narrate(record)
    return EntryEvent(
        version=record.version,
        at=record.at,
        by=record.by,
        person_id=record.person_id,
        type=record.type,
        sentence=translate(locale, sentence, params),
        note=note,
    )
