"""What lies in a dossier: the names of its files, their lines, and the manifest over them."""

import hashlib
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.canonical import encode_canonical

FORMAT = "gongdao-dossier/1"
#: For whom a dossier is made; a party's leaves out what is not theirs to see.
Audience = Literal["buyer", "seller", "platform"]

MANIFEST = "manifest.json"
CASE = "case.json"
EVENTS = "events.jsonl"
LEDGER = "ledger.jsonl"
RULES = "rules.jsonl"
PACK = "pack.json"
PAPERS: dict[Literal["zh", "en"], str] = {"zh": "dossier.zh.pdf", "en": "dossier.en.pdf"}

EVENTS_MAX = 10_000
FILES_MAX = 500
TRANSFERS_MAX = 10_000
LINE_BYTES_MAX = 1_000_000
MANIFEST_BYTES_MAX = 4_000_000

encode = encode_canonical


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a dossier; unknown keys are refused, or they could say what nobody checked."""


class EventLine(Part, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of events.jsonl: what is shown of an event, and what stands for the rest."""

    event: dict[str, Any]
    """The event as it stands in the log, and `hash`, its link in the case's own chain."""
    proofs: dict[str, str]
    """For every path that is shown: the salt of its digest, a dot, and how the digest begins."""
    seal: str
    """Over the seal of the line above and the digests of all leaves, shown or not."""
    withheld: list[str] = []
    """The digests of what is not shown."""
    masked: dict[str, str] = {}
    """Texts that are withheld because of contact details, to be read without them; not proven."""


class TransferLine(Part, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of ledger.jsonl: a row of the ledger that belongs to the case."""

    id: int
    at: datetime
    kind: str
    state: str
    source: str
    target: str
    amount_fen: int
    event: int | None = None
    """The number of the event with which the money moved."""
    ends_transfer: int | None = None
    continues: int | None = None


class RuleLine(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of rules.jsonl: a rule that the case rests on, in words, with its source."""

    id: str
    zh: str
    en: str
    source: str
    verified: str


class PackStatement(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """pack.json: by which rule pack the case is judged, and what its files say."""

    name: str
    zh: str
    en: str
    extends: str
    switches: dict[str, str]
    """Those that differ from the pack's own, as they were when the case was opened."""
    sha256: str
    """Over the files of the pack and of the law layers under it."""


class LineOfOrder(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was bought: one line of the order."""

    line: int
    title: str
    quantity: int
    price_fen: int


class CaseStatement(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """case.json: whose case it is, about which order, and where it stands after the last event."""

    number: int
    order: str
    placed_at: datetime | None
    paid_at: datetime | None
    lines: tuple[LineOfOrder, ...]
    freight_fen: int
    shop: str
    buyer: str
    people: dict[UUID, str]
    """Names of those who acted; in the platform's dossier only."""
    state: dict[str, Any]
    """What the events fold to, as far as they are shown."""


class MemberLine(Part, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A file of the dossier as the manifest knows it."""

    name: str
    size: int
    sha256: str
    lines: list[str] = []
    """Of a file of lines: the first eight bytes of the sha256 of each."""


class Manifest(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """manifest.json: every other file with its hash, the chain's root, and a hash over itself."""

    format: str
    case: int
    made_for: Audience
    exported_at: datetime
    events: int
    root: str
    """The seal of the last event: the same in every dossier of this case at this event."""
    head: str | None
    """The hash of the last event in the case's own chain; in the platform's dossier only."""
    members: list[MemberLine]
    sha256: str = ""

    def fingerprint(self) -> str:
        """The hash over everything else in the manifest, and so over the whole dossier."""
        return hashlib.sha256(encode(msgspec.structs.replace(self, sha256=""))).hexdigest()


def line_digest(line: bytes) -> str:
    """What the manifest keeps of one line."""
    return hashlib.sha256(line).hexdigest()[:16]
