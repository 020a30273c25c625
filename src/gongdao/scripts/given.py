"""What a text gives away altogether: sums of money, and parts of what an order costs. Pure.

All of it, half of it, three tenths, 30 %, eighty per cent of the price: without a number it is a
promise all the same, and worth what the order says. Several promises add up, unless one is offered
instead of the other or only says it again.
"""

import re
from collections.abc import Iterator, Sequence

from gongdao.base.plain import plain
from gongdao.scripts.promises import (
    Promise,
    Promised,
    find_sums,
    han_number,
    in_order,
    is_no_promise,
)

_YOU = r"(?:您|你|亲)"
_TO_YOU = rf"(?:给|帮|为|替){_YOU}"
_BACK = r"(?:退款|退还|返还|退|返|赔偿|赔付|赔|补偿|补贴|补)"
_MONEY = r"(?:货款|款项|款|钱|价钱|价格|金额)"
#: Somebody gives it: the buyer is named before or after the verb.
_BACK_TO_YOU = rf"(?:{_TO_YOU}[^。，]{{0,4}}?{_BACK}|{_BACK}(?:给)?{_YOU}|我们?(?:就|直接)?{_BACK})"
_FIGURE = "一二三四五六七八九"
_RATE = rf"(?P<rate>对|[{_FIGURE}](?:点?[{_FIGURE}])?|[1-9]\d|[1-9](?:\.\d)?)折"

#: What it is, how many per cent of the order it is worth (none: it says so), and how it is said.
_SHARES: tuple[tuple[Promised, int | None, str], ...] = (
    (
        "refund",
        100,
        rf"(?:{_TO_YOU}|我们?|咱们|这边|直接|可以)[^。，]{{0,6}}?(?:全额|全款|全部|整单)(?:都)?退",
    ),
    ("refund", 100, rf"退(?:给)?{_YOU}(?:全额|全款|全部|所有)"),
    ("refund", 100, rf"(?:全额|全款|全部|全都?)退(?:款|钱)?(?:还)?给?{_YOU}"),
    ("refund", 100, rf"{_MONEY}(?:我们?|这边)?(?:全部?|都)退(?:给{_YOU}|了|掉)?(?=$|[。，])"),
    ("refund", 100, rf"(?:整单|全部)的?{_MONEY}(?:都)?退给?{_YOU}"),
    (
        "refund",
        100,
        rf"{_TO_YOU}[^。，]{{0,4}}?免(?:了)?(?:这|整)?单|这(?:一)?单[^。，]{{0,6}}?免单",
    ),
    ("discount", 100, rf"{_YOU}(?:就)?不(?:用|必|需要?)(?:再)?付(?:钱|款)了"),
    (
        "discount",
        100,
        rf"(?:这单|这件|东西|货)[^。，]{{0,4}}?(?:不收{_YOU}?的?钱|送{_YOU}(?:了|吧))",
    ),
    ("discount", 100, rf"(?:算|当)(?:是)?(?:我们?|店里|本店)(?:白)?送{_YOU}?的"),
    (
        "refund",
        50,
        rf"{_BACK_TO_YOU}(?:一半|半价)|{_BACK}(?:一半|半价)的?(?:{_MONEY}|给{_YOU})"
        rf"|一半的?{_MONEY}?[^。，]{{0,2}}?{_BACK}给{_YOU}",
    ),
    ("compensation", None, rf"赔(?:偿|付)?(?:给)?{_YOU}(?P<times>双|[{_FIGURE}两十1-9]|10)倍"),
    ("discount", 50, rf"{_TO_YOU}(?:便宜|优惠|减|让|少收?)(?:一半|半价)"),
    ("discount", 50, rf"{_TO_YOU}[^。，]{{0,4}}?(?:算|按)?半价|半价(?:给|卖给|卖){_YOU}"),
    (
        "refund",
        None,
        rf"(?:{_BACK_TO_YOU}|(?:减|让|少收|便宜){_YOU}|{_TO_YOU}(?:减|让|少收|便宜|优惠))"
        rf"(?:(?:{_MONEY}|订单)的?)?(?:(?P<tenths>[{_FIGURE}1-9])成"
        rf"|(?P<percent>100|[1-9]\d?)%|百分之(?P<han>百|[{_FIGURE}十]{{1,3}}))",
    ),
    ("discount", None, rf"{_TO_YOU}[^。，]{{0,4}}?{_RATE}"),
    ("discount", None, rf"(?:按|打)个?{_RATE}(?:的?价格?)?(?:算|卖)?给?{_YOU}"),
)
_PATTERNS: tuple[tuple[Promised, int | None, re.Pattern[str]], ...] = tuple(
    (what, share, re.compile(pattern)) for what, share, pattern in _SHARES
)
#: Without one of these no part of an order is promised.
_HINT = re.compile(r"[全整免半成折倍%]|百分之|不[用必需收]|送[您你的]")
#: Money that is owed when goods come back or never left is no gift, ...
_OWED = re.compile(
    r"退货|寄回|退回来|收到货|收到退|[没未]发货|[没未]发出|缺货|取消订单|拒收|拒签|前提|的话"
)
#: ... unless the goods are kept.
_KEPT = re.compile(r"(?:不用|不必|无需|不需要|免)(?:再)?(?:退货|寄回|退回)")
#: One promise instead of another, or the same one in other words; and what all of it comes to.
_SAME = re.compile(r"或|还是|要么|二选一|也就是|就是|相当于|等于|即|(?<![a-z])or(?![a-z])")
_ALTOGETHER = re.compile(r"一共|总共|合计|共计|加起来|总计")
_ALTOGETHER_NEAR = 6


def names_a_share(text: str) -> bool:
    """Whether a text, as it is written, promises a part of what an order costs."""
    return any(one.share is not None for one in find_given(plain(text).text))


def find_given(bare: str) -> list[Promise]:
    """The promises of money in a plain text, with those that name a part of the order."""
    shares = _shares(bare) if _HINT.search(bare) else ()
    return in_order([*find_sums(bare), *shares])


def worth_fen(promise: Promise, order_fen: int | None) -> int | None:
    """What a promise costs; None: a part of an order that nobody knows."""
    if promise.share is None:
        return promise.amount_fen or 0
    return None if order_fen is None else order_fen * promise.share // 100


def total_fen(bare: str, given: Sequence[Promise], order_fen: int | None) -> int:
    """What the promises of a text come to, those that can be measured."""
    total = last = end = 0
    for promise in given:
        fen = worth_fen(promise, order_fen) or 0
        between = bare[end : promise.start]
        if _ALTOGETHER.search(bare[max(end, promise.start - _ALTOGETHER_NEAR) : promise.end]):
            total = last = max(total, fen)
        elif end and _SAME.search(between):
            total, last = total - last + max(last, fen), max(last, fen)
        else:
            total, last = total + fen, fen
        end = promise.end
    return total


def _shares(bare: str) -> Iterator[Promise]:
    for what, share, pattern in _PATTERNS:
        for hit in pattern.finditer(bare):
            start, end = hit.span()
            if is_no_promise(bare, start, end) or _is_owed(bare, start, end):
                continue
            percent = share if share is not None else _percent(hit.groupdict())
            if percent:
                yield Promise(what=what, start=start, end=end, share=percent)


def _is_owed(bare: str, start: int, end: int) -> bool:
    first = bare.rfind("。", 0, start) + 1
    last = bare.find("。", end)
    sentence = bare[first : last if last >= 0 else len(bare)]
    return _OWED.search(sentence) is not None and _KEPT.search(sentence) is None


def _percent(said: dict[str, str | None]) -> int:
    if tenths := said.get("tenths"):
        return 10 * (int(tenths) if tenths.isdecimal() else han_number(tenths))
    if times := said.get("times"):
        return 100 * (
            2 if times == "双" else int(times) if times.isdecimal() else han_number(times)
        )
    if percent := said.get("percent"):
        return int(percent)
    if han := said.get("han"):
        return han_number(han)
    return 100 - _price_percent(said["rate"] or "")


def _price_percent(rate: str) -> int:
    """八折 is 80 per cent of the price, and so are 8 and 80; 八五 is 85, 对折 is half."""
    if rate == "对":
        return 50
    figures = (
        rate
        if rate[0].isdecimal()
        else "".join(str(han_number(one)) for one in rate if one != "点")
    )
    whole, _, part = figures.partition(".")
    return int(whole) * (10 if len(whole) == 1 else 1) + int(part or 0)
