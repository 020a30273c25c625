"""What the guard found.

Who: an operator or a supervisor in the morning, an arbiter who wonders about somebody. Question:
what is new, is it true, and whom does it concern? Next: read what was said around it, say that it
is right or wrong, look at who is linked, watch somebody, or let a payout go.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.flows.guard.access import keeps_watch, may_mark
from gongdao.flows.guard.list_findings import FindingFilter, Listed, list_findings
from gongdao.flows.guard.mark import MissedArgs, mark_finding, mark_missed
from gongdao.flows.settings import current_pack
from gongdao.policy.guard import GuardBook
from gongdao.web.guard.marks import mark_in
from gongdao.web.guard.words import sign_name, sign_names
from gongdao.web.platform.forms import asked_for
from gongdao.web.platform.guard_reads import (
    find_whom,
    marks_of,
    missed_around,
    names_of,
    said_around,
)
from gongdao.web.platform.guard_words import ABOUT, AUTHORS, BY, LEVELS, SUBJECTS, VERDICTS
from gongdao.web.shell import locale_of, page, safe_path
from gongdao.web.typed import texts_of

READERS = [kind("platform")]
LIST = "/platform/guard"
_T = TypeVar("_T")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the list asks for; empty is any."""

    code: str = ""
    level: str = ""
    about: str = ""
    verdict: str = ""
    shop: UUID | None = None
    person: UUID | None = None

    def fields(self) -> dict[str, str]:
        """As an address says it."""
        each = msgspec.structs.asdict(self)
        return {name: str(value) for name, value in each.items() if value}

    def address(self, **changes: str) -> str:
        """The list with some of it changed."""
        fields = {name: text for name, text in (self.fields() | changes).items() if text}
        return LIST + (f"?{urlencode(fields)}" if fields else "")

    def filter(self, book: GuardBook) -> FindingFilter:
        """As the list of findings is asked for it."""
        return FindingFilter(
            code=self.code or None,
            about=self.about or None,  # type: ignore[arg-type]
            verdict=self.verdict or None,  # type: ignore[arg-type]
            shop_id=self.shop,
            buyer_id=self.person,
            weight=book.least(self.level),
        )


@get("/platform/guard", guards=READERS, include_in_schema=False)
async def show_findings(
    request: Asked, after: FromQuery[str] = "", whom: FromQuery[str] = ""
) -> Response[str] | Redirect:
    """What was found, newest first."""
    who, pool, book = principal_of(request), request.app.state.pool, await _book(request)
    wanted = _wanted(request.query_params, book)
    asked = asked_for(whom)
    if asked:
        found = await find_whom(pool, asked)
        if len(found) == 1:
            return Redirect(wanted.address(**{found[0].kind: str(found[0].id)}), status_code=303)
    cursor = read_cursor(after) if after else None
    listed = await list_findings(pool, who, wanted.filter(book), after=cursor)
    more = wanted.address(after=listed.following.text()) if listed.following else ""
    return page(
        request,
        "platform/guard.html",
        findings=listed.findings,
        wanted=wanted,
        names=await names_of(pool, wanted.person, wanted.shop),
        choices=_choices(book, wanted, locale_of(request)),
        asked=asked,
        more=more,
        **shared(request),
    )


@get("/platform/guard/findings/{finding_id:uuid}", guards=READERS, include_in_schema=False)
async def show_finding(request: Asked, finding_id: FromPath[UUID]) -> Response[str]:
    """One finding with what was said around it, and what people said of it."""
    pool = request.app.state.pool
    one = await _one(request, finding_id)
    talk, seq = one.warned.conversation_id, one.warned.seq
    in_talk = (talk, seq) if talk and seq else None
    return page(
        request,
        "platform/guard_finding.html",
        one=one,
        lines=await said_around(pool, *in_talk) if in_talk else [],
        missed=await missed_around(pool, *in_talk) if in_talk else [],
        missable=sign_names(await _book(request), "message", "platform", locale_of(request)),
        marks=await marks_of(pool, finding_id),
        authors=AUTHORS,
        **shared(request),
    )


@post(
    "/platform/guard/findings/{finding_id:uuid}/mark",
    guards=READERS,
    include_in_schema=False,
)
async def take_mark(request: Asked, finding_id: FromPath[UUID]) -> Redirect:
    """Say that it is right, or wrong and why."""
    args = mark_in(await request.form(), finding_id)
    await mark_finding(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(f"/platform/guard/findings/{finding_id}", status_code=303)


@post("/platform/guard/missed", guards=READERS, include_in_schema=False)
async def take_missed(request: Asked) -> Redirect:
    """Say what was missed in a message, and go back to where it was read."""
    who, form = principal_of(request), await request.form()
    if not may_mark(who):
        raise Refusal("wrong_role", N_("This is not yours to judge."))
    said = texts_of(form, "idempotency_key", "conversation_id", "seq", "code", "why", "back")
    back = said.pop("back").strip()
    if not said["code"]:
        raise Refusal("invalid", N_("Say what was missed."))
    args = convert_form(said | {"id": said.pop("idempotency_key")}, MissedArgs)
    await mark_missed(request.app.state.pool, who, args, now=utc_now())
    own = back.startswith("/platform/guard/")
    return Redirect(safe_path(back, LIST) if own else LIST, status_code=303)


def shared(request: Asked) -> dict[str, Any]:
    """What all pages of the guard say and know of who looks at them."""
    who = principal_of(request)
    return {
        "may_mark": may_mark(who),
        "may_watch": keeps_watch(who),
        "level_words": LEVELS,
        "about_words": ABOUT,
        "verdict_words": VERDICTS,
        "subject_words": SUBJECTS,
        "by_words": BY,
    }


def convert_form(fields: Mapping[str, Any], wanted: type[_T]) -> _T:
    """The fields of a form as arguments, or a refusal."""
    try:
        return msgspec.convert(fields, wanted, strict=False)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid", N_("Something in the form is missing or does not fit; please check it.")
        ) from None


def id_or_none(text: str) -> UUID | None:
    """An id as an address says it; anything else is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def _one(request: Asked, finding_id: UUID) -> Listed:
    only = FindingFilter(finding_id=finding_id)
    listed = await list_findings(request.app.state.pool, principal_of(request), only, limit=1)
    if not listed.findings:
        raise Refusal("not_found", N_("There is no such finding."))
    return listed.findings[0]


async def _book(request: Asked) -> GuardBook:
    pool: Pool = request.app.state.pool
    return (await current_pack(pool)).guard


def _wanted(asked: Mapping[str, Any], book: GuardBook) -> Wanted:
    """What the address asks for; a word that means nothing narrows nothing."""
    text = {name: asked_for(str(asked.get(name, ""))) for name in Wanted.__struct_fields__}
    return Wanted(
        code=text["code"] if text["code"] in book.rules else "",
        level=text["level"] if text["level"] in ("danger", "caution") else "",
        about=text["about"] if text["about"] in ABOUT else "",
        verdict=text["verdict"] if text["verdict"] in VERDICTS else "",
        shop=id_or_none(text["shop"]),
        person=id_or_none(text["person"]),
    )


def _choices(book: GuardBook, wanted: Wanted, locale: Locale) -> list[dict[str, Any]]:
    """The filters, each with what is chosen."""

    def words(of: Mapping[str, str], *only: str) -> list[tuple[str, str]]:
        return [
            (key, translate(locale, label)) for key, label in of.items() if not only or key in only
        ]

    signs = [
        (code, sign_name(rule.say, locale)) for code, rule in book.rules.items() if rule.weight
    ]
    label: Callable[[str], str] = lambda sentence: translate(locale, sentence)  # noqa: E731
    everything = [("", label(N_("All")))]
    return [
        {"name": "code", "label": label(N_("Kind of sign")), "value": wanted.code,
         "options": everything + signs},
        {"name": "level", "label": label(N_("Weighs at least")), "value": wanted.level,
         "options": everything + words(LEVELS, "danger", "caution")},
        {"name": "about", "label": label(N_("Whose doing")), "value": wanted.about,
         "options": everything + words(ABOUT)},
        {"name": "verdict", "label": label(N_("Verdict on it")), "value": wanted.verdict,
         "options": everything + words(VERDICTS)},
    ]  # fmt: skip


finding_routes = [show_findings, show_finding, take_mark, take_missed]
