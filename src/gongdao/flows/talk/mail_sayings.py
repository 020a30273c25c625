"""What a message from elsewhere becomes in a conversation; pure."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from gongdao.channels.channel import Incoming
from gongdao.chat.body import TEXT_MAX, Body, Kind, SystemLine, Text
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Saying
from gongdao.files.file import StoredFile
from gongdao.flows.talk.cards import file_body

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NAMES_MAX = 300


class TakenFile(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment, and the file that it became; or why it did not."""

    name: str
    file: StoredFile | None
    refused: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was read, ready to be told."""

    arrival_id: UUID
    incoming: Incoming
    files: tuple[TakenFile, ...]
    is_proven: bool
    """Whether they answer a letter of ours, or only say who they are."""
    answers: int | None
    """The number of the conversation that it answers."""

    @property
    def locale(self) -> Literal["zh", "en"]:
        """The language that it is written in, as far as we speak it."""
        words = self.incoming.subject + self.incoming.text
        return "zh" if _CHINESE.search(words) or not words.strip() else "en"


def subject_of(incoming: Incoming) -> str:
    """What a conversation is about that begins with it."""
    return incoming.subject[:200]


def sayings_of(told: Told, conversation: Conversation, *, now: datetime) -> list[Saying]:
    """First what the shop should know of it, then its words, then its files."""
    return [
        Saying(
            conversation_id=conversation.id,
            client_id=uuid5(told.arrival_id, f"part {n}"),
            author="system" if kind == "system" else "buyer",
            author_id=None if kind == "system" else conversation.buyer_id,
            kind=kind,
            body=body,
            at=now,
        )
        for n, (kind, body) in enumerate(_bodies(told))
    ]


def _bodies(told: Told) -> Iterator[tuple[Kind, Body]]:
    yield "system", _line(told)
    words = told.incoming.text.strip()
    taken = [each.file for each in told.files if each.file is not None]
    if not words and not taken:
        words = told.incoming.subject or "…"
    for part in _cut(words):
        yield "text", Text(text=part)
    for each in told.files:
        if each.file is not None:
            kind = "image" if each.file.media_type.startswith("image/") else "file"
            yield kind, file_body(each.file)


def _line(told: Told) -> SystemLine:
    """Where it comes from, what of it is not shown, and under which id the original lies."""
    incoming = told.incoming
    refused = ", ".join(each.name for each in told.files if each.file is None)
    fields: dict[str, str | int] = {
        "arrival": str(told.arrival_id),
        "address": incoming.address,
        "subject": incoming.subject,
        "proven": int(told.is_proven),
        "vouched": int(incoming.is_vouched and not told.is_proven),
        "quoted": incoming.quoted_lines,
        "cut": int(incoming.is_cut),
        "left_out": incoming.left_out,
        "refused": refused[:_NAMES_MAX],
        "answers": told.answers or 0,
    }
    return SystemLine(
        event="mail",
        for_shop=True,
        fields={name: value for name, value in fields.items() if value not in ("", 0)},
    )


def _cut(words: str) -> Iterator[str]:
    """Pieces that one message holds, at the end of a line where there is one."""
    while len(words) > TEXT_MAX:
        at = words.rfind("\n", TEXT_MAX // 2, TEXT_MAX)
        at = TEXT_MAX if at < 0 else at
        piece, words = words[:at].strip(), words[at:].strip()
        if piece:
            yield piece
    if words:
        yield words
