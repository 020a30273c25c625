"""What a text promises: sums of money, a dispatch, an answer; with the sum or the time it names."""

import re
from typing import Literal

import msgspec

Promised = Literal["compensation", "refund", "discount", "dispatch", "resend", "answer"]

_NUMBER = r"(?:\d{1,3}(?:，\d{3})+|\d{1,7})(?:\.\d{1,2})?"
_HAN = r"[一二两三四五六七八九十百千零壹贰叁肆伍陆柒捌玖拾佰仟]{1,8}"
_SUM = (
    rf"(?:¥(?P<mark>{_NUMBER})|(?P<number>{_NUMBER})(?:元|块|圆|rmb|yuan)"
    rf"|(?P<han>{_HAN})(?:元|块钱|块))"
)
#: Somebody of the shop speaks of what will be done for the buyer.
_WILL = (
    r"(?:给|帮|为|替|可以|会|再|直接|马上|这边|咱们|我们|我|愿意|申请)(?:您|你|亲)?[^。，]{0,6}?"
)
_GIVEN = r"(?:给|发|补|送)(?:您|你|亲)"
_YOU = r"(?:给)?(?:您|你|亲)"
#: A number alone is a sum where nothing is counted by it: 赔你300, but not 补您2件.
_BARE = rf"(?P<bare>{_NUMBER})(?=$|[。，吧哦啦呢好行可])"


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
    ("compensation", re.compile(rf"(?:赔偿?|补偿?|返|转){_YOU}{_BARE}")),
    ("refund", re.compile(rf"退款?{_YOU}{_BARE}")),
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
_TIMES = (
    r"(?P<when>今天|今日|今晚|当天|明天|明日|(?P<hours>\d{1,3})(?:个)?小时(?:之)?内"
    r"|(?P<days>\d{1,2})天(?:之)?内)"
)
_MONEY_HINT = re.compile(r"[元块圆¥]|rmb|yuan|[您你亲]\d")
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
    hours: int | None = None
    """Within so many hours from now, ..."""
    day: int | None = None
    """... or by the end of the day that is so many days from now: 0 is today."""


def find_promises(plain: str) -> list[Promise]:
    """Every promise of a plain text, in the order in which they are made."""
    return _in_order([*_sums(plain), *_deeds(plain)])


def find_sums(plain: str) -> list[Promise]:
    """The promises of money in a plain text."""
    return _in_order(_sums(plain))


def _in_order(found: list[Promise]) -> list[Promise]:
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
            before = plain[max(0, hit.start() - 4) : hit.end()]
            fen = _fen(hit)
            if fen and not _DONE.search(before) and not plain.startswith("吗", hit.end()):
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
    if said.get("han"):
        return han_number(said["han"]) * 100
    yuan, _, part = (
        (said.get("mark") or said.get("number") or said["bare"]).replace("，", "").partition(".")
    )
    return int(yuan) * 100 + int(part.ljust(2, "0") if part else 0)


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
