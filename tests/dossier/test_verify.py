"""Whatever is changed in a dossier, verify finds it, and says where."""

import hashlib
import random
import zipfile
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongdao.dossier.archive import ArchiveWriter, Member, read_members
from gongdao.dossier.contents import (
    EVENTS,
    LEDGER,
    MANIFEST,
    EventLine,
    Manifest,
    encode,
    line_digest,
)
from gongdao.dossier.seal import START, leaf_digest, leaves, prove, seal
from gongdao.dossier.verify import Fault, verify_dossier

from .conftest import AUDIENCES, Written

FEW = settings(max_examples=25, deadline=None)


def fault_of(raw: bytes) -> Fault | None:
    return verify_dossier(BytesIO(raw)).fault


def found(raw: bytes) -> Fault:
    fault = fault_of(raw)
    assert fault, "it was changed, and nobody noticed"
    return fault


def parts(raw: bytes) -> dict[str, bytes]:
    """The members of a dossier, in their order."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def together(members: dict[str, bytes]) -> bytes:
    """An archive of ours with these members."""
    file = BytesIO()
    writer = ArchiveWriter(file)
    for name, content in members.items():
        writer.add(name, content)
    writer.close()
    return file.getvalue()


def with_manifest(members: dict[str, bytes], **changed: Any) -> bytes:
    """The same under a manifest that a forger made anew, hashes and all."""
    old = msgspec.json.decode(members[MANIFEST], type=Manifest)
    lines = [
        msgspec.structs.replace(
            line,
            size=len(members[line.name]),
            sha256=hashlib.sha256(members[line.name]).hexdigest(),
            lines=[line_digest(one) for one in members[line.name].splitlines()]
            if line.lines
            else [],
        )
        for line in old.members
        if line.name in members
    ]
    new = msgspec.structs.replace(old, members=lines, **changed)
    new = msgspec.structs.replace(new, sha256=new.fingerprint())
    return together(members | {MANIFEST: encode(new)})


def event_lines(members: dict[str, bytes]) -> list[EventLine]:
    return [msgspec.json.decode(raw, type=EventLine) for raw in members[EVENTS].splitlines()]


def with_events(members: dict[str, bytes], lines: list[EventLine]) -> dict[str, bytes]:
    return members | {EVENTS: b"".join(encode(line) + b"\n" for line in lines)}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_untouched(written: Written, audience: Any) -> None:
    checked = verify_dossier(BytesIO(written.by[audience]))
    assert checked.fault is None
    assert checked.manifest
    assert checked.manifest.made_for == audience


@pytest.mark.parametrize("audience", AUDIENCES)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_one_byte(written: Written, audience: Any, data: st.DataObject) -> None:
    raw = bytearray(written.by[audience])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    expected = place_of(written.by[audience], at)
    fault = found(bytes(raw))
    assert fault.file == expected or "archive" in expected, f"{fault}, at {expected}"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_any_byte_of_the_events_names_its_event(written: Written, audience: Any) -> None:
    whole = written.by[audience]
    member = next(m for m in read_members(BytesIO(whole)) if m.name == EVENTS)
    text = whole[member.first_byte : member.end]
    chance = random.Random(7)
    for at in chance.sample(range(member.size), 150):
        raw = bytearray(whole)
        raw[member.first_byte + at] ^= 1 << chance.randrange(8)
        fault = found(bytes(raw))
        assert (fault.file, fault.event) == (EVENTS, text[:at].count(b"\n") + 1), f"{fault}"


def place_of(raw: bytes, at: int) -> str:
    """In which member a byte lies."""
    members = read_members(BytesIO(raw))
    inside: list[Member] = [m for m in members if m.start <= at < m.end]
    return inside[0].name if inside else "the directory of the archive"


def test_a_field_is_named(written: Written) -> None:
    members = parts(written.by["platform"])
    lines = event_lines(members)
    for number, line in enumerate(lines, start=1):
        for path, value in leaves(line.event):
            if path == "/version":
                continue
            event = msgspec.json.decode(encode(line.event))
            _set(event, path, "changed" if value != "changed" else "again")
            forged = [*lines]
            forged[number - 1] = msgspec.structs.replace(line, event=event)
            fault = found(with_manifest(with_events(members, forged)))
            assert (fault.event, fault.field) == (number, path[1:]), f"{fault}"


def _set(event: Any, path: str, value: Any) -> None:
    *above, last = path.split("/")[1:]
    for step in above:
        event = event[step]
    event[last] = value


def reseal(lines: list[EventLine]) -> list[EventLine]:
    """What a forger does who knows how seals are made."""
    before, made = START, []
    for line in lines:
        proofs, digests = {}, list(line.withheld)
        for path, value in leaves(line.event):
            salt = line.proofs.get(path, "00.").partition(".")[0]
            digest = leaf_digest(salt, path, value)
            proofs[path] = prove(salt, digest)
            digests.append(digest)
        before = seal(before, digests)
        made.append(msgspec.structs.replace(line, proofs=proofs, seal=before.hex()))
    return made


def test_a_forger_breaks_one_chain_or_the_other(written: Written) -> None:
    members = parts(written.by["platform"])
    lines = event_lines(members)
    event = msgspec.json.decode(encode(lines[0].event))
    event["body"]["claim"] = "我什么也没说"
    forged = [msgspec.structs.replace(lines[0], event=event), *lines[1:]]
    once = found(with_manifest(with_events(members, forged)))
    assert (once.event, once.field) == (1, "body/claim")
    sealed = reseal(forged)
    root = sealed[-1].seal
    twice = found(with_manifest(with_events(members, sealed), root=root))
    assert (twice.event, twice.field) == (1, "hash")
    # Whoever forges both chains has another root: that is why roots are compared.
    assert root != lines[-1].seal


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_forged_sum_is_not_what_the_events_say(written: Written, audience: Any) -> None:
    members = parts(written.by[audience])
    lines = members[LEDGER].splitlines()
    paid = next(n for n, line in enumerate(lines) if b'"target":"buyer_refund"' in line)
    forged = lines[paid].replace(b'"amount_fen":', b'"amount_fen":1')
    assert forged != lines[paid]
    for changed in ([*lines[:paid], forged, *lines[paid + 1 :]], lines[:paid] + lines[paid + 1 :]):
        ledger = b"".join(line + b"\n" for line in changed)
        fault = found(with_manifest(members | {LEDGER: ledger}))
        assert fault.file == LEDGER and "the events say" in fault.message


def test_a_redacted_dossier_cannot_be_filled_with_lies(written: Written) -> None:
    members = parts(written.by["buyer"])
    lines = event_lines(members)
    event = msgspec.json.decode(encode(lines[0].event))
    event["person_id"] = str(written.case_id)
    forged = [msgspec.structs.replace(lines[0], event=event), *lines[1:]]
    fault = found(with_manifest(with_events(members, forged)))
    assert (fault.event, fault.field) == (1, "person_id")


@FEW
@given(st.data())
def test_a_dropped_event(written: Written, data: st.DataObject) -> None:
    members = parts(written.by[data.draw(st.sampled_from(AUDIENCES))])
    lines = event_lines(members)
    gone = data.draw(st.integers(0, len(lines) - 1))
    fault = found(with_manifest(with_events(members, lines[:gone] + lines[gone + 1 :])))
    assert (fault.file, fault.event) == (EVENTS, gone + 1)


@FEW
@given(st.data())
def test_reordered_events(written: Written, data: st.DataObject) -> None:
    members = parts(written.by[data.draw(st.sampled_from(AUDIENCES))])
    lines = event_lines(members)
    order = data.draw(st.permutations(range(len(lines))).filter(lambda o: o != sorted(o)))
    first = next(place for place, number in enumerate(order) if place != number)
    fault = found(with_manifest(with_events(members, [lines[n] for n in order])))
    assert (fault.file, fault.event) == (EVENTS, first + 1)


@FEW
@given(st.data())
def test_dropped_renamed_and_reordered_files(written: Written, data: st.DataObject) -> None:
    members = parts(written.by[data.draw(st.sampled_from(AUDIENCES))])
    names = list(members)
    one = data.draw(st.sampled_from(names))
    assert found(together({n: members[n] for n in names if n != one})).file == one
    fault = found(together({("other.bin" if n == one else n): members[n] for n in names}))
    assert fault.file == one
    if one != MANIFEST:
        assert "renamed to other.bin" in fault.message
    assert found(together(members | {"foreign.txt": b"x"})).file == "foreign.txt"
    order = data.draw(st.permutations(names).filter(lambda o: o != names))
    first = next(a for a, b in zip(order, names, strict=True) if a != b)
    assert found(together({n: members[n] for n in order})).file in (first, MANIFEST)


def _evidence(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("evidence/"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda m: m | {_evidence(m): b"another picture"}, "evidence"),
        (lambda m: m | {"rules.jsonl": b""}, "rules.jsonl"),
        (lambda m: m | {"pack.json": m["pack.json"].replace(b"classic", b"modern.")}, "pack.json"),
        (lambda m: m | {"case.json": m["case.json"].replace(b"decided", b"settled")}, "case.json"),
    ],
)
def test_forged_files_under_a_forged_manifest(
    written: Written, change: Callable[[dict[str, bytes]], dict[str, bytes]], place: str
) -> None:
    for audience in AUDIENCES:
        fault = found(with_manifest(change(parts(written.by[audience]))))
        assert fault.file.startswith(place), f"{fault}"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4000))
def test_strange_bytes_are_a_fault_and_nothing_worse(raw: bytes) -> None:
    assert fault_of(raw)
    assert fault_of(raw + b"PK\5\6" + bytes(18))
    assert fault_of(b"PK\3\4" + raw)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_off(written: Written, data: st.DataObject) -> None:
    raw = written.by["buyer"]
    assert fault_of(raw[: data.draw(st.integers(0, len(raw) - 1))])


def _zip(*members: tuple[str, bytes, dict[str, Any]]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, more in members:
            info = zipfile.ZipInfo(name)
            for key, value in more.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return file.getvalue()


@pytest.mark.parametrize("raw", [b"", b'pack = "cn-market"\n', b"%PDF-1.7\n" * 99])
def test_what_is_no_dossier_is_called_so(raw: bytes) -> None:
    assert str(found(raw)) == "the file: it is no ZIP, so it is no dossier"


def test_hostile_archives() -> None:
    bomb = {"compress_type": zipfile.ZIP_DEFLATED}
    link = {"external_attr": 0o120777 << 16}
    assert fault_of(_zip((MANIFEST, b"0" * 50_000_000, bomb)))
    assert fault_of(_zip((MANIFEST, b"/etc/passwd", link)))
    for name in ("../manifest.json", "/manifest.json", "a/b/c", "C:\\x", "Manifest.json"):
        assert "no file named" in found(_zip((name, b"{}", {}))).message
    many = _zip(*((f"evidence/{n}", b"", {}) for n in range(700)))
    assert fault_of(many)
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = _zip((MANIFEST, b"{}", {}), (MANIFEST, b"{}", {}))
    assert fault_of(twice)


def test_hostile_members(written: Written) -> None:
    members = parts(written.by["platform"])
    deep = b'{"event":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}\n"
    long = b'{"event":"' + b"x" * 3_000_000 + b'"}\n'
    for text in (deep, long, b"null\n", b"\n", b"", b"\xff\n", b"[]"):
        assert found(with_manifest(members | {EVENTS: text})).file == EVENTS
    for text in (b"{}", b"[]", b"", b"{" * 10_000):
        assert found(together(members | {MANIFEST: text})).file == MANIFEST


_ODD = st.sampled_from((
    "2026-03-02T02:00:00", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "P9999999D",
    "PT-9999999999S", -1, 2**63, 10**30, 1e308, None, [], {}, [[]], "", "\U0010ffff", True,
    {"a": {"b": []}},
))  # fmt: skip


@FEW
@given(data=st.data())
@pytest.mark.parametrize("audience", AUDIENCES)
def test_sealed_nonsense_is_a_fault_and_nothing_worse(
    written: Written, audience: Any, data: st.DataObject
) -> None:
    members = parts(written.by[audience])
    lines = event_lines(members)
    for _ in range(data.draw(st.integers(1, 3))):
        line = lines[data.draw(st.integers(0, len(lines) - 1))]
        shown = [path for path, _ in leaves(line.event)]
        _set(line.event, data.draw(st.sampled_from(shown)), deepcopy(data.draw(_ODD)))
    forged = with_events(members, reseal(lines))
    root = event_lines(forged)[-1].seal
    fault_of(with_manifest(forged, root=root, events=len(lines)))


@pytest.mark.parametrize("at", ["2026-03-02T02:00:00", "9999-12-31T23:59:59.999999Z"])
def test_times_of_no_zone_are_a_fault(written: Written, at: str) -> None:
    members = parts(written.by["seller"])
    lines = event_lines(members)
    for line in lines:
        if line.event.get("body", {}).get("type") == "stage_entered":
            line.event["body"]["deadline"] = at
    forged = with_events(members, reseal(lines))
    root = event_lines(forged)[-1].seal
    assert fault_of(with_manifest(forged, root=root))
