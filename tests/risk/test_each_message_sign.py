"""Each sign of what is said: words that show it, words beside them that do not, its sentence."""

from collections.abc import Mapping

import pytest

from gongdao.policy.guard import GuardBook, GuardRule, Subject
from gongdao.risk.message import MessageFacts, Side, message_signs
from gongdao.risk.wording import worded

#: Whose words, what shows the sign, and what stands near it in ordinary talk.
EACH: dict[str, tuple[Side, str, str]] = {
    "remote-control": ("shop", "请下载向日葵，我来远程协助您", "向日葵花束今天发货，路远要三天"),
    "pays-nothing": ("shop", "不用您付钱，只借用您的账号", "运费不用您出，我们付了"),
    "credit-line": ("shop", "我帮您开通花呗", "可以用花呗分期付款"),
    "brushing-offer": ("shop", "刷单兼职，佣金日结", "我们从不刷单，请放心"),
    "small-first-payout": ("shop", "第一单佣金马上返给您", "首单立减五元"),
    "other-channel": ("shop", "加我微信聊", "关注我们的微信公众号领券"),
    "other-payment": ("shop", "请转到安全账户", "退款原路退回您的账户"),
    "code-or-password": ("shop", "把收到的验证码发给我", "验证码请不要告诉任何人"),
    "refund-link": ("shop", "请点击退款链接填写银行卡办理退款", "退款请在订单详情里申请"),
    "claims-to-be-official": (
        "shop", "这里是市公安局，您涉嫌洗钱，请配合调查并保密", "需要的话您可以去派出所报案",
    ),
    "prize-bait": ("shop", "恭喜您被抽中获得二等奖，请登录网站领取奖金", "买一送一，赠品随货发出"),
    "sure-gain": ("shop", "内部消息，稳赚不赔，跟着老师买股票", "这款利润不高，不赚您的钱"),
    "scam-talk": (
        "shop",
        "我们是公安机关的，您的身份信息被人冒用办了一张卡，现在需要您配合核查资金，请保密",
        "您好，您的快递已到驿站，请凭取件码领取，祝您生活愉快",
    ),
    "near-limit": (
        "shop",
        "我帮您开通花呗，额度3000元，正好拍2999.7元的",
        "我帮您开通花呗，额度3000元，这件299元",
    ),
    "same-lines": ("shop", "远程控制，拍30件99.99元的西服", "远程控制，拍2件99.99元的西服"),
    "urgency": ("shop", "刷单兼职佣金日结，名额有限", "名额有限，十分钟内有效"),
    "review-threat": ("buyer", "不给我转500元就给你差评", "质量不好，我会给差评"),
    "professional-claim": (
        "buyer", "你们违反广告法第九条，退一赔三，赔偿1000", "广告里说包邮，怎么收我运费",
    ),
    "close-case-outside": ("shop", "您先撤销投诉，我微信转给您", "您的投诉平台正在处理"),
    "change-reason": ("shop", "麻烦把退款原因改成不想要了", "退款原因您按实际情况选"),
    "review-bought": ("shop", "五星好评返现3元", "喜欢的话请给个好评"),
    "abuse": ("buyer", "你们全是傻逼", "你们太让人失望了"),
}  # fmt: skip


def test_no_sign_of_what_is_said_is_left_out(
    rules_on: Mapping[Subject, dict[str, GuardRule]],
) -> None:
    assert set(EACH) == set(rules_on["message"])


@pytest.mark.parametrize("code", EACH)
def test_it_is_shown_with_its_evidence_and_only_there(book: GuardBook, code: str) -> None:
    side, shows, ordinary = EACH[code]
    signs = {one.code: one for one in message_signs(MessageFacts(side=side, text=shows), book)}
    assert code in signs
    rule, evidence = book.rules[code], signs[code].evidence
    assert evidence and 0 < rule.weight <= 100
    for one in evidence:
        if one.start is not None:
            assert shows[one.start : one.end].startswith(one.said)
    said = worded(rule.say, evidence)
    assert said.zh != said.en and "{" not in said.zh + said.en and "…" not in said.zh + said.en
    found = {one.code for one in message_signs(MessageFacts(side=side, text=ordinary), book)}
    assert code not in found
