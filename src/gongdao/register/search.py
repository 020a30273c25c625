"""What an entry is found by: the words of its texts, pairs of characters where there are no spaces.

Chinese is searched by pairs of neighbouring characters, so that no dictionary decides what a word
is; a number is found whole and by its last four digits, as people remember it.
"""

import re
import unicodedata

from gongdao.register.entry import Entry

#: An entry is found by so many words; what a very long story says after that is not searched.
WORDS_MAX = 3000
_QUERY_WORDS_MAX = 24
_PIECES = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
#: A telephone number as people group it: one number, whatever stands between the digits.
_GROUPED = re.compile(r"(?<=\d)[ \-.()](?=\d)")


def words_of(entry: Entry) -> list[str]:
    """The words that this entry is found by, each once, in their order."""
    found: dict[str, None] = {}
    for text in _texts(entry):
        for word in _index_words(text):
            if len(found) >= WORDS_MAX:
                return list(found)
            found[word] = None
    return list(found)


def words_of_query(text: str) -> list[str]:
    """The words that all have to be there; nothing where there is nothing to look for."""
    found: dict[str, None] = {}
    for piece in _PIECES.findall(_plain(text)):
        for word in _pairs(piece) if _is_han(piece) else [piece]:
            found[word] = None
    return list(found)[:_QUERY_WORDS_MAX]


def _index_words(text: str) -> list[str]:
    words: list[str] = []
    for piece in _PIECES.findall(_plain(text)):
        if _is_han(piece):
            words += [*_pairs(piece), *piece]
        else:
            words.append(piece)
            if piece.isdigit() and len(piece) > 4:
                words.append(piece[-4:])
    return words


def _pairs(piece: str) -> list[str]:
    if len(piece) == 1:
        return [piece]
    return [piece[n : n + 2] for n in range(len(piece) - 1)]


def _plain(text: str) -> str:
    return _GROUPED.sub("", unicodedata.normalize("NFKC", text).lower())


def _is_han(piece: str) -> bool:
    return not piece[0].isascii()


def _texts(entry: Entry) -> list[str]:
    """What is remembered best comes first."""
    intake, contact = entry.intake, entry.contact
    customer = intake.customer
    texts = [customer.name, customer.company, customer.phone, customer.email, intake.order_number]
    texts += [lesson.text for lesson in entry.lessons]
    if contact:
        texts += [contact.product, contact.spec, contact.batch, contact.symptoms]
    return [*texts, intake.story, intake.wanted, customer.address]
