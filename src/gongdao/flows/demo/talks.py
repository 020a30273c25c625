"""Plays the conversations of the demo through the flows of the desk; again, nothing changes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.chat.body import Body, CaseCard, FileBody, Kind, Note, OrderCard, ProductCard, Text
from gongdao.chat.conversation import Conversation, Mark
from gongdao.chat.message import Saying, Side
from gongdao.chat.store import (
    Said,
    load_conversation,
    load_conversations,
    say_all,
    set_mark,
)
from gongdao.flows.demo.desks import Shift, seats_of, set_up_desks, shifts
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.perform import upload_one
from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.talk_script import Line, Told, all_talks
from gongdao.flows.demo.when import When
from gongdao.flows.talk.cards import fill_card
from gongdao.flows.talk.close_talk import end, grade_talk
from gongdao.flows.talk.hand_over import hand_over_talk
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.promises import promises_in
from gongdao.flows.talk.recall import recall

_PRESENT_UNTIL = "SELECT agent_id, max(at) AS at FROM chat_states_log GROUP BY agent_id"
#: How soon a message is taken back, and how long after the last word a conversation is closed.
_SOON, _LATER = timedelta(seconds=12), timedelta(minutes=3)


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a conversation, played in one go."""

    at: datetime
    told: Told
    number: int
    lines: tuple[Line, ...]

    @property
    def is_last(self) -> bool:
        return self.number == len(self.told.pieces) - 1

    @property
    def conversation_id(self) -> UUID:
        return demo_id("talk", self.told.name)


async def play_talks(stage: Stage, when: When, *, opened_at: datetime) -> None:
    """Two weeks at two desks."""
    await set_up_desks(stage, now=opened_at)
    talks = list(all_talks(when))
    known = await load_conversations(stage.pool, [demo_id("talk", each.name) for each in talks])
    over = {each.id for each in known.values() if each.state == "closed"}
    until = {row["agent_id"]: row["at"] for row in await stage.pool.fetch(_PRESENT_UNTIL)}
    for step in sorted([*shifts(when), *_pieces(talks)], key=lambda each: each.at):
        if isinstance(step, Shift):
            who = stage.people[step.who]
            if step.at > until.get(who.person_id, opened_at):
                await set_own_state(stage.pool, who, step.state, now=step.at)
        elif step.conversation_id not in over:
            await _play(stage, step)
        elif step.is_last:
            await _grade(stage, step.told, step.conversation_id, step.lines[-1].at)


def _pieces(talks: Sequence[Told]) -> Iterator[_Piece]:
    for told in talks:
        for number, lines in enumerate(told.pieces):
            yield _Piece(at=lines[0].at, told=told, number=number, lines=lines)


async def _play(stage: Stage, piece: _Piece) -> None:
    """What is said up to a night or the end, in as few statements as the hand-overs leave."""
    talk = await _open(stage, piece)
    run: list[Saying] = []
    for number, line in enumerate(piece.lines):
        if line.mark == "=":
            await _say(stage, run)
            run = []
            talk = await _hand_over(stage, piece.told, talk, line)
            continue
        run.append(await _saying(stage, piece, talk, line, number))
        if line.mark == "~":
            said = (await _say(stage, run))[-1]
            run = []
            who = _server(stage, piece.told, talk)
            await recall(stage.pool, who, talk.id, said.seq, now=line.at + _SOON)
    await _say(stage, run)
    if piece.is_last and piece.told.is_over:
        await _end(stage, piece.told, talk, piece.lines[-1].at)


async def _open(stage: Stage, piece: _Piece) -> Conversation:
    told = piece.told
    wish = Wish(
        shop_id=stage.shops[told.shop],
        topic=told.topic,
        order_id=demo_id("order", told.order) if told.order else None,
        locale=told.locale,
    )
    buyer_id = stage.people[told.buyer].person_id
    talk, _ = await open_talk(
        stage.pool, buyer_id, wish, conversation_id=piece.conversation_id, now=piece.at
    )
    assert talk.id == piece.conversation_id, f"{told.name}: {told.buyer} talks already"
    return talk


async def _say(stage: Stage, run: Sequence[Saying]) -> list[Said]:
    async with stage.pool.acquire() as connection, connection.transaction():
        return await say_all(connection, run)


def _server(stage: Stage, told: Told, talk: Conversation) -> Principal:
    """Whoever routing gave the conversation to."""
    people = (stage.people[name] for name in seats_of(told.shop))
    return next(each for each in people if each.person_id == talk.agent_id)


async def _saying(
    stage: Stage, piece: _Piece, talk: Conversation, line: Line, number: int
) -> Saying:
    told = piece.told
    is_buyer = line.mark in ("<", "@")
    who = stage.people[told.buyer] if is_buyer else _server(stage, told, talk)
    side: Side = "buyer" if is_buyer else "shop"
    kind, body = await _body(stage, told, talk, line, who)
    return Saying(
        conversation_id=talk.id,
        client_id=uuid5(talk.id, f"demo {piece.number} {number}"),
        author=side,
        author_id=who.person_id,
        kind=kind,
        body=body,
        at=line.at,
        promises=promises_in(line.words, now=line.at) if line.mark == ">" else (),
    )


async def _body(
    stage: Stage, told: Told, talk: Conversation, line: Line, who: Principal
) -> tuple[Kind, Body]:
    if line.mark == "!":
        lead = stage.people[next(iter(seats_of(told.shop)))].person_id
        return "note", Note(text=line.words, mentions=(lead,))
    if line.mark != "@":
        return "text", Text(text=line.words)
    shown, what = line.words.split(" ", 1)
    match shown:
        case "picture":
            name, drawing, *words = what.split("|")
            picture = Picture(name, drawing, tuple(",".join(words).split(",")))
            file_id = await upload_one(stage, picture, case=told.name, who=who, now=line.at)
            kind, card = "image", FileBody(file_id=file_id, name=name)
        case "order":
            kind, card = "order", OrderCard(order_id=demo_id("order", what))
        case "product":
            kind, card = "product", ProductCard(product_id=demo_id("product", what))
        case _:
            kind, card = "case", CaseCard(case_id=stage.cases[what])
    return kind, await fill_card(stage.pool, who, talk, kind, card)


async def _hand_over(stage: Stage, told: Told, talk: Conversation, line: Line) -> Conversation:
    lead = stage.people[next(iter(seats_of(told.shop)))].person_id
    if talk.agent_id != lead:  # begun again, it may have been handed over before
        await hand_over_talk(
            stage.pool,
            _server(stage, told, talk),
            talk.id,
            to_agent=lead,
            reason=line.words,
            now=line.at,
        )
    after = await load_conversation(stage.pool, talk.id)
    assert after, "conversations are never deleted"
    return after


async def _end(stage: Stage, told: Told, talk: Conversation, said_at: datetime) -> None:
    """Everybody has read it, it is over, and some say how content they were."""
    current = await load_conversation(stage.pool, talk.id)
    assert current, "conversations are never deleted"
    sides: tuple[tuple[Principal, Side], ...] = (
        (_server(stage, told, talk), "shop"),
        (stage.people[told.buyer], "buyer"),
    )
    for who, side in sides:
        seen = Mark(
            conversation_id=talk.id,
            person_id=who.person_id,
            side=side,
            delivered=current.last_seq,
            read=current.last_seq,
        )
        await set_mark(stage.pool, seen, now=said_at)
    await end(stage.pool, talk, by="agent", now=said_at + _LATER)
    await _grade(stage, told, talk.id, said_at)


async def _grade(stage: Stage, told: Told, conversation_id: UUID, said_at: datetime) -> None:
    if told.grade:
        buyer, at = stage.people[told.buyer], said_at + 2 * _LATER
        await grade_talk(stage.pool, buyer, conversation_id, told.grade, now=at)
