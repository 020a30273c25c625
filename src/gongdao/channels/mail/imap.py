"""Reads a mailbox by IMAP, without changing anything in it.

imaplib of the standard library in a thread: it takes a literal as long as it is said to be, and
nothing here needs more than one command at a time.
"""

import hashlib
import imaplib
import re
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec

from gongdao.base.i18n import N_
from gongdao.channels.channel import Account, Arrival, Moved, Unavailable
from gongdao.channels.mail.connect import REFUSED, REFUSED_LOGIN, open_socket, tls
from gongdao.channels.mail.headers import HEAD_MAX, peek_head
from gongdao.channels.mail.settings import MailSettings

#: Mails that one round takes from a mailbox; the next round goes on.
FETCH_MAX = 50
#: A mail is taken in pieces of this size, and up to this size.
PIECE, RAW_MAX = 1024 * 1024, 64 * 1024 * 1024
#: After a mailbox was numbered anew, mails of so long ago are looked at again.
_LOOK_BACK = timedelta(days=3)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})")
_UID = re.compile(rb"UID (\d{1,10})")

imaplib.Commands.setdefault("ID", ("NONAUTH", "AUTH", "SELECTED"))


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which mail everything is stored here."""

    validity: Annotated[int, msgspec.Meta(ge=0)] = 0
    uid: Annotated[int, msgspec.Meta(ge=0)] = 0
    since: str = ""
    """Only mails from this day on, after the mailbox was numbered anew."""


class _Imap(imaplib.IMAP4):
    """A connection through a socket that was opened elsewhere; no answer may be endless."""

    def __init__(self, sock: socket.socket) -> None:
        self._given = sock
        super().__init__("")

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._given

    def read(self, size: int) -> bytes:
        """The next bytes of an answer."""
        if size > 2 * PIECE:
            raise self.abort("the server sends more than was asked for")
        return super().read(size)


class ImapSession:
    """A mailbox that is open for reading. Its methods block: call them in a thread."""

    def __init__(self, account: Account, settings: MailSettings, networks: tuple[str, ...]) -> None:
        self._settings = settings
        self._imap = self._open(account, settings, networks)

    def find_new(self, position: Position, *, checked_at: datetime) -> tuple[Position, list[int]]:
        """Where the mailbox stands, and the numbers of the mails after our position."""
        with _said_plainly():
            validity, next_uid = self._look()
            if position.validity == 0:
                # The mailbox is new to us: what lies in it was answered elsewhere.
                return Position(validity=validity, uid=max(0, next_uid - 1)), []
            if validity != position.validity:
                position = Position(validity=validity, since=_imap_date(checked_at - _LOOK_BACK))
            wanted = ["UID", f"{position.uid + 1}:*"]
            wanted += ["SINCE", position.since] if position.since else []
            answer = self._ask("SEARCH", *wanted)
            found = sorted({int(word) for line in answer for word in (line or b"").split()})
            # "7:*" means the last mail, even where the last one is number 5.
            found = [uid for uid in found if uid > position.uid][:FETCH_MAX]
            if position.since and not found:
                position = Position(validity=validity, uid=max(position.uid, next_uid - 1))
            return position, found

    def take(self, uid: int, folder: Path, position: Position) -> Arrival | Moved:
        """Write a mail into the folder, however long it is, up to the limit."""
        after = Position(validity=position.validity, uid=uid, since=position.since)
        with _said_plainly():
            size = self._size_of(uid)
            if size is None:
                return Moved(position=msgspec.to_builtins(after))
            taking = _Taking(folder / f"mail{uid}")
            try:
                for piece in self._pieces(uid, at_most=RAW_MAX if size <= RAW_MAX else HEAD_MAX):
                    taking.add(piece)
            finally:
                taking.close()
            return taking.arrival(size=size, is_whole=size <= RAW_MAX, after=after)

    def look(self) -> None:
        """Open the folder, to see that it can be opened."""
        with _said_plainly():
            self._look()

    def close(self) -> None:
        """Say good-bye, if the server still listens."""
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.logout()

    def _open(self, account: Account, settings: MailSettings, networks: tuple[str, ...]) -> "_Imap":
        host, security = settings.imap_host, settings.imap_security
        sock = open_socket(host, settings.imap_port, security, networks=networks)
        imap = None
        try:
            with _said_plainly():
                if security == "tls":
                    sock = tls().wrap_socket(sock, server_hostname=host)
                imap = _Imap(sock)
                if security == "starttls":
                    imap.host = host
                    imap.starttls(tls())
                self._sign_in(imap, settings.login, account.secret)
                return imap
        except BaseException:
            with suppress(OSError):
                imap.shutdown() if imap else sock.close()
            raise

    def _sign_in(self, imap: "_Imap", login: str, password: str) -> None:
        try:
            if "AUTH=PLAIN" in imap.capabilities:
                secret = f"\0{login}\0{password}".encode()
                imap.authenticate("PLAIN", lambda _: secret)
            else:
                imap.login(login, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Unavailable(REFUSED_LOGIN, _text(error.args)) from error
        # Some large providers open no mailbox to a program that does not say its name.
        if "ID" in imap.capabilities:
            imap._simple_command("ID", '("name" "gongdao" "version" "1")')  # pyright: ignore[reportPrivateUsage]

    def _look(self) -> tuple[int, int]:
        folder = '"' + self._settings.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        kind, answer = self._imap.select(folder, readonly=True)
        if kind != "OK":
            raise Unavailable(N_("The folder does not open: {said}"), _text(answer))
        return self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def _number(self, name: str) -> int:
        answer = self._imap.response(name)[1]
        word = answer[-1] if answer else None
        if not isinstance(word, bytes) or not word.isdigit():
            raise Unavailable(N_("The server does not answer as agreed: {said}"), name)
        return int(word)

    def _size_of(self, uid: int) -> int | None:
        answer = self._ask("FETCH", str(uid), "(RFC822.SIZE)")
        for line in answer:
            found, number = _SIZE.search(line or b""), _UID.search(line or b"")
            if found and number and int(number[1]) == uid:
                return int(found[1])
        return None

    def _pieces(self, uid: int, *, at_most: int) -> Iterator[bytes]:
        """The bytes of a mail; what the server says of its size is not relied upon."""
        at = 0
        while at < at_most:
            length = min(PIECE, at_most - at)
            answer = self._ask("FETCH", str(uid), f"(BODY.PEEK[]<{at}.{length}>)")
            piece = _literal(answer)
            if piece:
                yield piece
            at += len(piece)
            if len(piece) < length:
                return

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        kind, answer = self._imap.uid(command, *arguments)
        if kind != "OK":
            raise Unavailable(REFUSED, f"{command} {_text(answer)}")
        return answer


class _Taking:
    """A mail on its way to disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._whole, self._body = hashlib.sha256(), hashlib.sha256()
        self._head: bytes | None = None
        self._start = bytearray()
        self._size = 0

    def add(self, piece: bytes) -> None:
        """The next bytes."""
        self._file.write(piece)
        self._whole.update(piece)
        self._size += len(piece)
        if self._head is not None:
            self._body.update(piece)
            return
        self._start += piece
        end = re.search(rb"\r?\n\r?\n", self._start)
        if end is not None or len(self._start) > HEAD_MAX:
            at = end.end() if end is not None else HEAD_MAX
            self._head = bytes(self._start[:at])
            self._body.update(self._start[at:])

    def close(self) -> None:
        """No more bytes come."""
        self._file.close()

    def arrival(self, *, size: int, is_whole: bool, after: Position) -> Arrival:
        """What came; the same for a copy that was delivered another way."""
        head = peek_head(self._head if self._head is not None else bytes(self._start))
        digest = self._whole.digest()
        same = head.message_id + b"\0" + self._body.digest() if head.message_id else digest
        return Arrival(
            raw=self._path if is_whole else None,
            size_bytes=self._size if is_whole else size,
            sha256=digest,
            fingerprint=hashlib.sha256(same).digest(),
            position=msgspec.to_builtins(after),
            sender=head.sender,
            subject=head.subject,
        )


def _literal(answer: list[Any]) -> bytes:
    """What was sent with its length before it; the rest of an answer is lines."""
    for each in answer:
        if isinstance(each, tuple):
            return bytes(cast("tuple[bytes, bytes]", each)[1])
    return b""


@contextmanager
def _said_plainly() -> Generator[None]:
    """What goes wrong with the server, in words for those who run the mailbox."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise Unavailable(N_("The connection broke off: {said}"), error) from error
    except imaplib.IMAP4.error as error:
        raise Unavailable(REFUSED, _text(error.args)) from error
    except (OSError, EOFError, UnicodeError, ValueError) as error:
        raise Unavailable(N_("The server does not answer as agreed: {said}"), error) from error


def _text(answer: Any) -> str:
    words = (w.decode("utf-8", "replace") if isinstance(w, bytes) else str(w) for w in answer if w)
    return " ".join(words)[:300]


def _imap_date(day: datetime) -> str:
    return f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year:04}"
