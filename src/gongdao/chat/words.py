"""What a message is found by: the terms of what was said (base/words.py), by its kind."""

from gongdao.base.words import SOUND, Terms, add_text, sounds_within
from gongdao.chat.body import Body, CaseCard, FileBody, Kind, Note, OrderCard, ProductCard, Text


def words_of(kind: Kind, body: Body) -> str:
    """What goes into `chat_messages.words`; nothing for what nobody said."""
    if kind in ("system", "recall"):
        return ""
    terms, place = Terms(), 1
    for text in _texts(body):
        place = add_text(terms, text, place)
    for title in _titles(body):
        for sound in sounds_within(title):
            terms.add(SOUND + sound)
    return terms.literal()


def _texts(body: Body) -> list[str]:
    match body:
        case Text() | Note():
            return [body.text]
        case FileBody():
            return [body.name]
        case OrderCard():
            return [body.number, body.title]
        case ProductCard():
            return [body.title]
        case CaseCard():
            return [str(body.number), body.title]
        case _:
            return []


def _titles(body: Body) -> list[str]:
    return [body.title] if isinstance(body, OrderCard | ProductCard | CaseCard) else []
