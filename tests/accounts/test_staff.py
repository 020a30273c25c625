"""Roles and sub-accounts: who may make whom, in which house, and what the tables forbid."""

import asyncpg
import pytest

from gongdao.accounts import store
from gongdao.accounts.principal import SHOP_ROLES
from gongdao.accounts.staff import (
    assign_role,
    create_first_roles,
    create_role,
    create_sub_account,
    disable_person,
    enable_person,
    find_or_create_buyers,
    list_colleagues,
    list_roles,
    reset_password,
)
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id

from .conftest import NOW, PASSWORD, make_person


def refused(code):
    return pytest.raises(Refusal, match=f"^{code}:")


async def add_role(pool, principal, name="仓库", permissions=("order.ship",), **more):
    role_id = new_id()
    await create_role(
        pool, principal, role_id=role_id, name=name, permissions=permissions, now=NOW, **more
    )
    return role_id


async def add_person(pool, principal, role_id, sign_in_name="旗舰店:丽丽"):
    person_id = new_id()
    await create_sub_account(
        pool,
        principal,
        person_id=person_id,
        sign_in_name=sign_in_name,
        name="丽丽",
        role_id=role_id,
        password=PASSWORD,
        now=NOW,
    )
    account = await store.load_account(pool, person_id)
    assert account
    return account.principal


@pytest.mark.fact("S1-10")
async def test_an_owner_makes_a_role_and_a_sub_account_with_it(pool, house):
    owner = house.people["owner"]
    role_id = await add_role(pool, owner, permissions=["case.money", "case.read"],
                             money_limit_fen=20_000)  # fmt: skip
    made = await add_person(pool, owner, role_id)
    assert (made.kind, made.role, made.shop_id) == ("shop", "仓库", house.shop_id)
    assert made.permissions == {"case.read", "case.money"}
    assert made.may_spend(20_000) and not made.may_spend(20_001)
    roles = await list_roles(pool, owner)
    assert [(role.name, role.people) for role in roles] == [
        ("owner", 1), ("lead", 1), ("agent", 1), ("仓库", 1)
    ]  # fmt: skip
    assert [c.name for c in await list_colleagues(pool, owner)] == [
        "Owner", "Lead", "Agent", "丽丽"
    ]  # fmt: skip


@pytest.mark.fact("S1-10")
async def test_who_may_not_manage_staff_manages_nothing(pool, house):
    agent, lead = house.people["agent"], house.people["lead"]
    for name in ("agent", "lead", "buyer", "arbiter"):
        somebody = house.people[name]
        with refused("wrong_role"):
            await list_roles(pool, somebody)
        with refused("wrong_role"):
            await add_role(pool, somebody)
        with refused("wrong_role"):
            await add_person(pool, somebody, house.roles["agent"])
    with refused("wrong_role"):
        await disable_person(pool, agent, lead.person_id, now=NOW)


async def test_a_deputy_gives_and_takes_no_more_than_they_have(pool, house):
    owner = house.people["owner"]
    role_id = await add_role(
        pool, owner, "副店长", ["staff.manage", "case.read", "case.money"], money_limit_fen=100
    )
    deputy = await add_person(pool, owner, role_id)
    for permissions, limit in ((["ledger.read"], None), (["case.money"], None),
                               (["case.money"], 101)):  # fmt: skip
        with refused("wrong_role"):
            await add_role(pool, deputy, "x", permissions, money_limit_fen=limit)
    await add_role(pool, deputy, "y", ["case.money"], money_limit_fen=100)
    with refused("wrong_role"):
        await disable_person(pool, deputy, owner.person_id, now=NOW)
    with refused("wrong_role"):
        await reset_password(pool, deputy, owner.person_id, password=PASSWORD)
    with refused("wrong_role"):
        await add_person(pool, deputy, house.roles["owner"], "zweiter")
    with refused("wrong_role"):
        await assign_role(pool, deputy, deputy.person_id, role_id=house.roles["owner"])


async def test_nobody_disables_or_changes_themselves(pool, house):
    owner = house.people["owner"]
    with refused("wrong_role"):
        await disable_person(pool, owner, owner.person_id, now=NOW)
    with refused("wrong_role"):
        await assign_role(pool, owner, owner.person_id, role_id=house.roles["agent"])


async def test_another_shop_is_out_of_reach(pool, house):
    shop_id = new_id()
    roles = await create_first_roles(pool, shop_id=shop_id, now=NOW)
    stranger = await make_person(pool, "stranger", shop_id=shop_id, role_id=roles["owner"])
    agent = house.people["agent"]
    with refused("not_found"):
        await disable_person(pool, stranger, agent.person_id, now=NOW)
    with refused("not_found"):
        await disable_person(pool, stranger, house.people["buyer"].person_id, now=NOW)
    with refused("not_found"):
        await add_person(pool, stranger, house.roles["agent"])
    with refused("not_found"):
        await add_person(pool, stranger, house.duties["arbiter"])
    with refused("not_found"):
        await enable_person(pool, house.people["operator"], agent.person_id)
    assert [c.name for c in await list_colleagues(pool, stranger)] == ["Stranger"]


async def test_another_role_counts_at_once(pool, house):
    owner, agent = house.people["owner"], house.people["agent"]
    await assign_role(pool, owner, agent.person_id, role_id=house.roles["lead"])
    account = await store.load_account(pool, agent.person_id)
    assert account and account.principal.permissions == SHOP_ROLES["lead"].permissions


async def test_the_operator_appoints_an_arbiter(pool, house):
    operator = house.people["operator"]
    made = await add_person(pool, operator, house.duties["arbiter"], "judge2")
    assert (made.kind, made.role, made.shop_id) == ("platform", "arbiter", None)
    role_id = await add_role(pool, operator, "夜班小二", ["case.judge"], duty="arbiter")
    night = await add_person(pool, operator, role_id, "judge3")
    assert (night.role, night.permissions) == ("arbiter", {"case.judge"})


async def test_roles_that_are_refused(pool, house):
    owner, operator = house.people["owner"], house.people["operator"]
    await add_role(pool, owner, "Packer")
    for name in ("packer", "Agent", "ARBITER", "buyer"):
        with refused("duplicate"):
            await add_role(pool, owner, name)
    for bad in ({"permissions": []}, {"duty": "arbiter"}, {"name": " "}, {"name": "x" * 41},
                {"permissions": ["case.money"], "money_limit_fen": -1}):  # fmt: skip
        with refused("invalid"):
            await add_role(pool, owner, **{"name": "z", **bad})
    with refused("invalid"):
        await add_role(pool, operator, "z", ["case.judge"])
    for permission in ("case.judge", "no.such.thing"):
        with refused("wrong_role"):
            await add_role(pool, owner, "z", [permission])


async def test_accounts_that_are_refused(pool, house):
    owner = house.people["owner"]
    for name in ("BUYER", "Ａgent"):
        with refused("duplicate"):
            await add_person(pool, owner, house.roles["agent"], name)
    with refused("invalid"):
        await add_person(pool, owner, house.roles["agent"], "no spaces")
    with refused("not_found"):
        await add_person(pool, owner, new_id())


async def test_buyers_of_an_import_are_found_or_made_once(pool, house):
    async with pool.acquire() as connection:
        names = ["Buyer", "小明_2014", "t**3", "小明_2014", "no good", "agent", ""]
        first = await find_or_create_buyers(connection, names, now=NOW)
        again = await find_or_create_buyers(connection, names, now=NOW)
    assert first == again
    assert set(first) == {"Buyer", "小明_2014", "t**3"}
    assert first["Buyer"] == house.people["buyer"].person_id


async def test_the_tables_refuse_what_cannot_be(pool, house):
    other_shop = new_id()
    wrong = [
        ("update people set role_id = $1 where sign_in_name = 'agent'", house.duties["arbiter"]),
        ("update people set shop_id = $1 where sign_in_name = 'agent'", other_shop),
        ("update people set role_id = $1 where sign_in_name = 'buyer'", house.roles["agent"]),
        ("update people set sign_in_name = 'Agent' where role_id = $1", house.roles["agent"]),
        ("update people set kind = 'buyer' where role_id = $1", house.roles["agent"]),
        ("update roles set duty = 'arbiter' where id = $1", house.roles["agent"]),
        ("update roles set duty = null where id = $1", house.duties["arbiter"]),
        ("update roles set money_limit_fen = 1 where id = $1", house.duties["arbiter"]),
        ("delete from roles where id = $1", house.roles["agent"]),
    ]
    for statement, value in wrong:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await pool.execute(statement, value)
