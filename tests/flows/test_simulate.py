"""A simulated marketplace: the laws hold under every shipped pack, and a seed can be had again."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from gongdao.flows.simulate.laws import LawBrokenError, check_all, check_step
from gongdao.flows.simulate.run import Simulation
from gongdao.ledger.transfer import Account
from gongdao.policy.load import load_pack, pack_names

START = datetime(2026, 1, 1, tzinfo=UTC)
#: Layers without procedures of their own cannot judge anything.
PACKS = [name for name in pack_names() if load_pack(name).procedures]


def simulation(pack: str, seed: int) -> Simulation:
    return Simulation(load_pack(pack), seed=seed, shops=6, start=START, a_day=1.5)


@pytest.mark.parametrize("pack", PACKS)
def test_every_law_holds(pack: str) -> None:
    seen = simulation(pack, seed=11).run(45)
    assert seen.cases > 10
    assert seen.retries
    assert seen.payouts


def test_the_same_seed_lives_the_same_days() -> None:
    first, again = (simulation("taobao-classic", seed=3).run(15) for _ in range(2))
    assert msgspec.json.encode(first) == msgspec.json.encode(again)
    assert msgspec.json.encode(simulation("taobao-classic", seed=4).run(15)) != (
        msgspec.json.encode(first)
    )


def test_a_broken_law_is_seen() -> None:
    lives = simulation("taobao-classic", seed=3)
    lives.run(15)
    lived = next(iter(lives.market.cases.values()))
    lived.case = replace(lived.case, claim="Something else.")
    with pytest.raises(LawBrokenError, match="fold"):
        check_step(lives.market, lived)
    lives.market.books.bring("top_up", Account("shop_frozen", lived.case.shop_id), 5, lives.now)
    with pytest.raises(LawBrokenError, match="frozen"):
        check_all(lives.market)
