"""Contact details in a text that is shown to the other side: each becomes a mask.

Wide letters and digits of a Chinese keyboard are read as the usual ones; names of programs and
telephones also as somebody writes them who does not want to be read (base/contacts.py).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from gongdao.base.contacts import find_handles, find_numbers
from gongdao.base.plain import Plain, plain

_CONTACT = re.compile(
    # An address for mail, looked for where a word begins: from every letter a long one costs hours.
    r"""(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    |(?<![\da-z])(?:\+?86[ -]?)?1[3-9]\d[ .·-]?\d{4}[ .·-]?\d{4}(?!\d)  # a mobile telephone
    |(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)           # a telephone with its area
    |(?<!\d)\d{17}[\dx](?!\d)                   # an identity card
    |(?<!\d)\d{16,19}(?!\d)                     # a bank card
    |(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)  # and one as it is printed on it
    """,
    re.X,
)
_MASK = "［＊＊＊］"


def masked_text(text: str) -> str:
    """The text without the contact details in it; the same where there are none."""
    shown, last = list[str](), 0
    for start, end in _joined(_places(text)):
        shown += [text[last:start], _MASK]
        last = end
    return "".join([*shown, text[last:]])


def _places(text: str) -> Iterator[tuple[int, int]]:
    usual = "".join(map(_usual, text))
    yield from (hit.span() for hit in _CONTACT.finditer(usual))
    # With its blanks, so that what stands before a name is no part of it, and without.
    for bare in (Plain(text, usual, tuple(range(len(text)))), plain(text)):
        for start, end in find_handles(bare):
            yield bare.span(start, end)
    for start, end in find_numbers(bare):
        yield bare.span(start, end)


def _joined(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places that touch or overlap as one, in the order of the text."""
    first, last = -1, -1
    for start, end in sorted(places):
        if start > last:
            if last > 0:
                yield first, last
            first, last = start, end
        last = max(last, end)
    if last > 0:
        yield first, last


def _usual(letter: str) -> str:
    """A letter or digit in its usual width and small; what would become several stays itself."""
    if letter.isascii():
        return letter.lower()
    folded = unicodedata.normalize("NFKC", letter).lower()
    return folded if len(folded) == 1 else letter
