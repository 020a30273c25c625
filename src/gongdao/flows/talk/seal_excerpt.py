"""Seal chosen messages of a conversation, keep them as files, and file them as evidence."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.cases.case import Case
from gongdao.cases.commands import SubmitEvidenceArgs
from gongdao.cases.seen_by import is_masked
from gongdao.cases.store import load_case
from gongdao.chat.conversation import Conversation
from gongdao.chat.excerpt import (
    SPAN_MAX,
    Excerpt,
    Names,
    decode_excerpt,
    encode_excerpt,
    files_in,
    make_excerpt,
    require_choice,
    sha256_of_excerpt,
)
from gongdao.chat.excerpt_store import (
    SealedExcerpt,
    find_excerpt,
    keep_excerpt,
    list_excerpts,
)
from gongdao.chat.message import ROOT
from gongdao.chat.store import Seen, messages_after
from gongdao.dossier.draw import draw_paper
from gongdao.files.keep_made import keep_made
from gongdao.files.objects import Objects
from gongdao.files.store import find_files
from gongdao.flows.act import act_on_case, may_see
from gongdao.flows.talk.access import Talk, talk_of
from gongdao.flows.talk.excerpt_pages import write_excerpt
from gongdao.flows.talk.see_talk import names_of

# Of every message that came by mail, what its letter said of the sender.
_UNPROVEN = """
SELECT m.seq FROM chat_messages m, LATERAL (
       SELECT l.body -> 'fields' ? 'proven' AS proven FROM chat_messages l
        WHERE l.conversation_id = m.conversation_id AND l.seq < m.seq AND l.kind = 'system'
          AND l.body ->> 'event' = 'mail'
        ORDER BY l.seq DESC LIMIT 1) AS letter
 WHERE m.conversation_id = $1 AND m.seq = ANY ($2) AND m.author = 'buyer'
   -- Made from the letter's id; what somebody writes on a screen has an id made by chance.
   AND substr(m.client_id::text, 15, 1) = '5' AND NOT letter.proven
"""
_SHOP_NAME = "SELECT name FROM shops WHERE id = $1"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """What was sealed, and the number of the evidence that it became in its case."""

    excerpt: SealedExcerpt
    evidence: int | None = None


async def seal_excerpt(
    pool: Pool,
    objects: Objects,
    who: Principal,
    conversation_id: UUID,
    chosen: Collection[int],
    *,
    case_id: UUID | None = None,
    now: datetime,
) -> Sealed:
    """Seal the chosen messages; with a case of these two, they become evidence in it.

    The same choice by the same person for the same case is one excerpt, sealed once: asked again,
    it is what it was. Raises Refusal: not_found, invalid, too_large, wrong_role (something that
    only the shop sees), and what submit_evidence is refused for.
    """
    talk = await talk_of(pool, who, conversation_id)
    numbers = require_choice(chosen, last_seq=talk.conversation.last_seq)
    if case_id:
        await _require_case(pool, who, talk.conversation, case_id)
    excerpt_id = uuid5(conversation_id, f"excerpt:{who.person_id}:{case_id}:{numbers}")
    sealed = await find_excerpt(pool, excerpt_id)
    if sealed is None:
        excerpt = await _excerpt(pool, who, talk, numbers, now)
        sealed = await keep_excerpt(
            pool, _sealed(excerpt_id, who, excerpt, numbers, case_id=case_id)
        )
    await _keep_files(pool, objects, who, sealed)
    evidence = await _file_evidence(pool, who, sealed, now) if case_id else None
    return Sealed(excerpt=sealed, evidence=evidence)


async def read_excerpts(
    pool: Pool, who: Principal, conversation_id: UUID
) -> Sequence[SealedExcerpt]:
    """What this person has sealed of a conversation. Raises Refusal not_found."""
    talk = await talk_of(pool, who, conversation_id)
    return await list_excerpts(pool, talk.conversation.id, sealed_by=who.person_id)


async def _require_case(
    pool: Pool, who: Principal, conversation: Conversation, case_id: UUID
) -> None:
    """The case must be one between these two, which this person may see."""
    stored = await load_case(pool, case_id)
    is_theirs = (
        stored is not None
        and may_see(who, stored.case)
        # That it is of this buyer would tell the reported shop who reported.
        and not is_masked(stored.case, party_role(who))
        and stored.case.shop_id == conversation.shop_id
        and stored.case.buyer_id == conversation.buyer_id
        and conversation.case_id in (None, case_id)
    )
    if not is_theirs:
        raise Refusal("not_found", N_("There is no such case between these two."))


async def _excerpt(
    pool: Pool, who: Principal, talk: Talk, numbers: Sequence[int], now: datetime
) -> Excerpt:
    # One more in front: its hash is what the first one follows on.
    first, last = numbers[0], numbers[-1]
    asked = [(talk.conversation.id, max(0, first - 2))]
    seen = [
        one
        for one in await messages_after(pool, asked, limit=SPAN_MAX + 1)
        if one.message.seq <= last
    ]
    before = ROOT if first == 1 else seen[0].message.hash
    seen = seen if first == 1 else seen[1:]
    files = await find_files(pool, [body.file_id for body in files_in(seen, numbers)])
    return make_excerpt(
        talk.conversation,
        seen,
        numbers,
        before=before,
        names=await _names(pool, talk.conversation, seen),
        sha256_of={file_id: file.sha256.hex() for file_id, file in files.items()},
        unproven=[row["seq"] for row in await pool.fetch(_UNPROVEN, talk.conversation.id, numbers)],
        side=talk.side,
        by=who.person_id,
        now=now,
    )


async def _names(pool: Pool, conversation: Conversation, seen: Sequence[Seen]) -> Names:
    people = {one.message.author_id for one in seen if one.message.author_id}
    names = await names_of(pool, {*people, conversation.buyer_id})
    platform = {one.message.author_id for one in seen if one.message.author == "platform"}
    buyer = names.get(conversation.buyer_id)
    return Names(
        shop=await pool.fetchval(_SHOP_NAME, conversation.shop_id) or "",
        buyer=buyer.shown if buyer else "",
        # Agents under the names that buyers see; the platform's people under none.
        people={one: name.shown for one, name in names.items() if one not in platform},
    )


def _sealed(
    excerpt_id: UUID,
    who: Principal,
    excerpt: Excerpt,
    numbers: list[int],
    *,
    case_id: UUID | None,
) -> SealedExcerpt:
    body = encode_excerpt(excerpt)
    return SealedExcerpt(
        id=excerpt_id,
        conversation_id=excerpt.conversation_id,
        sealed_by=who.person_id,
        sealed_at=excerpt.sealed_at,
        seqs=numbers,
        case_id=case_id,
        body=body,
        sha256=sha256_of_excerpt(body),
        file_id=uuid5(excerpt_id, "json"),
        paper_id=uuid5(excerpt_id, "pages"),
    )


async def _keep_files(pool: Pool, objects: Objects, who: Principal, sealed: SealedExcerpt) -> None:
    """Both files, made from what was sealed; whatever stopped an earlier try is made up for."""
    kept = await find_files(pool, [sealed.file_id, sealed.paper_id])
    excerpt = decode_excerpt(sealed.body)
    name = f"excerpt-{excerpt.conversation_number}-{sealed.seqs[0]}-{sealed.seqs[-1]}"
    if sealed.paper_id not in kept:
        paper = write_excerpt(excerpt, sha256=sealed.sha256.hex(), locale=who.locale)
        await keep_made(
            pool,
            objects,
            await asyncio.to_thread(draw_paper, paper),
            file_id=sealed.paper_id,
            name=f"{name}.pdf",
            media_type="application/pdf",
            made_for=sealed.sealed_by,
            now=sealed.sealed_at,
        )
    if sealed.file_id not in kept:
        await keep_made(
            pool,
            objects,
            sealed.body,
            file_id=sealed.file_id,
            name=f"{name}.json",
            media_type="application/json",
            made_for=sealed.sealed_by,
            now=sealed.sealed_at,
        )


async def _file_evidence(
    pool: Pool, who: Principal, sealed: SealedExcerpt, now: datetime
) -> int | None:
    """File it in its case, once; the arbiter, who gives no evidence, shows it by having sealed it.

    Raises Refusal.
    """
    assert sealed.case_id, "asked only with a case"
    if who.kind == "platform":
        return None
    stored = await load_case(pool, sealed.case_id)
    if stored and (piece := _piece(stored.case, sealed)):
        return piece
    number = decode_excerpt(sealed.body).conversation_number
    note = translate(
        who.locale,
        N_("Excerpt of conversation {number}, messages {first} to {last}. SHA-256 {sha256}"),
        {
            "number": number,
            "first": sealed.seqs[0],
            "last": sealed.seqs[-1],
            "sha256": sealed.sha256.hex(),
        },
    )
    acted = await act_on_case(
        pool,
        who,
        sealed.case_id,
        "submit_evidence",
        SubmitEvidenceArgs(
            kind="chat_transcript", note=note, files=[sealed.paper_id, sealed.file_id]
        ),
        now=now,
        key=f"excerpt:{sealed.id}",
    )
    return _piece(acted.case, sealed)


def _piece(case: Case, sealed: SealedExcerpt) -> int | None:
    """The number of the piece of evidence that carries the excerpt."""
    return next((each.number for each in case.evidence if sealed.file_id in each.file_ids), None)
