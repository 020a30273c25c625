"""Laws of the signs from the records: more evidence never weighs less; order is nothing."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gongdao.base.groups import groups_of
from gongdao.policy.load import load_pack
from gongdao.risk.buyer_signs import BuyerFacts, UnpaidFacts, buyer_signs, unpaid_signs
from gongdao.risk.finding import Sign
from gongdao.risk.order_signs import LineFacts, OrderFacts, order_signs
from gongdao.risk.review_signs import DayFacts, ReviewText, burst_signs, twins_among
from gongdao.risk.rings import Dealt, Ring, rings_among
from gongdao.risk.shop_signs import SAID, ShopFacts, shop_signs

BOOK = load_pack("cn-standard").guard
START = datetime(2026, 11, 1, tzinfo=UTC)
numbers = st.integers(0, 40)
ids = st.sets(st.integers(1, 40).map(lambda n: UUID(int=n)), max_size=20).map(
    lambda found: tuple(sorted(found))
)
lines = st.builds(LineFacts, st.sampled_from([1, 9999, 50_000]), st.integers(1, 60))
OFTEN = settings(max_examples=400, deadline=None)


def weight(signs: Sequence[Sign]) -> int:
    return sum(BOOK.rules[sign.code].weight for sign in signs)


@OFTEN
@given(st.lists(lines, min_size=1, max_size=5), st.integers(0, 60), st.booleans())
def test_more_units_never_weigh_less(
    given_lines: list[LineFacts], more: int, on_credit: bool
) -> None:
    total = sum(line.price_fen * line.quantity for line in given_lines)
    order = OrderFacts(lines=tuple(given_lines), total_fen=total, on_credit=on_credit)
    grown = [LineFacts(line.price_fen, line.quantity + more) for line in given_lines]
    larger = msgspec.structs.replace(order, lines=tuple(grown))
    assert weight(order_signs(order, BOOK.rules)) <= weight(order_signs(larger, BOOK.rules))
    turned = msgspec.structs.replace(order, lines=order.lines[::-1])
    assert order_signs(order, BOOK.rules) == order_signs(turned, BOOK.rules)


@OFTEN
@given(st.builds(ShopFacts, goods=numbers, orders=st.integers(0, 9000), buyers=st.integers(0, 400),
                 victims=ids, left=ids, is_closed=st.booleans(),
                 said_to=st.dictionaries(st.sampled_from(list(SAID)), ids)), ids)  # fmt: skip
def test_more_victims_never_weigh_less(shop: ShopFacts, more: tuple[UUID, ...]) -> None:
    worse = msgspec.structs.replace(
        shop,
        victims=shop.victims + more,
        left=shop.left + more,
        said_to={code: shop.said_to.get(code, ()) + more for code in SAID},
        orders=shop.orders + len(more),
    )
    assert weight(shop_signs(shop, BOOK.rules)) <= weight(shop_signs(worse, BOOK.rules))
    turned = msgspec.structs.replace(shop, victims=shop.victims[::-1], left=shop.left[::-1])
    assert shop_signs(shop, BOOK.rules) == shop_signs(turned, BOOK.rules)


buyers = st.builds(BuyerFacts, orders=numbers, refunds=ids, refunds_only=numbers,
                   base_per_mille=st.integers(0, 500), swapped=ids, threats=ids, claims=ids,
                   claim_shops=numbers, claim_orders=numbers)  # fmt: skip


@OFTEN
@given(buyers, ids)
def test_more_claims_of_a_buyer_never_weigh_less(buyer: BuyerFacts, more: tuple[UUID, ...]) -> None:
    new = set(more) - set(buyer.refunds)
    worse = msgspec.structs.replace(
        buyer,
        refunds=buyer.refunds + more,
        refunds_only=buyer.refunds_only + len(new),
        swapped=buyer.swapped + more,
        threats=buyer.threats + more,
        claims=buyer.claims + more,
    )
    assert weight(buyer_signs(buyer, BOOK.rules)) <= weight(buyer_signs(worse, BOOK.rules))
    turned = msgspec.structs.replace(buyer, refunds=buyer.refunds[::-1])
    assert buyer_signs(buyer, BOOK.rules) == buyer_signs(turned, BOOK.rules)


@OFTEN
@given(buyers)
def test_below_the_least_numbers_there_is_nothing(buyer: BuyerFacts) -> None:
    few = msgspec.structs.replace(
        buyer,
        refunds=buyer.refunds[:7],
        swapped=buyer.swapped[:1],
        threats=buyer.threats[:2],
        claims=buyer.claims[:7],
    )
    assert buyer_signs(few, BOOK.rules) == []


@OFTEN
@given(ids, numbers, ids)
def test_more_unpaid_orders_never_weigh_less(
    unpaid: tuple[UUID, ...], paid: int, more: tuple[UUID, ...]
) -> None:
    facts = UnpaidFacts(timed_out=unpaid, paid=paid)
    worse = msgspec.structs.replace(facts, timed_out=unpaid + more)
    assert weight(unpaid_signs(facts, BOOK.rules)) <= weight(unpaid_signs(worse, BOOK.rules))
    assert not unpaid_signs(UnpaidFacts(timed_out=unpaid[:4], paid=paid), BOOK.rules)


@OFTEN
@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 400), st.integers(0, 200))
def test_more_praise_never_weighs_less(best: int, before: int, finished: int, more: int) -> None:
    day = DayFacts(
        day=START, best=best, buyers=best, before=before, before_days=30, finished=finished
    )
    larger = msgspec.structs.replace(day, best=best + more)
    assert weight(burst_signs(day, BOOK.rules)) <= weight(burst_signs(larger, BOOK.rules))


dealt = st.builds(
    lambda n, shop, buyer, hour, fen, moved, after: Dealt(
        order_id=UUID(int=n),
        shop_id=UUID(int=shop),
        buyer_id=UUID(int=buyer),
        at=START + timedelta(hours=hour),
        total_fen=fen,
        moved=moved,
        confirmed_after=timedelta(hours=after),
    ),
    st.integers(1, 10**9), st.integers(1, 2), st.integers(1, 6), st.integers(0, 200),
    st.sampled_from([100, 200]), st.sampled_from([False, False, False, True]),
    st.sampled_from([1, 2, 90]),
)  # fmt: skip
deals = st.lists(dealt, max_size=60, unique_by=lambda one: one.order_id)
traits = st.dictionaries(
    st.integers(1, 6).map(lambda n: UUID(int=n)),
    st.sets(st.sampled_from(["device:1", "device:2", "address:3"]), max_size=2),
)
RING = BOOK.rules["ring-orders"].limits


def buyers_of(rings: Sequence[Ring]) -> set[UUID]:
    return {buyer for ring in rings for buyer in ring.buyers}


@settings(max_examples=120, deadline=None)
@given(deals, traits, st.randoms())
def test_the_order_of_orders_does_not_matter(
    orders: list[Dealt], held: Mapping[UUID, set[str]], chance: random.Random
) -> None:
    found = rings_among(orders, held, RING)
    shuffled = chance.sample(orders, len(orders))
    assert rings_among(shuffled, dict(reversed(list(held.items()))), RING) == found
    for ring in found:
        assert len(ring.buyers) >= RING["buyers"] and ring.hollow >= RING["orders"]


@settings(max_examples=120, deadline=None)
@given(deals, traits)
def test_what_really_travelled_is_no_ring(
    orders: list[Dealt], held: Mapping[UUID, set[str]]
) -> None:
    travelled = [msgspec.structs.replace(one, moved=True) for one in orders]
    assert rings_among(travelled, held, RING) == []


@settings(max_examples=120, deadline=None)
@given(deals, traits)
def test_what_two_share_besides_never_parts_a_ring(
    orders: list[Dealt], held: Mapping[UUID, set[str]]
) -> None:
    hollow = [
        msgspec.structs.replace(one, moved=False, confirmed_after=timedelta(hours=1))
        for one in orders
    ]
    without = buyers_of(rings_among(hollow, {}, RING))
    assert without <= buyers_of(rings_among(hollow, held, RING))


texts = st.lists(
    st.text("面料舒服显瘦客服态度好物流快下次再来颜色质量", min_size=0, max_size=30), max_size=12
)


@settings(max_examples=120, deadline=None)
@given(texts, st.randoms())
def test_twins_do_not_depend_on_the_order(written: list[str], chance: random.Random) -> None:
    reviews = [
        ReviewText(id=UUID(int=n + 1), shop_id=UUID(int=1), buyer_id=UUID(int=n + 1), text=text)
        for n, text in enumerate(written)
    ]
    limits = BOOK.rules["twin-review-texts"].limits
    found = twins_among(reviews, limits)
    assert twins_among(chance.sample(reviews, len(reviews)), limits) == found


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60), st.randoms())
def test_groups_are_what_hangs_together(ties: list[tuple[int, int]], chance: random.Random) -> None:
    groups = groups_of(ties)
    assert groups == groups_of([(b, a) for a, b in chance.sample(ties, len(ties))])
    where = {one: number for number, group in enumerate(groups) for one in group}
    assert all(where[a] == where[b] for a, b in ties)
    assert sum(map(len, groups)) == len(where) == len({one for tie in ties for one in tie})
