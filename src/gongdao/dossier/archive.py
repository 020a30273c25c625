"""The ZIP of a dossier: one way to write it, so that every byte of it can be checked.

Members are stored, not compressed: the same case gives the same bytes everywhere, and no dossier
can grow when it is opened. Each header follows from name, size and checksum alone, so reading means
writing it again and comparing; a reader of ours and any other program see the same members.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

import msgspec

MEBIBYTE = 1 << 20
#: What a dossier may hold; more than a case ever has.
MEMBERS_MAX = 600
ARCHIVE_BYTES_MAX = 2048 * MEBIBYTE
#: Small letters and digits, at most one folder deep: no path leads out of where it is unpacked.
NAME = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,30}/)?[a-z0-9][a-z0-9.-]{0,90}")

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION = 20
_BY_UNIX = 3 << 8 | _VERSION
_UTF8 = 0x0800
#: The first day that a ZIP can name; a member has no time of its own.
_DAY = 0x0021
_PLAIN_FILE = 0o100644 << 16


class ArchiveFault(Exception):
    """The ZIP is not as we write it: where, and what is wrong there."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place, self.message = place, message


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the archive: where its bytes begin, how many they are, and their checksum."""

    name: str
    size: int
    crc: int
    start: int
    """Where its header begins; the bytes follow the header."""

    @property
    def first_byte(self) -> int:
        """Where its bytes begin."""
        return self.start + _LOCAL.size + len(self.name)

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.first_byte + self.size


class ArchiveWriter:
    """Writes members one after the other into a file, a piece at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[Member] = []
        self._open: Member | None = None
        self._digest = sha256()

    def begin(self, name: str) -> None:
        """Start a member; its header is written again when its size and checksum are known."""
        assert self._open is None and NAME.fullmatch(name), f"{name} cannot begin"
        assert name not in {member.name for member in self._members}, f"{name} stands there already"
        if len(self._members) >= MEMBERS_MAX:
            raise ArchiveFault(name, f"more than {MEMBERS_MAX} files")
        self._open = Member(name=name, size=0, crc=0, start=self._file.tell())
        self._digest = sha256()
        self._file.write(_local_header(self._open))

    def write(self, piece: bytes) -> None:
        """More bytes of the member that was begun. Raises ArchiveFault past the limit."""
        assert self._open is not None, "nothing was begun"
        member = self._open
        if member.end + len(piece) > ARCHIVE_BYTES_MAX:
            raise ArchiveFault(member.name, f"more than {ARCHIVE_BYTES_MAX // MEBIBYTE} MB in all")
        self._file.write(piece)
        self._digest.update(piece)
        self._open = msgspec.structs.replace(
            member, size=member.size + len(piece), crc=zlib.crc32(piece, member.crc)
        )

    def finish(self) -> tuple[Member, str]:
        """End the member; returns it with the sha256 of its bytes, in hex."""
        assert self._open is not None, "nothing was begun"
        member, self._open = self._open, None
        self._file.seek(member.start)
        self._file.write(_local_header(member))
        self._file.seek(member.end)
        self._members.append(member)
        return member, self._digest.hexdigest()

    def add(self, name: str, content: bytes) -> tuple[Member, str]:
        """A whole member at once."""
        self.begin(name)
        self.write(content)
        return self.finish()

    def close(self) -> int:
        """Write the directory; returns the size of the archive."""
        self._file.write(_directory(self._members))
        return self._file.tell()


def read_members(file: BinaryIO) -> list[Member]:
    """The members of an archive as we write it. Raises ArchiveFault that names the first fault."""
    size = file.seek(0, 2)
    if not _is_zip(file, size):
        raise ArchiveFault("the file", "it is no ZIP, so it is no dossier")
    if not _END.size <= size <= ARCHIVE_BYTES_MAX + MEBIBYTE:
        raise ArchiveFault("the archive", f"it has {size} bytes")
    file.seek(size - _END.size)
    mark, *_, count, length, start, _ = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6" or count > MEMBERS_MAX or start + length + _END.size != size:
        raise ArchiveFault("the end of the archive", "it is not as it was written")
    file.seek(start)
    directory = file.read(length + _END.size)
    members = _parse_directory(directory, count)
    _check_headers(file, members)
    end = members[-1].end if members else 0
    if end != start or _directory(members) != directory:
        raise ArchiveFault("the directory of the archive", "it is not as it was written")
    return members


def _is_zip(file: BinaryIO, size: int) -> bool:
    """Whether it begins or ends as one: a dossier in which one of both was altered is still one."""
    file.seek(0)
    if file.read(4) == b"PK\3\4":
        return True
    file.seek(max(0, size - _END.size))
    return file.read(4) == b"PK\5\6"


def read_pieces(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a member, piece by piece."""
    file.seek(member.first_byte)
    left = member.size
    while left:
        piece = file.read(min(left, MEBIBYTE))
        if not piece:
            raise ArchiveFault(member.name, "its bytes end too early")
        left -= len(piece)
        yield piece


def _parse_directory(directory: bytes, count: int) -> list[Member]:
    members: list[Member] = []
    at = 0
    for number in range(1, count + 1):
        place = f"entry {number} of the archive's directory"
        if at + _CENTRAL.size > len(directory):
            raise ArchiveFault(place, "it is cut off")
        fields = _CENTRAL.unpack_from(directory, at)
        name = directory[at + _CENTRAL.size :][: fields[10]].decode("ascii", "replace")
        if not NAME.fullmatch(name):
            raise ArchiveFault(place, f"a dossier has no file named {name[:100]!r}")
        place = name
        member = Member(name=name, size=fields[9], crc=fields[7], start=fields[16])
        written = _central_header(member)
        if directory[at : at + len(written)] != written:
            raise ArchiveFault(place, "its entry in the directory is not as it was written")
        if name in {other.name for other in members}:
            raise ArchiveFault(place, "it stands there twice")
        if member.start != (members[-1].end if members else 0):
            raise ArchiveFault(place, "it does not lie where its entry says")
        members.append(member)
        at += len(written)
    return members


def _check_headers(file: BinaryIO, members: list[Member]) -> None:
    for member in members:
        written = _local_header(member)
        file.seek(member.start)
        if file.read(len(written)) != written:
            raise ArchiveFault(member.name, "its header is not as it was written")


def _local_header(member: Member) -> bytes:
    return _LOCAL.pack(
        b"PK\3\4", _VERSION, _UTF8, 0, 0, _DAY, member.crc, member.size, member.size,
        len(member.name), 0,
    ) + member.name.encode("ascii")  # fmt: skip


def _central_header(member: Member) -> bytes:
    return _CENTRAL.pack(
        b"PK\1\2", _BY_UNIX, _VERSION, _UTF8, 0, 0, _DAY, member.crc, member.size, member.size,
        len(member.name), 0, 0, 0, 0, _PLAIN_FILE, member.start,
    ) + member.name.encode("ascii")  # fmt: skip


def _directory(members: list[Member]) -> bytes:
    entries = b"".join(_central_header(member) for member in members)
    start = members[-1].end if members else 0
    end = _END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(entries), start, 0)
    return entries + end
