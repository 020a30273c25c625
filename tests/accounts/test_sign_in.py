"""Signing in: right and wrong passwords, locks and their end, sessions and theirs."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from gongdao.accounts import pass_store, passwords, store
from gongdao.accounts.expiry import purge_expired
from gongdao.accounts.lockout import NAME_LIMIT, NETWORK_LIMIT
from gongdao.accounts.own import (
    change_password,
    end_other_sessions,
    end_session,
    list_sessions,
)
from gongdao.accounts.passwords import HASHING, Hashing
from gongdao.accounts.session import (
    SECRET_MAX,
    SESSION_IDLE,
    SESSION_LIFE,
    SESSIONS_MAX,
    hash_secret,
)
from gongdao.accounts.sign_in import find_pass, sign_in, sign_out
from gongdao.accounts.staff import disable_person, enable_person, reset_password
from gongdao.base.errors import Refusal

from .conftest import NOW, PASSWORD, make_person

MINUTE = timedelta(minutes=1)


async def fail(pool, name="buyer", *, now=NOW, ip=None, password="not the password"):
    with pytest.raises(Refusal) as refused:
        await sign_in(pool, name, password, now=now, ip=ip)
    return refused.value


async def whose(pool, secret, now=NOW, how="session"):
    found = await find_pass(pool, how, secret, now=now)
    return found and found.principal


async def test_each_kind_of_person_signs_in_as_who_they_are(pool, house):
    for name, principal in house.people.items():
        signed_in = await sign_in(pool, name.upper(), PASSWORD, now=NOW)
        assert signed_in.principal == principal
        assert await whose(pool, signed_in.secret) == principal
    assert house.people["agent"].role == "agent"
    assert house.people["lead"].money_limit_fen == 50_000
    assert house.people["owner"].shop_id == house.shop_id
    assert house.people["arbiter"].role == "arbiter"
    assert house.people["buyer"].role == "buyer"


async def test_unknown_name_wrong_password_and_no_password_sound_the_same(pool, house):
    await make_person(pool, "invited", password=None)
    answers = {
        str(await fail(pool, name))
        for name in ("buyer", "nobody", "invited", "", "a\x00b", "x" * 500, "\ud800")
    }
    assert answers == {"unauthenticated: The name or the password is wrong."}


async def test_an_unknown_name_costs_the_same_verification(pool, house, monkeypatch):
    verified: list[str] = []
    real = PasswordHasher.verify

    def spy(self, stored, password):
        verified.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", spy)
    await fail(pool, "buyer")
    await fail(pool, "nobody")
    known, unknown = verified
    assert known.rsplit("$", 2)[0] == unknown.rsplit("$", 2)[0]


async def test_stored_hashes_are_argon2id_and_follow_the_parameters(pool, house):
    person_id = house.people["buyer"].person_id
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    await store.set_password_hash(pool, person_id, weak.hash(PASSWORD))
    await sign_in(pool, "buyer", PASSWORD, now=NOW)
    stored = await pool.fetchval("select password_hash from people where id = $1", person_id)
    assert stored.startswith("$argon2id$v=19$m=32768,t=2,p=1$")
    await sign_in(pool, "buyer", PASSWORD, now=NOW)
    assert stored == await pool.fetchval(
        "select password_hash from people where id = $1", person_id
    )


async def test_a_password_is_the_same_in_both_spellings_and_no_longer_than_it_is():
    composed, decomposed = "caf\u00e9 parole", "cafe\u0301 parole"
    stored = await HASHING.hash(composed)
    assert (await HASHING.verify(stored, decomposed)).right
    long = await HASHING.hash("y" * 200)
    assert (await HASHING.verify(long, "y" * 200)).right
    assert not (await HASHING.verify(long, "y" * 201)).right
    assert not (await HASHING.verify("not a hash", composed)).right


async def test_a_flood_of_hashing_is_refused_instead_of_queued():
    hashing = Hashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    tries = [hashing.verify(None, "x") for _ in range(passwords._WAITING_MAX + 5)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refused] == ["rate_limited"] * 5
    assert not (await hashing.verify(None, "x")).right


async def test_a_name_is_locked_after_five_failures_and_open_again_in_time(pool, house):
    for _ in range(NAME_LIMIT.free_failures):
        assert (await fail(pool)).code == "unauthenticated"
    locked = await fail(pool, "BUYER", password=PASSWORD)
    assert locked.code == "rate_limited"
    assert locked.params["until"] == NOW + MINUTE
    assert (locked.params["minutes"], locked.params["seconds"]) == (1, 60)
    assert (await fail(pool, now=NOW + MINUTE - timedelta(seconds=1))).code == "rate_limited"
    await sign_in(pool, "buyer", PASSWORD, now=NOW + MINUTE)
    assert (await fail(pool, now=NOW + MINUTE)).code == "unauthenticated"


async def test_nobody_is_locked_out_by_somebody_elsewhere_who_knows_the_name(pool, house):
    for attacker in range(20):
        for _ in range(NAME_LIMIT.free_failures + 1):
            last = await fail(pool, ip=f"198.51.100.{attacker}")
        assert last.code == "rate_limited"
    await sign_in(pool, "buyer", PASSWORD, now=NOW, ip="203.0.113.9")
    assert (await fail(pool, ip="198.51.100.1", password=PASSWORD)).code == "rate_limited"


async def test_the_next_lock_is_twice_as_long(pool, house):
    for _ in range(NAME_LIMIT.free_failures):
        await fail(pool)
    again = NOW + MINUTE
    assert (await fail(pool, now=again)).code == "unauthenticated"
    assert (await fail(pool, now=again)).params["until"] == again + 2 * MINUTE


async def test_unknown_names_are_locked_alike(pool, house):
    for _ in range(NAME_LIMIT.free_failures):
        await fail(pool, "nobody")
    assert (await fail(pool, "nobody")).code == "rate_limited"
    await sign_in(pool, "buyer", PASSWORD, now=NOW)


async def test_many_names_from_one_network_are_locked_together(pool, house):
    await pool.executemany(
        "insert into sign_in_attempts (name_key, network, at) values ($1, '2001:db8::/64', $2)",
        [(f"name{n}", NOW) for n in range(NETWORK_LIMIT.free_failures)],
    )
    locked = await fail(pool, ip="2001:db8::7", password=PASSWORD)
    assert locked.code == "rate_limited"
    await sign_in(pool, "buyer", PASSWORD, now=NOW, ip="2001:db8:1::7")
    await sign_in(pool, "buyer", PASSWORD, now=NOW + MINUTE, ip="2001:db8::7")


async def test_a_hundred_at_once_count_as_a_hundred(pool, house):
    tries = [sign_in(pool, "buyer", f"guess {n} of many", now=NOW) for n in range(20)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert codes.count("unauthenticated") == NAME_LIMIT.free_failures
    assert codes.count("rate_limited") == 20 - NAME_LIMIT.free_failures


async def test_a_sign_in_makes_a_new_secret_and_ends_the_one_it_replaces(pool, house):
    first = await sign_in(pool, "buyer", PASSWORD, now=NOW, replaces="gds_planted")
    second = await sign_in(pool, "buyer", PASSWORD, now=NOW, replaces=first.secret)
    assert first.secret != second.secret
    assert await whose(pool, "gds_planted") is None
    assert await whose(pool, first.secret) is None
    assert await whose(pool, second.secret) == house.people["buyer"]


async def test_the_database_never_has_the_secret(pool, house):
    signed_in = await sign_in(pool, "buyer", PASSWORD, now=NOW, user_agent="Firefox\n" + "x" * 999)
    row = await pool.fetchrow("select * from sessions")
    assert signed_in.secret not in str(dict(row))
    assert len(row["token_hash"]) == 32
    assert row["user_agent"].startswith("Firefoxx") and len(row["user_agent"]) < 201


async def test_a_session_is_looked_up_in_one_statement_and_notes_its_use_by_the_hour(pool, house):
    signed_in = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    statements = []
    token_hash, now = hash_secret(signed_in.secret), NOW + 59 * MINUTE
    async with pool.acquire() as connection:
        # Once before, because a new connection first learns what an array of bytes is.
        await pass_store.find_by_secret(connection, "session", token_hash, now=now)
        with connection.query_logger(lambda record: statements.append(record.query)):
            await pass_store.find_by_secret(connection, "session", token_hash, now=now)
            await asyncio.sleep(0)  # the loop calls the loggers afterwards
            assert len(statements) == 1
    assert await pool.fetchval("select seen_at from sessions") == NOW
    later = NOW + timedelta(minutes=61)
    assert await whose(pool, signed_in.secret, later)
    assert await pool.fetchval("select seen_at from sessions") == later


async def test_a_session_ends_when_it_is_old_or_unused(pool, house):
    used = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    idle = await sign_in(pool, "agent", PASSWORD, now=NOW)
    assert await whose(pool, idle.secret, NOW + SESSION_IDLE) is None
    now = NOW
    while now + timedelta(days=10) < NOW + SESSION_LIFE:
        now += timedelta(days=10)
        assert await whose(pool, used.secret, now)
    assert await whose(pool, used.secret, NOW + SESSION_LIFE - timedelta(seconds=1))
    assert await whose(pool, used.secret, NOW + SESSION_LIFE) is None
    assert await whose(pool, "gds_" + "x" * SECRET_MAX) is None
    assert await whose(pool, "") is None


async def test_signing_out_ends_the_session(pool, house):
    signed_in = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    await sign_out(pool, signed_in.secret)
    assert await whose(pool, signed_in.secret) is None
    await sign_out(pool, signed_in.secret)


async def test_a_disabled_person_is_out_at_once_and_told_only_with_the_password(pool, house):
    owner, agent = house.people["owner"], house.people["agent"]
    signed_in = await sign_in(pool, "agent", PASSWORD, now=NOW)
    await disable_person(pool, owner, agent.person_id, now=NOW)
    assert await whose(pool, signed_in.secret) is None
    assert (await fail(pool, "agent")).sentence == "The name or the password is wrong."
    assert "disabled" in (await fail(pool, "agent", password=PASSWORD)).sentence
    await enable_person(pool, owner, agent.person_id)
    assert await whose(pool, signed_in.secret) is None
    await sign_in(pool, "agent", PASSWORD, now=NOW)


async def test_a_new_password_ends_the_other_sessions(pool, house):
    here = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    there = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    await change_password(
        pool,
        here.principal,
        current=PASSWORD,
        new="another password",
        now=NOW,
        keep_session=here.session_id,
    )
    assert await whose(pool, here.secret) and not await whose(pool, there.secret)
    assert (await fail(pool, password=PASSWORD)).code == "unauthenticated"
    await sign_in(pool, "buyer", "another password", now=NOW)


async def test_the_current_password_cannot_be_guessed_through_a_stolen_session(pool, house):
    buyer = house.people["buyer"]
    codes = []
    for _ in range(NAME_LIMIT.free_failures + 1):
        with pytest.raises(Refusal) as refused:
            await change_password(
                pool, buyer, current="a guess", new="my own now!", now=NOW, keep_session=None
            )
        codes.append(refused.value.code)
    assert codes[-2:] == ["unauthenticated", "rate_limited"]


async def test_a_reset_password_signs_out_everywhere(pool, house):
    signed_in = await sign_in(pool, "agent", PASSWORD, now=NOW)
    agent = house.people["agent"]
    await reset_password(
        pool, house.people["owner"], agent.person_id, password="given by the owner"
    )
    assert await whose(pool, signed_in.secret) is None
    await sign_in(pool, "agent", "given by the owner", now=NOW)


async def test_sessions_are_listed_and_ended_by_their_owner_only(pool, house):
    here = await sign_in(pool, "buyer", PASSWORD, now=NOW, user_agent="A", ip="203.0.113.9")
    there = await sign_in(pool, "buyer", PASSWORD, now=NOW + MINUTE, user_agent="B")
    rows = await list_sessions(pool, here.principal, now=NOW + MINUTE)
    assert [(row.user_agent, row.ip) for row in rows] == [("B", ""), ("A", "203.0.113.9")]
    with pytest.raises(Refusal, match=r"^not_found"):
        await end_session(pool, house.people["agent"], here.session_id)
    await end_session(pool, here.principal, there.session_id)
    assert not await whose(pool, there.secret)
    third = await sign_in(pool, "buyer", PASSWORD, now=NOW)
    await end_other_sessions(pool, third.principal, keep=third.session_id)
    assert not await whose(pool, here.secret) and await whose(pool, third.secret)


async def test_the_oldest_session_makes_room(pool, house):
    buyer = house.people["buyer"]
    async with pool.acquire() as connection:
        for n in range(SESSIONS_MAX):
            await store.add_session(
                connection,
                UUID(int=n),
                token_hash=bytes([n] * 32),
                person_id=buyer.person_id,
                now=NOW + MINUTE * n,
                expires_at=NOW + SESSION_LIFE,
                user_agent="",
                ip=None,
            )
    await sign_in(pool, "buyer", PASSWORD, now=NOW + timedelta(hours=2))
    kept = await pool.fetch("select token_hash from sessions")
    assert len(kept) == SESSIONS_MAX
    assert bytes([0] * 32) not in {row["token_hash"] for row in kept}


async def test_what_is_over_is_purged_and_nothing_else(pool, house):
    await fail(pool)
    await sign_in(pool, "buyer", PASSWORD, now=NOW)
    fresh = await sign_in(pool, "agent", PASSWORD, now=NOW + timedelta(days=13))
    assert await purge_expired(pool, now=NOW + timedelta(hours=23)) == 0
    assert await purge_expired(pool, now=NOW + SESSION_IDLE) == 4
    assert await whose(pool, fresh.secret, NOW + SESSION_IDLE)
    assert await purge_expired(pool, now=NOW + SESSION_IDLE) == 0
