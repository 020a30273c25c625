"""Proves a dossier by itself: no database, no network. Stops at the first thing that is not right.

What it reads is written by strangers: the archive is taken only as we write it, every size is
known before it is read, and one line or one piece is in memory at a time.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from gongdao.cases.case import Case, Evidence
from gongdao.cases.chain import ROOT, link
from gongdao.cases.events import EvidenceSubmitted, Recorded
from gongdao.cases.fold import apply
from gongdao.cases.payment import instructed
from gongdao.dossier.archive import ArchiveFault, Member, read_members, read_pieces
from gongdao.dossier.contents import (
    CASE,
    EVENTS,
    EVENTS_MAX,
    FORMAT,
    LEDGER,
    LINE_BYTES_MAX,
    MANIFEST,
    MANIFEST_BYTES_MAX,
    PACK,
    RULES,
    CaseStatement,
    EventLine,
    Manifest,
    MemberLine,
    PackStatement,
    RuleLine,
    TransferLine,
    encode,
    line_digest,
)
from gongdao.dossier.names import evidence_name
from gongdao.dossier.redact import told
from gongdao.dossier.seal import START, leaf_digest, leaves, prove, seal

T = TypeVar("T")
#: What may go wrong where words are right and what they say is nonsense, such as times of no zone.
_UNREADABLE = (
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AssertionError,
    RecursionError,
)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that is not as it was written."""

    file: str
    message: str
    event: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.event is not None:
            place += f", event {self.event}"
        if self.field is not None:
            place += f", field {self.field}"
        return f"{place}: {self.message}"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the check: the manifest as far as it could be read, and the first fault."""

    manifest: Manifest | None = None
    fault: Fault | None = None


class _Found(Exception):
    """Ends the check at its first fault."""

    def __init__(
        self, file: str, message: str, *, event: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.fault = Fault(file=file, message=message, event=event, field=field)


def verify_dossier(file: BinaryIO) -> Checked:
    """Check everything in a dossier; says the first thing that was altered, or that nothing was."""
    manifest: Manifest | None = None
    try:
        members = {member.name: member for member in read_members(file)}
        manifest = _read_manifest(file, members)
        _check_names(file, list(members.values()), manifest)
        for line in manifest.members:
            _check_member(file, members[line.name], line, manifest)
        _check_meaning(file, members, manifest)
    except ArchiveFault as fault:
        return Checked(manifest=manifest, fault=Fault(file=fault.place, message=fault.message))
    except _Found as found:
        return Checked(manifest=manifest, fault=found.fault)
    return Checked(manifest=manifest)


def _read_manifest(file: BinaryIO, members: dict[str, Member]) -> Manifest:
    if MANIFEST not in members:
        raise _Found(MANIFEST, "it is missing")
    manifest = _read_small(file, members[MANIFEST], Manifest)
    if manifest.format != FORMAT:
        raise _Found(MANIFEST, f"it is of the form {manifest.format[:40]!r}, not {FORMAT!r}")
    if manifest.fingerprint() != manifest.sha256:
        raise _Found(MANIFEST, "its hash over itself does not fit: something in it was altered")
    return manifest


def _check_names(file: BinaryIO, members: list[Member], manifest: Manifest) -> None:
    should = [*(line.name for line in manifest.members), MANIFEST]
    have = [member.name for member in members]
    for name in (CASE, PACK, RULES, EVENTS, LEDGER):
        if name not in should:
            raise _Found(MANIFEST, f"it does not name {name}", field="members")
    if len(should) != len(set(should)):
        raise _Found(MANIFEST, "it names a file twice", field="members")
    foreign = next((member for member in members if member.name not in should), None)
    for line in manifest.members:
        if line.name not in have:
            if foreign and foreign.size == line.size and _sha256(file, foreign) == line.sha256:
                raise _Found(line.name, f"it was renamed to {foreign.name}")
            raise _Found(line.name, "it is missing")
    if foreign:
        raise _Found(foreign.name, "it does not belong to the dossier")
    for position, (wanted, found) in enumerate(zip(should, have, strict=True), start=1):
        if wanted != found:
            raise _Found(found, f"it stands in place {position}, where {wanted} should be")


def _check_member(file: BinaryIO, member: Member, line: MemberLine, manifest: Manifest) -> None:
    if member.size == line.size and _sha256(file, member) == line.sha256:
        return
    if member.name == EVENTS:
        # Looks closer: which event, and which field of it.
        for _ in _read_events(file, member, manifest):
            pass
    if line.lines:
        _check_lines(file, member, line)
    raise _Found(member.name, "its bytes were altered")


def _check_lines(file: BinaryIO, member: Member, line: MemberLine) -> None:
    count = 0
    for count, (raw, wanted) in enumerate(
        zip(_read_lines(file, member), line.lines, strict=False), start=1
    ):
        if line_digest(raw) != wanted:
            raise _Found(member.name, f"line {count} was altered")
    if count < len(line.lines):
        raise _Found(member.name, f"line {count + 1} is missing")


def _check_meaning(file: BinaryIO, members: dict[str, Member], manifest: Manifest) -> None:
    """What hashes do not say: that the parts tell the same story."""
    statement = _read_small(file, members[CASE], CaseStatement)
    if statement.number != manifest.case:
        raise _Found(CASE, "it is of another case than the manifest", field="number")
    hashes = {line.name: line.sha256 for line in manifest.members}
    case: Case | None = None
    told_fen: Counter[tuple[str, str]] = Counter()
    for record in _read_events(file, members[EVENTS], manifest):
        if isinstance(record.body, EvidenceSubmitted):
            _check_evidence(record.version, record.body.evidence, hashes)
        try:
            case = apply(case, record)
            told_fen.update(instructed([record]))
        except _UNREADABLE as error:
            raise _Found(EVENTS, f"it cannot follow: {error}", event=record.version) from None
    assert case, "there is at least one event"
    _check_state(case, statement)
    if not case.anonymous or manifest.made_for == "platform":
        _check_money(file, members[LEDGER], told_fen)
    _check_rules(file, members, case)


def _check_evidence(version: int, piece: Evidence, hashes: dict[str, str]) -> None:
    names = {name.rpartition(".")[0]: name for name in hashes if name.startswith("evidence/")}
    for place, sha256 in enumerate(piece.sha256, start=1):
        name = names.get(evidence_name(piece.number, place))
        if name is None:
            lost = f"evidence {piece.number}, file {place}"
            raise _Found(EVENTS, f"{lost} does not lie in the dossier", event=version)
        if hashes[name] != sha256:
            raise _Found(name, f"it is not what was submitted with event {version}")


def _check_state(case: Case, statement: CaseStatement) -> None:
    told_state = msgspec.json.decode(encode(case))
    for name in sorted(told_state.keys() | statement.state.keys()):
        if told_state.get(name) != statement.state.get(name):
            raise _Found(CASE, "it is not what the events say", field=f"state/{name}")


def _check_money(file: BinaryIO, member: Member, told_fen: Counter[tuple[str, str]]) -> None:
    """What the events paid to the buyer has to stand among the transfers, and nothing beside it."""
    posted: Counter[tuple[str, str]] = Counter()
    for number, raw in enumerate(_read_lines(file, member), start=1):
        line = _decode(raw, TransferLine, LEDGER, number)
        if line.target == "buyer_refund" and line.ends_transfer is None and line.continues is None:
            posted[line.kind, line.source] += line.amount_fen
    for key in sorted(told_fen | posted):
        if told_fen[key] != posted[key]:
            kind, source = key
            message = f"{posted[key]} fen as {kind} from {source}, the events say {told_fen[key]}"
            raise _Found(LEDGER, message)


def _check_rules(file: BinaryIO, members: dict[str, Member], case: Case) -> None:
    pack = _read_small(file, members[PACK], PackStatement)
    if pack.name != case.pack:
        raise _Found(PACK, f"the case is judged by {case.pack}", field="name")
    known = {
        _decode(raw, RuleLine, RULES, number).id
        for number, raw in enumerate(_read_lines(file, members[RULES]), start=1)
    }
    missing = [rule for rule in (case.ruling.cites if case.ruling else ()) if rule not in known]
    if missing:
        raise _Found(RULES, f"the ruling cites {missing[0]}, which is not there")


def _read_events(file: BinaryIO, member: Member, manifest: Manifest) -> Iterator[Recorded]:
    """The events one by one, each proven by its seal, and a whole one by the case's chain too."""
    before, head = START, ROOT
    last: Recorded | None = None
    number = 0
    for number, raw in enumerate(_read_lines(file, member), start=1):
        if number > min(manifest.events, EVENTS_MAX):
            raise _Found(EVENTS, "there are more events than the manifest says", event=number)
        line = _decode(raw, EventLine, EVENTS, number)
        before = _check_line(line, number, before)
        if manifest.head is not None:
            head = _check_link(line, number, head)
        try:
            last = told(line, last)
        except _UNREADABLE as error:
            raise _Found(EVENTS, f"it cannot be read: {error}", event=number) from None
        yield last
    if number < manifest.events or last is None:
        raise _Found(EVENTS, "it is missing", event=number + 1)
    if before.hex() != manifest.root:
        raise _Found(MANIFEST, "it is not the seal of the last event", field="root")
    if manifest.head is not None and head.hex() != manifest.head:
        raise _Found(MANIFEST, "it is not the hash of the last event", field="head")


def _check_line(line: EventLine, number: int, before: bytes) -> bytes:
    version = line.event.get("version")
    if version != number:
        later = isinstance(version, int) and version > number
        message = "it is missing" if later else f"event {version} stands in its place"
        raise _Found(EVENTS, message, event=number)
    digests = list(line.withheld)
    shown = dict(leaves(line.event))
    for path in (*shown, *line.proofs):
        if path not in line.proofs:
            raise _Found(EVENTS, "it was added", event=number, field=path[1:])
        if path not in shown:
            raise _Found(EVENTS, "it was taken away", event=number, field=path[1:])
    for path, value in shown.items():
        salt = line.proofs[path].partition(".")[0]
        digest = leaf_digest(salt, path, value)
        if prove(salt, digest) != line.proofs[path]:
            raise _Found(EVENTS, "it was altered", event=number, field=path[1:])
        digests.append(digest)
    sealed = seal(before, digests)
    if sealed.hex() != line.seal:
        message = "it does not follow from this event and the one before"
        raise _Found(EVENTS, message, event=number, field="seal")
    return sealed


def _check_link(line: EventLine, number: int, head: bytes) -> bytes:
    event = {key: value for key, value in line.event.items() if key != "hash"}
    try:
        record = msgspec.json.decode(encode(event), type=Recorded)
    except _UNREADABLE as error:
        raise _Found(EVENTS, f"it cannot be read: {error}", event=number) from None
    linked = link(head, record)
    if linked.hex() != line.event.get("hash"):
        message = "it does not follow from this event and the one before"
        raise _Found(EVENTS, message, event=number, field="hash")
    return linked


def _read_lines(file: BinaryIO, member: Member) -> Iterator[bytes]:
    rest, lines = b"", 0
    for piece in read_pieces(file, member):
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > LINE_BYTES_MAX:
            break
        yield from whole
        lines += len(whole)
    if rest:
        event = lines + 1 if member.name == EVENTS else None
        raise _Found(member.name, "its last line does not end, or a line is too long", event=event)


def _read_small(file: BinaryIO, member: Member, kind: type[T]) -> T:
    if member.size > MANIFEST_BYTES_MAX:
        raise _Found(member.name, f"it has {member.size} bytes")
    return _decode(b"".join(read_pieces(file, member)), kind, member.name, None)


def _decode(raw: bytes, kind: type[T], file: str, number: int | None) -> T:
    """Read what must be written exactly as we write it."""
    event = number if file == EVENTS else None
    try:
        found = msgspec.json.decode(raw, type=kind)
        written = encode(found)
    except _UNREADABLE as error:
        raise _Found(file, f"it cannot be read: {error}", event=event) from None
    if written != raw:
        raise _Found(file, "it is not written as it was", event=event)
    return found


def _sha256(file: BinaryIO, member: Member) -> str:
    digest, crc = hashlib.sha256(), 0
    for piece in read_pieces(file, member):
        digest.update(piece)
        crc = zlib.crc32(piece, crc)
    return digest.hexdigest() if crc == member.crc else ""
