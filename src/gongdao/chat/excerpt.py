"""A sealed excerpt: chosen messages word for word, and between them the links of what is left out.

Every message from the first chosen one to the last stands in it with its number, time, digest and
hash; only the chosen ones with their words. So anybody can follow the chain, and see where
something was left out, without reading it.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.canonical import encode_canonical
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import FileBody, Kind, Recall, read_body
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Author, Message, Side, digest_of, link, sees
from gongdao.chat.store import Seen

#: Messages that may be chosen, and those between the first and the last of them.
CHOSEN_MAX, SPAN_MAX = 200, 2_000
FORMAT = "gongdao-excerpt/1"


class SaidLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was said: everything that the digest is taken of, and what the author was called."""

    id: UUID
    client_id: UUID
    author: Author
    author_id: UUID | None
    name: str
    kind: Kind
    body: msgspec.Raw
    reply_to: int | None
    recalled: bool
    """Whether its sender had taken it back when the excerpt was sealed."""
    unproven: bool = False
    """Whether it came by mail from an address that nobody had proved to be the sender's."""


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message of the chain; without `said` it was left out."""

    seq: int
    at: datetime
    digest: str
    hash: str
    said: SaidLine | None = None


class FileLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was sent: its bytes are not in the excerpt, its hash is."""

    file_id: UUID
    name: str
    type: str
    size: int
    sha256: str


class Excerpt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document."""

    format: Literal["gongdao-excerpt/1"] = FORMAT
    conversation_id: UUID
    conversation_number: int
    shop_id: UUID
    shop: str
    buyer_id: UUID
    buyer: str
    case_id: UUID | None
    sealed_by: Side
    sealed_by_id: UUID
    sealed_at: datetime
    before: str
    """The hash of the message before the first one; zeros where there is none."""
    links: list[Link]
    files: list[FileLine]


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the parties are called, as both of them may read it."""

    shop: str
    buyer: str
    people: dict[UUID, str]


def require_choice(chosen: Collection[int], *, last_seq: int) -> list[int]:
    """The chosen numbers in order. Raises Refusal for none, too many, or foreign ones."""
    numbers = sorted(set(chosen))
    if not numbers or numbers[0] < 1 or numbers[-1] > last_seq:
        raise Refusal("invalid", N_("Choose messages of this conversation."))
    if len(numbers) > CHOSEN_MAX or numbers[-1] - numbers[0] >= SPAN_MAX:
        raise Refusal(
            "too_large",
            N_("At most {most} messages out of {span} that follow each other make an excerpt."),
            most=CHOSEN_MAX,
            span=SPAN_MAX,
        )
    return numbers


def make_excerpt(
    conversation: Conversation,
    seen: Sequence[Seen],
    chosen: Collection[int],
    *,
    before: bytes,
    names: Names,
    sha256_of: dict[UUID, str],
    unproven: Collection[int] = (),
    side: Side,
    by: UUID,
    now: datetime,
) -> Excerpt:
    """The excerpt of all messages in `seen`, with the words of the chosen ones.

    Raises Refusal wrong_role for a note or anything else that not all sides may read.
    """
    return Excerpt(
        conversation_id=conversation.id,
        conversation_number=conversation.number,
        shop_id=conversation.shop_id,
        shop=names.shop,
        buyer_id=conversation.buyer_id,
        buyer=names.buyer,
        case_id=conversation.case_id,
        sealed_by=side,
        sealed_by_id=by,
        sealed_at=now,
        before=before.hex(),
        links=[
            _link(
                one,
                names,
                is_chosen=one.message.seq in chosen,
                unproven=one.message.seq in unproven,
            )
            for one in seen
        ],
        files=[_file(body, sha256_of) for body in files_in(seen, chosen)],
    )


def files_in(seen: Sequence[Seen], chosen: Collection[int]) -> list[FileBody]:
    """The files that were sent in the chosen messages."""
    return [
        one.message.body
        for one in seen
        if one.message.seq in chosen and isinstance(one.message.body, FileBody)
    ]


def encode_excerpt(excerpt: Excerpt) -> bytes:
    """The bytes that are sealed."""
    return encode_canonical(excerpt)


def decode_excerpt(encoded: bytes) -> Excerpt:
    """An excerpt from its bytes. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(encoded, type=Excerpt)


def faults_of(excerpt: Excerpt) -> Iterator[str]:
    """What does not agree within an excerpt: numbers, digests, links. Nothing: it is whole."""
    head = bytes.fromhex(excerpt.before)
    expected = excerpt.links[0].seq if excerpt.links else 1
    if expected == 1 and any(head):
        yield "the first message follows on another"
    for one in excerpt.links:
        if one.seq != expected:
            yield f"message {expected} is missing"
            return
        digest = bytes.fromhex(one.digest)
        if one.said is not None and _digest(excerpt.conversation_id, one, one.said) != digest:
            yield f"message {one.seq} is not what was said"
        head = link(head, one.seq, one.at, digest)
        if head.hex() != one.hash:
            yield f"message {one.seq} does not follow on the one before it"
            return
        expected += 1


def _digest(conversation_id: UUID, one: Link, said: SaidLine) -> bytes:
    return digest_of(
        Message(
            conversation_id=conversation_id,
            seq=one.seq,
            id=said.id,
            client_id=said.client_id,
            author=said.author,
            author_id=said.author_id,
            kind=said.kind,
            body=read_body(said.kind, bytes(said.body)),
            reply_to=said.reply_to,
            at=one.at,
            digest=b"",
            hash=b"",
        )
    )


def _link(seen: Seen, names: Names, *, is_chosen: bool, unproven: bool) -> Link:
    message = seen.message
    return Link(
        seq=message.seq,
        at=message.at,
        digest=message.digest.hex(),
        hash=message.hash.hex(),
        said=_said(seen, names, unproven=unproven) if is_chosen else None,
    )


def _said(seen: Seen, names: Names, *, unproven: bool) -> SaidLine:
    message = seen.message
    # Both sides read an excerpt: what one of them never sees is not for it, whoever asks.
    if not sees("buyer", message.kind, message.body) or isinstance(message.body, Recall):
        raise Refusal(
            "wrong_role", N_("Message {seq} is not for both sides to read."), seq=message.seq
        )
    return SaidLine(
        id=message.id,
        client_id=message.client_id,
        author=message.author,
        author_id=message.author_id,
        name=names.people.get(message.author_id, "") if message.author_id else "",
        kind=message.kind,
        body=msgspec.Raw(encode_canonical(message.body)),
        reply_to=message.reply_to,
        recalled=seen.recalled,
        unproven=unproven,
    )


def _file(body: FileBody, sha256_of: dict[UUID, str]) -> FileLine:
    return FileLine(
        file_id=body.file_id,
        name=body.name,
        type=body.type,
        size=body.size,
        sha256=sha256_of.get(body.file_id, ""),
    )


def sha256_of_excerpt(encoded: bytes) -> bytes:
    """The seal."""
    return hashlib.sha256(encoded).digest()


def body_of(said: SaidLine) -> Any:
    """What a line says, as it was stored."""
    return read_body(said.kind, bytes(said.body))
