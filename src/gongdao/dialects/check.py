"""What must be true of a dialect: every place of ours is said or refused, and losses are marked.

A way there and back either keeps procedure, stage and ending, or the mapping says what it loses; a
mapping that loses nothing must not say so.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import msgspec

from gongdao.dialects.dialect import Dialect, Export, Field, Import, Ours
from gongdao.dialects.translate import export_of, hear, import_of, speak
from gongdao.policy.pack import Ended
from gongdao.policy.toml_lines import Where
from gongdao.policy.words import Procedure, Reason, Stage

Fault = tuple[Where, str]


def places() -> Iterator[Ours]:
    """Every place where a case can stand: open in a stage, or closed with an ending."""
    for procedure in get_args(Procedure):
        for stage in get_args(Stage):
            if stage != "closed":
                yield Ours(procedure=procedure, stage=stage)
        for ended in get_args(Ended):
            yield Ours(procedure=procedure, stage="closed", ended=ended)


def standings(dialect: Dialect) -> Iterator[Ours]:
    """Every place, in all the ways in which this dialect tells cases apart."""
    ways: dict[str, list[Any]] = {}
    for mapping in dialect.export:
        if mapping.topic != "state":
            continue
        for name in ("kind", "favours", "granted", "advanced"):
            wanted = getattr(mapping.when, name)
            if wanted is None or wanted == ():
                continue
            known = ways.setdefault(name, [False] if isinstance(wanted, bool) else [_NONE[name]])
            more = [wanted] if isinstance(wanted, bool) else list(wanted)
            known += [value for value in more if value not in known]
            if isinstance(wanted, bool):
                ways[name] = [False, True]
    for place in places():
        for values in product(*ways.values()):
            yield msgspec.structs.replace(place, **dict(zip(ways, values, strict=True)))


_NONE: dict[str, Any] = {"kind": "", "favours": None}


def faults(dialect: Dialect) -> Iterator[Fault]:
    """Everything that is wrong with a dialect, and where it is written."""
    yield from _names(dialect)
    yield from _words(dialect)
    yield from _exports(dialect)
    yield from _imports(dialect)
    yield from _reasons(dialect)
    yield from _unused(dialect)


def _names(dialect: Dialect) -> Iterator[Fault]:
    sources = {source.id for source in dialect.dialect.source}
    for n, field in enumerate(dialect.field):
        for k, named in enumerate(field.word):
            if named.source not in sources:
                yield ("field", n, "word", k, "source"), f"there is no source {named.source!r}"
        words = [named.word for named in field.word]
        if len(words) != len(set(words)):
            yield ("field", n), "a word stands there twice"
    losses = {loss.id for loss in dialect.loss}
    for key, mappings in (("export", dialect.export), ("import", dialect.import_)):
        for n, mapping in enumerate(mappings):
            if mapping.lossy and mapping.lossy not in losses:
                yield (key, n, "lossy"), f"there is no loss {mapping.lossy!r}"


def _unused(dialect: Dialect) -> Iterator[Fault]:
    used = {mapping.lossy for mapping in (*dialect.export, *dialect.import_)}
    for n, loss in enumerate(dialect.loss):
        if loss.id not in used:
            yield ("loss", n), "no mapping loses this"


def _words(dialect: Dialect) -> Iterator[Fault]:
    """Mappings use words that stand in the fields, of the right topic."""
    fields = dialect.fields
    for n, export in enumerate(dialect.export):
        if bool(export.say) == bool(export.no):
            yield ("export", n), "write either `say`, their words, or `no`, why there are none"
        for name, word in export.say.items():
            yield from _word(fields, name, [word], export, ("export", n, "say", name))
    for n, mapping in enumerate(dialect.import_):
        if bool(mapping.means) == bool(mapping.no):
            yield ("import", n), "write either `means`, our case, or `no`, why there is none"
        for name, words in mapping.when.items():
            yield from _word(fields, name, list(words), mapping, ("import", n, "when", name))


def _word(
    fields: dict[str, Field], name: str, words: list[Any], mapping: Export | Import, where: Where
) -> Iterator[Fault]:
    if name not in fields:
        yield where, f"there is no field {name!r}; there are: {', '.join(fields)}"
        return
    if fields[name].topic != mapping.topic:
        yield where, f"this field tells of {fields[name].topic}, not of {mapping.topic}"
    known = [named.word for named in fields[name].word]
    for word in words:
        if word not in known:
            allowed = ", ".join(map(str, known))
            yield where, f"the field has no word {word!r}; it has: {allowed}"


def _exports(dialect: Dialect) -> Iterator[Fault]:
    order = {id(mapping): n for n, mapping in enumerate(dialect.export)}
    lost: dict[int, list[str]] = {}
    reached: set[int] = set()
    for ours in standings(dialect):
        mapping = export_of(ours, dialect, "state")
        if mapping is None:
            yield ("export",), f"nothing is said of {_say(ours)}"
            continue
        n = order[id(mapping)]
        reached.add(n)
        if mapping.no:
            continue
        heard = hear(mapping.say, dialect).ours
        if heard is None or heard.place != ours.place:
            back = _say(heard) if heard else "nothing"
            lost.setdefault(n, []).append(f"{_say(ours)} comes back as {back}")
    for n, mapping in enumerate(dialect.export):
        if mapping.topic != "state":
            continue
        if n not in reached:
            yield ("export", n), "another mapping above always comes first"
        elif n in lost and not mapping.lossy:
            yield ("export", n), f"{lost[n][0]}: say in `lossy` what is lost"
        elif mapping.lossy and n not in lost:
            yield ("export", n, "lossy"), "nothing is lost here"


def _imports(dialect: Dialect) -> Iterator[Fault]:
    for n, mapping in enumerate(dialect.import_):
        if mapping.topic != "state" or mapping.means is None:
            continue
        for words in _combinations(mapping):
            if import_of(words, dialect, "state") is not mapping:
                yield ("import", n), f"another mapping above comes first for {words}"
                break
            spoken = speak(mapping.means, dialect).words
            changed = {f: w for f, w in words.items() if spoken.get(f) != w}
            if changed and not mapping.lossy:
                back = {field: spoken.get(field) for field in changed}
                yield ("import", n), f"{changed} goes back as {back}: say in `lossy` what is lost"
                break
        else:
            if mapping.lossy and all(_comes_back(w, dialect) for w in _combinations(mapping)):
                yield ("import", n, "lossy"), "nothing is lost here"
    yield from _unheard(dialect)


def _comes_back(words: dict[str, Any], dialect: Dialect) -> bool:
    """Whether these words and no others are said again."""
    heard = hear(words, dialect).ours
    spoken = speak(heard, dialect).words if heard else {}
    return words == {f: w for f, w in spoken.items() if dialect.fields[f].topic == "state"}


def _combinations(mapping: Import) -> Iterator[dict[str, Any]]:
    for words in product(*mapping.when.values()):
        yield dict(zip(mapping.when, words, strict=True))


def _unheard(dialect: Dialect) -> Iterator[Fault]:
    """Every word of the first field has a meaning by itself or says why not."""
    field = dialect.field[0]
    heard = {w for mapping in dialect.import_ for w in mapping.when.get(field.id, ())}
    for k, named in enumerate(field.word):
        if named.word not in heard:
            yield ("field", 0, "word", k), f"nothing is understood of {named.word!r}"


def _reasons(dialect: Dialect) -> Iterator[Fault]:
    """A reason comes back as it went, or the mapping says what is lost."""
    if not any(mapping.topic == "reason" for mapping in dialect.export):
        return
    for reason in get_args(Reason):
        ours = Ours(reason=reason)
        mapping = export_of(ours, dialect, "reason")
        if mapping is None:
            yield ("export",), f"nothing is said of the reason {reason}"
        elif not mapping.no:
            back = import_of(mapping.say, dialect, "reason")
            same = back is not None and back.means is not None and back.means.reason == reason
            n = next(k for k, each in enumerate(dialect.export) if each is mapping)
            if not same and not mapping.lossy:
                yield ("export", n), f"the reason {reason} comes back as another: say it in `lossy`"


def _say(ours: Ours) -> str:
    parts = [*filter(None, ours.place), ours.kind, ours.favours and f"for the {ours.favours}"]
    return " ".join(part for part in parts if part) + (", granted" if ours.granted else "")
