"""Signs from the records: worked cases of the seeds, and the ordinary ones beside them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gongdao.policy.guard import LIMITS, GuardBook, GuardRule
from gongdao.policy.load import load_pack, pack_names
from gongdao.risk import buyer_signs, order_signs, review_signs, rings, shop_signs
from gongdao.risk.buyer_signs import BuyerFacts, UnpaidFacts
from gongdao.risk.finding import Sign
from gongdao.risk.order_signs import LineFacts, OrderFacts
from gongdao.risk.review_signs import DayFacts, ReviewText, Twins
from gongdao.risk.rings import Dealt, Ring
from gongdao.risk.shop_signs import ShopFacts
from gongdao.risk.wording import worded

START = datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
ALL: dict[str, str] = {
    **dict.fromkeys(order_signs._LOOKS, "order"),
    **dict.fromkeys(shop_signs._LOOKS, "shop"),
    **dict.fromkeys(review_signs._BURST, "shop"),
    **dict.fromkeys(review_signs._TWINS, "shop"),
    **dict.fromkeys(rings._LOOKS, "shop"),
    **dict.fromkeys(buyer_signs._LOOKS, "buyer"),
    **dict.fromkeys(buyer_signs._UNPAID, "buyer"),
}
Rules = Mapping[str, dict[str, GuardRule]]


def ids(count: int, of: int = 0) -> tuple[UUID, ...]:
    return tuple(UUID(int=of * 1000 + n + 1) for n in range(count))


def codes(signs: list[Sign]) -> set[str]:
    return {sign.code for sign in signs}


def said(signs: list[Sign], code: str, label: str) -> str:
    [sign] = [sign for sign in signs if sign.code == code]
    return next(one.said for one in sign.evidence if one.label == label)


def suits(**changes: Any) -> OrderFacts:
    """The student and the suits."""
    facts = OrderFacts(lines=(LineFacts(9999, 30),), total_fen=299_970, on_credit=True)
    return msgspec.structs.replace(facts, **changes)


# --- the rule books -----------------------------------------------------------------


@pytest.mark.parametrize("name", pack_names())
def test_every_rule_book_gives_each_sign_its_limits(name: str) -> None:
    book = load_pack(name).guard
    for code, on in ALL.items():
        rule = book.rules[code]
        assert rule.on == on
        assert LIMITS[code] <= rule.limits.keys(), code


def test_what_is_shown_fills_the_sentence(book: GuardBook) -> None:
    shown = {
        "same-lines-order": order_signs.order_signs(suits(), book.rules),
        "many-victims": shop_signs.shop_signs(
            ShopFacts(victims=ids(3), buyers=50, goods=3, orders=8000), book.rules
        ),
        "repeated-refunds": buyer_signs.buyer_signs(
            BuyerFacts(orders=10, refunds=ids(9), refunds_only=9), book.rules
        ),
        "orders-and-never-pays": buyer_signs.unpaid_signs(
            UnpaidFacts(timed_out=ids(5), total_fen=5000), book.rules
        ),
    }
    for signs in shown.values():
        for sign in signs:
            sentence = worded(book.rules[sign.code].say, sign.evidence)
            assert "…" not in sentence.zh and not re.search(r"[{}]", sentence.zh + sentence.en)


def test_nobody_is_told_of_a_sign_about_themselves(book: GuardBook) -> None:
    for code, on in ALL.items():
        told = book.rules[code].told
        assert "platform" in told
        assert on not in told, code


# --- orders -------------------------------------------------------------------------


@pytest.mark.fact("S0-32", "S0-36")
def test_the_student_and_the_suits(rules_on: Rules, book: GuardBook) -> None:
    signs = order_signs.order_signs(suits(), rules_on["order"])
    assert codes(signs) == {"same-lines-order", "near-credit-limit"}
    assert said(signs, "same-lines-order", "times") == "30"
    assert said(signs, "same-lines-order", "price") == "99.99"
    assert said(signs, "near-credit-limit", "total") == "2999.70"
    assert said(signs, "near-credit-limit", "limit") == "3000.00"
    assert book.level([book.rules[sign.code].weight for sign in signs]) == "caution"
    confirmed = suits(
        paid_at=START, confirmed_at=START + timedelta(minutes=9), confirmed_by_buyer=True
    )
    signs = order_signs.order_signs(confirmed, rules_on["order"])
    assert said(signs, "paid-and-received-in-a-blink", "minutes") == "9"
    assert book.level([book.rules[sign.code].weight for sign in signs]) == "danger"


@pytest.mark.fact("S0-34")
def test_rings_of_nearly_a_thousand_on_credit(rules_on: Rules) -> None:
    rings_of_wang = OrderFacts(lines=(LineFacts(99_900, 1),), total_fen=99_900, on_credit=True)
    assert codes(order_signs.order_signs(rings_of_wang, rules_on["order"])) == {"near-credit-limit"}


@pytest.mark.fact("S0-33")
def test_a_limit_that_was_named_counts_before_the_usual_ones(rules_on: Rules) -> None:
    order = OrderFacts(
        lines=(LineFacts(1_078_000, 1),),
        total_fen=1_078_000,
        on_credit=True,
        limits_fen=(1_100_000,),
    )
    signs = order_signs.order_signs(order, rules_on["order"])
    assert said(signs, "near-credit-limit", "limit") == "11000.00"
    usual = msgspec.structs.replace(order, limits_fen=())
    assert not order_signs.order_signs(usual, rules_on["order"])


@pytest.mark.parametrize(
    "order",
    [
        suits(on_credit=False, lines=(LineFacts(9999, 1),)),
        suits(total_fen=300_001, lines=(LineFacts(300_001, 1),)),
        OrderFacts(lines=(LineFacts(150, 200),), total_fen=30_000),  # two hundred pencils
        OrderFacts(lines=(LineFacts(9999, 19),), total_fen=189_981),
        OrderFacts(
            lines=(LineFacts(50_000, 1, ("virtual",)),),
            total_fen=50_000,
            paid_at=START,
            confirmed_at=START + timedelta(minutes=1),
            confirmed_by_buyer=True,
        ),
        OrderFacts(
            lines=(LineFacts(50_000, 1),),
            total_fen=50_000,
            paid_at=START,
            confirmed_at=START + timedelta(days=3),
            confirmed_by_buyer=True,
        ),
    ],
)
def test_ordinary_orders_are_nothing(rules_on: Rules, order: OrderFacts) -> None:
    assert order_signs.order_signs(order, rules_on["order"]) == []


# --- shops --------------------------------------------------------------------------


@pytest.mark.fact("S0-32")
def test_a_shop_of_three_goods_and_eight_thousand_sales_with_victims(rules_on: Rules) -> None:
    shop = ShopFacts(goods=3, orders=8000, buyers=300, victims=ids(4), left=ids(5), is_closed=True)
    signs = shop_signs.shop_signs(shop, rules_on["shop"])
    assert codes(signs) == {"few-goods-many-sales", "many-victims", "blocked-after"}
    assert said(signs, "many-victims", "victims") == "4"


@pytest.mark.parametrize(
    "shop",
    [
        ShopFacts(
            goods=60, orders=20_000, buyers=15_000, victims=ids(3)
        ),  # large, three in trouble
        ShopFacts(goods=3, orders=400, buyers=300, victims=ids(2)),
        ShopFacts(goods=0, orders=9000, buyers=8000),  # its goods are not kept here
        ShopFacts(goods=30, left=ids(40)),  # open, with parcels under way
        ShopFacts(goods=30, is_closed=True, left=ids(2)),
        ShopFacts(said_to={code: ids(2) for code in shop_signs.SAID}),
    ],
)
def test_ordinary_shops_are_nothing(rules_on: Rules, shop: ShopFacts) -> None:
    assert shop_signs.shop_signs(shop, rules_on["shop"]) == []


@pytest.mark.parametrize("code", list(shop_signs.SAID))
def test_what_a_shops_people_write_to_several_buyers(rules_on: Rules, code: str) -> None:
    shop = ShopFacts(said_to={code: (*ids(6), *ids(6))})
    signs = shop_signs.shop_signs(shop, rules_on["shop"])
    assert said(signs, code, "buyers") == "6"
    again = ShopFacts(said_to={code: ids(1) * 20})
    assert not shop_signs.shop_signs(again, rules_on["shop"]), "one buyer told often is one"


# --- buyers -------------------------------------------------------------------------


@pytest.mark.fact("S4-03")
def test_refunds_upon_refunds_and_swapped_goods(rules_on: Rules) -> None:
    buyer = BuyerFacts(
        orders=12, refunds=ids(10), refunds_only=9, base_per_mille=40, swapped=ids(2)
    )
    signs = buyer_signs.buyer_signs(buyer, rules_on["buyer"])
    assert codes(signs) == {"repeated-refunds", "swapped-goods"}
    assert said(signs, "repeated-refunds", "refunds") == "10"


@pytest.mark.parametrize(
    "buyer",
    [
        BuyerFacts(orders=5, refunds=ids(3), refunds_only=3, base_per_mille=20),  # unlucky
        BuyerFacts(orders=100, refunds=ids(12), refunds_only=12, base_per_mille=20),
        BuyerFacts(orders=12, refunds=ids(10), refunds_only=2, base_per_mille=20),  # sends back
        BuyerFacts(orders=12, refunds=ids(10), refunds_only=10, base_per_mille=300),  # bad shop
        BuyerFacts(swapped=ids(1)),
        BuyerFacts(threats=ids(2)),
        BuyerFacts(claims=ids(8), claim_shops=2, claim_orders=8),
        BuyerFacts(claims=ids(8), claim_shops=8, claim_orders=60),
    ],
)
def test_ordinary_buyers_are_nothing(rules_on: Rules, buyer: BuyerFacts) -> None:
    assert buyer_signs.buyer_signs(buyer, rules_on["buyer"]) == []


@pytest.mark.fact("S1-15", "S3-16")
def test_three_demands_in_two_years_are_several(rules_on: Rules) -> None:
    """Worked case 16: each of them counts once, and two are not several."""
    signs = buyer_signs.buyer_signs(BuyerFacts(threats=ids(3) + ids(3)), rules_on["buyer"])
    assert said(signs, "review-threats", "times") == "3"


def test_like_claims_in_many_shops_weigh_little(rules_on: Rules, book: GuardBook) -> None:
    buyer = BuyerFacts(claims=ids(9), claim_shops=7, claim_orders=10)
    [sign] = buyer_signs.buyer_signs(buyer, rules_on["buyer"])
    assert sign.code == "professional-claims"
    assert book.level([book.rules[sign.code].weight]) == "calm"


@pytest.mark.fact("S3-10")
def test_only_what_timed_out_by_itself_counts(rules_on: Rules) -> None:
    """Worked case 17: of three, two were closed by the shop; the facts hold the third alone."""
    one = UnpaidFacts(timed_out=ids(1), total_fen=6800)
    assert not buyer_signs.unpaid_signs(one, rules_on["buyer"])
    many = UnpaidFacts(timed_out=ids(6), total_fen=40_800)
    signs = buyer_signs.unpaid_signs(many, rules_on["buyer"])
    assert said(signs, "orders-and-never-pays", "orders") == "6"
    good_customer = UnpaidFacts(timed_out=ids(6), paid=9, total_fen=40_800)
    assert not buyer_signs.unpaid_signs(good_customer, rules_on["buyer"])


# --- reviews ------------------------------------------------------------------------

PRAISE = "面料很舒服穿上显瘦，客服态度也特别好，物流很快，下次还会再来"


def written(count: int, text: str, *, shop: int = 1, first: int = 0) -> list[ReviewText]:
    return [
        ReviewText(
            id=UUID(int=shop * 10_000 + n),
            shop_id=UUID(int=shop),
            buyer_id=UUID(int=n + 1),
            text=text,
        )
        for n in range(first, first + count)
    ]


def twin_groups(rules_on: Rules, texts: list[ReviewText]) -> list[Twins]:
    rule = rules_on["shop"]["twin-review-texts"]
    found = review_signs.twins_among(texts, rule.limits)
    return [one for one in found if review_signs.twin_signs(one, rules_on["shop"])]


@pytest.mark.fact("S3-11")
def test_nearly_equal_texts_of_different_buyers(rules_on: Rules) -> None:
    texts = [
        *written(2, PRAISE),
        *written(2, PRAISE.replace("，", " ") + "！", first=2),
        *written(1, "颜色比图片深一点，不过质量没有问题，给妈妈买的她很喜欢", first=4),
    ]
    [found] = twin_groups(rules_on, texts)
    assert [one.buyer_id for one in found.reviews] == [UUID(int=n) for n in range(1, 5)]


def test_short_words_and_set_phrases_are_nobodys_twins(rules_on: Rules) -> None:
    short = written(50, "很好，满意！")
    phrase = [
        review
        for shop in range(1, 7)
        for review in written(5, "评价方未及时做出评价，系统默认好评！", shop=shop)
    ]
    own = [msgspec.structs.replace(one, buyer_id=UUID(int=1)) for one in written(9, PRAISE, shop=9)]
    assert twin_groups(rules_on, [*short, *phrase, *own]) == []


@pytest.mark.fact("S3-11")
def test_more_praise_than_buyers(rules_on: Rules) -> None:
    burst = DayFacts(day=START, best=40, buyers=40, before=30, before_days=30, finished=12)
    signs = review_signs.burst_signs(burst, rules_on["shop"])
    assert said(signs, "review-bursts", "reviews") == "40"
    after_a_sale = msgspec.structs.replace(burst, finished=900)
    usual_here = msgspec.structs.replace(burst, before=900)
    few = msgspec.structs.replace(burst, best=19)
    for day in (after_a_sale, usual_here, few):
        assert not review_signs.burst_signs(day, rules_on["shop"])


# --- rings --------------------------------------------------------------------------


def brushed(buyers: int = 4, times: int = 3, *, moved: bool = False) -> list[Dealt]:
    """So many buyers, each evening in the same two shops for one sum, received at once."""
    return [
        Dealt(
            order_id=UUID(int=9_000_000 + day * 1000 + buyer),
            shop_id=UUID(int=day % 2 + 1),
            buyer_id=UUID(int=buyer + 1),
            at=START + timedelta(days=day, minutes=buyer * 7),
            total_fen=12_900,
            moved=moved,
            confirmed_after=timedelta(hours=3),
        )
        for day in range(times)
        for buyer in range(buyers)
    ]


def rings_in(
    rules_on: Rules, orders: list[Dealt], traits: dict[UUID, list[str]] | None = None
) -> list[Ring]:
    return rings.rings_among(orders, traits or {}, rules_on["shop"]["ring-orders"].limits)


@pytest.mark.fact("S3-11")
def test_a_ring_is_found_with_its_orders(rules_on: Rules) -> None:
    limits = rules_on["shop"]["ring-orders"].limits
    [ring] = rings_in(rules_on, brushed())
    assert len(ring.buyers) == 4 and ring.hollow == len(ring.orders) == 12
    assert ring.meetings == 3 * 6
    parts = rings.parts_by_shop(ring, limits)
    assert {shop.int: len(part.orders) for shop, part in parts.items()} == {1: 8, 2: 4}
    signs = rings.ring_signs(parts[UUID(int=1)], rules_on["shop"])
    assert said(signs, "ring-orders", "hollow") == "8"


def test_three_who_share_an_address_and_a_shop(rules_on: Rules) -> None:
    orders = [
        msgspec.structs.replace(one, total_fen=one.total_fen + one.order_id.int % 997)
        for one in brushed(3, 3)
    ]
    shared = {UUID(int=n): ["address:1", "device:1"] for n in (1, 2, 3)}
    [ring] = rings_in(rules_on, orders, shared)
    assert ring.shared == 6 and ring.meetings == 0
    assert rings_in(rules_on, orders) == [], "other sums, and nothing that ties them"


@pytest.mark.parametrize("moved", [True, False])
def test_crowds_colleagues_and_couples_are_no_rings(rules_on: Rules, moved: bool) -> None:
    flash_sale = [
        msgspec.structs.replace(one, at=START + timedelta(days=one.at.day % 3))
        for one in brushed(60, 3, moved=moved)
    ]
    assert rings_in(rules_on, flash_sale) == []
    assert rings_in(rules_on, brushed(2, 9, moved=moved)) == []
    assert rings_in(rules_on, brushed(5, 9, moved=True)) == []
