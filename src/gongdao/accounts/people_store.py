"""People and roles in SQL, as those who manage them need them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from gongdao.accounts.principal import Duty, Kind
from gongdao.accounts.store import Db
from gongdao.base.db import Connection, Queryable


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role of a shop, or of the platform, and how many people have it."""

    id: UUID
    name: str
    duty: Duty | None
    permissions: tuple[str, ...]
    money_limit_fen: int | None
    people: int = 0


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """A person of a shop, or of the platform, as their colleagues see them."""

    id: UUID
    sign_in_name: str
    name: str
    role_id: UUID
    role: str
    created_at: datetime
    disabled_at: datetime | None


async def names_of_people(
    database: Queryable, person_ids: Iterable[UUID | None]
) -> dict[UUID, str]:
    """What these people are called, also those who have left; nobody is None."""
    wanted = {each for each in person_ids if each is not None}
    if not wanted:
        return {}
    rows = await database.fetch("SELECT id, name FROM people WHERE id = ANY ($1)", list(wanted))
    return {row["id"]: row["name"] for row in rows}


async def add_person(
    db: Db,
    person_id: UUID,
    *,
    sign_in_name: str,
    name: str,
    kind: Kind,
    shop_id: UUID | None,
    role_id: UUID | None,
    password_hash: str | None,
    locale: str,
    now: datetime,
) -> bool:
    """Keep a person; False when the sign-in name is taken."""
    done = await db.execute(
        """
        insert into people (id, sign_in_name, name, kind, shop_id, role_id, password_hash,
                            locale, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (sign_in_name) do nothing
        """,
        person_id,
        sign_in_name,
        name,
        kind,
        shop_id,
        role_id,
        password_hash,
        locale,
        now,
    )
    return done == "INSERT 0 1"


async def add_buyers(
    db: Connection, buyers: Sequence[tuple[UUID, str, str]], *, now: datetime
) -> None:
    """Keep buyers (id, sign-in name, name) who are not known yet."""
    await db.execute(
        """
        insert into people (id, sign_in_name, name, kind, created_at)
        select id, sign_in_name, name, 'buyer', $4
        from unnest($1::uuid[], $2::text[], $3::text[]) as b (id, sign_in_name, name)
        on conflict (sign_in_name) do nothing
        """,
        [buyer[0] for buyer in buyers],
        [buyer[1] for buyer in buyers],
        [buyer[2] for buyer in buyers],
        now,
    )


async def delete_people(db: Connection, ids: Sequence[UUID]) -> None:
    """Delete people, with their tokens, whom nothing names: whoever asks has made sure of that."""
    await db.execute("delete from api_tokens where person_id = any ($1)", ids)
    await db.execute("delete from people where id = any ($1)", ids)


async def buyers_named(db: Db, sign_in_names: Sequence[str]) -> dict[str, UUID]:
    """The buyers of these sign-in names; names of other people are left out."""
    rows = await db.fetch(
        "select sign_in_name, id from people where sign_in_name = any($1) and kind = 'buyer'",
        sign_in_names,
    )
    return {row["sign_in_name"]: row["id"] for row in rows}


async def add_role(db: Db, role: Role, *, shop_id: UUID | None, now: datetime, most: int) -> bool:
    """Keep a role; False when its name is taken or the house has so many already."""
    try:
        done = await db.execute(
            """
            insert into roles
                (id, shop_id, name, duty, permissions, money_limit_fen, created_at)
            select $1, $2, $3, $4, $5, $6, $7
            where $8 > (select count(*) from roles where shop_id is not distinct from $2)
            """,
            role.id,
            shop_id,
            role.name,
            role.duty,
            list(role.permissions),
            role.money_limit_fen,
            now,
            most,
        )
    except asyncpg.UniqueViolationError:
        return False
    return done == "INSERT 0 1"


async def roles_of(db: Db, shop_id: UUID | None, *, limit: int) -> list[Role]:
    """The roles of a shop, or of the platform, the oldest first."""
    rows = await db.fetch(
        """
        select r.id, r.name, r.duty, r.permissions, r.money_limit_fen,
               (select count(*) from people p where p.role_id = r.id) as people
        from roles r where r.house_id = coalesce($1, '00000000-0000-0000-0000-000000000000'::uuid)
        order by r.created_at, r.id limit $2
        """,
        shop_id,
        limit,
    )
    return [msgspec.convert(dict(row), Role) for row in rows]


async def find_role(db: Db, role_id: UUID, *, shop_id: UUID | None) -> Role | None:
    """One role of a shop, or of the platform."""
    row = await db.fetchrow(
        """
        select id, name, duty, permissions, money_limit_fen from roles
        where id = $1 and shop_id is not distinct from $2
        """,
        role_id,
        shop_id,
    )
    return None if row is None else msgspec.convert(dict(row), Role)


async def colleagues_of(db: Db, shop_id: UUID | None, *, limit: int) -> list[Colleague]:
    """The people of a shop, or of the platform, the oldest first; the disabled ones last."""
    rows = await db.fetch(
        f"""
        {_COLLEAGUE} and p.shop_id is not distinct from $1
        order by p.disabled_at is not null, p.created_at, p.id limit $2
        """,
        shop_id,
        limit,
    )
    return [msgspec.convert(dict(row), Colleague) for row in rows]


async def find_colleague(db: Db, person_id: UUID, *, shop_id: UUID | None) -> Colleague | None:
    """One person of a shop, or of the platform."""
    row = await db.fetchrow(
        f"{_COLLEAGUE} and p.shop_id is not distinct from $1 and p.id = $2", shop_id, person_id
    )
    return None if row is None else msgspec.convert(dict(row), Colleague)


_COLLEAGUE = """
    select p.id, p.sign_in_name, p.name, p.role_id, coalesce(r.duty, r.name) as role,
           p.created_at, p.disabled_at
    from people p join roles r on r.id = p.role_id
    where p.kind <> 'buyer'
"""


async def set_disabled(db: Db, person_id: UUID, *, at: datetime | None, by: UUID | None) -> None:
    """Lock a person out from now on, or let them in again (`at` is None)."""
    await db.execute(
        "update people set disabled_at = $2, disabled_by = $3 where id = $1", person_id, at, by
    )


async def set_role(db: Db, person_id: UUID, role_id: UUID) -> None:
    """Give a person another role of their house."""
    await db.execute("update people set role_id = $2 where id = $1", person_id, role_id)
