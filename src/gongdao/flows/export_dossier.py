"""A case written down as a dossier: events, evidence, money, rules and pages, one after the other.

The database is read in one snapshot, and no more than a batch of events or a piece of a file is in
memory at a time, beside what the pages say.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, N_
from gongdao.cases.case import Case
from gongdao.cases.chain import decode_state
from gongdao.cases.events import Recorded
from gongdao.cases.fold import apply
from gongdao.dossier import contents as c
from gongdao.dossier.archive import ArchiveFault, ArchiveWriter
from gongdao.dossier.draw import draw_paper
from gongdao.dossier.names import evidence_file
from gongdao.dossier.paper import TIMELINE_MAX, Story, write_paper
from gongdao.dossier.reads import Linked, read_events, read_transfers, read_whose
from gongdao.dossier.redact import Viewpoint, line_of, shown, told
from gongdao.dossier.seal import START
from gongdao.dossier.store import key_of
from gongdao.files.file import StoredFile
from gongdao.files.objects import Objects, object_key
from gongdao.files.store import find_files
from gongdao.flows.act import may_see, pack_of
from gongdao.policy.load import PACKS, load_pack, pack_folder
from gongdao.policy.pack import Pack
from gongdao.shops.order import Line


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier that was written: whose, how large, and what proves it."""

    number: int
    audience: c.Audience
    size: int
    root: str
    fingerprint: str


def audience_for(who: Principal, wanted: c.Audience | None = None) -> c.Audience:
    """For whom a person may have a dossier made. Raises Refusal wrong_role."""
    own: dict[str, c.Audience] = {"buyer": "buyer", "shop": "seller", "platform": "platform"}
    if who.kind == "platform":
        if not who.may("audit.read"):
            raise Refusal("wrong_role", N_("Your account may not export dossiers."))
        return wanted or "platform"
    if wanted not in (None, own[who.kind]):
        raise Refusal("wrong_role", N_("A party exports its own dossier only."))
    return own[who.kind]


async def export_for(
    pool: Pool,
    objects: Objects,
    who: Principal,
    case_id: UUID,
    *,
    wanted: c.Audience | None,
    now: datetime,
    file: BinaryIO,
) -> Exported:
    """Write the dossier of a case for a person who may see it. Raises Refusal."""
    async with pool.acquire() as connection:
        row = await read_whose(connection, case_id)
    if row is None or not may_see(who, decode_state(row["state"])):
        raise Refusal("not_found", N_("There is no such case."))
    audience = audience_for(who, wanted)
    return await export_dossier(pool, objects, case_id, audience=audience, now=now, file=file)


async def export_dossier(
    pool: Pool,
    objects: Objects,
    case_id: UUID,
    *,
    audience: c.Audience,
    now: datetime,
    file: BinaryIO,
) -> Exported:
    """Write the dossier of a case into a file. Raises Refusal where there is none, or too much."""
    key = await key_of(pool, case_id)
    writing = _Writing(file, audience)
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await writing.read(connection, case_id, key)
        await writing.add_evidence(objects)
        async with objects.cleaning:
            await asyncio.to_thread(writing.add_pages, now)
        return writing.finish(now)
    except ArchiveFault as fault:
        raise Refusal(
            "too_large", N_("The dossier would be too large: {why}."), why=str(fault)
        ) from None


class _Writing:
    """A dossier that is being written."""

    def __init__(self, file: BinaryIO, audience: c.Audience) -> None:
        self.archive = ArchiveWriter(file)
        self.audience: c.Audience = audience
        self.members: list[c.MemberLine] = []
        self.records: list[tuple[int, Recorded | None]] = []
        self.events = 0
        self.root = START
        self.head = b""
        self.people: set[UUID] = set()

    async def read(self, connection: Connection, case_id: UUID, key: bytes) -> None:
        """Everything that the database says, as files of the dossier."""
        row = await read_whose(connection, case_id)
        if row is None:
            raise Refusal("not_found", N_("There is no such case."))
        self.number: int = row["number"]
        whole = decode_state(row["state"])
        self.view = Viewpoint(
            audience=self.audience, opened_by=whole.opened_by, anonymous=whole.anonymous
        )
        self.pack = pack_of(whole)
        self.case = await self._add_events(read_events(connection, case_id), key)
        names = await names_of_people(connection, self.people) if self._is_whole else {}
        self.statement = _statement(row, self.case, self.view, names)
        self._add(c.CASE, c.encode(self.statement))
        self.pack_statement = await asyncio.to_thread(state_pack, self.pack)
        self._add(c.PACK, c.encode(self.pack_statement))
        self.rules = _rules(self.pack, self.case, [record for _, record in self.records])
        self._add_lines(c.RULES, [c.encode(rule) for rule in self.rules])
        moved = await read_transfers(connection, case_id, limit=c.TRANSFERS_MAX)
        self.transfers = [line for line in moved if self.view.sees_money(line)]
        self._add_lines(c.LEDGER, [c.encode(line) for line in self.transfers])
        ids = [file_id for piece in self.case.evidence for file_id in piece.file_ids]
        if len(ids) > c.FILES_MAX:
            raise ArchiveFault("evidence", f"more than {c.FILES_MAX} files")
        self.files = await find_files(connection, ids)

    @property
    def _is_whole(self) -> bool:
        return self.audience == "platform"

    async def _add_events(self, events: AsyncIterator[Linked], key: bytes) -> Case:
        case: Case | None = None
        last: Recorded | None = None
        digests: list[str] = []
        self.archive.begin(c.EVENTS)
        async for linked in events:
            event: dict[str, Any] = msgspec.json.decode(c.encode(linked.record))
            event["hash"] = linked.hash.hex()
            line, self.root = line_of(event, self.view, key=key, before=self.root)
            self.events += 1
            if self.events > c.EVENTS_MAX:
                raise ArchiveFault(c.EVENTS, f"more than {c.EVENTS_MAX} events")
            raw = c.encode(line)
            self.archive.write(raw + b"\n")
            digests.append(c.line_digest(raw))
            if self.events <= TIMELINE_MAX:
                self.records.append((self.events, shown(line, last)))
            last = told(line, last)
            case = apply(case, last)
            self.head = linked.hash
            if linked.record.person_id:
                self.people.add(linked.record.person_id)
        assert case, "a case has events"
        self._ended(digests)
        return case

    async def add_evidence(self, objects: Objects) -> None:
        """The files of the evidence that is shown, each hashed as it is copied."""
        self.evidence: list[c.MemberLine] = []
        for piece in self.case.evidence:
            for place, file_id in enumerate(piece.file_ids, start=1):
                file = self.files.get(file_id)
                if file is None:
                    raise Refusal("not_found", N_("There is no such file."))
                self.archive.begin(evidence_file(piece.number, place, file.media_type))
                await self._copy(objects, file)
                line = self._ended()
                if line.sha256 != piece.sha256[place - 1]:
                    raise Refusal(
                        "not_found",
                        N_("The stored bytes of evidence {n} are not what was submitted."),
                        n=piece.number,
                    )
                self.evidence.append(line)

    async def _copy(self, objects: Objects, file: StoredFile) -> None:
        key = object_key(file.sha256)
        if await objects.size_of(key) != file.size_bytes:
            raise Refusal("not_found", N_("The bytes of this file are missing from the storage."))
        async for part in objects.read(key, 0, file.size_bytes):
            self.archive.write(part)

    def add_pages(self, now: datetime) -> None:
        """The readable pages, in both languages."""
        story = Story(
            audience=self.audience,
            exported_at=now,
            statement=self.statement,
            case=self.case,
            records=self.records,
            events=self.events,
            root=self.root.hex(),
            head=self.head.hex() if self._is_whole else None,
            pack=self.pack,
            pack_statement=self.pack_statement,
            rules=self.rules,
            transfers=self.transfers,
            evidence=self.evidence,
        )
        for locale in LOCALES:
            self._add(c.PAPERS[locale], draw_paper(write_paper(story, locale)))

    def finish(self, now: datetime) -> Exported:
        """The manifest, and the end of the archive."""
        manifest = c.Manifest(
            format=c.FORMAT,
            case=self.number,
            made_for=self.audience,
            exported_at=now,
            events=self.events,
            root=self.root.hex(),
            head=self.head.hex() if self._is_whole else None,
            members=self.members,
        )
        fingerprint = manifest.fingerprint()
        self.archive.add(
            c.MANIFEST, c.encode(msgspec.structs.replace(manifest, sha256=fingerprint))
        )
        return Exported(
            number=self.number,
            audience=self.audience,
            size=self.archive.close(),
            root=manifest.root,
            fingerprint=fingerprint,
        )

    def _add(self, name: str, content: bytes) -> None:
        self.archive.begin(name)
        self.archive.write(content)
        self._ended()

    def _add_lines(self, name: str, lines: list[bytes]) -> None:
        self.archive.begin(name)
        for line in lines:
            self.archive.write(line + b"\n")
        self._ended([c.line_digest(line) for line in lines])

    def _ended(self, digests: list[str] | None = None) -> c.MemberLine:
        member, sha256 = self.archive.finish()
        line = c.MemberLine(name=member.name, size=member.size, sha256=sha256, lines=digests or [])
        self.members.append(line)
        return line


def _statement(row: Record, case: Case, view: Viewpoint, names: dict[UUID, str]) -> c.CaseStatement:
    """Whose case it is; the reported side learns neither the order nor who reported."""
    hidden = view.hides_reporter
    lines = msgspec.json.decode(row["lines"], type=tuple[Line, ...])
    return c.CaseStatement(
        number=row["number"],
        order="" if hidden else row["order_number"],
        placed_at=None if hidden else row["placed_at"],
        paid_at=None if hidden else row["paid_at"],
        lines=()
        if hidden
        else tuple(
            c.LineOfOrder(
                line=line.line,
                title=line.title,
                quantity=line.quantity,
                price_fen=line.price_fen,
            )
            for line in lines
        ),
        freight_fen=0 if hidden else row["freight_fen"],
        shop="" if hidden and view.audience == "buyer" else row["shop"],
        buyer="" if hidden and view.audience == "seller" else row["buyer"],
        people=names,
        state=msgspec.json.decode(c.encode(case)),
    )


def state_pack(pack: Pack) -> c.PackStatement:
    """Which pack judges, and a hash over its files and those of the layers under it."""
    digest = hashlib.sha256()
    name: str = pack.name
    while name:
        folder = pack_folder(name)
        for path in sorted(folder.glob("*.toml")):
            digest.update(path.relative_to(PACKS).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        name = load_pack(name).head.extends
    return c.PackStatement(
        name=pack.name,
        zh=pack.head.title.zh,
        en=pack.head.title.en,
        extends=pack.head.extends,
        switches=pack.changed_switches,
        sha256=digest.hexdigest(),
    )


def _rules(pack: Pack, case: Case, records: list[Recorded | None]) -> list[c.RuleLine]:
    """The rules that the ruling cites, and those that events name, each once."""
    named = [*(case.ruling.cites if case.ruling else ())]
    for record in records:
        body: Any = record.body if record else None
        named += [getattr(body, "rule", ""), *getattr(body, "rules", ())]
        named.append(getattr(getattr(body, "charge", None), "rule", ""))
        named.append(getattr(getattr(body, "sanction", None), "rule", ""))
        named += getattr(getattr(body, "ruling", None), "cites", ())
    kind = pack.kinds.get((case.procedure, case.kind))
    procedure = pack.procedures.get(case.procedure)
    named += [kind.rule if kind else "", procedure.rule if procedure else ""]
    rules = [pack.rules[name] for name in dict.fromkeys(named) if name in pack.rules]
    return [
        c.RuleLine(
            id=rule.id,
            zh=rule.text.zh,
            en=rule.text.en,
            source=rule.source,
            verified=rule.verified,
        )
        for rule in rules
    ]
