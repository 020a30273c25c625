"""What a return loses is lost once, in whatever order returns are filed, granted and paid."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gongdao.base.money import yuan
from gongdao.flows.replay import World
from gongdao.flows.scenario import Scenario, ShopTable, Step, Story
from gongdao.flows.story_order import CouponTable, DiscountTable, GiftTable, LineTable, OrderTable
from gongdao.policy.toml_lines import Source
from gongdao.shops.order import Order, share_fen

from .money import assert_money, whole_fen
from .tales import START

#: A return as it goes where nobody quarrels.
STEPS = ("open", "approve", "ship_back", "confirm_receipt")
SIGNED, BEGIN = START + timedelta(hours=60), START + timedelta(hours=61)

sums = st.integers(1, 20_000).map(yuan)
thresholds = st.integers(1, 60_000).map(yuan)
discounts = st.builds(
    DiscountTable,
    kind=st.sampled_from(["spend_and_save", "free_shipping"]),
    threshold=thresholds,
    off=st.integers(1, 3_000).map(yuan),
)
orders = st.builds(
    OrderTable,
    number=st.just("E1"),
    placed_at=st.just(START),
    paid_at=st.just(START),
    shipped_at=st.just(START + timedelta(hours=30)),
    signed_at=st.just(SIGNED),
    ship_within=st.just("48h"),
    freight=st.sampled_from(["0.00", "8.00"]),
    discounts=st.lists(discounts, max_size=2, unique_by=lambda each: each.kind).map(tuple),
    coupons=st.lists(
        st.builds(CouponTable, value=st.just("0.90"), threshold=thresholds), max_size=1
    ).map(tuple),
    gifts=st.lists(
        st.builds(GiftTable, value=st.just("2.50"), returned=st.booleans()), max_size=1
    ).map(tuple),
    lines=st.lists(
        st.builds(LineTable, price=sums, quantity=st.integers(1, 3)), min_size=2, max_size=4
    ).map(tuple),
)


def repriced(order: Order, back: dict[int, int], *, both_ways: bool) -> int:
    """What was paid, less what the rest would have cost alone."""
    kept = sum(line.price_fen * (line.quantity - back.get(line.line, 0)) for line in order.lines)
    off, lost = 0, 0
    for discount in order.discounts:
        reached = kept >= discount.threshold_fen
        if discount.kind == "spend_and_save":
            off += discount.off_fen if reached else 0
        elif order.goods_fen >= discount.threshold_fen and not reached and (kept or both_ways):
            lost += discount.off_fen
    coupons = sum(each.value_fen for each in order.coupons if kept >= each.threshold_fen)
    alone = min(max(0, kept - min(off, kept) - coupons), order.paid_goods_fen)
    gifts = sum(gift.value_fen for gift in order.gifts if not gift.returned)
    return max(0, order.paid_goods_fen - alone - lost - gifts)


def owed(order: Order, back: dict[int, int], faulty: set[int], *, both_ways: bool) -> int:
    """What is owed when so many units of these lines are back, some for a fault of the seller.

    Never more than was paid for them. A fault costs the buyer no discount; what is disliked costs
    the discounts that are lost by it, and both together leave nothing dearer than it is alone.
    """
    disliked = {line: units for line, units in back.items() if line not in faulty}
    paid_for_faulty = share_fen(order, tuple(faulty & back.keys()), back)
    if not disliked:
        whole = all(back.get(line.line) == line.quantity for line in order.lines)
        return paid_for_faulty + (order.freight_fen if whole else 0)
    paid_for_disliked = share_fen(order, tuple(disliked), disliked)
    apart = min(repriced(order, disliked, both_ways=both_ways), paid_for_disliked)
    at_once = repriced(order, back, both_ways=both_ways)
    return min(max(apart + paid_for_faulty, at_once), paid_for_disliked + paid_for_faulty)


def open_world(table: OrderTable, *, both_ways: bool) -> World:
    switch = {"C-6": "both_ways" if both_ways else "return_only_if_free_shipping"}
    first = Step(at=BEGIN, by="operator", do="set_policy", with_=switch)
    shop = ShopTable(balance="100.00", deposit="0.00")
    scenario = Scenario(title="A", pack="cn-standard", shop=shop, order=table, steps=(first,))
    world = World(Story(Source("tale", ""), scenario))
    world.act(0)
    return world


def go_on(world: World, line: int, step: str, units: int, reason: str) -> None:
    """The next step of one line's return, half an hour after the last step of any."""
    world.advance(world.now + timedelta(minutes=30), including=False)
    said = {
        "open": {
            "procedure": "after_sale", "kind": "return_refund", "reason": reason,
            "lines": [line], "quantities": {str(line): units},
        },
        "ship_back": {"tracking": f"R{line}"},
    }  # fmt: skip
    told = Step(
        at=world.now,
        by="buyer" if step in said else "seller",
        do=step,
        case=f"of line {line}",
        with_=said.get(step, {}),
    )
    scenario = world.story.scenario
    world.story.scenario = replace(scenario, steps=(*scenario.steps, told))
    world.act(len(scenario.steps))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(orders, st.booleans(), st.data())
def test_returns_come_to_what_they_come_to_at_once(
    table: OrderTable, both_ways: bool, data: st.DataObject
) -> None:
    world = open_world(table, both_ways=both_ways)
    whole, order = whole_fen(world), world.order
    units = {n.line: data.draw(st.integers(1, n.quantity), "units") for n in order.lines}
    faulty = data.draw(st.sets(st.sampled_from([*units])), "faulty")
    steps = [line for line in units for _ in STEPS]
    done, back, most = dict.fromkeys(units, 0), dict[int, int](), 0
    for line in data.draw(st.permutations(steps), "whose step comes next"):
        step = STEPS[done[line]]
        if step == "open" and most == order.paid_fen:
            continue  # nothing is left to ask for: what was paid for the rest rounds to nothing
        done[line] += 1
        go_on(world, line, step, units[line], "quality" if line in faulty else "no_reason")
        assert_money(world, whole)
        if step == "confirm_receipt":
            back[line] = units[line]
            # What is back is back: where one more line lowers what is owed, nothing is asked for.
            most = max(most, owed(order, back, faulty, both_ways=both_ways))
            assert world.order.refunded_fen == most
