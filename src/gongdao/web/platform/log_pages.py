"""The log.

Who: a supervisor or an auditor. Question: who did what, when, under which rules? Next: open the
case, or follow one person through the log.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get

from gongdao.accounts.gate import Asked, kind, may
from gongdao.accounts.people_store import names_of_people
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_place
from gongdao.base.i18n import Locale
from gongdao.cases.events import Event
from gongdao.cases.narrate import note_of, say_event
from gongdao.policy.load import load_pack
from gongdao.web.platform.forms import asked_for
from gongdao.web.platform.log_reads import SPAN, Entry, LogPlace, read_log
from gongdao.web.platform.reads import find_by_number
from gongdao.web.platform.words import EVENTS
from gongdao.web.shell import locale_of, page

#: Every type of event, as the log names it.
TYPES: tuple[str, ...] = tuple(
    sorted(str(each.__struct_config__.tag) for each in Event.__args__)  # pyright: ignore
)
_FIELDS = ("case", "person", "type", "before")
#: Stands for a case that was asked for and does not exist.
_NOWHERE = UUID(int=0)


@get("/platform/log", guards=[kind("platform"), may("audit.read")], include_in_schema=False)
async def show_log(request: Asked) -> Response[str]:
    """The event log of all cases."""
    pool, locale = request.app.state.pool, locale_of(request)
    asked = {n: asked_for(request.query_params.get(n, "")) for n in _FIELDS}
    case_id, person_id = await _case_of(pool, asked["case"]), _id_or_none(asked["person"])
    type_ = asked["type"] if asked["type"] in TYPES else ""
    found = await read_log(
        pool,
        case_id=case_id,
        person_id=person_id,
        type_=type_,
        before=read_place(asked["before"], LogPlace) if asked["before"] else None,
    )
    names = await names_of_people(pool, [person_id])
    more = {**asked, "before": found.following.text()} if found.following else {}
    return page(
        request,
        "platform/log.html",
        entries=[_item(entry, locale) for entry in found.entries],
        searched=found.searched,
        span=SPAN,
        more=f"/platform/log?{urlencode({k: v for k, v in more.items() if v})}" if more else "",
        case=asked["case"],
        case_missing=case_id == _NOWHERE,
        person=asked["person"] if person_id else "",
        person_name=names.get(person_id, "") if person_id else "",
        types=TYPES,
        type_words=EVENTS,
        type=type_,
    )


def _item(entry: Entry, locale: Locale) -> dict[str, Any]:
    record = entry.record
    return {
        "id": entry.place.text(),
        "at": entry.at,
        "case_id": entry.case_id,
        "number": entry.number,
        "version": record.version,
        "role": record.by,
        "who": entry.name,
        "person_id": record.person_id,
        "type": record.type,
        "sentence": say_event(record, load_pack(record.pack), locale, now=utc_now()),
        "note": note_of(record.body),
        "pack": record.pack,
        "hash": entry.hash,
        "body": msgspec.json.format(msgspec.json.encode(record.body), indent=1).decode(),
    }


async def _case_of(pool: Any, text: str) -> UUID | None:
    """A case by its id or by its number; one that does not exist finds nothing."""
    if text.isdecimal():
        return await find_by_number(pool, int(text)) or _NOWHERE
    return _id_or_none(text) or (_NOWHERE if text else None)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


log_routes = [show_log]
