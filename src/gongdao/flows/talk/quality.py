"""Judging conversations: a lead gives points on a form, the agent sees it and may object."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.texts import NO_NUL
from gongdao.chat.body import SEQ_MAX
from gongdao.chat.conversation import Conversation
from gongdao.chat.figures import Period
from gongdao.chat.quality.check import AgentMarks, Check, Mark, Objection, score_of
from gongdao.chat.quality.store import (
    add_check,
    add_objection,
    checks_of,
    objection_of,
    read_marks,
)
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.desk_figures import led_by
from gongdao.settings.setting import QualityForm, Version
from gongdao.settings.store import add_version, load_setting

REMARK_MAX = 1000
_LOCK = "SELECT FROM chat_conversations WHERE id = $1 FOR NO KEY UPDATE"
_SPOKE = """
SELECT EXISTS (SELECT FROM chat_messages
                WHERE conversation_id = $1 AND author = 'shop' AND author_id = $2
                  AND kind NOT IN ('note', 'recall', 'system'))
"""
_OWN = """
SELECT c.conversation_id, t.number, b.name AS buyer, c.at, c.score, c.fatal,
       EXISTS (SELECT FROM chat_objections j WHERE j.conversation_id = t.id) AS objected
  FROM chat_checks c
  JOIN chat_conversations t ON t.id = c.conversation_id
  JOIN people b ON b.id = t.buyer_id
 WHERE c.agent_id = $1 AND c.at >= $2 AND c.at < $3
   AND NOT EXISTS (SELECT FROM chat_checks r WHERE r.replaces = c.id)
 ORDER BY c.at DESC, c.id DESC LIMIT 200
"""
_Remark = Annotated[str, msgspec.Meta(max_length=REMARK_MAX, pattern=NO_NUL)]


class MarkArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The points of one item, why, and the message that is meant."""

    item: Annotated[str, msgspec.Meta(max_length=30)]
    points: Annotated[int, msgspec.Meta(ge=0, le=100)]
    remark: _Remark = ""
    seq: Annotated[int, msgspec.Meta(ge=1, le=SEQ_MAX)] | None = None


class CheckArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole judgement; `replaces` names the one that it corrects."""

    marks: Annotated[tuple[MarkArgs, ...], msgspec.Meta(max_length=20)]
    fatal: Annotated[tuple[str, ...], msgspec.Meta(max_length=20)] = ()
    remark: _Remark = ""
    replaces: UUID | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with every judgement of it, newest first, and what the agent objects."""

    conversation_id: UUID
    number: int
    agent_id: UUID | None
    """Whose work is judged: who answered last, else who served."""
    checks: list[Check]
    objection: Objection | None


class OwnCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How one of one's own conversations was judged."""

    conversation_id: UUID
    number: int
    buyer: str
    at: datetime
    score: int
    fatal: tuple[str, ...]
    objected: bool


async def form_of(database: Queryable, who: Principal) -> Version[QualityForm]:
    """The form on which the conversations of one's shop are judged."""
    return await load_setting(database, QualityForm, of=who.shop_id)


async def save_form(
    database: Queryable,
    who: Principal,
    form: QualityForm,
    *,
    seen: int,
    reason: str,
    now: datetime,
) -> Version[QualityForm]:
    """Let another form count from now on. Raises Refusal wrong_role, invalid, version_conflict."""
    shop_id = led_by(who)
    for codes in ([item.code for item in form.items], [each.code for each in form.fatals]):
        if len(set(codes)) < len(codes):
            raise Refusal("invalid", N_("An item stands in the form twice."))
    return await add_version(
        database, form, seen=seen, reason=reason, by_id=who.person_id, now=now, of=shop_id
    )


async def see_checks(database: Queryable, who: Principal, conversation_id: UUID) -> Judged:
    """How a conversation was judged: for leads, and for the agent. Raises Refusal not_found."""
    conversation = await _own_talk(database, who, conversation_id)
    checks = await checks_of(database, conversation_id)
    agent_id = checks[0].agent_id if checks else agent_of(conversation)
    if not who.may("chat.manage") and (not checks or agent_id != who.person_id):
        raise Refusal("not_found", N_("There is no such judgement."))
    return Judged(
        conversation_id=conversation_id,
        number=conversation.number,
        agent_id=agent_id,
        checks=checks,
        objection=await objection_of(database, conversation_id),
    )


def agent_of(conversation: Conversation) -> UUID | None:
    """Whose work is judged."""
    return conversation.answered_by or conversation.agent_id


async def judge_talk(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    args: CheckArgs,
    *,
    check_id: UUID,
    now: datetime,
) -> Check:
    """Keep how a lead judges a conversation; sent again under the same id it stands there once.

    Raises Refusal: wrong_role, not_found, not_eligible (one's own, or nobody's),
    not_allowed_in_stage (not over yet), invalid, reason_required (a correction),
    version_conflict, idempotency_conflict.
    """
    shop_id = led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_LOCK, conversation_id)
        conversation = await _own_talk(connection, who, conversation_id)
        before = await checks_of(connection, conversation_id)
        if again := next((check for check in before if check.id == check_id), None):
            return again
        agent_id = before[0].agent_id if before else agent_of(conversation)
        await _require_not_own(connection, who, conversation, agent_id)
        assert agent_id is not None, "somebody is judged"
        _require_newest(before, args)
        form = await form_of(connection, who)
        marks = _marks(form.value, conversation, args)
        check = Check(
            id=check_id,
            conversation_id=conversation_id,
            agent_id=agent_id,
            by_id=who.person_id,
            at=now,
            form_version=form.version,
            marks=marks,
            fatal=tuple(dict.fromkeys(args.fatal)),
            score=score_of(marks, args.fatal),
            remark=args.remark.strip(),
            replaces=args.replaces,
        )
        if not await add_check(connection, check, shop_id=shop_id):
            raise Refusal("idempotency_conflict", N_("This key was used for something else."))
    changed([f"agent:{agent_id}"])
    return check


async def object_to_check(
    database: Queryable, who: Principal, conversation_id: UUID, text: str, *, now: datetime
) -> Objection:
    """Say once what one has against it. Raises Refusal: not_found, reason_required, duplicate."""
    judged = await see_checks(database, who, conversation_id)
    said = text.strip()
    if not judged.checks or judged.agent_id != who.person_id:
        raise Refusal("not_found", N_("There is no such judgement."))
    if not 0 < len(said) <= REMARK_MAX:
        raise Refusal("reason_required", N_("Say what you object to, in up to 1,000 characters."))
    objection = Objection(
        conversation_id=conversation_id,
        check_id=judged.checks[0].id,
        by_id=who.person_id,
        at=now,
        text=said,
    )
    if not await add_objection(database, objection):
        raise Refusal("duplicate", N_("You have objected to this already."))
    return objection


async def marks_of_desk(database: Queryable, who: Principal, period: Period) -> list[AgentMarks]:
    """How the agents of one's desk were judged in a time; an agent sees themselves."""
    shop_id = led_by(who) if who.may("chat.manage") else who.shop_id
    if shop_id is None:
        raise Refusal("wrong_role", N_("Only the people of a shop are judged by it."))
    own = None if who.may("chat.manage") else who.person_id
    return await read_marks(database, shop_id, since=period.since, until=period.until, agent_id=own)


async def own_checks(database: Queryable, who: Principal, period: Period) -> list[OwnCheck]:
    """How one's own conversations were judged in a time, newest first."""
    rows = await database.fetch(_OWN, who.person_id, period.since, period.until)
    return [msgspec.convert(dict(row), OwnCheck) for row in rows]


async def _own_talk(database: Queryable, who: Principal, conversation_id: UUID) -> Conversation:
    talk = await talk_of(database, who, conversation_id)
    if talk.side != "shop" or talk.conversation.case_id is not None:
        raise Refusal("not_found", N_("There is no such conversation."))
    return talk.conversation


async def _require_not_own(
    connection: Connection, who: Principal, conversation: Conversation, agent_id: UUID | None
) -> None:
    if conversation.state != "closed":
        raise Refusal("not_allowed_in_stage", N_("A conversation is judged once it is over."))
    if agent_id is None:
        raise Refusal("not_eligible", N_("Nobody served this conversation."))
    if agent_id == who.person_id or await connection.fetchval(
        _SPOKE, conversation.id, who.person_id
    ):
        raise Refusal("not_eligible", N_("Nobody judges a conversation of their own."))


def _require_newest(before: list[Check], args: CheckArgs) -> None:
    if (before[0].id if before else None) != args.replaces:
        raise Refusal(
            "version_conflict", N_("Somebody else has judged this meanwhile; look again.")
        )
    if before and not args.remark.strip():
        raise Refusal("reason_required", N_("Say why the judgement is corrected."))


def _marks(form: QualityForm, conversation: Conversation, args: CheckArgs) -> tuple[Mark, ...]:
    """The marks on the form as it is now. Raises Refusal invalid where they do not fit."""
    items = {item.code: item for item in form.items}
    fatals = {each.code for each in form.fatals}
    if sorted(mark.item for mark in args.marks) != sorted(items) or not fatals.issuperset(
        args.fatal
    ):
        raise Refusal("invalid", N_("The form has changed meanwhile. Reload the page."))
    for mark in args.marks:
        if mark.points > items[mark.item].points or (mark.seq or 0) > conversation.last_seq:
            raise Refusal("invalid", N_("Points or a message number are out of range."))
    return tuple(
        Mark(
            item=mark.item,
            title=items[mark.item].title,
            points=mark.points,
            most=items[mark.item].points,
            weight=items[mark.item].weight,
            remark=mark.remark.strip(),
            seq=mark.seq,
        )
        for mark in args.marks
    )
