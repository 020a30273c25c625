"""Whether a negation governs words, or only stands near them; pure.

"Do not share your screen" takes a sign back, "do not worry, share your screen" does not. A negation
governs its own clause, and a list of what one should not do; who reassures or urges denies nothing.
"""

import re

from gongdao.base.plain import Plain

_NEGATES = re.compile(
    r"不|勿|别|没|无法|禁止|严禁|拒绝|谨防|警惕|任何人|风险提示|dont|donot|never|don't|do not"
)
#: What follows a negation that only calms somebody, or keeps them on the line.
_CALMS = re.compile(
    r"(?:您|你|有|会|要|用|必|需|太|再|过于|任何|什么|啥|多|想|感到|觉得|的)*"
    r"(?:担心|担忧|怕|害怕|恐惧|恐慌|惊慌|慌|紧张|急|着急|焦虑|顾虑|疑虑|怀疑|多虑|犹豫|多想|想多|迟疑|介意|误会|生气"
    r"|问题|关系|风险|危险|事|影响|损失|麻烦|错过|耽误|耽搁|拖|挂|断开|关机|离开|走开|退出|告诉家|告诉任何人|告诉别人"
    r"|告诉其他人|告诉警察|报警|worry|beafraid|hesitate|hangup)"
)
#: Before a list of what nobody should do; and what is said of it that only warns.
_LISTS = re.compile(
    r"链接|透露|泄露|泄漏|转账|汇款|轻信|相信|扫码|下载|安装|要求|索要|索取|让[您你]"
)
_WARNS = re.compile(r"骗|诈|损失|风险|盗|都是|冒充")
#: Whoever says this wants it done.
_DEMANDS = re.compile(
    r"[给发转][您你]?我|我[来看帮们]|给客服|给老师|告诉客服|帮[您你]|教[您你]|请(?!勿)|麻烦|现在|马上|立即|立刻|赶紧|赶快"
    r"|先|即可|就行|就好|就可以|就能|才能"
)
_BREAKS = "，。"

Span = tuple[int, int]


def is_negation(word: str) -> bool:
    """Whether a word that takes signs back does so by denying them."""
    return _NEGATES.search(word) is not None


def governs(bare: Plain, negation: Span, words: Span, *, near: int) -> bool:
    """Whether the negation at these letters of the plain text is said of the words at those.

    One that begins more than `near` letters before them governs them only in a list.
    """
    text, (start, end) = bare.text, negation
    if _CALMS.match(text, end) or _is_question(text, start):
        return False
    first, last = words
    if start >= last:
        return not _parted(bare, last, start)
    # Of words on both sides of a break, those after it are what is asked.
    if not _parted(bare, end, first if end <= first else last):
        return first - start <= near or _LISTS.search(text, max(0, end - 2), first) is not None
    return _goes_on(bare, end, last)


def _is_question(text: str, start: int) -> bool:
    """要不要, 能不能: the letter before is the letter after."""
    return start > 0 and text[start] == "不" and text[start - 1] == text[start + 1 : start + 2]


def _parted(bare: Plain, start: int, end: int) -> bool:
    """Whether a comma stands between; what parts a list (、) does not part it from a negation."""
    return any(
        bare.text[index] == "，" and bare.written[bare.at[index]] != "、"
        for index in range(start, end)
    )


def _goes_on(bare: Plain, start: int, last: int) -> bool:
    """Whether a clause after the negation's still belongs to it: a warning, or more of a list."""
    text = bare.text
    begin = text.rindex("，", start, last) + 1
    end = min((at for each in _BREAKS if (at := text.find(each, last)) >= 0), default=len(text))
    if _DEMANDS.search(text, begin, end):
        return False
    return bool(_WARNS.search(text, begin, end) or _LISTS.search(text, max(0, start - 4), begin))
