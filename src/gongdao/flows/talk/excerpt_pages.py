"""The pages of a sealed excerpt, for who reads paper: every line, and where lines were left out."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from gongdao.base.i18n import N_, ZONE, Locale, show_instant, translate
from gongdao.base.money import yuan
from gongdao.chat.body import (
    CaseCard,
    FileBody,
    OrderCard,
    ProductCard,
    ReceiverCard,
    SystemLine,
    Text,
)
from gongdao.chat.excerpt import Excerpt, Link, SaidLine, body_of
from gongdao.dossier.paper import Block, Paper

_AUTHORS = {
    "buyer": N_("Buyer"),
    "shop": N_("Shop"),
    "platform": N_("Platform"),
    "system": N_("System"),
}


def write_excerpt(excerpt: Excerpt, *, sha256: str, locale: Locale) -> Paper:
    """What the pages say, in one language."""

    def say(sentence: str, **fields: str | int) -> str:
        return translate(locale, sentence, fields or None)

    at: datetime = excerpt.sealed_at.astimezone(ZONE)
    title = say(N_("Excerpt of conversation {number}"), number=excerpt.conversation_number)
    facts = [
        (say(N_("Shop")), excerpt.shop),
        (say(N_("Buyer")), excerpt.buyer),
        (say(N_("Sealed")), show_instant(excerpt.sealed_at)),
        (say(N_("Sealed by")), say(_AUTHORS[excerpt.sealed_by])),
        ("SHA-256", sha256),
    ]
    lines = Block(
        heading=say(N_("Messages")),
        head=[say(N_("No.")), say(N_("Time")), say(N_("Who")), say(N_("What was said"))],
        rows=list(_rows(excerpt, locale)),
        widths=["auto", "auto", "auto", "1fr"],
    )
    files = Block(
        heading=say(N_("Files that were sent")),
        head=[say(N_("Name")), "SHA-256"],
        rows=[[one.name, one.sha256] for one in excerpt.files],
        widths=["1fr", "auto"],
        small=[1],
    )
    proof = say(
        N_(
            "The JSON document with the hash above holds the exact words, and the digest and hash "
            "of every message from the first to the last, also of those left out."
        )
    )
    return Paper(
        locale=locale,
        title=title,
        subtitle=say(N_("Sealed as it was; what happened later changes nothing in it.")),
        page=say(N_("Page {n} of {of}")),
        footer=title,
        date=[at.year, at.month, at.day, at.hour, at.minute, at.second],
        blocks=[
            Block(facts=facts),
            lines,
            *([files] if excerpt.files else []),
            Block(texts=[proof]),
        ],
    )


def _rows(excerpt: Excerpt, locale: Locale) -> Iterator[list[str]]:
    for is_said, links in groupby(excerpt.links, key=lambda one: one.said is not None):
        part = list(links)
        if is_said:
            yield from (_row(one, one.said, locale) for one in part if one.said)
        else:
            numbers = f"{part[0].seq}–{part[-1].seq}" if len(part) > 1 else f"{part[0].seq}"
            left_out = translate(locale, N_("{n} messages left out"), {"n": len(part)})
            yield [numbers, "", "", f"— {left_out} —"]


def _row(one: Link, said: SaidLine, locale: Locale) -> list[str]:
    author = translate(locale, _AUTHORS[said.author])
    who = f"{author} {said.name}" if said.name else author
    if said.unproven:
        who = translate(locale, N_("{who} (by mail, sender not proven)"), {"who": who})
    words = _words(said, locale)
    if said.reply_to:
        words = translate(locale, N_("(to {seq}) {words}"), {"seq": said.reply_to, "words": words})
    if said.recalled:
        words = translate(locale, N_("[taken back] {words}"), {"words": words})
    return [f"{one.seq}", show_instant(one.at), who, words]


def _words(said: SaidLine, locale: Locale) -> str:
    match body_of(said):
        case Text(text=text):
            return text
        case FileBody(name=name):
            label = N_("Picture: {name}") if said.kind == "image" else N_("File: {name}")
            return translate(locale, label, {"name": name})
        case OrderCard(number=number, title=title, total_fen=fen):
            fields = {"number": number, "title": title, "total": yuan(fen)}
            return translate(locale, N_("Order {number}: {title}, ¥{total}"), fields)
        case ProductCard(title=title, price_fen=fen):
            fields = {"title": title, "price": yuan(fen)}
            return translate(locale, N_("Product: {title}, ¥{price}"), fields)
        case CaseCard(number=number):
            return translate(locale, N_("Case {number}"), {"number": number})
        case ReceiverCard(number=number):
            return translate(
                locale, N_("Receiver of order {number} to be checked"), {"number": number}
            )
        case SystemLine(event=event, fields=told):
            return " ".join([event, *(f"{key}={value}" for key, value in told.items())])
        case _:
            return ""
