"""Signs in what somebody says: words, sums of money, links, what the small model sees. Pure.

A sign is told of a message with its evidence; it decides nothing. Words are those of words/, sums
are compared with the pack's numbers, the model only speaks where it is far from doubt.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from gongdao.base.contacts import find_contacts
from gongdao.base.plain import Plain, plain
from gongdao.policy.guard import GuardBook, GuardRule
from gongdao.risk.amounts import Amount, Many, amounts_in, many_in
from gongdao.risk.finding import EVIDENCE_MAX, SHOWN_MAX, By, Evidence, Sign
from gongdao.risk.looking import amount, count
from gongdao.risk.negation import governs
from gongdao.risk.small_model import small_model
from gongdao.risk.words import Side, word_book

#: So much of a text is looked at, and so many lines before it.
LOOKED_AT, EARLIER_MAX = 100_000, 30
#: A word is split over so many messages at most, each so short, all within so long.
_PIECES, _PIECE_MAX, _PIECES_WITHIN = 4, 20, timedelta(minutes=2)
#: Shorter texts say too little for the model.
_MODEL_LEAST = 8
#: A question or a sentence that is over is the beginning of no word.
_ENDED = re.compile(r"(?:吗|嘛|么(?<!什么)|呢)[？?~～。！!\s]*$")
#: Which head of the model speaks for which sign, and whose words it is asked about.
_HEADS: Final[dict[str, tuple[str, Side | None]]] = {
    "abuse": ("abuse", None),
    "scam-talk": ("fraud", "shop"),
}
#: Counts only beside another sign: by itself it is said all day.
_BESIDE = frozenset({"near-limit", "same-lines"})
_LIMIT_WORD = re.compile(r"额度|限额|花呗|白条|借呗|金条|微粒贷|信用|limit|credit")
#: So far from the word a sum is the limit that it names.
_LIMIT_NEAR = 10
_LINK = re.compile(r"(?:https?://|www\.)([a-z0-9.-]{3,80})", re.IGNORECASE)
_PAYING = re.compile(
    r"付款|支付|付钱|补差价|补运费|转账|下单|拍下|登录|登陆|密码|银行|退款|领取|pay|login|refund"
)
#: Before a way out: whoever says not to take it does not offer it.
_NOT = re.compile(
    r"不要|请勿|切勿|勿|(?<![特区级分个类差识])别(?!人|的)|谨防|当心|冒充|假冒|自称|从来?不会|绝不会|不能|无法|不可以|没有|不支持"
)
_NOT_NEAR = 10
#: Places where people trade and pay anyhow.
_KNOWN_HOSTS = (
    "taobao.com", "tmall.com", "tmall.hk", "tb.cn", "1688.com", "alipay.com", "jd.com", "jd.hk",
    "3.cn", "pinduoduo.com", "yangkeduo.com", "douyin.com", "jinritemai.com", "weixin.qq.com",
    "unionpay.com", "12306.cn", "gov.cn",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said before."""

    side: Side
    text: str
    at: datetime


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, by which side, after what, and what the orders of these two come to."""

    side: Side
    text: str
    at: datetime | None = None
    """When it was said; None: it is not read together with what was said just before."""
    earlier: Sequence[Line] = ()
    order_fen: tuple[int, ...] = ()
    own_hosts: tuple[str, ...] = ()
    """Where this place itself is found: its own links lead nowhere else."""
    own_contacts: tuple[str, ...] = ()
    """The numbers that the shop has registered: they lead to nobody else."""


def message_signs(facts: MessageFacts, book: GuardBook) -> list[Sign]:
    """The signs in what was said."""
    rules = book.active("message")
    if not rules:
        return []
    bare = plain(facts.text[:LOOKED_AT])
    by_words = _by_words(bare, facts.side)
    for code, shown in _in_pieces(facts, bare).items():
        by_words.setdefault(code, shown)
    if link := _foreign_link(facts, bare):
        by_words.setdefault("other-payment", []).append(link)
    if facts.side == "shop" and "other-channel" in rules:
        _add_contacts(bare, facts, by_words)
    found = [_sign(code, "words", shown) for code, shown in by_words.items()]
    found += [_sign(code, "facts", shown) for code, shown in _by_sums(bare, facts, rules)]
    found += [
        _sign(code, "model", shown)
        for code, shown in _by_model(bare, facts.side)
        if code not in by_words
    ]
    return _standing([one for one in found if one.code in rules], facts.earlier)


def _sign(code: str, by: By, shown: Sequence[Evidence]) -> Sign:
    return Sign(code=code, by=by, evidence=tuple(shown[:EVIDENCE_MAX]))


def _standing(found: list[Sign], earlier: Sequence[Line]) -> list[Sign]:
    """Without those that count only beside another one, where there is none."""
    alone = word_book().alone
    if any(alone.get(one.code, True) and one.code not in _BESIDE for one in found):
        return found
    return found if found and _said_before(earlier) else []


def _said_before(earlier: Sequence[Line]) -> bool:
    """Whether a line before showed a sign of its own."""
    book = word_book()
    return any(
        book.alone[found.code] and found.by in (None, line.side)
        for line in earlier[-EARLIER_MAX:]
        for found in book.find(plain(line.text[:LOOKED_AT]))
    )


def _by_words(bare: Plain, side: Side) -> dict[str, list[Evidence]]:
    shown: dict[str, list[Evidence]] = {}
    ends: dict[str, int] = {}
    for found in word_book().find(bare):
        if found.by in (None, side) and found.end > ends.get(found.code, 0):
            shown.setdefault(found.code, []).append(_words(bare, found.start, found.end))
            ends[found.code] = found.end
    return shown


def may_end_a_word(text: str) -> bool:
    """Whether a message is so short that it may be the rest of a word begun before it."""
    return 0 < len(plain(text[:LOOKED_AT]).text) <= _PIECE_MAX


def _in_pieces(facts: MessageFacts, bare: Plain) -> dict[str, list[Evidence]]:
    """What begins in this side's last short messages and ends in this one."""
    shown: dict[str, list[Evidence]] = {}
    before = "".join(_pieces(facts)) if 0 < len(bare.text) <= _PIECE_MAX else ""
    if not before:
        return shown
    whole = plain(before + facts.text)
    for found in word_book().find(whole):
        if found.by in (None, facts.side) and found.start < len(before) < found.end:
            said = whole.written[found.start : found.end][:SHOWN_MAX]
            # It stands in no one message: a sentence can quote it, a page cannot underline it.
            shown.setdefault(found.code, []).append(Evidence(shows="words", said=said))
    return shown


def _pieces(facts: MessageFacts) -> list[str]:
    pieces: list[str] = []
    for line in reversed(facts.earlier[-EARLIER_MAX:]):
        if facts.at is None or facts.at - line.at > _PIECES_WITHIN or len(pieces) == _PIECES:
            break
        if line.side != facts.side:
            continue
        if not may_end_a_word(line.text) or _ENDED.search(line.text):
            break
        pieces.append(line.text)
    return pieces[::-1]


def _add_contacts(bare: Plain, facts: MessageFacts, shown: dict[str, list[Evidence]]) -> None:
    """Numbers and names in other messengers that the shop gives, beside what the words show."""
    known = shown.get("other-channel", [])
    spans = [(one.start or 0, one.end or 0) for one in known]
    for first, last in find_contacts(bare):
        if len(shown.get("other-channel", ())) >= EVIDENCE_MAX:
            # More is not kept, and whoever writes a thousand is not compared a million times.
            return
        start, end = bare.span(first, last)
        digits = "".join(filter(str.isdecimal, bare.text[first:last]))
        if any(start < to and at < end for at, to in spans) or _is_denied(bare, first, last):
            continue
        if not any(own and own in digits for own in facts.own_contacts):
            shown.setdefault("other-channel", []).append(_words(bare, start, end))
            spans.append((start, end))


def _is_denied(bare: Plain, first: int, last: int) -> bool:
    begin = max(bare.text.rfind("。", 0, first) + 1, first - _NOT_NEAR)
    denying = _NOT.finditer(bare.text, begin, first)
    return any(governs(bare, hit.span(), (first, last), near=_NOT_NEAR) for hit in denying)


def _words(bare: Plain, start: int, end: int) -> Evidence:
    said = bare.written[start:end][:SHOWN_MAX]
    return Evidence(shows="words", said=said, start=start, end=end)


def _by_model(bare: Plain, side: Side) -> Iterator[tuple[str, list[Evidence]]]:
    if len(bare.text) < _MODEL_LEAST:
        return
    model = small_model()
    windows = model.windows(bare.text)
    for code, (name, whose) in _HEADS.items():
        if whose not in (None, side):
            continue
        least = model.heads[name].least
        shown = [
            each
            for window in windows
            if window.score[name] >= least
            for each in (
                _words(bare, *bare.span(window.start, window.end)),
                Evidence(shows="score", said=f"{window.score[name]:.2f}", label="score"),
            )
        ]
        if shown:
            yield code, shown


def _by_sums(
    bare: Plain, facts: MessageFacts, rules: Mapping[str, GuardRule]
) -> Iterator[tuple[str, list[Evidence]]]:
    """Thirty at 99.99 (S0-32), and sums just under a limit that was named."""
    if not any(map(str.isdecimal, bare.text)) and not re.search("[百千万佰仟]", bare.text):
        return
    limits, sums = _limits_and_sums(bare.text)
    many = [_within(one, limits) for one in many_in(bare.text)]
    lines = rules.get("same-lines")
    if lines:
        for one in many:
            total = one.times * one.each.fen
            if one.times >= lines.limits["units"] and total >= lines.limits["least_fen"]:
                shown = [count("times", one.times), amount("price", one.each.fen)]
                yield "same-lines", [*shown, amount("total", total), _span_of(bare, one.each)]
                break
    near = rules.get("near-limit")
    if near:
        sums |= {one.times * one.each.fen for one in many}
        if pair := _under_limit(limits, sums, facts, near.limits):
            yield "near-limit", [amount("total", pair[0]), amount("limit", pair[1])]


def _within(one: Many, limits: Collection[int]) -> Many:
    """What fits a limit only as the sum is the sum: 额度3000正好拍30件，2999.7元."""
    total = one.each.fen
    limit = max(limits, default=0)
    if total <= limit < one.times * total and total % one.times == 0:
        return one._replace(each=one.each._replace(fen=total // one.times))
    return one


def _under_limit(
    limits: set[int], sums: set[int], facts: MessageFacts, numbers: Mapping[str, int]
) -> tuple[int, int] | None:
    """A sum of this message or of an order under a limit; one of the two is said right now."""
    before_limits: set[int] = set()
    before_sums = set(facts.order_fen) | {sum(facts.order_fen)}
    for line in facts.earlier[-EARLIER_MAX:]:
        each_limits, each_sums = _limits_and_sums(plain(line.text[:LOOKED_AT]).text)
        before_limits |= each_limits
        before_sums |= each_sums
    pairs = [(fen, limit) for limit in limits for fen in sums | before_sums]
    pairs += [(fen, limit) for limit in before_limits for fen in sums]
    fitting = [
        (fen, limit)
        for fen, limit in pairs
        if limit >= numbers["least_fen"] and limit * numbers["percent"] <= fen * 100 < limit * 100
    ]
    return max(fitting, default=None)


def limits_named(texts: Iterable[str]) -> tuple[int, ...]:
    """The limits of credit that texts name, each once."""
    bare = (plain(text[:LOOKED_AT]).text for text in texts)
    return tuple(sorted({fen for text in bare for fen in _limits_and_sums(text)[0]}))


def _limits_and_sums(text: str) -> tuple[set[int], set[int]]:
    named = [hit.span() for hit in _LIMIT_WORD.finditer(text)]
    limits: set[int] = set()
    sums: set[int] = set()
    for one in amounts_in(text):
        is_limit = any(
            0 <= one.start - end <= _LIMIT_NEAR or 0 <= start - one.end <= _LIMIT_NEAR
            for start, end in named
        )
        if is_limit:
            limits.add(one.fen)
        if one.sure or one.fen >= 10_000:
            sums.add(one.fen)
    return limits, sums


def _span_of(bare: Plain, one: Amount) -> Evidence:
    return _words(bare, *bare.span(one.start, one.end))


def _foreign_link(facts: MessageFacts, bare: Plain) -> Evidence | None:
    """A link of the shop's that leads to a strange place to pay or to sign in at."""
    if facts.side != "shop" or "." not in facts.text or not _PAYING.search(bare.text):
        return None
    for hit in _LINK.finditer(facts.text, 0, LOOKED_AT):
        host = "." + hit[1].lower().rstrip(".-")
        if not host.endswith(tuple(f".{known}" for known in (*_KNOWN_HOSTS, *facts.own_hosts))):
            return Evidence(
                shows="words", said=hit[0][:SHOWN_MAX], start=hit.start(), end=hit.end()
            )
    return None
