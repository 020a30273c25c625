"""Case states in the words of other marketplaces and payment providers: see docs/dialects.md."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, PathParameter

from gongdao.accounts.gate import Asked, may, principal_of, signed_in
from gongdao.api.case_forms import Form
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.dialects.dialect import Dialect, Ours, ours_of
from gongdao.dialects.load import UnknownDialectError, dialect_names, load_dialect
from gongdao.dialects.translate import Heard, read_document, speak, write_document
from gongdao.flows.case_view import view_case

Name = Annotated[str, PathParameter(max_length=40, pattern="^[a-z0-9_-]+$")]


class DialectBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A dialect in the list."""

    name: str
    title: str
    about: str


class WordBody(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a dialect, and how well it is verified (V read, Vx quoted, U unverified)."""

    field: str
    path: str
    """Where it stands in their documents."""
    word: str | int
    meaning: str
    verified: str


class DialectBody(DialectBrief, frozen=True, kw_only=True):
    """A dialect with its words."""

    words: list[WordBody]


class SpokenBody(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case stands, in the words of a dialect."""

    dialect: str
    procedure: str
    stage: str
    ended: str | None
    theirs: dict[str, Any]
    """Their words, as their documents have them; empty where they have none."""
    lossy: list[str]
    """What is lost on the way; empty where nothing is."""
    why_not: str | None
    """Why they have no words for it."""


class ToHear(Form, frozen=True, kw_only=True):
    """Documents of theirs, as their interfaces give them."""

    documents: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=1000)]


class HeardBody(msgspec.Struct, frozen=True, kw_only=True):
    """What one of them means: where such a case stands with us."""

    ours: Ours | None
    """None where it has no place with us."""
    lossy: list[str]
    """What is lost on the way; empty where nothing is."""
    why_not: str | None
    unknown: dict[str, Any]
    """Values of their fields that nobody here knows."""
    untold: dict[str, Any]
    """Words of theirs that nothing follows from."""


@get("/dialects", guards=[signed_in], summary="Dialects", tags=["dialects"])
async def read_dialects(request: Asked) -> list[DialectBrief]:
    """Whose words are known here."""
    locale = locale_of(request)
    return [_brief(load_dialect(name), locale) for name in dialect_names()]


@get(
    "/dialects/{dialect:str}",
    guards=[signed_in],
    summary="A dialect",
    tags=["dialects"],
)
async def read_dialect(request: Asked, dialect: Name) -> DialectBody:
    """Every word with its meaning."""
    known, locale = _known(dialect), locale_of(request)
    brief = _brief(known, locale)
    words = [
        WordBody(
            field=field.id,
            path=field.path,
            word=named.word,
            meaning=named.zh if locale == "zh" else named.en,
            verified=known.verified(named),
        )
        for field in known.field
        for named in field.word
    ]
    return DialectBody(name=brief.name, title=brief.title, about=brief.about, words=words)


@post(
    "/dialects/{dialect:str}/meanings",
    guards=[signed_in],
    summary="What documents of a dialect mean",
    tags=["dialects"],
    status_code=200,
)
async def hear_documents(request: Asked, dialect: Name, data: JSONBody[ToHear]) -> list[HeardBody]:
    """Their documents in our words, in the same order; nothing is kept."""
    known, locale = _known(dialect), locale_of(request)
    return [_heard(read_document(document, known), locale) for document in data.documents]


@get(
    "/cases/{case_id:uuid}/dialects/{dialect:str}",
    guards=[may("case.read")],
    summary="A case in the words of a dialect",
    tags=["dialects"],
)
async def read_case_in_dialect(
    request: Asked, case_id: FromPath[UUID], dialect: Name
) -> SpokenBody:
    """Where the case stands, as another marketplace or payment provider would say it."""
    known, locale = _known(dialect), locale_of(request)
    view = await view_case(request.app.state.pool, principal_of(request), case_id, now=utc_now())
    case = view.case
    spoken = speak(ours_of(case), known)
    return SpokenBody(
        dialect=known.id,
        procedure=case.procedure,
        stage=case.stage,
        ended=case.ended,
        theirs=write_document(spoken.words, known),
        lossy=[loss.zh if locale == "zh" else loss.en for loss in spoken.losses],
        why_not=getattr(spoken.no, locale) if spoken.no else None,
    )


def _heard(heard: Heard, locale: Locale) -> HeardBody:
    return HeardBody(
        ours=heard.ours,
        lossy=[loss.zh if locale == "zh" else loss.en for loss in heard.losses],
        why_not=getattr(heard.no, locale) if heard.no else None,
        unknown=heard.unknown,
        untold=dict(heard.untold),
    )


def _known(name: str) -> Dialect:
    try:
        return load_dialect(name)
    except UnknownDialectError:
        raise Refusal("not_found", N_("There is no such dialect.")) from None


def _brief(dialect: Dialect, locale: Locale) -> DialectBrief:
    head = dialect.dialect
    return DialectBrief(
        name=dialect.id, title=getattr(head.title, locale), about=getattr(head.about, locale)
    )
