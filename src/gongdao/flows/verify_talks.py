"""Do the conversations still say the same? Every chain of messages, and every sealed excerpt."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Record
from gongdao.chat.body import read_body
from gongdao.chat.excerpt import decode_excerpt, faults_of
from gongdao.chat.message import ROOT, Message, digest_of, link
from gongdao.flows.verify import Fault

#: So many conversations, messages, or excerpts are in memory at a time.
BATCH, MESSAGES = 200, 2_000

_TALKS = "SELECT id, last_seq, head FROM chat_conversations WHERE id > $1 ORDER BY id LIMIT $2"
_MESSAGES = """
SELECT conversation_id, seq, id, client_id, author, author_id, kind, body, reply_to, at, digest,
       hash, shop_id, buyer_id
  FROM chat_messages WHERE conversation_id = ANY ($1) ORDER BY conversation_id, seq
"""
_STRANGERS = """
SELECT m.conversation_id, count(*) AS messages
  FROM chat_messages m JOIN chat_conversations c ON c.id = m.conversation_id
 WHERE m.shop_id <> c.shop_id OR m.buyer_id <> c.buyer_id GROUP BY m.conversation_id
"""
_EXCERPTS = """
SELECT x.id, x.conversation_id, x.body, x.sha256, f.sha256 AS file_sha256
  FROM chat_excerpts x LEFT JOIN files f ON f.id = x.file_id
 WHERE x.id > $1 ORDER BY x.id LIMIT $2
"""
_HASHES = "SELECT seq, hash FROM chat_messages WHERE conversation_id = $1 AND seq BETWEEN $2 AND $3"


async def verify_talks(connection: Connection) -> AsyncIterator[Fault]:
    """Every conversation and excerpt of one snapshot. Nothing is changed."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        last = UUID(int=0)
        while rows := await connection.fetch(_TALKS, last, BATCH):
            chains = {row["id"]: _Chain(row) for row in rows}
            cursor = connection.cursor(_MESSAGES, list(chains), prefetch=MESSAGES)
            async for message in cursor:
                if fault := chains[message["conversation_id"]].take(message):
                    yield fault
            for chain in chains.values():
                if fault := chain.end():
                    yield fault
            last = rows[-1]["id"]
        async for row in connection.cursor(_STRANGERS):
            message = f"{row['messages']} messages name another shop or buyer"
            yield Fault("talk", str(row["conversation_id"]), message)
        async for fault in _verify_excerpts(connection):
            yield fault


class _Chain:
    """A conversation while its messages are read; after the first broken one no other is told."""

    def __init__(self, row: Record) -> None:
        self.name = str(row["id"])
        self.last_seq: int = row["last_seq"]
        self.stored: bytes = row["head"]
        self.head, self.seq = ROOT, 0
        self.is_broken = False

    def take(self, row: Record) -> Fault | None:
        """The next message: in its place, what was said, and hashed after the one before it."""
        if self.is_broken:
            return None
        self.seq += 1
        if row["seq"] != self.seq:
            return self._break(f"message {self.seq} is missing")
        try:
            digest = digest_of(_message(row))
        except (msgspec.MsgspecError, ValueError) as error:
            return self._break(f"message {self.seq} cannot be read: {error}")
        self.head = link(self.head, self.seq, row["at"], digest)
        if digest != row["digest"] or self.head != row["hash"]:
            return self._break(f"message {self.seq} is not what was hashed")
        return None

    def end(self) -> Fault | None:
        """After the last message: the conversation knows it as its newest."""
        if self.is_broken or (self.seq == self.last_seq and self.head == self.stored):
            return None
        return self._break("the newest message is not the head of the chain")

    def _break(self, message: str) -> Fault:
        self.is_broken = True
        return Fault("talk", self.name, message)


def _message(row: Record) -> Message:
    fields: dict[str, Any] = {name: row[name] for name in Message.__struct_fields__}
    fields["body"] = read_body(fields["kind"], fields["body"])
    return Message(**fields)


async def _verify_excerpts(connection: Connection) -> AsyncIterator[Fault]:
    last = UUID(int=0)
    while rows := await connection.fetch(_EXCERPTS, last, BATCH):
        for row in rows:
            async for fault in _judge_excerpt(connection, row):
                yield fault
        last = rows[-1]["id"]


async def _judge_excerpt(connection: Connection, row: Record) -> AsyncIterator[Fault]:
    """One excerpt: whole in itself, the same as its file, and the same as its conversation."""
    name = str(row["id"])
    for message in _faults_within(row):
        yield Fault("excerpt", name, message)
        return
    excerpt = decode_excerpt(row["body"])
    first, last = excerpt.links[0].seq, excerpt.links[-1].seq
    stored = await connection.fetch(_HASHES, excerpt.conversation_id, first, last)
    hashes = {one["seq"]: one["hash"].hex() for one in stored}
    if any(hashes.get(one.seq) != one.hash for one in excerpt.links):
        yield Fault("excerpt", name, "its conversation says something else")
    if row["file_sha256"] is not None and row["file_sha256"] != row["sha256"]:
        yield Fault("excerpt", name, "its file is another one")


def _faults_within(row: Record) -> Iterator[str]:
    try:
        excerpt = decode_excerpt(row["body"])
        if excerpt.conversation_id != row["conversation_id"] or not excerpt.links:
            yield "is not of its conversation"
        yield from faults_of(excerpt)
    except (msgspec.MsgspecError, ValueError) as error:
        yield f"cannot be read: {error}"
