"""A dialect: the words of another place for where a case stands, and how they map to ours.

Each struct is one table of the TOML files beside this one; the field docstrings are the reference
of the format (docs/dialects.md is drawn from the files).
"""

from typing import Literal

import msgspec

from gongdao.cases.case import Case
from gongdao.policy.pack import Ended, Verified
from gongdao.policy.words import Procedure, Reason, Stage

Word = str | int
#: What a mapping is about. Where a case stands is always said; the rest where there is a word.
Topic = Literal["state", "kind", "reason"]
Favours = Literal["buyer", "seller"]


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every table has in common: unknown keys are refused."""


class Text(Written, frozen=True, kw_only=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Source(Written, frozen=True, kw_only=True):
    """Where words of the dialect were read."""

    id: str
    title: str
    verified: Verified
    """V: read at the source or in what its owner generates from it; Vx: as others quote it."""


class Named(Written, frozen=True, kw_only=True):
    """One word of a field."""

    word: Word
    zh: str
    en: str
    source: str
    verified: Verified | Literal[""] = ""
    """Where it is known less well than its source."""


class Field(Written, frozen=True, kw_only=True):
    """One field of their documents."""

    id: str
    title: Text
    path: str
    """Where it stands in their document: names with dots between them."""
    topic: Topic = "state"
    word: tuple[Named, ...]


class Loss(Written, frozen=True, kw_only=True):
    """Why something does not come back as it went."""

    id: str
    zh: str
    en: str


class Ours(Written, frozen=True, kw_only=True):
    """Where one of our cases stands, as far as a dialect can say or know it."""

    procedure: Procedure = "after_sale"
    stage: Stage = "closed"
    ended: Ended | None = None
    kind: str = ""
    reason: Reason | None = None
    granted: bool = False
    """The buyer got, or is to get, something of what was asked."""
    favours: Favours | None = None
    """For whom the platform decided."""
    advanced: bool = False
    """The platform paid in advance."""

    @property
    def place(self) -> tuple[str, str, str | None]:
        """What a way there and back must not change."""
        return self.procedure, self.stage, self.ended


class When(Written, frozen=True, kw_only=True):
    """Of which of our cases a mapping speaks; what is not named does not matter."""

    procedure: tuple[Procedure, ...] = ()
    stage: tuple[Stage, ...] = ()
    ended: tuple[Ended, ...] = ()
    kind: tuple[str, ...] = ()
    reason: tuple[Reason, ...] = ()
    granted: bool | None = None
    favours: tuple[Favours, ...] = ()
    advanced: bool | None = None

    def holds(self, ours: Ours) -> bool:
        """Whether a case is one of these."""
        for name in self.__struct_fields__:
            wanted = getattr(self, name)
            value = getattr(ours, name)
            if isinstance(wanted, tuple):
                if wanted and value not in wanted:
                    return False
            elif wanted is not None and wanted != value:
                return False
        return True


class Export(Written, frozen=True, kw_only=True):
    """Our case in their words; of the mappings of a topic the first that holds counts."""

    topic: Topic = "state"
    when: When = When()
    say: dict[str, Word] = {}
    """Their words, by field."""
    lossy: str = ""
    """Which loss: these words come back as another place of ours."""
    no: Text | None = None
    """They have no words for it, and why."""


class Import(Written, frozen=True, kw_only=True):
    """Their words as a case of ours; of the mappings of a topic the first that fits counts."""

    topic: Topic = "state"
    when: dict[str, tuple[Word, ...]]
    means: Ours | None = None
    lossy: str = ""
    """Which loss: the case that this means would be said in other words."""
    no: Text | None = None
    """We have no place for it, and why."""


class Head(Written, frozen=True, kw_only=True):
    """Who speaks like this."""

    id: str
    title: Text
    about: Text
    source: tuple[Source, ...]


class Dialect(Written, frozen=True, kw_only=True):
    """A whole file."""

    dialect: Head
    field: tuple[Field, ...]
    loss: tuple[Loss, ...] = ()
    export: tuple[Export, ...]
    import_: tuple[Import, ...] = msgspec.field(name="import")

    @property
    def id(self) -> str:
        """The name of the dialect."""
        return self.dialect.id

    @property
    def fields(self) -> dict[str, Field]:
        """Its fields by their names."""
        return {field.id: field for field in self.field}

    def loss_of(self, name: str) -> Loss | None:
        """A loss by its name; None for no name."""
        return next((loss for loss in self.loss if loss.id == name), None)

    def verified(self, named: Named) -> Verified:
        """How well a word is known."""
        if named.verified:
            return named.verified
        return next(s.verified for s in self.dialect.source if s.id == named.source)


_GOODS = ("replacement", "resend", "repair")


def ours_of(case: Case) -> Ours:
    """Where a case stands."""
    ruling = case.ruling
    favours: Favours | None = None
    if ruling:
        favours = "seller" if ruling.remedy == "no_action" else "buyer"
    got = sum(line.amount_fen for line in case.paid) + sum(case.award_fen.values())
    return Ours(
        procedure=case.procedure,
        stage=case.stage,
        ended=case.ended,
        kind=case.kind,
        reason=case.reason,
        granted=got > 0 or case.remedy in _GOODS,
        favours=favours,
        advanced=case.paid_from_fen("advance") > 0,
    )
