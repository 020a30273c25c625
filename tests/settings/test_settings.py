"""What the operator sets counts from then on, is never edited, and says who, when and why."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from gongdao.accounts.principal import PLATFORM_ROLES, Duty, Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.settings import (
    choose_pack,
    current_choice,
    current_pack,
    past_choices,
    set_switch,
)
from gongdao.settings.setting import PolicyChoice
from gongdao.settings.store import add_version

NOW = datetime(2026, 5, 6, 3, 30, tzinfo=UTC)


def person(duty: Duty = "operator") -> Principal:
    return Principal(
        person_id=new_id(),
        kind="platform",
        role=duty,
        permissions=PLATFORM_ROLES[duty].permissions,
        name=duty,
    )


async def test_without_a_choice_the_default_counts(pool: Pool) -> None:
    assert (await current_pack(pool)).name == "taobao-classic@1"
    assert (await current_choice(pool)).version == 0
    assert await past_choices(pool) == []


async def test_a_switch_counts_from_then_on(pool: Pool) -> None:
    who = person()
    said = await set_switch(pool, who, "C-14", "carriage_only", seen=0, reason=" 试行 ", now=NOW)
    assert (said.version, said.reason, said.by_id, said.at) == (1, "试行", who.person_id, NOW)
    pack = await current_pack(pool)
    assert pack.switches["C-14"] == "carriage_only"
    assert pack.changed_switches == {"C-14": "carriage_only"}
    later = NOW + timedelta(days=1)
    await set_switch(pool, who, "C-10", "goods_and_freight", seen=1, reason="再试", now=later)
    assert (await current_pack(pool)).changed_switches == {
        "C-14": "carriage_only",
        "C-10": "goods_and_freight",
    }
    assert [each.version for each in await past_choices(pool)] == [2, 1]
    assert [each.version for each in await past_choices(pool, before=2)] == [1]


async def test_another_pack_starts_with_its_own_switches(pool: Pool) -> None:
    who = person()
    await set_switch(pool, who, "C-14", "carriage_only", seen=0, reason="试行", now=NOW)
    await choose_pack(pool, who, "taobao-classic@1", seen=1, reason="恢复", now=NOW)
    assert (await current_pack(pool)).changed_switches == {}


@pytest.mark.parametrize(
    ("switch", "value", "seen", "reason", "code"),
    [
        ("C-14", "carriage_only", 0, "  ", "reason_required"),
        ("C-14", "carriage_only", 0, "x" * 501, "too_large"),
        ("C-14", "carriage_only", 3, "x", "version_conflict"),
        ("C-14", "with_evidence", 0, "x", "duplicate"),
        ("C-14", "sometimes", 0, "x", "invalid"),
        ("C-99", "x", 0, "x", "invalid"),
    ],
)
async def test_a_wrong_change_is_refused(
    shared_pool: Pool, switch: str, value: str, seen: int, reason: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await set_switch(shared_pool, person(), switch, value, seen=seen, reason=reason, now=NOW)
    assert refused.value.code == code
    assert (await current_choice(shared_pool)).version == 0


@pytest.mark.parametrize("duty", ["arbiter", "supervisor", "auditor"])
async def test_only_who_may_edit_policy_does(shared_pool: Pool, duty: Duty) -> None:
    for change in (
        set_switch(shared_pool, person(duty), "C-14", "carriage_only", seen=0, reason="x", now=NOW),
        choose_pack(shared_pool, person(duty), "taobao-classic", seen=0, reason="x", now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            await change
        assert refused.value.code == "wrong_role"


@pytest.mark.parametrize(
    ("name", "code"), [("nothing", "not_found"), ("../x", "not_found"), ("cn-law", "not_eligible")]
)
async def test_only_a_whole_pack_can_judge(shared_pool: Pool, name: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await choose_pack(shared_pool, person(), name, seen=0, reason="x", now=NOW)
    assert refused.value.code == code


async def test_of_two_at_once_one_counts(pool: Pool) -> None:
    async def change(number: int) -> int:
        said = await add_version(
            pool, PolicyChoice(pack=f"p{number}"), seen=0, reason="x", by_id=UUID(int=1), now=NOW
        )
        return said.version

    results = await asyncio.gather(*(change(n) for n in range(8)), return_exceptions=True)
    assert sorted(r.code if isinstance(r, Refusal) else "ok" for r in results) == [
        "ok",
        *["version_conflict"] * 7,
    ]


async def test_the_log_is_never_edited(pool: Pool) -> None:
    await set_switch(pool, person(), "C-14", "carriage_only", seen=0, reason="x", now=NOW)
    for sql in ("UPDATE settings_log SET reason = 'y'", "DELETE FROM settings_log"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(sql)
