"""Making people and roles, and what those who manage a shop's or the platform's staff may do."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gongdao.accounts import people_store, store
from gongdao.accounts.fields import (
    ROLE_NAME_MAX,
    check_name,
    check_password,
    check_sign_in_name,
    fold_name,
)
from gongdao.accounts.passwords import HASHING
from gongdao.accounts.people_store import Colleague, Role
from gongdao.accounts.principal import (
    PLATFORM_ROLES,
    ROLE_LABELS,
    SHOP_ROLES,
    Duty,
    Kind,
    Principal,
    RoleTemplate,
    may_grant,
)
from gongdao.accounts.session import passes_of
from gongdao.accounts.store import Db
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import DEFAULT_LOCALE, N_, Locale
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.base.money import FEN_MAX

ROLES_MAX = 50
PEOPLE_MAX = 500


# --- for the installation itself: nobody is asked ------------------------------------------------


async def create_first_roles(db: Db, *, shop_id: UUID | None, now: datetime) -> dict[str, UUID]:
    """The roles that a new shop, or the platform (no shop), starts with, by their names."""
    made: dict[str, UUID] = {}
    if shop_id is None:
        for duty, template in PLATFORM_ROLES.items():
            made[duty] = await _add_role(db, template, duty, duty, shop_id=None, now=now)
    else:
        for name, template in SHOP_ROLES.items():
            made[name] = await _add_role(db, template, name, None, shop_id=shop_id, now=now)
    return made


async def _add_role(
    db: Db,
    template: RoleTemplate,
    name: str,
    duty: Duty | None,
    *,
    shop_id: UUID | None,
    now: datetime,
) -> UUID:
    role = Role(
        id=new_id(),
        name=name,
        duty=duty,
        permissions=tuple(sorted(template.permissions)),
        money_limit_fen=template.money_limit_fen,
    )
    if not await people_store.add_role(db, role, shop_id=shop_id, now=now, most=ROLES_MAX):
        raise Refusal(
            "duplicate", N_("The role {name} exists already, or there are too many."), name=name
        )
    return role.id


async def create_person(
    db: Db,
    *,
    person_id: UUID,
    sign_in_name: str,
    name: str,
    kind: Kind,
    shop_id: UUID | None = None,
    role_id: UUID | None = None,
    password: str | None = None,
    locale: Locale = DEFAULT_LOCALE,
    now: datetime,
) -> None:
    """A new person; without a password they cannot sign in yet. Nobody's permission is asked."""
    folded = check_sign_in_name(sign_in_name)
    shown = check_name(name)
    password_hash = None
    if password is not None:
        password_hash = await HASHING.hash(check_password(password, sign_in_name=folded))
    added = await people_store.add_person(
        db,
        person_id,
        sign_in_name=folded,
        name=shown,
        kind=kind,
        shop_id=shop_id,
        role_id=role_id,
        password_hash=password_hash,
        locale=locale,
        now=now,
    )
    if not added:
        raise Refusal("duplicate", N_("The sign-in name {name} is taken."), name=folded)


async def find_or_create_buyers(
    db: Connection, names: Iterable[str], *, now: datetime
) -> dict[str, UUID]:
    """The buyers of these member names, made where they are new; in two statements for all.

    A name that cannot be a sign-in name, or is that of somebody who is no buyer, is left out.
    """
    folded = {name: key for name in names if (key := _buyer_key(name)) is not None}
    wanted = {key: name for name, key in folded.items()}
    await people_store.add_buyers(
        db, [(new_id(), key, check_name(wanted[key])) for key in sorted(wanted)], now=now
    )
    known = await people_store.buyers_named(db, list(wanted))
    return {name: known[key] for name, key in folded.items() if key in known}


def _buyer_key(name: str) -> str | None:
    try:
        check_name(name)
        return check_sign_in_name(name)
    except Refusal:
        return None


# --- for who manages the staff of a house --------------------------------------------------------


async def list_roles(pool: Pool, principal: Principal) -> list[Role]:
    """The roles of one's own house."""
    _must_manage(principal)
    return await people_store.roles_of(pool, principal.shop_id, limit=ROLES_MAX)


async def list_colleagues(pool: Pool, principal: Principal) -> list[Colleague]:
    """The people of one's own house, the disabled ones last."""
    _must_manage(principal)
    return await people_store.colleagues_of(pool, principal.shop_id, limit=PEOPLE_MAX)


async def create_role(
    pool: Pool,
    principal: Principal,
    *,
    role_id: UUID,
    name: str,
    permissions: Iterable[str],
    money_limit_fen: int | None = None,
    duty: Duty | None = None,
    now: datetime,
) -> None:
    """A new role in one's own house, with no permission that one does not have oneself."""
    _must_manage(principal)
    shown = check_name(name, most=ROLE_NAME_MAX)
    if fold_name(shown) in ROLE_LABELS:
        raise Refusal(
            "duplicate", N_("The role {name} exists already, or there are too many."), name=shown
        )
    wanted = frozenset(permissions)
    # A limit says how much money, so it means something only beside that permission.
    limit = money_limit_fen if "case.money" in wanted else None
    if not wanted or (limit is not None and not 0 <= limit <= FEN_MAX):
        raise Refusal("invalid", N_("A role needs a permission, and a limit that is an amount."))
    if (principal.kind == "platform") != (duty is not None):
        raise Refusal("invalid", N_("A role of the platform names its duty, one of a shop none."))
    _must_cover(principal, wanted, money_limit_fen=limit)
    template = RoleTemplate(permissions=wanted, money_limit_fen=limit)
    role = Role(
        id=role_id,
        name=shown,
        duty=duty,
        permissions=tuple(sorted(template.permissions)),
        money_limit_fen=limit,
    )
    kept = await people_store.add_role(
        pool, role, shop_id=principal.shop_id, now=now, most=ROLES_MAX
    )
    if not kept:
        raise Refusal(
            "duplicate", N_("The role {name} exists already, or there are too many."), name=shown
        )


async def create_sub_account(
    pool: Pool,
    principal: Principal,
    *,
    person_id: UUID,
    sign_in_name: str,
    name: str,
    role_id: UUID,
    password: str,
    now: datetime,
) -> None:
    """A new colleague with a role of one's own house that one may hand out."""
    await _role_to_give(pool, principal, role_id)
    if len(await list_colleagues(pool, principal)) >= PEOPLE_MAX:
        raise Refusal("invalid", N_("There are {most} accounts already."), most=PEOPLE_MAX)
    await create_person(
        pool,
        person_id=person_id,
        sign_in_name=sign_in_name,
        name=name,
        kind=principal.kind,
        shop_id=principal.shop_id,
        role_id=role_id,
        password=password,
        now=now,
    )


async def assign_role(pool: Pool, principal: Principal, person_id: UUID, *, role_id: UUID) -> None:
    """Give a colleague another role; it counts from their next request on."""
    await _colleague_below(pool, principal, person_id)
    await _role_to_give(pool, principal, role_id)
    await people_store.set_role(pool, person_id, role_id)
    changed([passes_of(person_id)])


async def disable_person(
    pool: Pool, principal: Principal, person_id: UUID, *, now: datetime
) -> None:
    """Lock a colleague out: their sessions end and their next request is refused."""
    await _colleague_below(pool, principal, person_id)
    async with pool.acquire() as connection, connection.transaction():
        await people_store.set_disabled(connection, person_id, at=now, by=principal.person_id)
        await store.end_sessions(connection, person_id, keep=None)
    changed([passes_of(person_id)])


async def enable_person(pool: Pool, principal: Principal, person_id: UUID) -> None:
    """Let a colleague in again; they sign in anew."""
    await _colleague_below(pool, principal, person_id)
    await people_store.set_disabled(pool, person_id, at=None, by=None)


async def reset_password(
    pool: Pool, principal: Principal, person_id: UUID, *, password: str
) -> None:
    """Set a new password for a colleague who forgot theirs; they are signed out everywhere."""
    colleague = await _colleague_below(pool, principal, person_id)
    checked = check_password(password, sign_in_name=colleague.sign_in_name)
    password_hash = await HASHING.hash(checked)
    async with pool.acquire() as connection, connection.transaction():
        await store.set_password_hash(connection, person_id, password_hash)
        await store.end_sessions(connection, person_id, keep=None)
    changed([passes_of(person_id)])


def _must_manage(principal: Principal) -> None:
    if not principal.may("staff.manage"):
        raise Refusal("wrong_role", N_("Your role does not include managing staff."))


def _must_cover(
    principal: Principal, permissions: Iterable[str], *, money_limit_fen: int | None
) -> None:
    if not may_grant(principal, permissions, money_limit_fen=money_limit_fen):
        raise Refusal("wrong_role", N_("You cannot give or take more than you may do yourself."))


async def _role_to_give(pool: Pool, principal: Principal, role_id: UUID) -> Role:
    _must_manage(principal)
    role = await people_store.find_role(pool, role_id, shop_id=principal.shop_id)
    if role is None:
        raise Refusal("not_found", N_("There is no such role."))
    _must_cover(principal, role.permissions, money_limit_fen=role.money_limit_fen)
    return role


async def _colleague_below(pool: Pool, principal: Principal, person_id: UUID) -> Colleague:
    """A colleague whom one may manage: never oneself, so that no house locks itself out."""
    _must_manage(principal)
    colleague = await people_store.find_colleague(pool, person_id, shop_id=principal.shop_id)
    if colleague is None:
        raise Refusal("not_found", N_("There is no such person among your staff."))
    if colleague.id == principal.person_id:
        raise Refusal("wrong_role", N_("You cannot do this to your own account."))
    await _role_to_give(pool, principal, colleague.role_id)
    return colleague
