"""Signs in what is said: the frauds of the seeds told as chats, and ordinary talk beside them."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from gongdao.policy.guard import GuardBook
from gongdao.policy.load import load_pack, pack_names
from gongdao.risk.finding import Sign
from gongdao.risk.message import LOOKED_AT, Line, MessageFacts, Side, message_signs
from gongdao.risk.wording import worded
from gongdao.risk.words import read_words

START = datetime(2015, 11, 2, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> GuardBook:
    return load_pack("taobao-2025@1").guard


def talk(book: GuardBook, *lines: tuple[Side, str], order_fen: tuple[int, ...] = ()) -> list[Sign]:
    """All signs of a talk, each line read with those before it."""
    earlier: list[Line] = []
    found: list[Sign] = []
    for side, text in lines:
        facts = MessageFacts(side=side, text=text, earlier=tuple(earlier), order_fen=order_fen)
        found += message_signs(facts, book)
        earlier.append(Line(side=side, text=text, at=START + timedelta(minutes=len(earlier))))
    return found


def codes(signs: list[Sign]) -> set[str]:
    return {sign.code for sign in signs}


def level(book: GuardBook, signs: list[Sign]) -> str:
    return book.level([book.rules[code].weight for code in codes(signs)])


def shown(signs: list[Sign], code: str, label: str) -> str:
    return next(
        one.said
        for sign in signs
        if sign.code == code
        for one in sign.evidence
        if one.label == label
    )


# --- the frauds of the seeds, as they were told -------------------------------------


@pytest.mark.fact("S0-32", "S0-36")
def test_the_student_and_the_suits(book: GuardBook) -> None:
    signs = talk(
        book,
        ("shop", "同学你好，我们淘宝远程单招兼职，加QQ 1234567 详谈"),
        ("buyer", "要我自己付钱吗"),
        ("shop", "不用你付钱，我远程控制你的电脑来操作"),
        ("shop", "我们店铺和蚂蚁花呗有合作，帮你开通花呗，额度3000元"),
        ("shop", "拍30件99.99元的西服就行，马上操作，名额有限"),
    )
    assert codes(signs) >= {
        "other-channel", "pays-nothing", "remote-control", "credit-line", "near-limit",
        "same-lines", "urgency",
    }  # fmt: skip
    assert shown(signs, "same-lines", "times") == "30"
    assert shown(signs, "same-lines", "total") == "2999.70"
    assert shown(signs, "near-limit", "limit") == "3000.00"
    assert level(book, signs) == "danger"


@pytest.mark.fact("S0-33", "S0-36")
def test_two_orders_on_credit(book: GuardBook) -> None:
    """Worked case 12: a first order of 9.90, then 8,820 and 1,960 by remote control."""
    signs = talk(
        book,
        ("shop", "皇冠店放单，有一笔9.9元的淘宝单子，第一单的费用由我们垫付，佣金马上返给你"),
        ("buyer", "收到了，谢谢"),
        ("shop", "还有一个大众点评的单子，需要远程控制你的电脑，只需要借用支付宝账号"),
        ("shop", "不会动用支付宝内的余额，放心"),
        order_fen=(882_000, 196_000),
    )
    assert codes(signs) >= {
        "brushing-offer",
        "small-first-payout",
        "remote-control",
        "pays-nothing",
    }
    assert level(book, signs) == "danger"


@pytest.mark.fact("S0-34", "S0-36")
def test_the_rings(book: GuardBook) -> None:
    """Worked case 14: remote orders for months, then a pair of rings for nearly a thousand."""
    signs = talk(
        book,
        ("shop", "我们做远程单，不用刷单的人付钱，只是用您的账号积攒销量和好评"),
        ("shop", "今天这单是一对戒指，九百九十八元，刷满您一千元的花呗额度"),
    )
    assert codes(signs) >= {"remote-control", "credit-line", "near-limit"}
    assert shown(signs, "near-limit", "total") == "998.00"
    assert level(book, signs) == "danger"


@pytest.mark.fact("S0-35")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "您的订单有质量问题，请点击链接 http://tk-jd.example.net 填写银行卡办理退款",
            "refund-link",
        ),
        ("请把手机收到的验证码发给我，我帮您退款", "code-or-password"),
        ("补差价请在这里支付 https://pay.example.org/x", "other-payment"),
        ("这里是市公安局，您涉嫌洗钱，请配合调查并保密", "claims-to-be-official"),
        ("请把钱转到这个账户，户名张三", "other-payment"),
        ("为您退款需要下载腾讯会议共享屏幕", "remote-control"),
    ],
)
def test_advice_of_the_police(book: GuardBook, text: str, code: str) -> None:
    signs = talk(book, ("shop", text))
    assert code in codes(signs)
    assert level(book, signs) != "calm"


# --- between the parties ------------------------------------------------------------


@pytest.mark.fact("S1-15")
def test_five_hundred_or_a_bad_review(book: GuardBook) -> None:
    signs = talk(book, ("buyer", "给我转500元，不然就给你差评"))
    assert codes(signs) == {"review-threat"}
    assert "buyer" not in book.rules["review-threat"].told


@pytest.mark.fact("S3-16")
def test_abuse_is_a_sign_and_a_complaint_is_none(book: GuardBook) -> None:
    assert "abuse" in codes(talk(book, ("buyer", "你们全是傻 逼骗子")))
    assert not talk(book, ("buyer", "你们这样做事太让人失望了，我要投诉"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("亲，您先撤销投诉，我微信转给您", "close-case-outside"),
        ("麻烦把退款原因改成不想要了", "change-reason"),
        ("五星好评返现3元", "review-bought"),
    ],
)
def test_what_shops_should_not_ask(book: GuardBook, text: str, code: str) -> None:
    assert code in codes(talk(book, ("shop", text)))
    assert code not in codes(talk(book, ("buyer", text)))


# --- ordinary talk ------------------------------------------------------------------

ORDINARY: list[tuple[Side, str]] = [
    ("buyer", "你好，我要退款，衣服尺码不合适"),
    ("buyer", "我收不到验证码怎么办"),
    ("shop", "退款会原路退回您的付款账户，一到三个工作日到账"),
    ("shop", "请不要把验证码告诉任何人"),
    ("shop", "我们不会要求您远程控制手机，谨防诈骗"),
    ("shop", "可以用微信支付，也支持花呗分期"),
    ("buyer", "花呗额度不够，能用银行卡吗"),
    ("shop", "亲，您的订单今天发出，预计后天送到，请保持手机畅通"),
    ("buyer", "这个3000元的手机有没有2999的优惠"),
    ("shop", "好的，满300减50，拍下自动减"),
    ("buyer", "质量太差了，给个差评都不为过"),
    ("buyer", "依据七天无理由，我申请退货"),
    ("shop", "请尽快在24小时内确认地址"),
    ("buyer", "我买30件，每件99.99元能便宜吗"),
]


@pytest.mark.parametrize(("side", "text"), ORDINARY)
def test_ordinary_words_are_no_sign(book: GuardBook, side: Side, text: str) -> None:
    assert not talk(book, (side, text))


def test_a_contact_alone_leaves_the_talk_calm(book: GuardBook) -> None:
    signs = talk(book, ("shop", "加个微信方便发图给您"))
    assert codes(signs) == {"other-channel"} and level(book, signs) == "calm"


def test_urgency_counts_only_beside_another_sign(book: GuardBook) -> None:
    hurry: tuple[Side, str] = ("shop", "名额有限，十分钟内有效")
    assert not talk(book, hurry)
    assert "urgency" in codes(talk(book, ("shop", "刷单兼职，佣金日结"), hurry))


# --- the rule books -----------------------------------------------------------------


@pytest.mark.parametrize("name", pack_names())
def test_each_list_has_its_rule_and_each_rule_its_sentence(name: str) -> None:
    guard = load_pack(name).guard
    rules = guard.active("message")
    assert {one.code for one in read_words()} <= rules.keys()
    for rule in rules.values():
        assert rule.advice and rule.advice.zh and rule.advice.en


def test_sentences_are_filled(book: GuardBook) -> None:
    for sign in talk(book, ("shop", "帮你开通花呗，额度3000元，拍30件99.99元的西服，不用你付钱")):
        say = worded(book.rules[sign.code].say, sign.evidence)
        assert "{" not in say.zh + say.en and "…" not in say.zh


def test_switched_off_finds_nothing(book: GuardBook) -> None:
    off = [msgspec.structs.replace(rule, weight=0) for rule in book.rules.values()]
    facts = MessageFacts(side="shop", text="远程控制您的电脑")
    assert message_signs(facts, book) and not message_signs(facts, GuardBook(off, ()))


def test_a_text_of_100_kb_is_looked_at_whole(book: GuardBook) -> None:
    text = "您好。" * 33_000 + "请共享屏幕"
    assert len(text) <= LOOKED_AT
    [sign] = talk(book, ("shop", text))
    assert text[sign.evidence[0].start : sign.evidence[0].end] == "共享屏幕"


def test_a_sum_or_a_bad_review_is_a_threat_and_its_question_is_not(book: GuardBook) -> None:
    said = ("buyer", "不用检测，不给500我就给差评，还发到网上去")
    assert codes(talk(book, said)) == {"review-threat"}
    asked = ("shop", "您的意思是不退货、直接补偿500元，否则给差评，是吗？")
    assert codes(talk(book, asked)) == set()


def test_a_sum_that_fits_the_limit_is_not_the_price_of_each(book: GuardBook) -> None:
    signs = message_signs(
        MessageFacts(
            side="shop",
            text="远程帮您开通，我们店和花呗有合作，额度3000正好拍30件西服，2999.7元",
        ),
        book,
    )
    assert shown(signs, "same-lines", "price") == "99.99"
    assert shown(signs, "same-lines", "total") == "2999.70"


# --- other ways to talk --------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "加我微信 abc_12345 详谈",
        "我的手机13812345678，打我电话说",
        "联系我 1-3-8-1-2-3-4-5-6-7-8",
        "一三八一二三四五六七八",
        "QQ：123456789",
        "v❤x：lamp8888",
    ],
)
def test_a_contact_of_the_shops_own_leads_elsewhere(text: str, book: GuardBook) -> None:
    facts = MessageFacts(side="shop", text=text)
    assert "other-channel" in {one.code for one in message_signs(facts, book)}


@pytest.mark.parametrize(
    "text",
    [
        "您的订单号13812345678，有问题联系我们",
        "运单号：13912345678，已经发出，请找我们核对",
        "快递员电话13812345678，您可以打给他",
        "顺丰 SF1381234567890 已签收，请联系我",
        "客服热线400-820-8820，也可以打95338",
        "一共 13812.34 元，已经退款",
        "谨防有人让您加客服微信13812345678",
        "收货人电话是13812345678对吗",
    ],
)
def test_numbers_of_things_and_of_others_are_no_contact(text: str, book: GuardBook) -> None:
    facts = MessageFacts(side="shop", text=text)
    assert "other-channel" not in {one.code for one in message_signs(facts, book)}


def test_what_the_shop_has_registered_leads_nowhere_else(book: GuardBook) -> None:
    facts = MessageFacts(side="shop", text="打我电话13812345678", own_contacts=("13812345678",))
    assert message_signs(facts, book) == []
    other = MessageFacts(side="shop", text="打我电话13912345678", own_contacts=("13812345678",))
    assert {one.code for one in message_signs(other, book)} == {"other-channel"}


def test_a_buyers_own_number_is_where_the_parcel_goes(book: GuardBook) -> None:
    facts = MessageFacts(side="buyer", text="我的电话13812345678，送到楼下打我")
    assert message_signs(facts, book) == []
