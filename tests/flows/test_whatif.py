"""Past cases judged again: by the same rules the same comes out, by others what they say."""

from pathlib import Path

import pytest

from gongdao.flows.replay import World
from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.flows.whatif.deeds import deeds_of, wanted_in
from gongdao.flows.whatif.judge import Judged, judge, outcome_of
from gongdao.policy.load import PACKS, load_pack

EXAMPLES = PACKS / "taobao-classic/1/examples"
#: Stories in which neighbours on the order, or steps on the order itself, decided.
NEIGHBOURS = {"after-sales-window", "case-04-fridge-300-before", "ship-and-sign"}
STORIES = sorted(path for path in EXAMPLES.glob("*.toml") if path.stem not in NEIGHBOURS)


def lived(path: Path) -> World:
    return run_story(read_story(path)).world


def again(world: World, name: str, pack: str = "") -> Judged:
    records = [entry.record for entry in world.timeline if entry.case == name and entry.record]
    judged_by = load_pack(pack) if pack else world.packs[name]
    case = world.cases[name]
    return judge(
        world.order,
        deeds_of(records),
        judged_by,
        case_id=case.id,
        until=world.now,
        wanted=wanted_in(records),
    )


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_by_the_same_rules_the_same_comes_out(path: Path) -> None:
    world = lived(path)
    for name, case in world.cases.items():
        before, after = outcome_of(case, silences=0), again(world, name)
        assert (after.fate, after.amounts_fen, after.points) == (
            before.fate,
            before.amounts_fen,
            before.points,
        )
        assert after.took == before.took
        assert after.refused == ()


@pytest.mark.parametrize("pack", ["", "tmall-2026"])
def test_an_exchange_wants_the_same_variant_again(pack: str) -> None:
    world = lived(PACKS / "taobao-2025/1/examples/exchange-for-another-variant.toml")
    (name,) = world.cases
    judged = again(world, name, pack)
    assert (judged.fate, judged.amounts_fen) == ("settled", {"refund": 1_200})
    assert judged.refused == ()


def test_a_request_that_other_rules_do_not_know_is_refused() -> None:
    world = lived(EXAMPLES / "case-01-late-shipment-paid.toml")
    name = next(iter(world.cases))
    opening = deeds_of(e.record for e in world.timeline if e.record)[0]
    assert opening.command.action == "open"
    judged = again(world, name, pack="cn-law")
    assert judged.fate == "refused"
    assert judged.refused == (("open", "invalid"),)
