"""Draws the dialects as a page of the documentation (docs/dialects.md), from their data alone."""

from collections.abc import Iterator
from typing import get_args

from gongdao.dialects.check import places
from gongdao.dialects.dialect import Dialect, Export, Import, Named, Ours, When
from gongdao.dialects.translate import export_of
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Stage

_HEAD = """# Dialects

Where a case stands, in the words of other places, both ways. This page is drawn from the files
under `src/gongdao/dialects/` by `gongdao dialect page`; a test fails when it is out of date.

    gongdao dialect list
    gongdao dialect show paypal
    gongdao dialect export 100001 --as taobao
    gongdao dialect import --from paypal dispute.json

Over the API: `GET /api/v1/dialects`, `GET /api/v1/dialects/{dialect}`, and a case in their words
under `GET /api/v1/cases/{id}/dialects/{dialect}`.

- A mapping keeps procedure, stage and ending on the way there and back, or it names what it loses;
  a mapping that loses nothing may not say so. Both are checked whenever a dialect is loaded.
- Every stage and ending of every procedure has words in every dialect, or the dialect says why not.
  A case that ended is closed and one that is closed has ended: other combinations do not exist.
- Importing translates and files nothing: a case of ours needs an order, a person and a rule book.
  Values that a dialect does not know are told as unknown, never guessed.
- Verified: **V** read in the owner's documentation or in what the owner generates from it, **Vx**
  as others quote it, **U** unverified. Words that nobody has read at all are left out.
"""


def draw_page(dialects: list[Dialect]) -> str:
    """The whole page."""
    parts = [_HEAD]
    for dialect in dialects:
        parts.append("\n".join(_dialect(dialect)))
    return "\n".join(parts)


def draw_dialect(dialect: Dialect) -> str:
    """One dialect, as it stands on the page."""
    return "\n".join(_dialect(dialect))


def _dialect(dialect: Dialect) -> Iterator[str]:
    head = dialect.dialect
    yield f"## {head.title.en} · {head.title.zh} (`{dialect.id}`)\n"
    yield f"{head.about.en}\n"
    for source in head.source:
        yield f"- Source `{source.id}` ({source.verified}): {source.title}"
    for field in dialect.field:
        yield f"\n### `{field.path}`: {field.title.en} · {field.title.zh}\n"
        yield "| word | 中文 | meaning | verified |"
        yield "|---|---|---|---|"
        for named in field.word:
            yield _word(named, dialect)
    yield from _told(dialect)
    yield from _understood(dialect)
    if dialect.loss:
        yield "\n### What is lost\n"
        yield from (f"- **{loss.id}**: {loss.en} {loss.zh}" for loss in dialect.loss)
    yield ""


def _word(named: Named, dialect: Dialect) -> str:
    return f"| `{named.word}` | {named.zh} | {named.en} | {dialect.verified(named)} |"


def _told(dialect: Dialect) -> Iterator[str]:
    """For every place of ours: the words, or why there are none."""
    yield "\n### From ours\n"
    yield "| stage or ending | " + " | ".join(get_args(Procedure)) + " |"
    yield "|---|" + "---|" * len(get_args(Procedure))
    rows = [*(s for s in get_args(Stage) if s != "closed"), *get_args(Ended)]
    by_place = {place.place: place for place in places()}
    noes: list[str] = []
    for row in rows:
        cells = [row if row in get_args(Stage) else f"closed: {row}"]
        for procedure in get_args(Procedure):
            place = (procedure, row, None) if row in get_args(Stage) else (procedure, "closed", row)
            cells.append(_cell(by_place[place], dialect, noes))
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield from (f"{n}. {why}" for n, why in enumerate(noes, start=1))
    more = [mapping for mapping in dialect.export if _tells_apart(mapping.when)]
    if more:
        yield "\nTold apart by kind, by what the buyer gets or by whom the ruling favours:\n"
        yield from (f"- {_when(m.when)} → {_said(m)}" for m in more)


def _cell(place: Ours, dialect: Dialect, noes: list[str]) -> str:
    mapping = export_of(place, dialect, "state")
    assert mapping, "checked when it was loaded"
    if mapping.no:
        if mapping.no.en not in noes:
            noes.append(mapping.no.en)
        return f"none ({noes.index(mapping.no.en) + 1})"
    said = " ".join(
        f"{field} `{word}`" if isinstance(word, int) else f"`{word}`"
        for field, word in mapping.say.items()
    )
    return f"{said} *{mapping.lossy}*" if mapping.lossy else said


def _tells_apart(when: When) -> bool:
    return bool(when.kind or when.favours or when.reason) or (
        when.granted is not None or when.advanced is not None
    )


def _when(when: When) -> str:
    parts: list[str] = []
    for name in when.__struct_fields__:
        value = getattr(when, name)
        if isinstance(value, tuple) and value:
            parts.append(f"{name} {' or '.join(map(str, value))}")  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, bool):
            parts.append(name if value else f"not {name}")
    return ", ".join(parts) or "anything else"


def _said(mapping: Export) -> str:
    if mapping.no:
        return f"none: {mapping.no.en}"
    said = ", ".join(f"{field} `{word}`" for field, word in mapping.say.items())
    return f"{said} *{mapping.lossy}*" if mapping.lossy else said


def _understood(dialect: Dialect) -> Iterator[str]:
    yield "\n### To ours\n"
    yield "The first line that fits counts.\n"
    yield "| their words | ours | lost |"
    yield "|---|---|---|"
    for mapping in dialect.import_:
        words = "; ".join(
            f"{field} {' or '.join(f'`{word}`' for word in wanted)}"
            for field, wanted in mapping.when.items()
        )
        yield f"| {words} | {_meant(mapping)} | {mapping.lossy or ''} |"


def _meant(mapping: Import) -> str:
    if mapping.means is None:
        return f"none: {mapping.no.en if mapping.no else ''}"
    if mapping.topic != "state":
        return f"{mapping.topic} {getattr(mapping.means, mapping.topic)}"
    ours = mapping.means
    parts = [ours.procedure, ours.stage, ours.ended or "", ours.kind]
    if ours.favours:
        parts.append(f"for the {ours.favours}")
    return ", ".join(part for part in parts if part)
