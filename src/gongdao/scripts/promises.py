"""What a text promises: sums of money, a dispatch, an answer; with the sum or the time it names."""

import re
from typing import Literal

import msgspec

Promised = Literal["compensation", "refund", "discount", "dispatch", "resend", "answer"]

_NUMBER = r"(?:\d{1,3}(?:，\d{3})+|\d{1,7})(?:\.\d{1,2})?"
_HAN = r"[一二两三四五六七八九十百千零壹贰叁肆伍陆柒捌玖拾佰仟]{1,8}"
_UNIT = r"(?:元|块|圆|大洋|rmb|yuan)"
_SUM = (
    rf"(?:¥(?P<mark>{_NUMBER})|(?P<number>{_NUMBER})(?P<by>[百千])?[多来几]?{_UNIT}"
    rf"|(?P<han>{_HAN})[多来几]?(?:元|圆|块钱|块|大洋))"
)
#: Somebody of the shop speaks of what will be done for the buyer.
_WILL = (
    r"(?:给|帮|为|替|可以|会|再|直接|马上|这边|咱们|我们|我|愿意|申请(?!的))"
    r"(?:您|你|亲)?[^。，]{0,6}?"
)
_GIVEN = r"(?:给|发|补|送)(?:您|你|亲)"
_YOU = r"(?:给)?(?:您|你|亲)"
_TO_YOU = r"(?:给|帮|为)(?:您|你|亲)再?"
#: A number alone is a sum where nothing is counted by it: 赔你300, but not 补您2件.
_BARE_SUM = rf"(?:(?P<bare>{_NUMBER})|(?P<bare_han>{_HAN}))"
_BARE = rf"个?{_BARE_SUM}(?=$|[。，吧哦啦呢好行可])"


def _money_pattern(verbs: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_WILL}(?:{verbs})(?:给|到)?(?:您|你|亲)?|(?:{verbs})(?:给)?(?:您|你|亲))"
        rf"[^。\d¥满]{{0,6}}?{_SUM}"
    )


_MONEY: tuple[tuple[Promised, re.Pattern[str]], ...] = (
    ("compensation", _money_pattern("补偿|赔偿|赔付|补贴|打款|返现|红包|赔|补")),
    ("refund", _money_pattern("退款|退还|返还|退")),
    ("discount", _money_pattern("优惠|便宜|减免|让利|少收|抹掉|减")),
    (
        "compensation",
        re.compile(
            rf"{_SUM}(?:钱)?的?(?:现金)?(?:补偿|赔偿|红包|返现|打款|优惠)[^。，]{{0,6}}?{_GIVEN}"
        ),
    ),
    (
        "compensation",
        re.compile(rf"[给帮为](?:您|你|亲)(?:申请|争取)[到了]?{_SUM}的?(?:补偿|赔偿|红包)"),
    ),
    ("compensation", re.compile(rf"{_SUM}钱?(?:补|赔|返|转)给(?:您|你|亲)")),
    ("compensation", re.compile(rf"(?:返|转){_YOU}{_SUM}")),
    (
        "compensation",
        re.compile(rf"(?:{_TO_YOU}(?:赔偿?|补偿?|返|转)|(?:赔偿?|补偿?|返|转){_YOU}){_BARE}"),
    ),
    ("refund", re.compile(rf"(?:{_TO_YOU}退|退款?{_YOU}){_BARE}")),
    (
        "discount",
        re.compile(rf"(?:{_TO_YOU}(?:让|减|便宜|优惠|少)|(?:让|减|便宜|优惠|少收){_YOU}){_BARE}"),
    ),
    (
        "compensation",
        re.compile(
            rf"(?:差价|损失|运费|邮费)(?:{_SUM}|{_BARE_SUM})(?:也|都)?(?:{_TO_YOU}[补赔退]|[补赔退返]给?(?:您|你|亲))"
        ),
    ),
    (
        "compensation",
        re.compile(rf"(?:承担|负担|赔)[^。，\d]{{0,4}}(?:损失|差价)[^。，\d]{{0,2}}{_SUM}"),
    ),
    (
        "compensation",
        re.compile(
            rf"(?:compensate|pay|offer)you(?:back|a(?:compensation|discount)of|with)?{_SUM}"
        ),
    ),
    ("refund", re.compile(rf"(?:refundyou|giveyoua?refundof){_SUM}")),
)
#: Not a promise: it is done already, it is what a campaign gives to all, or a question.
_DONE = re.compile(
    r"已经?|已为|刚刚?给|曾|之前|满\d|满减|每满|不能|无法|没办法|不可以|没有权限|是否|吗"
)
#: Nor what somebody else pays by a rule.
_BY_RULE = re.compile(
    r"[按依]照?[^。，]{0,4}规[则定]|系统(?:会|自动)|平台(?:会|将|自动|规[则定]|赔)|自动(?:赔|退|打)"
)
_DONE_NEAR, _RULE_NEAR = 4, 14
_TIMES = (
    r"(?P<when>今天|今日|今晚|当天|明天|明日|(?P<hours>\d{1,3})(?:个)?小时(?:之)?内"
    r"|(?P<days>\d{1,2})天(?:之)?内)"
)
_MONEY_HINT = re.compile(
    rf"[元块圆¥]|大洋|rmb|yuan|[您你亲退补赔返转让减少宜惠价失费]个?(?:\d|{_HAN})"
)
_DEEDS: tuple[tuple[Promised, re.Pattern[str]], ...] = (
    ("resend", re.compile(rf"{_TIMES}[^。，]{{0,8}}?(?:补发|补寄|重新发|重发)")),
    ("dispatch", re.compile(rf"{_TIMES}[^。，]{{0,8}}?(?:发货|发出|寄出|发走|安排发)")),
    ("answer", re.compile(rf"{_TIMES}[^。，]{{0,8}}?(?:给您回|回复您|联系您|回电|致电|答复)")),
)
_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_FIGURES = {
    letter: value
    for figures in ("零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
    for value, letter in enumerate(figures)
} | {"两": 2}
_TODAY, _TOMORROW = 0, 1


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """One promise, and where it stands in the plain text."""

    what: Promised
    start: int
    end: int
    amount_fen: int | None = None
    share: int | None = None
    """Of money: so many per cent of what the order costs, where no sum is named."""
    hours: int | None = None
    """Within so many hours from now, ..."""
    day: int | None = None
    """... or by the end of the day that is so many days from now: 0 is today."""


def find_promises(plain: str) -> list[Promise]:
    """Every promise of a plain text, in the order in which they are made."""
    return in_order([*_sums(plain), *_deeds(plain)])


def find_sums(plain: str) -> list[Promise]:
    """The promises of money in a plain text."""
    return in_order(_sums(plain))


def is_no_promise(plain: str, start: int, end: int) -> bool:
    """Whether what looks like a promise is done already, denied, asked, or given by a rule."""
    return (
        _DONE.search(plain, max(0, start - _DONE_NEAR), end) is not None
        or _BY_RULE.search(plain, max(0, start - _RULE_NEAR), end) is not None
        or plain.startswith("吗", end)
    )


def in_order(found: list[Promise]) -> list[Promise]:
    """In the order of the text; of those that lie over each other the first."""
    found.sort(key=lambda promise: (promise.start, -promise.end))
    kept: list[Promise] = []
    for promise in found:
        if not kept or promise.start >= kept[-1].end:
            kept.append(promise)
    return kept


def _sums(plain: str) -> list[Promise]:
    found: list[Promise] = []
    if not _MONEY_HINT.search(plain):
        return found
    for kind, pattern in _MONEY:
        for hit in pattern.finditer(plain):
            fen = _fen(hit)
            if fen and not is_no_promise(plain, *hit.span()):
                found.append(Promise(what=kind, start=hit.start(), end=hit.end(), amount_fen=fen))
    return found


def _deeds(plain: str) -> list[Promise]:
    found: list[Promise] = []
    for kind, pattern in _DEEDS:
        for hit in pattern.finditer(plain):
            if plain.startswith("吗", hit.end()) or "不" in hit[0]:
                continue
            hours = int(hit["hours"]) if hit["hours"] else None
            if hit["days"]:
                hours = int(hit["days"]) * 24
            day = None if hours else _TOMORROW if hit["when"][0] == "明" else _TODAY
            start, end = hit.span()
            found.append(Promise(what=kind, start=start, end=end, hours=hours, day=day))
    return found


def _fen(hit: re.Match[str]) -> int:
    said = hit.groupdict()
    if han := said.get("han") or said.get("bare_han"):
        return han_number(han) * 100
    yuan, _, part = (
        (said.get("mark") or said.get("number") or said["bare"]).replace("，", "").partition(".")
    )
    fen = int(yuan) * 100 + int(part.ljust(2, "0") if part else 0)
    return fen * _UNITS.get(said.get("by") or "", 1)


def han_number(letters: str) -> int:
    """三百五十 is 350, and so is 三百五; up to thousands."""
    total, figure, unit = 0, 0, 1
    for letter in letters:
        if letter in _UNITS:
            unit = _UNITS[letter]
            total += (figure or 1) * unit
            figure = 0
        else:
            figure = _FIGURES[letter]
            unit = 1 if letter == "零" else unit
    return total + figure * max(unit // 10, 1)
