"""There and back: our cases in the words of a dialect, and its documents as cases of ours. Pure."""

from collections.abc import Mapping
from typing import Any, cast, get_args

import msgspec

from gongdao.dialects.dialect import Dialect, Export, Import, Loss, Ours, Text, Topic, Word

TOPICS: tuple[Topic, ...] = get_args(Topic)
Words = dict[str, Word]
_NO_PLACE = Text(
    zh="其中没有已知的用词能说明纠纷进展到哪一步。",
    en="No word in it that is known here says where the case stands.",
)


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A case in their words, by field. Without words for where it stands, `no` says why."""

    words: Words
    losses: tuple[Loss, ...] = ()
    no: Text | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Their document as a case of ours. Without a place for it, `no` says why."""

    ours: Ours | None
    losses: tuple[Loss, ...] = ()
    no: Text | None = None
    unknown: dict[str, Any] = {}
    """Values of their fields that the dialect does not know."""
    untold: Words = {}
    """Words that it knows and that no place of ours follows from."""


def speak(ours: Ours, dialect: Dialect) -> Spoken:
    """A case in the words of a dialect."""
    words: Words = {}
    losses: list[Loss] = []
    for topic in TOPICS:
        mapping = export_of(ours, dialect, topic)
        if mapping is None:
            continue
        if mapping.no:
            if topic == "state":
                return Spoken(words={}, no=mapping.no)
            continue
        words |= mapping.say
        if loss := dialect.loss_of(mapping.lossy):
            losses.append(loss)
    return Spoken(words=words, losses=tuple(dict.fromkeys(losses)))


def hear(words: Mapping[str, Word], dialect: Dialect) -> Heard:
    """What words of a dialect mean."""
    state = import_of(words, dialect, "state")
    if state is None or state.means is None:
        return Heard(ours=None, no=state.no if state else None, untold=dict(words))
    ours, losses, used = state.means, [dialect.loss_of(state.lossy)], set(state.when)
    for topic in ("kind", "reason"):
        mapping = import_of(words, dialect, topic)
        if mapping and mapping.means:
            value = getattr(mapping.means, topic)
            ours = msgspec.structs.replace(ours, **{topic: value})
            losses.append(dialect.loss_of(mapping.lossy))
            used |= set(mapping.when)
    return Heard(
        ours=ours,
        losses=tuple(dict.fromkeys(loss for loss in losses if loss)),
        untold={field: word for field, word in words.items() if field not in used},
    )


def read_document(document: Mapping[str, Any], dialect: Dialect) -> Heard:
    """What a document of theirs means; what it says in unknown words is told, not guessed."""
    words: Words = {}
    unknown: dict[str, Any] = {}
    for field in dialect.field:
        value = _at(document, field.path)
        if value is None:
            continue
        known = {named.word for named in field.word}
        word = _word(value, known)
        if word is None:
            unknown[field.path] = value
        else:
            words[field.id] = word
    heard = hear(words, dialect)
    no = heard.no or (None if heard.ours else _NO_PLACE)
    return msgspec.structs.replace(heard, no=no, unknown=unknown)


def write_document(words: Mapping[str, Word], dialect: Dialect) -> dict[str, Any]:
    """Words put where their documents have them."""
    document: dict[str, Any] = {}
    for field, word in words.items():
        *above, last = dialect.fields[field].path.split(".")
        place = document
        for name in above:
            place = place.setdefault(name, {})
        place[last] = word
    return document


def export_of(ours: Ours, dialect: Dialect, topic: Topic) -> Export | None:
    """The mapping by which a case is said."""
    return next((e for e in dialect.export if e.topic == topic and e.when.holds(ours)), None)


def import_of(words: Mapping[str, Word], dialect: Dialect, topic: str) -> Import | None:
    """The mapping by which words are understood."""
    return next(
        (
            mapping
            for mapping in dialect.import_
            if mapping.topic == topic
            and all(words.get(field) in wanted for field, wanted in mapping.when.items())
        ),
        None,
    )


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, Any]", found).get(name)
    return found


def _word(value: Any, known: set[Word]) -> Word | None:
    """The word that stands there, if it is known; some of them write numbers as text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, str) and value not in known and value.isdecimal() and len(value) < 6:
        value = int(value)
    return value if value in known else None
