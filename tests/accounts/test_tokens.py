"""API tokens: shown once, part of what a person may do, gone when revoked."""

from datetime import timedelta

import pytest

from gongdao.accounts.expiry import purge_expired
from gongdao.accounts.own import issue_token, list_tokens, revoke_token
from gongdao.accounts.session import TOKEN_LIFE_MAX, TOKENS_MAX
from gongdao.accounts.sign_in import find_pass
from gongdao.accounts.staff import assign_role, disable_person
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id

from .conftest import NOW

DAY = timedelta(days=1)


async def issue(pool, principal, permissions=("case.read",), *, life=DAY, name="ERP"):
    return await issue_token(
        pool, principal, token_id=new_id(), name=name, permissions=permissions, life=life, now=NOW
    )


async def held(pool, secret, now=NOW):
    found = await find_pass(pool, "token", secret, now=now)
    return found and found.principal.permissions


async def test_a_token_may_do_what_it_was_given_and_shows_no_secret_later(pool, house):
    lead = house.people["lead"]
    issued = await issue(pool, lead, ["case.read", "ledger.read"])
    assert await held(pool, issued.secret) == {"case.read", "ledger.read"}
    assert await find_pass(pool, "session", issued.secret, now=NOW) is None
    (row,) = await list_tokens(pool, lead, now=NOW)
    assert (row.id, row.permissions) == (issued.token.id, ("case.read", "ledger.read"))
    assert row.used_at == NOW
    assert issued.secret not in str(dict(await pool.fetchrow("select * from api_tokens")))


async def test_a_token_loses_what_its_person_loses(pool, house):
    lead, owner = house.people["lead"], house.people["owner"]
    issued = await issue(pool, lead, ["case.read", "case.money"])
    await assign_role(pool, owner, lead.person_id, role_id=house.roles["agent"])
    assert await held(pool, issued.secret) == {"case.read"}
    await disable_person(pool, owner, lead.person_id, now=NOW)
    assert await held(pool, issued.secret) is None


async def test_a_revoked_or_expired_token_is_worth_nothing(pool, house):
    lead = house.people["lead"]
    revoked, expiring = await issue(pool, lead), await issue(pool, lead)
    with pytest.raises(Refusal, match=r"^not_found"):
        await revoke_token(pool, house.people["agent"], revoked.token.id, now=NOW)
    await revoke_token(pool, lead, revoked.token.id, now=NOW)
    assert await held(pool, revoked.secret) is None
    with pytest.raises(Refusal, match=r"^not_found"):
        await revoke_token(pool, lead, revoked.token.id, now=NOW)
    assert await held(pool, expiring.secret, NOW + DAY - timedelta(seconds=1))
    assert await held(pool, expiring.secret, NOW + DAY) is None
    assert await list_tokens(pool, lead, now=NOW + DAY) == []
    assert await purge_expired(pool, now=NOW + timedelta(days=30)) == 1
    assert await purge_expired(pool, now=NOW + timedelta(days=31)) == 1


async def test_tokens_that_are_refused(pool, house):
    agent = house.people["agent"]
    for permissions in ([], ["case.money"], ["case.read", "case.judge"], ["nonsense"]):
        with pytest.raises(Refusal, match=r"^invalid"):
            await issue(pool, agent, permissions)
    for life in (timedelta(minutes=59), TOKEN_LIFE_MAX + timedelta(seconds=1), -DAY):
        with pytest.raises(Refusal, match=r"^invalid"):
            await issue(pool, agent, life=life)
    with pytest.raises(Refusal, match=r"^invalid"):
        await issue(pool, agent, name="")


async def test_a_person_has_so_many_tokens_and_no_more(pool, house):
    agent = house.people["agent"]
    first = await issue(pool, agent)
    for _ in range(TOKENS_MAX - 1):
        await issue(pool, agent)
    with pytest.raises(Refusal, match=r"^invalid"):
        await issue(pool, agent)
    await revoke_token(pool, agent, first.token.id, now=NOW)
    await issue(pool, agent)
