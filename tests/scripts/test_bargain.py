"""Bargaining: worked case 11 to the fen, the four moves in their order, and laws of the floor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.scripts.bargain import (
    MOVES,
    Advice,
    Bounds,
    Deal,
    Goods,
    Move,
    Offer,
    bargain,
    lowest_of,
    margin_of,
)

ANYTHING = Bounds(own_fen=None)


def underwear(*, cost_fen: int | None, asked_fen: int = 8_800) -> Deal:
    """Worked case 11: 88.00, carriage 12.00, which the buyer does not want to pay."""
    goods = Goods(price_fen=8_800, cost_fen=cost_fen)
    return Deal(goods=(goods,), asked_fen=asked_fen, freight_fen=1_200, charged_fen=1_200)


def test_worked_case_11_what_is_left_is_not_below_nothing() -> None:
    advice = bargain(underwear(cost_fen=7_000), ANYTHING)
    assert (advice.verdict, advice.approver, advice.margin_fen) == ("accept", "oneself", 600)
    assert (advice.lowest_fen, advice.own_lowest_fen, advice.gives_fen) == (8_200, 8_200, 1_200)


@pytest.mark.fact("S0-19")
def test_worked_case_11_a_loss_is_countered_with_a_little_more() -> None:
    advice = bargain(underwear(cost_fen=8_000), ANYTHING, MOVES)
    assert (advice.verdict, advice.margin_fen, advice.lowest_fen) == ("counter", -400, 9_200)
    assert (advice.counter_fen, advice.approver, advice.move) == (9_200, "owner", None)
    assert advice.why[-1].fen == {"short": 400, "lowest": 9_200}


def test_nobody_is_told_to_offer_more_than_they_may_give() -> None:
    """On one's own word 5.00 of 100.00: not the 92.00 at which the shop would still sell."""
    advice = bargain(underwear(cost_fen=8_000), Bounds(own_fen=500, lead_fen=5_000), MOVES)
    assert (advice.lowest_fen, advice.counter_fen) == (9_200, 9_500)
    assert advice.why[-1].fen == {"short": 400, "lowest": advice.counter_fen}


@pytest.mark.parametrize(
    ("own_fen", "lead_fen", "verdict", "approver"),
    [
        (1_200, 5_000, "accept", "oneself"),
        (1_199, 5_000, "ask", "lead"),
        (500, 1_200, "ask", "lead"),
        (500, 1_199, "ask", "owner"),
        (0, None, "ask", "lead"),
    ],
)
def test_who_may_approve(own_fen: int, lead_fen: int | None, verdict: str, approver: str) -> None:
    advice = bargain(underwear(cost_fen=7_000), Bounds(own_fen=own_fen, lead_fen=lead_fen))
    assert (advice.verdict, advice.approver) == (verdict, approver)
    assert advice.own_lowest_fen == max(8_200, 10_000 - own_fen)


def test_without_the_cost_only_the_list_price_is_safe() -> None:
    advice = bargain(underwear(cost_fen=None), ANYTHING)
    assert (advice.verdict, advice.approver, advice.margin_fen) == ("ask", "owner", None)
    assert advice.own_lowest_fen == 10_000
    assert bargain(underwear(cost_fen=None, asked_fen=10_000), ANYTHING).verdict == "accept"


@pytest.mark.parametrize(
    ("least_fen", "percent", "lowest_fen"),
    [(0, 0, 8_200), (500, 0, 8_700), (0, 10, 9_112), (1_000, 10, 9_200), (0, 50, 16_400)],
)
def test_what_must_be_left(least_fen: int, percent: int, lowest_fen: int) -> None:
    bounds = Bounds(own_fen=None, least_fen=least_fen, least_percent=percent)
    assert lowest_of(underwear(cost_fen=7_000), bounds) == lowest_fen


def test_the_floor_of_a_product_counts_beside_the_cost() -> None:
    goods = Goods(price_fen=8_800, cost_fen=1_000, floor_fen=8_000, units=2)
    deal = Deal(goods=(goods,), asked_fen=16_000, freight_fen=1_200)
    assert lowest_of(deal, ANYTHING) == 17_200


SPRING = Offer(title="满 80 减 5", from_fen=8_000, off_fen=500)
MORE = Offer(title="满 100 送袜子", from_fen=10_000, gift="袜子")


@pytest.mark.fact("S0-42")
@pytest.mark.parametrize(
    ("said", "move", "counter_fen"),
    [
        ((), "refuse", 10_000),
        (("refuse",), "pull", 9_500),
        (("refuse", "pull"), "lead", 9_500),
        (("refuse", "pull", "lead"), "close", 8_800),
        (MOVES, None, 8_800),
    ],
)
def test_four_moves(said: tuple[Move, ...], move: Move | None, counter_fen: int) -> None:
    bounds = Bounds(own_fen=None, offers=(MORE, SPRING))
    advice = bargain(underwear(cost_fen=7_000), bounds, said)
    assert (advice.move, advice.counter_fen) == (move, counter_fen)
    assert (advice.offers, advice.nearly) == ((SPRING,), MORE)


def test_without_an_offer_there_is_nothing_to_pull() -> None:
    assert bargain(underwear(cost_fen=7_000), ANYTHING, ("refuse",)).move == "lead"


FEN = st.integers(0, 10_000_000)
GOODS = st.builds(
    Goods, price_fen=FEN, units=st.integers(1, 20), cost_fen=st.none() | FEN,
    floor_fen=st.none() | FEN,
)  # fmt: skip
DEALS = st.builds(
    Deal,
    goods=st.lists(GOODS, min_size=1, max_size=4).map(tuple),
    asked_fen=FEN, freight_fen=FEN, charged_fen=FEN,
)  # fmt: skip
BOUNDS = st.builds(
    Bounds, own_fen=st.none() | FEN, lead_fen=st.none() | FEN, least_fen=FEN,
    least_percent=st.integers(0, 99),
    offers=st.lists(st.builds(Offer, title=st.just("x"), from_fen=FEN, off_fen=FEN)).map(tuple),
)  # fmt: skip


@given(DEALS, BOUNDS, st.lists(st.sampled_from(MOVES), unique=True))
def test_laws(deal: Deal, bounds: Bounds, said: list[Move]) -> None:
    advice: Advice = bargain(deal, bounds, said)
    assert advice.gives_fen >= 0 and advice.move not in said
    if advice.lowest_fen is not None:
        assert (advice.verdict == "counter") == (deal.asked_fen < advice.lowest_fen)
        assert advice.lowest_fen <= advice.own_lowest_fen <= deal.listed_fen
    if advice.verdict == "accept":
        assert bounds.own_fen is None or advice.gives_fen <= bounds.own_fen
    left, lowest_fen = margin_of(deal), lowest_of(deal, bounds)
    if left is not None and deal.asked_fen == lowest_fen:
        assert left >= bounds.least_fen
        assert left * 100 >= deal.asked_fen * bounds.least_percent
