"""The list of permissions, the role templates, and who may hand out what."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.accounts.principal import (
    BUYER_PERMISSIONS,
    PERMISSIONS,
    PLATFORM_ROLES,
    ROLE_LABELS,
    SHOP_ROLES,
    Principal,
    may_grant,
    party_role,
    permissions_of,
)

SHOP = UUID(int=1)
limits = st.none() | st.integers(0, 10**9)


def person(kind="shop", role="owner", permissions=frozenset(), limit=None) -> Principal:
    return Principal(
        person_id=UUID(int=2),
        kind=kind,
        role=role,
        shop_id=SHOP if kind == "shop" else None,
        permissions=frozenset(permissions),
        money_limit_fen=limit,
        name="某",
    )


def test_templates_hold_only_permissions_of_their_kind():
    for template in SHOP_ROLES.values():
        assert template.permissions <= permissions_of("shop")
    for template in PLATFORM_ROLES.values():
        assert template.permissions <= permissions_of("platform")
    assert set(ROLE_LABELS) == {"buyer", *SHOP_ROLES, *PLATFORM_ROLES}


def test_each_permission_is_held_by_somebody():
    held = BUYER_PERMISSIONS.union(
        *(t.permissions for t in SHOP_ROLES.values()),
        *(t.permissions for t in PLATFORM_ROLES.values()),
    )
    assert held == set(PERMISSIONS)


def test_who_judges_does_not_review_and_no_party_does_either():
    assert not {"case.judge", "case.review"} & (permissions_of("shop") | permissions_of("buyer"))
    for template in PLATFORM_ROLES.values():
        assert not {"case.judge", "case.review"} <= template.permissions


@pytest.mark.parametrize(
    ("kind", "role", "party"),
    [
        ("buyer", "buyer", "buyer"),
        ("shop", "owner", "seller"),
        ("shop", "仓库", "seller"),
        ("shop", "arbiter", "seller"),
        ("platform", "arbiter", "arbiter"),
        ("platform", "auditor", "auditor"),
    ],
)
def test_party_role(kind, role, party):
    assert party_role(person(kind, role)) == party


@given(limit=limits, fen=st.integers(0, 10**10))
def test_a_limit_is_the_last_amount_that_may_be_spent(limit, fen):
    spender = person(permissions={"case.money"}, limit=limit)
    assert spender.may_spend(fen) == (fen == 0 or limit is None or fen <= limit)
    assert person(limit=limit).may_spend(fen) == (fen == 0)


def test_there_is_no_negative_spending():
    assert not person(permissions={"case.answer"}).may_spend(-1)


@given(
    own=st.frozensets(st.sampled_from(sorted(permissions_of("shop")))),
    own_limit=limits,
    given_=st.frozensets(st.sampled_from(sorted(PERMISSIONS))),
    given_limit=limits,
    fen=st.integers(1, 10**9),
)
def test_nobody_in_a_shop_gives_more_than_they_have(own, own_limit, given_, given_limit, fen):
    giver = person(permissions=own, limit=own_limit)
    if may_grant(giver, given_, money_limit_fen=given_limit):
        receiver = person(permissions=given_, limit=given_limit)
        assert "staff.manage" in own
        assert receiver.permissions <= giver.permissions
        assert giver.may_spend(fen) or not receiver.may_spend(fen)


def test_the_operator_appoints_arbiters_without_being_one():
    operator = person("platform", "operator", PLATFORM_ROLES["operator"].permissions)
    assert may_grant(operator, {"case.judge"}, money_limit_fen=None)
    assert not may_grant(operator, {"case.answer"}, money_limit_fen=None)
