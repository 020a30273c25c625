"""Scenario files: what is refused with file, line and key, and what a story may leave out."""

from typing import Any

import pytest

from gongdao.flows.run_story import Replayed, run_story
from gongdao.flows.scenario import check_story, parse_length
from gongdao.policy.toml_lines import Source, WrittenError

HEAD = """title = "A story"
pack = "taobao-classic"
[shop]
balance = "1000.00"
[order]
paid_at = 2014-03-03T10:00:00+08:00
freight = "5.00"
ship_within = "72h"
[[order.lines]]
price = "95.00"
"""
OPEN = """[[steps]]
at = 2014-03-06T16:00:00+08:00
by = "buyer"
do = "open"
with = { procedure = "complaint", kind = "late_shipment" }
"""


def play(*steps: str, head: str = HEAD) -> Replayed:
    return run_story(check_story(Source("x.toml", head + "".join(steps))))


def step(at: str, rest: str) -> str:
    return f"[[steps]]\nat = {at}\n{rest}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A story"', "", "x.toml:1: `title` is missing"),
        ("[shop]", "[shops]", "x.toml:3: shops: unknown key; allowed are: title, pack"),
        ("taobao-classic", "jd", "x.toml:2: pack: there is no pack 'jd'; there are: cn-law@1"),
        ('"5.00"', '"5.001"', "x.toml:7: order.freight: write yuan as text with at most two"),
        ('"5.00"', '"-5.00"', "x.toml:7: order.freight: write yuan as text"),
        ('"5.00"', "5.00", "x.toml:7: order.freight: Expected `str`, got `float`"),
        ("10:00:00+08:00\nfr", "10:00:00\nfr", "x.toml:6: order.paid_at: write the zone"),
        ("T10:00:00+08:00\nfr", "\nfr", "x.toml:6: order.paid_at: write a whole instant"),
        ("2014-03-03T10", "0001-03-03T10", "x.toml:6: order.paid_at: write an instant of"),
        ('"72h"', '"3 days"', "x.toml:8: order.ship_within: not a span of time"),
        ('"72h"', '"2wd"', "x.toml:8: order.ship_within: write hours or days"),
        ('"95.00"', '"95.00"\nqty = 2', "x.toml:11: order.lines[0].qty: unknown key; allowed"),
        ('"95.00"', '"95.00"\nquantity = 0', "x.toml:11: order.lines[0].quantity: Expected `int`"),
        ('by = "buyer"', 'by = "king"', "x.toml:13: steps[0].by: unknown word 'king'; allowed"),
        ('by = "buyer"\n', "", "x.toml:11: steps[0]: a step that does something says `by` whom"),
        ('do = "open"', 'do = "opne"', "x.toml:14: steps[0].do: unknown action 'opne'; known"),
        ('do = "open"\n', "", "x.toml:11: steps[0]: a step has `do` or `expect`, or both"),
        ('kind = "late_', 'kin = "late_', "x.toml:15: steps[0].with.kin: unknown key; allowed"),
        ('"late_shipment"', '"x", lines = "1"', "x.toml:15: steps[0].with.lines: Expected `array`"),
        ('"late_shipment"', '"x", amount = "1.234"', "x.toml:15: steps[0].with.amount: write yuan"),
        ('do = "open"', 'do = "open"\nrefused = "no"', "x.toml:15: steps[0].refused: unknown word"),
        ('do = "open"', 'do = "open"\nexpect = { stag = 1 }', "steps[0].expect.stag: unknown key"),
        ('do = "open"', 'do = "open"\nexpect = { shop_status = "opne" }', "unknown word 'opne'"),
        ('do = "open"', 'do = "open"\nexpect = { sanctions = ["fine"] }', "unknown word 'fine'"),
        (
            'do = "open"',
            'do = "open"\nexpect = { available_actions = ["opne"] }',
            "steps[0].expect.available_actions[0]: unknown word 'opne'; allowed are: open, modify",
        ),
        (
            'do = "open"',
            'do = "open"\nexpect = { amounts = { refnd = "1.00" } }',
            "steps[0].expect.amounts.refnd: unknown word 'refnd'; allowed are: refund, freight",
        ),
        (
            'do = "open"',
            'do = "open"\nexpect = { remaining = "soon" }',
            "x.toml:15: steps[0].expect.remaining: not a length of time",
        ),
        ("[[steps]]", "[[steps]", "x.toml:11: "),
    ],
)
def test_what_is_wrong_is_said_with_line_and_key(old: str, new: str, said: str) -> None:
    text = HEAD + OPEN
    assert old in text
    with pytest.raises(WrittenError) as error:
        run_story(check_story(Source("x.toml", text.replace(old, new, 1))))
    assert said in str(error.value)


def test_steps_are_in_order_and_lines_have_their_own_numbers() -> None:
    earlier = OPEN.replace("16:00", "15:00")
    with pytest.raises(WrittenError, match=r"x.toml:17: steps\[1\].at: a step lies before"):
        play(OPEN, earlier)
    with pytest.raises(WrittenError, match="two lines have the same number"):
        play(OPEN, head=HEAD + 'line = 1\n[[order.lines]]\nline = 1\nprice = "1.00"\n')
    with pytest.raises(WrittenError, match="there is no time zone"):
        play(OPEN, head='zone = "Moon/Crater"\n' + HEAD)


DEADLINE = "2014-03-07T16:00:00+08:00"


@pytest.mark.parametrize(
    "expect",
    [
        'stage = "seller_response"',
        f'stage = "seller_response", deadline = {DEADLINE}',
        'stage = "evidence", deadline = 2014-03-10T16:00:00+08:00',
        'stage = "evidence", deadline = 2014-03-10T08:00:00Z',
    ],
)
def test_at_a_clocks_last_instant_both_sides_of_it_may_be_meant(expect: str) -> None:
    assert play(OPEN, step(DEADLINE, f"expect = {{ {expect} }}")).held


def test_whoever_acts_at_the_last_instant_is_in_time() -> None:
    answered = step(DEADLINE, 'by = "seller"\ndo = "compensate"\nexpect = { ended = "settled" }')
    replayed = play(OPEN, answered)
    assert [f.message for f in replayed.failures] == ["ended: expected settled, is None"]
    assert replayed.world.case_named("").stage == "buyer_confirmation"  # type: ignore[union-attr]


def test_a_refused_action_changes_nothing() -> None:
    refused = step(DEADLINE, 'by = "buyer"\ndo = "compensate"\nrefused = "wrong_role"')
    replayed = play(OPEN, refused)
    assert replayed.held
    case = replayed.world.case_named("")
    assert case
    assert case.version == 2


@pytest.mark.parametrize("by", ["agent", "lead", "seller"])
def test_a_sub_account_acts_for_its_shop(by: str) -> None:
    assert play(OPEN, step("2014-03-07T09:00:00+08:00", f'by = "{by}"\ndo = "compensate"')).held


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("appeal", '{ grounds = "x" }'),
        ("concur", "{}"),
        ("send_back", '{ note = "x" }'),
        ("execute", "{}"),
        ("act_on_behalf", '{ note = "x" }'),
    ],
)
def test_an_action_that_the_pack_gives_to_nobody(action: str, args: str) -> None:
    said = f'by = "buyer"\ndo = "{action}"\nwith = {args}\nrefused = "wrong_role"'
    assert play(OPEN, step("2014-03-07T09:00:00+08:00", said)).held


@pytest.mark.parametrize(
    "values",
    [
        '{ C-1 = "inside_evidence" }',
        '{ switch = "C-1", value = "inside_evidence" }',
        '{ switches = { C-1 = "inside_evidence" } }',
        '{ pack = "taobao-classic@1", C-1 = "inside_evidence" }',
    ],
)
def test_the_operator_sets_policy(values: str) -> None:
    at = "2014-03-06T15:00:00+08:00"
    policy = step(at, f'by = "operator"\ndo = "set_policy"\nwith = {values}')
    look = step("2014-03-10T16:00:01+08:00", 'expect = { stage = "adjudication" }')
    assert play(policy, OPEN, look).held


@pytest.mark.parametrize(
    ("written", "paid_fen"),
    [
        ('coupons = ["20.00"]', 7500),
        ('coupons = [{ value = "20.00" }]', 7500),
        ('coupons = [{ kind = "platform", amount = "20.00" }]', 7500),
        ('discounts = [{ kind = "coupon", off = "20.00" }]', 7500),
        ('discounts = [{ kind = "spend_and_save", threshold = "90.00", off = "10.00" }]', 8500),
        ('discounts = [{ threshold = "96.00", off = "10.00" }]', 9500),
    ],
)
def test_discounts_and_coupons(written: str, paid_fen: int) -> None:
    head = HEAD.replace("[[order.lines]]", f"{written}\n[[order.lines]]")
    assert play(OPEN, head=head).world.order.paid_goods_fen == paid_fen


@pytest.mark.parametrize("how", ["returned = false", "kept = true", "lost = true"])
def test_a_gift_that_does_not_come_back(how: str) -> None:
    gift = f'gifts = [{{ title = "Belt", value = "15.00", {how} }}]\n[[order.lines]]'
    assert not play(OPEN, head=HEAD.replace("[[order.lines]]", gift)).world.order.gifts[0].returned


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ('stage = "closed"', "stage: expected closed, is seller_response"),
        ('deadline = 2014-03-07T15:00:00+08:00', "deadline: expected 2014-03-07T15"),
        ('remaining = "23h"', "remaining: expected 23h, is 1 day, 0:00:00"),
        ('amounts = { total = "1.00" }', "amounts.total: expected 1.00, is 0.00"),
        ('balance = "1.00"', "balance: expected 1.00, is 1000.00"),
        ('points = { general = 1 }', "points.general: expected 1, is 0"),
        ('sanctions = ["delist"]', "sanctions: delist not among none"),
        ('available_actions = ["approve"]', "available_actions: approve not among"),
        ("available_actions = []", "available_actions: expected none, are"),
        ('cites = ["S0-06"]', "cites: S0-06 not among none"),
        ('events = ["stage_entered", "case_opened"]', "events: expected stage_entered, case"),
        ("events = []", "events: expected none, were"),
        ('liability = "seller"', "liability: expected seller, is None"),
        ('shop_status = "closed"', "shop_status: expected closed, is open"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_said(expect: str, said: str) -> None:
    replayed = play(OPEN + f"expect = {{ {expect} }}\n")
    assert [f.line for f in replayed.failures] == [11]
    assert said in replayed.failures[0].message


def test_what_may_be_expected_of_somebody_else() -> None:
    mine = 'available_actions = ["compensate", "reject", "offer"]'
    assert play(OPEN + f'expect = {{ {mine}, as = "seller" }}\n').held
    assert play(OPEN + f'as = "seller"\nexpect = {{ {mine} }}\n').held
    assert not play(OPEN + f"expect = {{ {mine} }}\n").held


@pytest.mark.parametrize(
    ("text", "seconds"), [("23h", 82_800), ("2d 3h", 183_600), ("1h30m", 5400), ("0s", 0)]
)
def test_lengths(text: str, seconds: int) -> None:
    assert parse_length(text).total_seconds() == seconds


def test_the_same_story_twice_is_the_same_to_the_byte() -> None:
    import msgspec

    def told() -> Any:
        return [msgspec.json.encode(entry) for entry in play(OPEN).world.timeline]

    assert told() == told()


def test_a_story_that_begins_with_the_year_begins_without_the_points_of_the_old_one() -> None:
    head = HEAD.replace("[order]", "points = { general = 6, counterfeit = 24 }\n[order]")
    asks = "expect = { points = { general = 0, serious = 0, counterfeit = 24 } }"
    assert play(step("2015-01-01T00:00:00+08:00", asks), head=head).held


def test_what_may_be_said_instead_is_listed_in_words() -> None:
    said = play(OPEN.replace('kind = "late_shipment"', 'kind = "late"')).failures[0].message
    assert "The kind is one of: Late shipment, Out of stock, " in said
