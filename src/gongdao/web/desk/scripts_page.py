"""The library of scripts: /desk/scripts and below.

Who: an agent between two talks, a lead once a week. Question: how do we say it best, what do people
really say, and does it help? Next: change a wording, put one away, write one's own, or take the
whole library out into a spreadsheet and in again.
"""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.texts import NO_NUL
from gongdao.flows.talk import scripts as desk
from gongdao.flows.talk.manners import require_manners
from gongdao.flows.talk.script_figures import ScriptFigures, script_figures, uses_of_script
from gongdao.flows.talk.script_file import scripts_as_rows, take_script_file
from gongdao.scripts.find import rank
from gongdao.scripts.script import (
    MOVE_LABELS,
    STEP_LABELS,
    TEXT_MAX,
    TITLE_MAX,
    VARIABLE_LABELS,
    Script,
)
from gongdao.scripts.shelf import at_key
from gongdao.web.shell import locale_of, page
from gongdao.web.spreadsheet import csv_file, harmless
from gongdao.web.typed import text_of, texts_of

SERVERS = [kind("shop"), may("chat.serve")]
#: Figures are those of so many days.
FIGURES_DAYS = 30
FILE_BYTES_MAX = 1_000_000
#: So many scripts stand on the page; who looks for one narrows it down.
LISTED_MAX = 300
Word = Annotated[str, QueryParameter(max_length=40, pattern="^[a-z_]*$")]
Query = Annotated[str, QueryParameter(max_length=60, pattern=NO_NUL)]


@get("/desk/scripts", guards=SERVERS, include_in_schema=False)
async def show_scripts(
    request: Asked, q: Query = "", step: Word = "", whose: Word = "", taken: Query = ""
) -> Response[str]:
    """Every script that one has at hand, step by step, with what came of it."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    locale = locale_of(request)
    async with pool.acquire() as connection:
        shelf = await desk.shelf_of(connection, who, locale=locale, now=now)
    scripts = [
        script
        for script in rank(shelf.scripts, q, uses=shelf.uses, limit=LISTED_MAX)
        if step in ("", script.step) and whose in ("", script.owner)
    ]
    if not q:
        order = list(STEP_LABELS)
        scripts.sort(key=lambda script: order.index(script.step))
    return page(
        request,
        "desk/scripts.html",
        scripts=scripts,
        figures=await _figures(request),
        chosen={"q": q, "step": step, "whose": whose},
        steps=STEP_LABELS,
        moves=MOVE_LABELS,
        taken=taken,
        days=FIGURES_DAYS,
    )


@get("/desk/scripts/export.csv", guards=SERVERS, include_in_schema=False)
async def export_scripts(request: Asked) -> Response[bytes]:
    """Everything that one has at hand, as a file for spreadsheets."""
    now = utc_now()
    rows = await scripts_as_rows(
        request.app.state.pool, principal_of(request), locale=locale_of(request), now=now
    )
    cells = [[harmless(cell) for cell in row] for row in rows]
    return csv_file(f"scripts-{day_of(now):%Y%m%d}.csv", cells)


@post("/desk/scripts/import", guards=SERVERS, include_in_schema=False)
async def import_scripts(request: Asked) -> Redirect:
    """Take such a file over, all of it or nothing."""
    sent = (await request.form()).get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Refusal("invalid", N_("Choose a file first."))
    raw = await sent.read(FILE_BYTES_MAX + 1)
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal("too_large", N_("At most a megabyte."))
    taken = await take_script_file(
        request.app.state.pool, principal_of(request), raw, now=utc_now()
    )
    return Redirect(
        f"/desk/scripts?taken={taken.new}-{taken.changed}-{taken.same}", status_code=303
    )


@get("/desk/scripts/new", guards=SERVERS, include_in_schema=False)
async def show_new_script(request: Asked, replaces: Query = "") -> Response[str]:
    """Write one: beside the library, or in the place of one of it."""
    script = await _at(request, replaces) if replaces else None
    return _form_page(request, script, is_new=True)


@post("/desk/scripts", guards=SERVERS, include_in_schema=False)
async def take_new_script(request: Asked) -> Redirect:
    """Keep a new script; where it would not go out, it is not kept."""
    form = texts_of(await request.form(), "step", "move", "title", "text", "whose", "replaces")
    written = await _written(request, form)
    script = await desk.write_script(
        request.app.state.pool,
        principal_of(request),
        written,
        script_id=new_id(),
        locale=locale_of(request),
        is_mine=form["whose"] != "shop",
        replaces=form["replaces"] or None,
        now=utc_now(),
    )
    return Redirect(f"/desk/scripts/{script.ref}", status_code=303)


@get("/desk/scripts/{ref:str}", guards=SERVERS, include_in_schema=False)
async def show_script(request: Asked, ref: FromPath[str]) -> Response[str]:
    """One script: its wording, its versions, who said it when."""
    return _form_page(request, await _at(request, ref), is_new=False, **await _past(request, ref))


@post("/desk/scripts/{script_id:uuid}/wording", guards=SERVERS, include_in_schema=False)
async def take_wording(request: Asked, script_id: FromPath[UUID]) -> Redirect:
    """Keep another wording."""
    form = texts_of(await request.form(), "step", "move", "title", "text", "seen")
    seen = form["seen"]
    await desk.rewrite_script(
        request.app.state.pool,
        principal_of(request),
        script_id,
        await _written(request, form),
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        now=utc_now(),
    )
    return Redirect(f"/desk/scripts/{script_id}", status_code=303)


@post("/desk/scripts/{script_id:uuid}/archive", guards=SERVERS, include_in_schema=False)
async def take_archive(request: Asked, script_id: FromPath[UUID]) -> Redirect:
    """Put a script away."""
    seen = text_of(await request.form(), "seen")
    await desk.archive_script(
        request.app.state.pool,
        principal_of(request),
        script_id,
        seen=int(seen) if seen.isdecimal() and len(seen) < 9 else None,
        now=utc_now(),
    )
    return Redirect("/desk/scripts", status_code=303)


def _form_page(
    request: Asked, script: Script | None, *, is_new: bool, **past: Any
) -> Response[str]:
    is_lead = principal_of(request).may("chat.manage")
    may_edit = script is None or script.owner == "mine" or (script.owner == "shop" and is_lead)
    return page(
        request,
        "desk/script.html",
        script=script,
        is_new=is_new,
        may_edit=is_new or may_edit,
        is_lead=is_lead,
        steps=STEP_LABELS,
        moves=MOVE_LABELS,
        variables=VARIABLE_LABELS,
        title_max=TITLE_MAX,
        text_max=TEXT_MAX,
        days=FIGURES_DAYS,
        **past,
    )


async def _past(request: Asked, ref: str) -> dict[str, Any]:
    """What a script was and came to: versions of those that people wrote, uses, figures."""
    pool, who = request.app.state.pool, principal_of(request)
    since = utc_now() - timedelta(days=FIGURES_DAYS)
    uses = await uses_of_script(pool, desk.shop_of(who), ref, since=since)
    try:
        versions = await desk.wordings_of(pool, who, UUID(ref))
    except ValueError:
        versions = []
    return {"uses": uses, "versions": versions, "figures": (await _figures(request)).get(ref)}


async def _at(request: Asked, ref: str) -> Script:
    async with request.app.state.pool.acquire() as connection:
        shelf = await desk.shelf_of(
            connection, principal_of(request), locale=locale_of(request), now=utc_now()
        )
    script = at_key(shelf.scripts, ref)
    if script is None:
        raise Refusal("not_found", N_("There is no such script."))
    return script


async def _figures(request: Asked) -> dict[str, ScriptFigures]:
    """Of the shop for its leads, else one's own."""
    who, now = principal_of(request), utc_now()
    figures = await script_figures(
        request.app.state.pool,
        desk.shop_of(who),
        since=now - timedelta(days=FIGURES_DAYS),
        until=now,
        agent_id=None if who.may("chat.manage") else who.person_id,
    )
    return {one.script: one for one in figures}


async def _written(request: Asked, form: dict[str, str]) -> desk.ScriptText:
    """The script in a form. Raises Refusal, also for a text that may not go out."""
    try:
        written = msgspec.convert(
            {name: form[name] for name in ("step", "move", "title", "text")}, desk.ScriptText
        )
    except msgspec.ValidationError as error:
        raise Refusal("invalid", N_("Something in the form is missing or wrong.")) from error
    await require_manners(request.app.state.pool, principal_of(request), written.text)
    return written


script_routes: list[Any] = [
    show_scripts, export_scripts, import_scripts, show_new_script, take_new_script, show_script,
    take_wording, take_archive,
]  # fmt: skip
