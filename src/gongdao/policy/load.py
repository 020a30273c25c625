"""Finds, reads and checks rule packs; the only part of policy that touches the disk."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec

from gongdao.base.money import parse_yuan
from gongdao.policy.calendar import Span, parse_span
from gongdao.policy.check import faults
from gongdao.policy.condition import Condition
from gongdao.policy.pack import Body, Fen, Head, Pack, Switch
from gongdao.policy.toml_lines import Source, WrittenError, convert, read_source

PACKS = Path(__file__).parent.parent / "packs"
#: A chain of law layers is never longer than this.
LAYERS_MAX = 5
#: No pack's id is longer, in characters.
_ID_MAX = 60


class UnknownPackError(LookupError):
    """There is no such pack, or no such version of it."""


def pack_names(folder: Path = PACKS) -> list[str]:
    """Every shipped pack as id@version, in order."""
    found = (path.parent for path in folder.glob("*/*/pack.toml"))
    return sorted(f"{path.parent.name}@{path.name}" for path in found)


@cache
def load_pack(name: str, folder: Path = PACKS) -> Pack:
    """Load "id" (its newest version) or "id@version", with the law layers under it.

    Raises UnknownPackError, or WrittenError with the file, line and key of the first fault.
    """
    return Pack(*_load_layers(pack_folder(name, folder), folder, depth=0))


def readable_packs(folder: Path = PACKS) -> list[Pack]:
    """Every pack that can be read, in order: one that somebody is just writing is not there yet.

    One that was read before stays as it was then, whatever became of its files.
    """
    packs: list[Pack] = []
    for name in pack_names(folder):
        with suppress(UnknownPackError, WrittenError):
            packs.append(load_pack(name, folder))
    return packs


def load_folder(path: Path) -> Pack:
    """Load a pack from its folder <id>/<version>, wherever that is, over the shipped law layers.

    Raises UnknownPackError, or WrittenError with the file, line and key of the first fault.
    """
    return Pack(*_load_layers(path.resolve(), PACKS, depth=0))


def pack_folder(name: str, folder: Path = PACKS) -> Path:
    """Where a pack's files are. Raises UnknownPackError with the names that exist."""
    pack_id, _, version = name.partition("@")
    versions: list[Path] = []
    # What no pack is called is not looked for: it may be another place, or longer than any name.
    if len(pack_id) <= _ID_MAX and pack_id.replace("-", "").isalnum():
        versions = [path.parent for path in (folder / pack_id).glob("*/pack.toml")]
    if version:
        versions = [path for path in versions if path.name == version]
    if not versions:
        known = ", ".join(pack_names(folder))
        raise UnknownPackError(f"there is no pack {name!r}; there are: {known}")
    return max(versions, key=lambda path: _version_key(path.name))


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _load_layers(path: Path, folder: Path, *, depth: int) -> tuple[Head, Body]:
    label = f"{path.parent.name}/{path.name}"
    head_source = read_source(path / "pack.toml", name=f"{label}/pack.toml")
    head = convert(head_source, Head, dec_hook=_decode)
    if (head.id, head.version) != (path.parent.name, path.name):
        raise head_source.error(("id",), f"the folder says {path.parent.name}@{path.name}")
    parts = [(s, convert(s, Body, dec_hook=_decode)) for s in _sources(path, label)]
    body = _merge([part for _, part in parts])
    if head.extends:
        if depth >= LAYERS_MAX:
            raise head_source.error(("extends",), f"more than {LAYERS_MAX} layers, or in a circle")
        _, under = _load_layers(_layer_under(head_source, head, folder), folder, depth=depth + 1)
        body = _lay_over(body, under)
    _raise_first_fault(parts, body)
    return head, body


def _layer_under(source: Source, head: Head, folder: Path) -> Path:
    try:
        return pack_folder(head.extends, folder)
    except UnknownPackError as error:
        raise source.error(("extends",), str(error)) from None


def _sources(path: Path, label: str) -> Iterator[Source]:
    for file in sorted(path.glob("*.toml")):
        if file.name != "pack.toml":
            yield read_source(file, name=f"{label}/{file.name}")


def _raise_first_fault(parts: list[tuple[Source, Body]], body: Body) -> None:
    for source, part in parts:
        for where, message in faults(part, body):
            raise source.error(where, message)


def _merge(parts: list[Body]) -> Body:
    merged: dict[str, Any] = {}
    for part in parts:
        for field in msgspec.structs.fields(Body):
            value = getattr(part, field.name)
            if isinstance(value, tuple):
                merged[field.name] = merged.get(field.name, ()) + value
            elif value != field.default:
                merged[field.name] = value
    return Body(**merged)


def _lay_over(upper: Body, under: Body) -> Body:
    """The upper layer's tables come first, so that where the first match counts, it wins.

    A procedure of the upper layer takes the place of the one with the same id under it.
    """
    written = {procedure.id for procedure in upper.procedure}
    kept = tuple(p for p in under.procedure if p.id not in written)
    joined = _merge([upper, msgspec.structs.replace(under, procedure=kept)])
    switches: dict[str, Switch] = {s.id: s for s in (*under.switch, *upper.switch)}
    limits = upper.limits if upper.limits != Body().limits else under.limits
    return msgspec.structs.replace(joined, switch=tuple(switches.values()), limits=limits)


def _decode(kind: type, value: Any) -> Any:
    if kind is Span:
        return parse_span(_text(value))
    if kind is Fen:
        return Fen(parse_yuan(_text(value)))
    if kind is Condition:
        if not isinstance(value, dict):
            raise ValueError("a condition is a table")
        return Condition(cast("dict[str, Any]", value))
    raise NotImplementedError(kind)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value


__all__ = [
    "PACKS",
    "UnknownPackError",
    "WrittenError",
    "load_folder",
    "load_pack",
    "pack_folder",
    "pack_names",
    "readable_packs",
]
