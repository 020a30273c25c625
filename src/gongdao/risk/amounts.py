"""Sums of money in a plain text, in digits or in words, as fen; and "thirty at 99.99". Pure."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

#: A text that is nothing but numbers names no more of them than these.
_AMOUNTS_MAX = 50
#: No order comes to more yuan than these; longer digits are numbers of something else.
_YUAN_MAX = 10_000_000
_DIGIT = {
    **{sign: index for index, sign in enumerate("零一二三四五六七八九")},
    **{sign: index for index, sign in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2, "俩": 2, "幺": 1,
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_MYRIAD = {"万": 10_000, "萬": 10_000, "w": 10_000, "k": 1_000}
_SIGNS = "".join((*_DIGIT, *_TENS, "万萬"))
_NUMBER = (
    rf"(?:\d{{1,3}}(?:[，,]\d{{3}})+(?:\.\d+)?|\d{{1,9}}(?:\.\d{{1,4}})?(?:[万萬千百]|[wk](?![a-z]))?"
    rf"|[{_SIGNS}]{{1,16}}(?:[点點][{''.join(_DIGIT)}]{{1,2}})?)"
)
_ANY = re.compile(
    rf"(?<![\d.a-z])(?P<sign>¥)?(?P<number>{_NUMBER})(?P<unit>元|块钱|块|圆|rmb|yuan|大洋)?"
    rf"(?P<more>[{''.join(_DIGIT)}\d](?:毛|角)(?P<least>[{''.join(_DIGIT)}\d](?:分)?(?![\d件个]))?)?"
)
_TIMES = re.compile(
    rf"(?P<n>\d{{1,4}}|[{_SIGNS}]{{1,5}})(?:件|个|套|条|台|份|单|笔|双|张|只|x|×|\*|乘以?|pieces|units)"
)
#: So far apart stand "30件" and "99.99".
_APART = 14


class Amount(NamedTuple):
    """A sum, and where it stands in the plain text."""

    fen: int
    start: int
    end: int
    sure: bool
    """It says itself that it is money; otherwise it is a number that may be."""


class Many(NamedTuple):
    """So many at one price."""

    times: int
    each: Amount


def amounts_in(text: str) -> list[Amount]:
    """The numbers of a plain text that may be sums of money."""
    return list(islice(_amounts(text), _AMOUNTS_MAX))


def many_in(text: str) -> list[Many]:
    """So many things at one price, however it is put: 30件99.99, 99.99元的拍30件."""
    priced = [one for one in amounts_in(text) if one.sure]
    if not priced:
        return []
    found: list[Many] = []
    for hit in islice(_TIMES.finditer(text), _AMOUNTS_MAX):
        times = _number(hit["n"])
        if times is None or times < 2 or times != int(times):
            continue
        near = [one for one in priced if _gap(one, hit.start(), hit.end()) <= _APART]
        found += (
            [Many(int(times), min(near, key=lambda one: _gap(one, *hit.span())))] if near else []
        )
    return found


def _amounts(text: str) -> Iterator[Amount]:
    for hit in _ANY.finditer(text):
        yuan = _number(hit["number"])
        if yuan is None or not 0 < yuan <= _YUAN_MAX:
            continue
        fen = round(yuan * 100) + 10 * _figure(hit["more"]) + _figure(hit["least"])
        sure = bool(hit["sign"] or hit["unit"]) or "." in hit["number"]
        yield Amount(int(fen), hit.start(), hit.end(), sure)


def _figure(said: str | None) -> int:
    """9毛 is nine, and so is 九分."""
    return 0 if not said else _DIGIT[said[0]] if said[0] in _DIGIT else int(said[0])


def _gap(one: Amount, start: int, end: int) -> int:
    """How many letters lie between; endless where they lie on each other."""
    if one.end <= start:
        return start - one.end
    return one.start - end if end <= one.start else 1_000


def _number(said: str) -> float | None:
    """2千, 1.2万, 2，999.70, 三千, 两千九百九十九点七, 三千五."""
    if said[0].isdecimal():
        last = _TENS.get(said[-1]) or _MYRIAD.get(said[-1])
        digits = said[:-1] if last else said
        return float(digits.replace("，", "").replace(",", "")) * (last or 1)
    whole, _, part = said.replace("點", "点").partition("点")
    yuan = _in_words(whole)
    if yuan is None or not part:
        return yuan
    return yuan + int("".join(str(_DIGIT[sign]) for sign in part)) / 10 ** len(part)


def _in_words(said: str) -> float | None:
    if not any(sign in _TENS or sign in _MYRIAD for sign in said):
        # One after the other they are read out: 二九九九. One alone is seldom a sum.
        return float("".join(str(_DIGIT[sign]) for sign in said)) if len(said) > 1 else None
    total, section, digit, last = 0, 0, 0, 1
    for sign in said:
        if sign in _DIGIT:
            digit = _DIGIT[sign]
            last = 10 if digit == 0 else last
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            digit, last = 0, _TENS[sign]
        else:
            total = (total + section + digit) * _MYRIAD[sign]
            section, digit, last = 0, 0, _MYRIAD[sign]
    # 三千五 is 3500: a digit left over counts a tenth of what was said last.
    return float(total + section + digit * (last // 10 or 1))
