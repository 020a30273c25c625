"""Scripts at the desk: found as one types, suggested, filled in, counted, and kept up."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.flows.talk.talk_facts import TalkFacts, facts_of_talk
from gongdao.scripts.bargain import Move
from gongdao.scripts.find import rank
from gongdao.scripts.library import library_by_key, load_library
from gongdao.scripts.script import Filled, Script, Step, Variable, fill
from gongdao.scripts.shelf import OwnScript, at_key, lay_over, require_sound
from gongdao.scripts.store import Version as ScriptVersion
from gongdao.scripts.store import (
    add_script,
    at_hand,
    change_script,
    find_script,
    note_use,
    own_scripts,
    versions_of,
)
from gongdao.scripts.suggest import Suggestion, suggest_scripts

SEARCH_MAX = 50
#: The shelves of so many agents are kept by a process, each with the stamp that it was read at.
_SHELVES_MAX = 500
_SHELVES: dict[tuple[UUID, UUID, Locale], tuple[str, list[Script]]] = {}


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent has at hand, and how often they said what."""

    scripts: list[Script]
    uses: dict[str, int]


class ScriptText(msgspec.Struct, frozen=True, kw_only=True):
    """A script as somebody writes it."""

    step: Step
    move: Move | Literal[""] = ""
    title: str
    text: str


async def shelf_of(database: Queryable, who: Principal, *, locale: Locale, now: datetime) -> Shelf:
    """Everything that an agent has at hand in a language; read anew only where it has changed."""
    shop_id, agent_id = shop_of(who), who.person_id
    stamp, uses = await at_hand(database, shop_id, agent_id, now=now)
    key = (shop_id, agent_id, locale)
    kept = _SHELVES.get(key)
    if kept is None or kept[0] != stamp:
        own = await own_scripts(database, shop_id, agent_id)
        kept = _SHELVES[key] = (stamp, lay_over(load_library(locale), own, locale))
        while len(_SHELVES) > _SHELVES_MAX:
            del _SHELVES[next(iter(_SHELVES))]
    return Shelf(scripts=kept[1], uses=uses)


async def search_scripts(
    pool: Pool,
    who: Principal,
    query: str,
    *,
    step: Step | None = None,
    conversation_id: UUID | None = None,
    locale: Locale | None = None,
    limit: int = 20,
    now: datetime,
) -> list[tuple[Script, int]]:
    """The scripts that fit what was typed, best first, each with how often one said it.

    Without a language, those in which the conversation is held.
    """
    async with pool.acquire() as connection:
        if locale is None:
            locale = (await facts_of_talk(connection, who, conversation_id)).locale
        shelf = await shelf_of(connection, who, locale=locale, now=now)
    found = rank(shelf.scripts, query, uses=shelf.uses, step=step, limit=min(limit, SEARCH_MAX))
    return [(script, shelf.uses.get(script.ref, 0)) for script in found]


async def suggest(
    pool: Pool,
    who: Principal,
    heard: str,
    *,
    conversation_id: UUID | None = None,
    locale: Locale | None = None,
    limit: int = 5,
    now: datetime,
) -> list[tuple[Suggestion, Filled]]:
    """What answers the last words of a buyer, filled in, and why each is suggested.

    Without a language, in the one in which the conversation is held.
    """
    async with pool.acquire() as connection:
        facts = await facts_of_talk(connection, who, conversation_id)
        locale = locale or facts.locale
        shelf = await shelf_of(connection, who, locale=locale, now=now)
    suggested = suggest_scripts(
        heard,
        lambda key: at_key(shelf.scripts, key),
        order=facts.order,
        uses=shelf.uses,
        limit=limit,
    )
    return [(one, fill(one.script.text, facts.values, locale)) for one in suggested]


async def fill_script(
    pool: Pool,
    who: Principal,
    ref: str,
    *,
    conversation_id: UUID | None,
    locale: Locale = "zh",
    values: dict[Variable, str] | None = None,
    now: datetime,
) -> tuple[Script, Filled]:
    """A script with what is known of the conversation filled in. Raises Refusal not_found."""
    async with pool.acquire() as connection:
        facts: TalkFacts = await facts_of_talk(connection, who, conversation_id)
        shelf = await shelf_of(connection, who, locale=locale, now=now)
    script = at_key(shelf.scripts, ref)
    if script is None:
        raise Refusal("not_found", N_("There is no such script."))
    return script, fill(script.text, facts.values | (values or {}), script.locale)


async def count_use(
    pool: Pool,
    who: Principal,
    ref: str,
    *,
    conversation_id: UUID,
    client_id: UUID,
    now: datetime,
) -> None:
    """Somebody said a script in the message of this client_id; told again, it counts once."""
    async with pool.acquire() as connection:
        facts = await facts_of_talk(connection, who, conversation_id)
        assert facts.buyer_id is not None, "a conversation has a buyer"
        await _require_known(connection, who, ref)
        await note_use(
            connection,
            conversation_id=conversation_id,
            client_id=client_id,
            shop_id=shop_of(who),
            agent_id=who.person_id,
            buyer_id=facts.buyer_id,
            script=ref,
            now=now,
        )


async def write_script(
    pool: Pool,
    who: Principal,
    written: ScriptText,
    *,
    script_id: UUID,
    locale: Locale,
    is_mine: bool,
    replaces: str | None = None,
    now: datetime,
) -> Script:
    """A new script, one's own or the shop's. Raises Refusal."""
    if not is_mine:
        require_lead(who)
    if replaces is not None and replaces not in library_by_key("zh"):
        raise Refusal("not_found", N_("There is no such script."))
    _require_sound(written)
    script = OwnScript(
        id=script_id,
        shop_id=shop_of(who),
        owner_id=who.person_id if is_mine else None,
        replaces=replaces,
        version=1,
        step=written.step,
        move=written.move,
        locale=locale,
        title=written.title.strip(),
        body=written.text.strip(),
    )
    async with pool.acquire() as connection:
        await add_script(connection, script, by_id=who.person_id, now=now)
    return script.as_script()


async def rewrite_script(
    pool: Pool,
    who: Principal,
    script_id: UUID,
    written: ScriptText,
    *,
    seen: int,
    now: datetime,
) -> Script:
    """Another wording of a script, decided on the version that was seen. Raises Refusal."""
    _require_sound(written)
    async with pool.acquire() as connection:
        before = await _own_to_edit(connection, who, script_id)
        after = msgspec.structs.replace(
            before,
            version=seen,
            step=written.step,
            move=written.move,
            title=written.title.strip(),
            body=written.text.strip(),
            archived_at=None,
        )
        await change_script(connection, after, by_id=who.person_id, now=now)
    return msgspec.structs.replace(after, version=seen + 1).as_script()


async def archive_script(
    pool: Pool, who: Principal, script_id: UUID, *, seen: int | None = None, now: datetime
) -> None:
    """Put a script away; what it replaced stays away too. Archived again, nothing changes."""
    async with pool.acquire() as connection:
        before = await _own_to_edit(connection, who, script_id)
        if before.archived_at is not None:
            return
        after = msgspec.structs.replace(
            before, version=before.version if seen is None else seen, archived_at=now
        )
        await change_script(connection, after, by_id=who.person_id, now=now)


async def wordings_of(pool: Pool, who: Principal, script_id: UUID) -> list[ScriptVersion]:
    """How a script of one's own or of the shop was worded, newest first."""
    async with pool.acquire() as connection:
        await _own_to_see(connection, who, script_id)
        return await versions_of(connection, script_id)


def shop_of(who: Principal) -> UUID:
    """The shop of somebody who serves. Raises Refusal for everybody else."""
    if who.shop_id is None:
        raise Refusal("wrong_role", N_("Only the people of a shop use scripts."))
    return who.shop_id


async def _own_to_see(database: Queryable, who: Principal, script_id: UUID) -> OwnScript:
    script = await find_script(database, script_id, shop_id=shop_of(who))
    if script is None or script.owner_id not in (None, who.person_id):
        raise Refusal("not_found", N_("There is no such script."))
    return script


async def _own_to_edit(database: Queryable, who: Principal, script_id: UUID) -> OwnScript:
    script = await _own_to_see(database, who, script_id)
    if script.owner_id is None:
        require_lead(who)
    return script


async def _require_known(database: Queryable, who: Principal, ref: str) -> None:
    """Refuse a use of what is no script of this shop."""
    if ref in library_by_key("zh"):
        return
    try:
        script_id = UUID(ref)
    except ValueError:
        raise Refusal("not_found", N_("There is no such script.")) from None
    await _own_to_see(database, who, script_id)


def _require_sound(written: ScriptText) -> None:
    require_sound(title=written.title, text=written.text, step=written.step, move=written.move)


def require_lead(who: Principal) -> None:
    """Refuse whoever does not lead the desk. Raises Refusal."""
    if not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only a lead changes the scripts of the shop."))
