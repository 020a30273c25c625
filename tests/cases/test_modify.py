"""A changed request keeps what the change says nothing of."""

from typing import Any

import pytest
from tests.cases.play import Play

from gongdao.policy.load import load_pack

FIRST: dict[str, Any] = {
    "procedure": "after_sale",
    "kind": "refund_only",
    "reason": "quality",
    "claim": "The lamp flickers",
    "amount": "20.00",
    "received": True,
    "quantities": {"1": 1},
    "share": 30,
    "count": 2,
    "evidence": ["photo_of_item"],
}


@pytest.fixture
def play() -> Play:
    play = Play(confirmed=False)
    play.world.pack = load_pack("cn-standard@1")
    play.do("open", "buyer", "a", **FIRST)
    play.do("reject", "seller", "a", reason="no_evidence", note="It does not")
    return play


def asked(play: Play) -> dict[str, Any]:
    names = ("kind", "reason", "claim", "received", "quantities", "share", "count", "asked_fen")
    return {name: getattr(play.case, name) for name in names}


def test_what_is_not_said_stays(play: Play) -> None:
    before = asked(play)
    assert (before["share"], before["count"], before["asked_fen"]) == (30, 2, 2_000)
    play.do("modify", "buyer", "a", amount="20.00")
    assert asked(play) == before


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("claim", "It hums too", "It hums too"),
        ("share", 50, 50),
        ("count", 3, 3),
        ("received", False, False),
    ],
)
def test_what_is_said_replaces(play: Play, name: str, given: Any, kept: Any) -> None:
    before = asked(play)
    play.do("modify", "buyer", "a", amount="20.00", **{name: given})
    assert asked(play) == before | {name: kept}
