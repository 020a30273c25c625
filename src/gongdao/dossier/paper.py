"""The readable part of a dossier: what its pages say, in one language, without saying how it looks.

Everything is told from the lines of the dossier, so that a page can show nothing that its reader
may not see.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.i18n import N_, Locale, show_instant, translate
from gongdao.base.money import yuan
from gongdao.cases import events as e
from gongdao.cases.case import Case, Evidence, Ruling
from gongdao.cases.events import Recorded
from gongdao.cases.narrate import say_event
from gongdao.dossier.contents import (
    Audience,
    CaseStatement,
    MemberLine,
    PackStatement,
    RuleLine,
    TransferLine,
)
from gongdao.dossier.names import evidence_name
from gongdao.dossier.words import LEFT_OUT, MADE_FOR, ONE_ROOT, SEALED, STATES, TRANSFERS, VERIFIED
from gongdao.policy.pack import Pack
from gongdao.policy.sources import say_source
from gongdao.policy.terms import term

#: A longer story is told in events.jsonl; the pages say so.
TIMELINE_MAX = 2_000


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a page: a heading, and under it sentences, facts or a table."""

    heading: str = ""
    texts: list[str] = []
    facts: list[tuple[str, str]] = []
    head: list[str] = []
    rows: list[list[str]] = []
    widths: list[str] = []
    """Of the columns: "auto", or a share of what is left such as "2fr"."""
    small: list[int] = []
    """Columns of hashes and ids, set small."""


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the pages of one language say."""

    locale: Locale
    title: str
    subtitle: str
    page: str
    """Such as "Page {n} of {of}"."""
    footer: str
    date: list[int]
    """Year, month, day, hour, minute and second of the last event: the date of the document."""
    blocks: list[Block]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages are made of."""

    audience: Audience
    exported_at: datetime
    statement: CaseStatement
    case: Case
    records: list[tuple[int, Recorded | None]]
    """The first events of the case; None where one is not shown."""
    events: int
    root: str
    head: str | None
    pack: Pack
    pack_statement: PackStatement
    rules: list[RuleLine]
    transfers: list[TransferLine]
    evidence: list[MemberLine]


class _Writer:
    """Says things in one language."""

    def __init__(self, story: Story, locale: Locale) -> None:
        self.story = story
        self.locale: Locale = locale

    def say(self, sentence: str, **fields: str | int | datetime) -> str:
        return translate(self.locale, sentence, fields or None)

    def heads(self, *names: str) -> list[str]:
        return [self.say(name) for name in names]

    def words(self, *words: tuple[str, str]) -> str:
        return " · ".join(self.word(word, kind) for word, kind in words)

    def word(self, word: str | None, kind: str) -> str:
        return translate(self.locale, term(word, kind)) if word else "—"

    def when(self, instant: datetime | None) -> str:
        return show_instant(instant) if instant else "—"

    def money(self, fen: int) -> str:
        return f"¥ {yuan(fen)}"

    def who(self, role: str, person_id: UUID | None = None) -> str:
        name = self.story.statement.people.get(person_id) if person_id else None
        shown = self.word(role, "role")
        return f"{shown} {name}" if name else shown


def write_paper(story: Story, locale: Locale) -> Paper:
    """The pages of a dossier in a language."""
    w = _Writer(story, locale)
    number = story.statement.number
    changed = story.case.changed_at or story.case.opened_at
    blocks = [
        _summary(w),
        _order(w),
        _claim(w),
        _ruling(w, story.case.ruling),
        _timeline(w),
        _evidence(w, story.case.evidence),
        _transfers(w),
        _rules(w),
        _proof(w),
    ]
    return Paper(
        locale=locale,
        title=w.say(N_("Dossier of case {number}"), number=number),
        subtitle=w.say(MADE_FOR[story.audience]),
        page=w.say(N_("Page {n} of {of}"), n="{n}", of="{of}"),
        footer=w.say(N_("Gongdao · case {number}"), number=number),
        date=list(changed.utctimetuple()[:6]),
        blocks=[block for block in blocks if block],
    )


def _summary(w: _Writer) -> Block:
    story, case = w.story, w.story.case
    facts = [
        (w.say(N_("Case number")), f"{story.statement.number}  ({case.id})"),
        (w.say(N_("Subject")), w.words((case.procedure, "procedure"), (case.kind, "kind"))),
        (w.say(N_("Buyer")), story.statement.buyer or w.say(N_("Not shown"))),
        (w.say(N_("Shop")), story.statement.shop),
        (w.say(N_("Filed")), f"{w.when(case.opened_at)} · {w.who(case.opened_by)}"),
        (w.say(N_("Where it stands")), _standing(w)),
        (w.say(N_("Judged by")), f"{_title(w)}  ({story.pack_statement.name})"),
        (w.say(N_("Exported")), w.when(story.exported_at)),
        (w.say(N_("Contains")), _contents(w)),
    ]
    return Block(facts=facts, texts=[w.say(N_("All times are Beijing time (UTC+8)."))])


def _title(w: _Writer) -> str:
    return w.story.pack_statement.zh if w.locale == "zh" else w.story.pack_statement.en


def _standing(w: _Writer) -> str:
    case = w.story.case
    if case.ended:
        at, ended = case.closed_at or case.opened_at, w.word(case.ended, "ended")
        return w.say(N_("Closed on {at}: {ended}"), at=at, ended=ended)
    stage = w.word(case.stage, "stage")
    if case.deadline is None:
        return stage
    return w.say(N_("{stage}, until {at}"), stage=stage, at=case.deadline)


def _contents(w: _Writer) -> str:
    return w.say(
        N_("Events: {events} · evidence files: {files} · transfers: {transfers} · rules: {rules}"),
        events=w.story.events,
        files=len(w.story.evidence),
        transfers=len(w.story.transfers),
        rules=len(w.story.rules),
    )


def _order(w: _Writer) -> Block | None:
    statement = w.story.statement
    if not statement.order:
        return None
    disputed = set(w.story.case.lines) or {line.line for line in statement.lines}
    rows = [
        [
            str(line.line),
            line.title,
            str(line.quantity),
            w.money(line.price_fen),
            w.say(N_("yes")) if line.line in disputed else "—",
        ]
        for line in statement.lines
    ]
    return Block(
        heading=w.say(N_("The order")),
        facts=[
            (w.say(N_("Order number")), statement.order),
            (w.say(N_("Placed")), w.when(statement.placed_at)),
            (w.say(N_("Paid")), w.when(statement.paid_at)),
            (w.say(N_("Outbound freight")), w.money(statement.freight_fen)),
        ],
        head=w.heads(
            N_("Line"), N_("Goods bought"), N_("Quantity"), N_("Unit price"), N_("In dispute")
        ),
        rows=rows,
        widths=["auto", "1fr", "auto", "auto", "auto"],
    )


def _claim(w: _Writer) -> Block:
    case = w.story.case
    facts = [(w.say(N_("Reason")), w.word(case.reason, "reason"))] if case.reason else []
    if case.asked_fen:
        facts.append((w.say(N_("Asked for")), w.money(case.asked_fen)))
    return Block(
        heading=w.say(N_("What is claimed")),
        facts=facts,
        texts=[case.claim or w.say(N_("No statement was given, or it is not shown here."))],
    )


def _ruling(w: _Writer, ruling: Ruling | None) -> Block | None:
    if ruling is None:
        return None
    facts = [
        (w.say(N_("Ruled")), w.when(ruling.at)),
        (w.say(N_("Liability")), w.word(ruling.liability, "liability")),
        (w.say(N_("Remedy")), w.word(ruling.remedy, "remedy")),
        (w.say(N_("Carriage borne by")), w.word(ruling.freight_by, "role")),
    ]
    facts += [(w.word(name, "amount"), w.money(fen)) for name, fen in ruling.amounts_fen.items()]
    total = sum(ruling.amounts_fen.values())
    if len(ruling.amounts_fen) > 1:
        facts.append((w.word("total", "amount"), w.money(total)))
    facts.append((w.say(N_("Rules cited")), ", ".join(ruling.cites) or "—"))
    if ruling.unverified:
        facts.append((w.say(N_("Of them unverified")), ", ".join(ruling.unverified)))
    texts = [ruling.note] if ruling.note else []
    return Block(heading=w.say(N_("The ruling")), facts=facts, texts=texts)


def _timeline(w: _Writer) -> Block:
    rows = [_told(w, number, record) for number, record in w.story.records[:TIMELINE_MAX]]
    texts: list[str] = []
    if w.story.events > len(rows):
        left = w.story.events - len(rows)
        texts = [w.say(N_("{n} later events stand in events.jsonl only."), n=left)]
    return Block(
        heading=w.say(N_("What happened")),
        texts=texts,
        head=w.heads(N_("No."), N_("Time"), N_("By"), N_("Event")),
        rows=rows,
        widths=["auto", "auto", "auto", "1fr"],
    )


def _told(w: _Writer, number: int, record: Recorded | None) -> list[str]:
    if record is None:
        hidden = w.say(N_("(Not shown in this copy; its seal is in the chain.)"))
        return [str(number), "", "", hidden]
    sentence = say_event(record, w.story.pack, w.locale)
    more = [text for text in _own_words(record.body) if text and text not in sentence]
    if isinstance(record.body, e.Noted) and record.body.private:
        more.append(w.say(N_("(private note)")))
    when, who = w.when(record.at), w.who(record.by, record.person_id)
    return [str(number), when, who, "\n".join([sentence, *more])]


def _own_words(body: Any) -> list[str]:
    """What people wrote, beside the sentence that tells of the event."""
    inner = ("offer", "evidence", "ruling", "appeal")
    parts = [body, *(getattr(body, name, None) for name in inner)]
    found = [getattr(part, name, "") for part in parts for name in ("claim", "note", "grounds")]
    return [text for text in found if isinstance(text, str)]


def _evidence(w: _Writer, pieces: Sequence[Evidence]) -> Block | None:
    if not pieces:
        return None
    files = {line.name.rpartition(".")[0]: line for line in w.story.evidence}
    rows: list[list[str]] = []
    for piece in pieces:
        stem = evidence_name(piece.number, 0).removesuffix("00")
        mine = [line for name, line in files.items() if name.startswith(stem)]
        told = w.word(piece.kind, "evidence") + (f"\n{piece.note}" if piece.note else "")
        if piece.amount_fen:
            told += f"\n{w.money(piece.amount_fen)}"
        names = "\n".join(f"{line.name}  {_size(line.size)}\n{line.sha256}" for line in mine)
        sent = f"{w.when(piece.at)}\n{w.who(piece.by)}"
        rows.append([str(piece.number), sent, told, names or "—"])
    return Block(
        heading=w.say(N_("The evidence")),
        head=w.heads(
            N_("No."), N_("Submitted"), N_("Kind and note"), N_("Files and their SHA-256")
        ),
        rows=rows,
        widths=["auto", "auto", "1fr", "auto"],
        small=[3],
    )


def _size(size: int) -> str:
    return f"{size / 1000:.0f} kB" if size >= 1000 else f"{size} B"


def _transfers(w: _Writer) -> Block | None:
    rows = [
        [
            w.when(line.at),
            w.say(TRANSFERS.get(line.kind, line.kind)),
            f"{w.word(line.source, 'account')} → {w.word(line.target, 'account')}",
            w.money(line.amount_fen),
            w.say(STATES.get(line.state, line.state)),
        ]
        for line in w.story.transfers
    ]
    if not rows:
        return None
    return Block(
        heading=w.say(N_("The money")),
        head=w.heads(N_("Time"), N_("Transfer"), N_("From and to"), N_("Sum"), N_("State")),
        rows=rows,
        widths=["auto", "auto", "1fr", "auto", "auto"],
    )


def _rules(w: _Writer) -> Block | None:
    rows = [
        [
            rule.id,
            (rule.zh if w.locale == "zh" else rule.en),
            say_source(rule.source, w.locale),
            w.say(VERIFIED.get(rule.verified, rule.verified)),
        ]
        for rule in w.story.rules
    ]
    if not rows:
        return None
    return Block(
        heading=w.say(N_("The rules")),
        head=w.heads(N_("Rule"), N_("What it says"), N_("Source"), N_("Verified")),
        rows=rows,
        widths=["auto", "3fr", "1.6fr", "auto"],
    )


def _proof(w: _Writer) -> Block:
    story = w.story
    hidden = sum(record is None for _, record in story.records)
    facts = [(w.say(N_("Root of the chain")), story.root)]
    if story.head:
        facts.append((w.say(N_("Hash of the last event")), story.head))
    facts.append((w.say(N_("Files of the rule pack")), story.pack_statement.sha256))
    texts = [w.say(SEALED), "gongdao verify dossier.zip", w.say(ONE_ROOT)]
    if story.audience != "platform":
        texts.append(w.say(LEFT_OUT, n=hidden))
    heading = w.say(N_("How to check this dossier"))
    return Block(heading=heading, facts=facts, texts=texts, small=[1])
