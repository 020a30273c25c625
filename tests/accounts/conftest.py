"""People for the tests of accounts: a shop with its staff, a buyer, the platform."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from gongdao.accounts import people_store, store
from gongdao.accounts.principal import Principal
from gongdao.accounts.staff import create_first_roles, create_person
from gongdao.base.db import Pool
from gongdao.base.ids import new_id

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough 密码"


class House(NamedTuple):
    """A small marketplace: ids of roles, and people by what they are."""

    shop_id: UUID
    roles: dict[str, UUID]
    duties: dict[str, UUID]
    people: dict[str, Principal]


@pytest.fixture
async def house(pool: Pool) -> House:
    shop_id = new_id()
    roles = await create_first_roles(pool, shop_id=shop_id, now=NOW)
    duties = await create_first_roles(pool, shop_id=None, now=NOW)
    people = {"buyer": await make_person(pool, "buyer")}
    for name, role_id in roles.items():
        people[name] = await make_person(pool, name, shop_id=shop_id, role_id=role_id)
    for name, role_id in duties.items():
        people[name] = await make_person(pool, name, role_id=role_id)
    return House(shop_id, roles, duties, people)


async def make_person(
    pool: Pool,
    sign_in_name: str,
    *,
    shop_id: UUID | None = None,
    role_id: UUID | None = None,
    password: str | None = PASSWORD,
) -> Principal:
    person_id = new_id()
    kind = "shop" if shop_id else "platform" if role_id else "buyer"
    await create_person(
        pool,
        person_id=person_id,
        sign_in_name=sign_in_name,
        name=sign_in_name.title(),
        kind=kind,
        shop_id=shop_id,
        role_id=role_id,
        password=password,
        now=NOW,
    )
    account = await store.load_account(pool, person_id)
    assert account is not None
    return account.principal


async def role_id_of(pool: Pool, shop_id: UUID | None, name: str) -> UUID:
    roles = await people_store.roles_of(pool, shop_id, limit=100)
    return next(role.id for role in roles if role.name == name)
