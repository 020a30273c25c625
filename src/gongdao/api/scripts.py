"""Scripts at the service desk: found while one types, suggested, filled in, counted, kept up."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.i18n import Locale
from gongdao.base.ids import new_id
from gongdao.base.texts import NO_NUL
from gongdao.chat.body import TEXT_MAX
from gongdao.flows.talk import scripts as desk
from gongdao.flows.talk.script_figures import ScriptFigures, script_figures
from gongdao.scripts.bargain import Move
from gongdao.scripts.script import TEXT_MAX as SCRIPT_MAX
from gongdao.scripts.script import TITLE_MAX, Filled, Owner, Script, Step, Variable

_Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX, pattern=NO_NUL)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=SCRIPT_MAX, pattern=NO_NUL)]
_Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern="^[a-z0-9.-]+$")]
_Query = Annotated[str, QueryParameter(max_length=60, pattern=NO_NUL)]
_Limit = Annotated[int, QueryParameter(ge=1, le=desk.SEARCH_MAX)]
_Days = Annotated[int, QueryParameter(ge=1, le=366)]


class ScriptShown(msgspec.Struct, frozen=True, kw_only=True):
    """A script; `uses`: how often one said it oneself of late."""

    ref: str
    step: Step
    move: Move | Literal[""]
    locale: Locale
    title: str
    text: str
    owner: Owner
    version: int
    replaces: str
    uses: int = 0


class ScriptsFound(msgspec.Struct, frozen=True, kw_only=True):
    """What fits, best first."""

    scripts: list[ScriptShown]


class BlankShown(msgspec.Struct, frozen=True, kw_only=True):
    """A place that is still to be filled in; `start` and `end` count UTF-16 units."""

    name: Variable
    start: int
    end: int


class ScriptFilled(msgspec.Struct, frozen=True, kw_only=True):
    """A script with what is known filled in; with blanks it is not ready to be sent."""

    ref: str
    text: str
    blanks: list[BlankShown]


class ToAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last words of the buyer, and where they were said."""

    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=NO_NUL)]
    conversation: UUID | None = None
    locale: Locale | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5


class SuggestionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A script that may answer; `why` says what was understood, `heard` by which words."""

    script: ScriptShown
    intent: str
    why: str
    heard: tuple[str, ...]
    text: str
    blanks: list[BlankShown]


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What may answer, the likeliest first."""

    suggestions: list[SuggestionShown]


class ScriptSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A script was said in a conversation, in the message of this `client_id`."""

    script: _Ref
    conversation: UUID
    client_id: UUID


class ScriptCounted(msgspec.Struct, frozen=True, kw_only=True):
    """The use stands in the figures."""

    counted: bool = True


class ScriptBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A script as somebody writes it."""

    step: Step
    title: _Title
    text: _Text
    move: Move | Literal[""] = ""


class NewScript(ScriptBody, frozen=True, kw_only=True):
    """A new one: one's own, or the shop's; beside the library, or in the place of one of it."""

    mine: bool = True
    locale: Locale = "zh"
    replaces: _Ref | None = None


class ChangedScript(ScriptBody, frozen=True, kw_only=True):
    """Another wording; `version` is the one that was seen."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)]


class FiguresShown(msgspec.Struct, frozen=True, kw_only=True):
    """What came of each script, the most said first."""

    figures: list[ScriptFigures]


@get("/desk/scripts", guards=[may("chat.serve")], summary="Find scripts", tags=["service desk"])
async def find_scripts(
    request: Asked,
    q: _Query = "",
    step: FromQuery[Step | None] = None,
    conversation: FromQuery[UUID | None] = None,
    locale: FromQuery[Locale | None] = None,
    limit: _Limit = 20,
) -> ScriptsFound:
    """Scripts by title, text, initials, pinyin or step, best first.

    Without `locale`, in the language of the conversation, else of who asks.
    """
    found = await desk.search_scripts(
        request.app.state.pool,
        principal_of(request),
        q,
        step=step,
        conversation_id=conversation,
        locale=locale or (None if conversation else locale_of(request)),
        limit=limit,
        now=utc_now(),
    )
    return ScriptsFound(scripts=[show_script(script, uses) for script, uses in found])


@get(
    "/desk/scripts/{ref:str}/filled",
    guards=[may("chat.serve")],
    summary="A script, filled in",
    tags=["service desk"],
)
async def read_filled(
    request: Asked,
    ref: FromPath[str],
    conversation: FromQuery[UUID | None] = None,
    locale: FromQuery[Locale | None] = None,
) -> ScriptFilled:
    """A script with what is known of the conversation filled in."""
    script, filled = await desk.fill_script(
        request.app.state.pool,
        principal_of(request),
        ref,
        conversation_id=conversation,
        locale=locale or locale_of(request),
        now=utc_now(),
    )
    return ScriptFilled(ref=script.ref, text=filled.text, blanks=_blanks(filled))


@post(
    "/desk/suggestions",
    guards=[may("chat.serve")],
    summary="What may be answered",
    tags=["service desk"],
    status_code=200,
)
async def suggest_answers(request: Asked, data: JSONBody[ToAnswer]) -> Suggestions:
    """Scripts for the last words of a buyer, filled in, with the reason for each.

    Without `locale`, in the language of the conversation; the reasons are for who asks.
    """
    locale = locale_of(request)
    suggested = await desk.suggest(
        request.app.state.pool,
        principal_of(request),
        data.text,
        conversation_id=data.conversation,
        locale=data.locale or (None if data.conversation else locale),
        limit=data.limit,
        now=utc_now(),
    )
    return Suggestions(
        suggestions=[
            SuggestionShown(
                script=show_script(one.script),
                intent=one.intent,
                why=one.why.zh if locale == "zh" else one.why.en,
                heard=one.heard,
                text=filled.text,
                blanks=_blanks(filled),
            )
            for one, filled in suggested
        ]
    )


@post(
    "/desk/script-uses",
    guards=[may("chat.serve")],
    summary="A script was said",
    tags=["service desk"],
    status_code=200,
)
async def count_script(request: Asked, data: JSONBody[ScriptSaid]) -> ScriptCounted:
    """Count a script that was said; told again with the same `client_id`, it counts once."""
    await desk.count_use(
        request.app.state.pool,
        principal_of(request),
        data.script,
        conversation_id=data.conversation,
        client_id=data.client_id,
        now=utc_now(),
    )
    return ScriptCounted()


@post("/desk/scripts", guards=[may("chat.serve")], summary="Write a script", tags=["service desk"])
async def write_script(request: Asked, data: JSONBody[NewScript]) -> ScriptShown:
    """A new script of one's own, or, with `chat.manage`, of the shop."""
    script = await desk.write_script(
        request.app.state.pool,
        principal_of(request),
        _written(data),
        script_id=new_id(),
        locale=data.locale,
        is_mine=data.mine,
        replaces=data.replaces,
        now=utc_now(),
    )
    return show_script(script)


@put(
    "/desk/scripts/{script_id:uuid}",
    guards=[may("chat.serve")],
    summary="Change a script",
    tags=["service desk"],
)
async def change_script(
    request: Asked, script_id: FromPath[UUID], data: JSONBody[ChangedScript]
) -> ScriptShown:
    """Another wording of one's own script, or, with `chat.manage`, of the shop's."""
    script = await desk.rewrite_script(
        request.app.state.pool,
        principal_of(request),
        script_id,
        _written(data),
        seen=data.version,
        now=utc_now(),
    )
    return show_script(script)


@delete(
    "/desk/scripts/{script_id:uuid}",
    guards=[may("chat.serve")],
    summary="Put a script away",
    tags=["service desk"],
)
async def archive_script(request: Asked, script_id: FromPath[UUID]) -> None:
    """Archive a script; its versions and figures stay."""
    await desk.archive_script(
        request.app.state.pool, principal_of(request), script_id, now=utc_now()
    )


@get(
    "/desk/script-figures",
    guards=[may("chat.serve")],
    summary="What came of scripts",
    tags=["service desk"],
)
async def read_script_figures(request: Asked, days: _Days = 30) -> FiguresShown:
    """Figures of the last days: of the whole shop with `chat.manage`, else one's own."""
    who, now = principal_of(request), utc_now()
    figures = await script_figures(
        request.app.state.pool,
        desk.shop_of(who),
        since=now - timedelta(days=days),
        until=now,
        agent_id=None if who.may("chat.manage") else who.person_id,
    )
    return FiguresShown(figures=figures)


def show_script(script: Script, uses: int = 0) -> ScriptShown:
    """A script as the API shows it."""
    return ScriptShown(
        ref=script.ref, step=script.step, move=script.move, locale=script.locale,
        title=script.title, text=script.text, owner=script.owner, version=script.version,
        replaces=script.replaces, uses=uses,
    )  # fmt: skip


def _written(body: ScriptBody) -> desk.ScriptText:
    return desk.ScriptText(step=body.step, move=body.move, title=body.title, text=body.text)


def _blanks(filled: Filled) -> list[BlankShown]:
    return [
        BlankShown(
            name=blank.name,
            start=units(filled.text[: blank.start]),
            end=units(filled.text[: blank.end]),
        )
        for blank in filled.blanks
    ]


def units(text: str) -> int:
    """The length of a text as screens count it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


routes = [
    find_scripts, read_filled, suggest_answers, count_script, write_script, change_script,
    archive_script, read_script_figures,
]  # fmt: skip
