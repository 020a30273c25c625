"""Which rule book judges new cases, and which of its switches the operator has set."""

from datetime import datetime
from functools import lru_cache

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.policy.load import UnknownPackError, WrittenError, load_pack
from gongdao.policy.pack import Pack
from gongdao.settings.setting import PolicyChoice, Version
from gongdao.settings.store import add_version, load_history, load_setting


async def current_pack(database: Queryable) -> Pack:
    """The pack under which a case that is filed now is opened, with the switches set on it."""
    choice = (await load_setting(database, PolicyChoice)).value
    return pack_with(choice.pack, choice.switches)


async def current_choice(database: Queryable) -> Version[PolicyChoice]:
    """What the operator chose, with the version that the next choice is based on."""
    return await load_setting(database, PolicyChoice)


async def past_choices(
    database: Queryable, *, before: int | None = None, limit: int = 20
) -> list[Version[PolicyChoice]]:
    """What operators chose, newest first, with their reasons."""
    return await load_history(database, PolicyChoice, before=before, limit=limit)


async def choose_pack(
    database: Queryable, who: Principal, name: str, *, seen: int, reason: str, now: datetime
) -> Version[PolicyChoice]:
    """Let another pack judge the cases of the future. Its switches start as the pack has them."""
    require_editor(who)
    pack = _known_pack(name)
    if not pack.procedures:
        raise Refusal(
            "not_eligible", N_("This pack has no procedures of its own; it only lies under others.")
        )
    choice = PolicyChoice(pack=pack.name)
    return await add_version(
        database, choice, seen=seen, reason=reason, by_id=who.person_id, now=now
    )


async def set_switch(
    database: Queryable,
    who: Principal,
    switch: str,
    value: str,
    *,
    seen: int,
    reason: str,
    now: datetime,
) -> Version[PolicyChoice]:
    """Decide a contradiction of the sources in another way, for the cases of the future."""
    require_editor(who)
    before = await load_setting(database, PolicyChoice)
    pack = pack_with(before.value.pack, before.value.switches)
    try:
        pack.with_switches({switch: value})
    except ValueError as error:
        raise Refusal("invalid", N_("No such value: {why}"), why=str(error)) from None
    if pack.switches[switch] == value:
        raise Refusal("duplicate", N_("The switch has this value already."))
    # The version of the pack is pinned with the value: a newer one may mean something else by it.
    choice = PolicyChoice(pack=pack.name, switches=before.value.switches | {switch: value})
    return await add_version(
        database, choice, seen=seen, reason=reason, by_id=who.person_id, now=now
    )


@lru_cache(maxsize=64)
def _pack_with(name: str, switches: frozenset[tuple[str, str]]) -> Pack:
    pack = load_pack(name)
    return pack.with_switches(dict(switches)) if switches else pack


def pack_with(name: str, switches: dict[str, str]) -> Pack:
    """A pack with some of its switches set, made once and kept."""
    return _pack_with(name, frozenset(switches.items()))


def require_editor(who: Principal) -> None:
    """Refuse whoever may not edit policy."""
    if not who.may("policy.edit"):
        raise Refusal("wrong_role", N_("Only the operator may change which rules count."))


def _known_pack(name: str) -> Pack:
    try:
        return load_pack(name)
    except (UnknownPackError, WrittenError) as error:
        raise Refusal("not_found", N_("There is no such pack: {why}"), why=str(error)) from None
