"""What is new in a mail, apart from what it quotes and from its signature."""

import re
from typing import NamedTuple

_QUOTED = re.compile(r"\s{0,3}[>＞]")
#: A line that says that a quotation follows, in the words of the usual programs.
_SAYS_WHO = re.compile(
    r"""\s*(?:
        On\b.{6,200}\bwrote\s*:
      | (?:在|于)?.{0,120}\d.{0,120}(?:写道|寫道|写到)\s*[：:]
      | .{1,120}<[^<>\s]{3,254}>\s*(?:写道|寫道|wrote)?\s*[：:]
      | -{2,}\s*(?:Original\ Message|Forwarded\ message|原始邮件|原始郵件|原邮件|回复的原邮件
          |转发的邮件|轉寄郵件|回复邮件|Replied\ Message)\s*-{2,}.*
      | Begin\ forwarded\ message:
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
#: The block of a header that some programs put before what they quote, without any mark.
_HEADER_LINE = re.compile(
    r"\s*[*_]{0,2}(From|Sent|Date|To|Cc|Subject|发件人|发送时间|发送日期|日期|收件人|抄送|主题"
    r"|寄件者|寄件日期|收件者|主旨)[*_]{0,2}\s*[：:]",
    re.IGNORECASE,
)
_HEADER_LINES_LEAST = 3
_RULE = re.compile(r"\s*(_{10,}|-{10,}|={10,})\s*")
_SIGNATURE = re.compile(r"-- ?")
_SENT_FROM = re.compile(
    r"\s*(?:Sent from my \w.{0,40}|Get Outlook for \w{2,10}.{0,80}|发自我的\s?.{1,30}"
    r"|从我的.{1,30}发送|来自.{1,20}(?:邮箱|手机).{0,20}|發自我的\s?.{1,30}|由.{1,20}发送)\s*"
)
_SIGNATURE_LINES_MAX = 15
#: Longer lines are words, never the sign of a quotation.
_SIGN_MAX = 400


class Parts(NamedTuple):
    """What is new, and how many lines of quotation and signature were taken off."""

    new: str
    folded: int


def split_quote(text: str) -> Parts:
    """The new part. Where nothing else would be left (answers between the lines), everything."""
    lines = text.split("\n")
    end = _where_quote_begins(lines)
    end = _where_signature_begins(lines[:end])
    new = "\n".join(lines[:end]).strip()
    if not new:
        return Parts(text.strip(), 0)
    folded = sum(1 for line in lines[end:] if line.strip())
    return Parts(new, folded)


def _where_quote_begins(lines: list[str]) -> int:
    """The line from which on everything is quoted; their number when nothing is."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _is_quoted(lines[end - 1])):
        end -= 1
    if all(not line.strip() for line in lines[end:]):
        end = len(lines)
    for at, line in enumerate(lines[:end]):
        if _begins_quote(lines, at, line):
            # Answers between the lines stand below such a line, among quoted ones.
            return at if not _has_answers(lines[at + 1 :]) else end
    return _before_who(lines, end)


def _begins_quote(lines: list[str], at: int, line: str) -> bool:
    if not line.strip() or len(line) > _SIGN_MAX:
        return False
    if _SAYS_WHO.fullmatch(line):
        return True
    # "On … wrote:" is often broken into two lines.
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if len(following) <= _SIGN_MAX and re.match(r"\s*On\b", line):
        joined = f"{line.rstrip()} {following.strip()}"
        if re.fullmatch(r"\s*On\b.{6,300}\bwrote\s*:\s*", joined, re.IGNORECASE):
            return True
    start = at + 1 if _RULE.fullmatch(line) else at
    block = lines[start : start + _HEADER_LINES_LEAST]
    return len(block) == _HEADER_LINES_LEAST and all(_HEADER_LINE.match(each) for each in block)


def _has_answers(below: list[str]) -> bool:
    """Whether quoted and new lines take turns."""
    kinds = [_is_quoted(line) for line in below if line.strip()]
    if True not in kinds:
        return False
    return False in kinds[kinds.index(True) :]


def _before_who(lines: list[str], end: int) -> int:
    """Take the line that says who wrote the quotation along with it."""
    if end == len(lines):
        return end
    at = end - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    if at >= 0 and len(lines[at]) <= _SIGN_MAX and _SAYS_WHO.fullmatch(lines[at]):
        return at
    return end


def _where_signature_begins(lines: list[str]) -> int:
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - _SIGNATURE_LINES_MAX), -1):
        if _SIGNATURE.fullmatch(lines[at]):
            return at
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and len(lines[end - 1]) <= _SIGN_MAX and _SENT_FROM.fullmatch(lines[end - 1]):
        return end - 1
    return len(lines)


def _is_quoted(line: str) -> bool:
    return bool(_QUOTED.match(line))
