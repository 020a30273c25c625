"""What a party's dossier shows of an event, leaf by leaf. What is not named here is not shown.

The platform sees everything. A party does not see who acted (people are named by their role), the
other side's private notes, what the platform keeps to itself until it is decided, or, where it is
the one reported, anything that could say who reported it. Texts of others are masked where they
hold contact details.
"""

from typing import Any, cast

import msgspec

from gongdao.cases.events import Noted, Recorded
from gongdao.cases.seen_by import NOBODY
from gongdao.dossier.contents import Audience, EventLine, TransferLine, encode
from gongdao.dossier.mask import masked_text
from gongdao.dossier.seal import Tree, leaf_digest, leaves, prove, prune, salt_of, seal
from gongdao.policy.words import Role

#: Never for a party, wherever they stand: people, and the chain's own hash, which has no salt and
#: would let a reader try out what is withheld until it fits.
_NEVER = frozenset({"person_id", "buyer_id", "hash"})
_read_record = msgspec.json.Decoder(Recorded).decode

_HEAD = frozenset({"version", "at", "by", "pack"})
#: What is told of an event's body, by its type; "*" is all of it.
OPEN: dict[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "case_opened": "case_id procedure kind order_id shop_id pack by switches reason claim lines"
        " asked_fen by_rules received quantities share count anonymous wanted",
        "request_modified": "kind reason claim lines asked_fen by_rules received quantities share"
        " count wanted",
        "stage_entered": "stage waiting_on deadline ending",
        "request_approved": "award_fen freight_by remedy by_silence",
        "request_rejected": "reason",
        "offer_made": "offer",
        "offer_accepted": "number by award_fen freight_by remedy",
        "offer_declined": "number",
        "compensated": "amount_fen rules",
        "shipped_back": "parcel",
        "tracking_refilled": "carrier tracking",
        "return_signed": "deadline",
        "receipt_confirmed": "intact",
        "mismatch_reported": "problem",
        "handling_confirmed": "",
        "escalated": "",
        "case_accepted": "",
        "case_turned_away": "reason",
        "goods_sent": "parcel",
        "goods_signed": "",
        "evidence_requested": "request",
        "evidence_submitted": "evidence",
        "evidence_sealed": "",
        "deadline_extended": "deadline note",
        "case_paused": "cause remaining deadline",
        "pause_prolonged": "deadline",
        "case_resumed": "deadline",
        "reminded": "by",
        "noted": "text private",
        "deadline_missed": "",
        "timed_out": "stage rule",
        "withdrawn": "",
        "ruled": "ruling",
        "ruling_confirmed": "",
        "ruling_appealed": "appeal",
        "case_reopened": "",
        "execution_ordered": "",
        "refund_reckoned": "refund_fen before_fen rules",
        "payments_instructed": "lines",
        "payments_corrected": "corrections",
        "awarded_against_buyer": "award_fen",
        "case_closed": "ended upheld",
    }.items()
}
#: What is told to the shop alone: its discipline, and what is held of its money.
OPEN_TO_SHOP: dict[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "points_charged": "charge entry undoes note",
        "sanction_imposed": "sanction entry",
        "sanction_lifted": "number kind rule note entry",
        "fine_charged": "number rule lines",
        "fine_returned": "number amount_fen",
        "funds_frozen": "amount_fen wanted_fen",
        "funds_released": "amount_fen",
        "case_closed": "ended upheld entry",
    }.items()
}
#: Types of which a party sees only that they happened: how jurors voted, what a supervisor wrote
#: to an arbiter, what the platform found odd.
KEPT: frozenset[str] = frozenset({"voted", "ruling_sent_back", "warning_raised"})
#: And of which not even that: whom the platform suspects.
SECRET: frozenset[str] = frozenset({"signal_raised"})
#: Where the buyer's own money lies; a buyer's copy tells of transfers from there or to there.
_OF_BUYER = frozenset({"order_escrow", "buyer_refund", "gift_card"})

#: What the reported learns of its reporter's doing: what is claimed, never by whom.
_OF_REPORTER: dict[str, frozenset[str]] = {
    "case_opened": frozenset({"case_id", "procedure", "kind", "pack", "by", "reason", "anonymous"}),
    "request_modified": frozenset({"kind", "reason"}),
    "stage_entered": OPEN["stage_entered"],
    "timed_out": OPEN["timed_out"],
    "escalated": OPEN["escalated"],
    "evidence_sealed": OPEN["evidence_sealed"],
    "withdrawn": OPEN["withdrawn"],
}

#: Numbers that both sides know and need: parcels, rules and hashes.
_PLAIN = frozenset({"tracking", "carrier", "sha256", "file_ids", "rule", "rules", "pack"})


def side_of(role: Role | str) -> Audience:
    """On whose side a role stands."""
    if role == "buyer":
        return "buyer"
    return "seller" if role in ("seller", "agent", "lead") else "platform"


class Viewpoint(msgspec.Struct, frozen=True, kw_only=True):
    """For whom the events of a case are shown."""

    audience: Audience
    opened_by: Role
    anonymous: bool

    @property
    def hides_reporter(self) -> bool:
        """Whether this is the side that was reported."""
        sees = ("platform", side_of(self.opened_by))
        return self.anonymous and self.audience not in sees

    def withheld(self, event: Tree) -> frozenset[str]:
        """The paths of an event that this side does not see."""
        if self.audience == "platform":
            return frozenset()
        return frozenset(path for path, _ in leaves(event) if not self._shows(path, event))

    def masked(self, event: Tree) -> dict[str, str]:
        """The texts of others with contact details in them, without those."""
        if self.audience in ("platform", side_of(event["by"])):
            return {}
        found = {path: masked_text(value) for path, value in leaves(event) if _is_text(path, value)}
        before = dict(leaves(event))
        return {
            path: text
            for path, text in found.items()
            if text != before[path] and self._shows(path, event)
        }

    def sees_money(self, line: TransferLine) -> bool:
        """Whether a transfer is told to this side."""
        if self.audience == "platform":
            return True
        of_buyer = not _OF_BUYER.isdisjoint((line.source, line.target))
        if self.hides_reporter:
            # What comes back to a reporter says which order it was.
            return self.audience == "seller" and not of_buyer
        return of_buyer or self.audience == "seller"

    def _shows(self, path: str, event: Tree) -> bool:
        steps = path.split("/")[1:]
        if steps[-1] in _NEVER or self._is_untold(event):
            return steps == ["version"]
        if steps[0] != "body":
            return steps[0] in _HEAD
        kind: str = event["body"]["type"]
        if steps[1] == "type":
            return True
        if self._is_of_reporter(event):
            return steps[1] in _OF_REPORTER[kind]
        if self.audience == "seller" and kind in OPEN_TO_SHOP:
            return steps[1] in OPEN_TO_SHOP[kind]
        return steps[1] in OPEN.get(kind, ())

    def _is_untold(self, event: Tree) -> bool:
        """Whether nothing is told of it but its number."""
        kind: str = event["body"]["type"]
        if kind in SECRET or (self._is_of_reporter(event) and kind not in _OF_REPORTER):
            return True
        befell_shop = kind in OPEN_TO_SHOP and kind not in OPEN
        return (befell_shop and self.audience == "buyer") or self._is_private(event)

    def _is_of_reporter(self, event: Tree) -> bool:
        return self.hides_reporter and side_of(event["by"]) == side_of(self.opened_by)

    def _is_private(self, event: Tree) -> bool:
        body = cast("Tree", event["body"])
        private = body["type"] == "noted" and body.get("private", False)
        return private and side_of(event["by"]) != self.audience


def line_of(event: Tree, view: Viewpoint, *, key: bytes, before: bytes) -> tuple[EventLine, bytes]:
    """The line of an event for a side, and its seal."""
    version: int = event["version"]
    masked = view.masked(event)
    hidden = view.withheld(event) | masked.keys()
    proofs: dict[str, str] = {}
    withheld: list[str] = []
    digests: list[str] = []
    for path, value in leaves(event):
        salt = salt_of(key, version, path)
        digest = leaf_digest(salt, path, value)
        digests.append(digest)
        if path in hidden:
            withheld.append(digest)
        else:
            proofs[path] = prove(salt, digest)
    sealed = seal(before, digests)
    line = EventLine(
        event=prune(event, frozenset(hidden)),
        proofs=proofs,
        seal=sealed.hex(),
        withheld=sorted(withheld),
        masked=masked,
    )
    return line, sealed


def shown(line: EventLine, before: Recorded | None) -> Recorded | None:
    """The event as far as its line shows it; None where too little of it is left to be told."""
    event: Tree = {key: value for key, value in line.event.items() if key != "hash"}
    for path, text in line.masked.items():
        _put(event, path.split("/")[1:], text)
    event.setdefault("by", "system")
    if before is None:
        opened: Tree = event.setdefault("body", {})
        for name in ("buyer_id", "order_id", "shop_id"):
            opened.setdefault(name, str(NOBODY))
        opened.setdefault("by", event["by"])
    try:
        return _read_record(encode(event))
    except msgspec.ValidationError:
        return None


def told(line: EventLine, before: Recorded | None) -> Recorded:
    """The same, with something that says nothing in the place of what cannot be told."""
    if record := shown(line, before):
        return record
    if before is None:
        raise ValueError("a case begins with case_opened")
    return Recorded(
        version=line.event["version"],
        at=before.at,
        by="system",
        pack=before.pack,
        body=Noted(text="", private=True),
    )


def _put(event: Tree, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        event = event.setdefault(step, {})
    event[steps[-1]] = value


def _is_text(path: str, value: Any) -> bool:
    return isinstance(value, str) and path.rsplit("/", 1)[-1] not in _PLAIN
