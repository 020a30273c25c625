"""Takes one mail apart: its text, its attachments, what it answers. Run as a program of its own.

A mail is written by anybody. So it is read by a process that may use so much time and memory and
no more (see read_apart), and that does nothing but write down what it found.
"""

import email.message
import email.utils
import re
import resource
import sys
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path
from typing import cast

import msgspec

from gongdao.channels.channel import ATTACHMENTS_MAX, TEXT_MAX, Attachment, Incoming
from gongdao.channels.mail.automatic import LOOKED_AT, why_automatic
from gongdao.channels.mail.headers import read_references, read_sender, read_subject
from gongdao.channels.mail.html_text import text_of_html
from gongdao.channels.mail.quote import split_quote
from gongdao.channels.mail.vouch import vouches
from gongdao.channels.mail.words import clean_text, decode_bytes, decode_header

#: Parts that are looked at; those of a mail of a person are a dozen.
PARTS_MAX = 500
#: Of all texts together, before quotations are taken off.
_WORDS_MAX = 500_000
#: A picture of fewer bytes shows nothing: it tells somebody that the mail was opened.
_PICTURE_LEAST = 200
#: What reading one mail may cost: seconds of a processor, bytes of memory, bytes on disk.
_CPU_SECONDS, _MEMORY, _DISK = 20, 1536 * 1024 * 1024, 256 * 1024 * 1024
_OUR_MARK = re.compile(r"\+gd[a-z2-7]{42}@")

Part = email.message.Message


class _Found(msgspec.Struct):
    """What has been found so far."""

    texts: list[str] = []
    words: int = 0
    attachments: list[Attachment] = []
    left_out: int = 0
    parts: int = 0


def read_mail(raw: Path, folder: Path, *, own_address: str, auth_server: str = "") -> Incoming:
    """What a person would see of a mail; its attachments go to files below `folder`."""
    with raw.open("rb") as file:
        mail = BytesParser(policy=compat32).parse(file)
    found = _Found()
    _walk(mail, folder, found)
    whole = clean_text("\n".join(found.texts))
    parts = split_quote(whole)
    subject = read_subject(_first(mail, "subject"))
    sender = read_sender(_first(mail, "from"))
    headers = {name: [_text(value) for value in _all(mail, name)] for name in LOOKED_AT}
    return Incoming(
        address=sender.address,
        name=sender.name,
        subject=subject,
        text=parts.new[:TEXT_MAX],
        quoted_lines=parts.folded,
        is_cut=len(parts.new) > TEXT_MAX or found.words > _WORDS_MAX,
        attachments=tuple(found.attachments),
        left_out=found.left_out,
        reference=(read_references([_text(_first(mail, "message-id"))]) or ("",))[0],
        refers_to=_refers_to(mail),
        automatic=why_automatic(
            {name: values for name, values in headers.items() if values},
            sender=sender.address,
            subject=subject,
            report_type=_report_type(mail),
            own_address=own_address,
        ),
        is_vouched=_is_vouched(mail, auth_server, sender.address),
    )


def _is_vouched(mail: Part, server: str, address: str) -> bool:
    """With two senders nobody knows which of them a server has looked at."""
    senders = _all(mail, "from")
    if len(senders) != 1 or senders[0].count("@") != 1:
        return False
    found = [_text(value) for value in _all(mail, "authentication-results")]
    return vouches(found, server=server, address=address)


def _walk(part: Part, folder: Path, found: _Found, *, files_only: bool = False) -> None:
    found.parts += 1
    if found.parts > PARTS_MAX:
        found.left_out += 1
        return
    kind = part.get_content_type()
    if not part.is_multipart():
        _take(part, kind, folder, found, files_only=files_only)
    elif kind == "message/rfc822":
        found.left_out += 1  # a mail within a mail: it is read in the original
    elif kind == "multipart/alternative":
        # Pictures and files often hang on one form only, and that need not be the one we read.
        chosen = _choose(part)
        for each in _children(part):
            _walk(each, folder, found, files_only=files_only or each is not chosen)
    elif kind != "message/delivery-status":
        for each in _children(part):
            _walk(each, folder, found, files_only=files_only)


def _choose(part: Part) -> Part:
    """Of several forms of the same: plain words where there are any, else the last form."""
    forms = list(_children(part))
    for form in forms:
        if form.get_content_type() == "text/plain" and _words(form).strip():
            return form
    readable = [f for f in forms if f.get_content_type() == "text/html" or f.is_multipart()]
    return (readable or forms or [email.message.Message()])[-1]


def _take(part: Part, kind: str, folder: Path, found: _Found, *, files_only: bool = False) -> None:
    is_file = part.get_content_disposition() == "attachment" or bool(_name(part))
    if kind in {"text/plain", "text/html"} and not is_file:
        if files_only:
            return
        words = _words(part)
        found.words += len(words)
        if found.words <= _WORDS_MAX or not found.texts:
            text = words[:_WORDS_MAX]
            found.texts.append(text_of_html(text) if kind == "text/html" else text)
    elif kind != "text/calendar" and (is_file or not kind.startswith(("text/", "message/"))):
        _keep(part, folder, found)
    elif kind.startswith("text/") and kind != "text/calendar" and not files_only:
        found.left_out += 1


def _keep(part: Part, folder: Path, found: _Found) -> None:
    content = _content(part)
    inline = "content-id" in part and part.get_content_disposition() != "attachment"
    if inline and len(content) < _PICTURE_LEAST:
        return
    if not content or len(found.attachments) >= ATTACHMENTS_MAX:
        found.left_out += 1
        return
    path = folder / f"part{found.parts}"
    path.write_bytes(content)
    name = _name(part) or "file"
    found.attachments.append(Attachment(name=name[:200], path=path.name, inline=inline))


def _name(part: Part) -> str:
    """What a file is called, in either header and by either way of writing it."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = _readable(part, header).get_param(parameter, header=header)
        except (TypeError, ValueError, IndexError, AttributeError):
            continue
        if isinstance(value, tuple):
            charset, _, text = value
            return decode_header(decode_bytes(_bytes(text, "latin-1"), charset))
        if isinstance(value, str) and value.strip():
            return decode_header(value)
    return ""


def _readable(part: Part, header: str) -> Part:
    """A part with this header only, and that in letters, whatever bytes it was written in."""
    alone = Part()
    raw = _first(part, header)
    alone[header] = decode_bytes(raw.encode("utf-8", "surrogateescape"))
    return alone


def _words(part: Part) -> str:
    charset = part.get_param("charset")
    said = email.utils.collapse_rfc2231_value(charset) if charset else None
    return decode_bytes(_content(part), said)


def _content(part: Part) -> bytes:
    """The bytes of a part; what cannot be unpacked is taken as it stands."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, UnicodeError, LookupError):
        content = None
    if isinstance(content, bytes):
        return content
    payload = part.get_payload()
    return _bytes(payload, "utf-8") if isinstance(payload, str) else b""


def _bytes(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "surrogateescape")
    except UnicodeError:
        return text.encode("utf-8", "replace")


def _children(part: Part) -> Iterator[Part]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in cast("list[object]", payload) if isinstance(each, Part))


def _all(mail: Part, name: str) -> list[str]:
    """The values of a header as they came: bytes that are no ASCII are still in them."""
    return [str(value) for key, value in mail.raw_items() if key.lower() == name][:50]


def _first(mail: Part, name: str) -> str:
    return (_all(mail, name) or [""])[0]


def _text(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _report_type(mail: Part) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    value = mail.get_param("report-type")
    return value.lower() if isinstance(value, str) else ""


def _refers_to(mail: Part) -> tuple[str, ...]:
    """What it answers; of a report, also the mail that it reports on."""
    values = [_text(v) for name in ("references", "in-reply-to") for v in _all(mail, name)]
    if mail.get_content_type() == "multipart/report":
        for part in list(mail.walk())[:20]:
            if part.get_content_type() == "text/rfc822-headers":
                values += re.findall(r"(?im)^message-id:\s*(<[^<>\s]+>)", _words(part)[:20_000])
            values += [_text(value) for value in _all(part, "message-id")[:1] if part is not mail]
    told = [
        _text(value)
        for name in ("to", "cc", "delivered-to", "x-original-to")
        for value in _all(mail, name)[:5]
    ]
    marks = [f"<{m[0]}mail>" for value in told for m in _OUR_MARK.finditer(value[:20_000].lower())]
    return read_references([*marks[:5], *values])


def main(raw: str, folder: str, own_address: str, auth_server: str) -> None:
    """Write what was found to the standard output, or be stopped on the way."""
    for kind, most in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _DISK),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    incoming = read_mail(Path(raw), Path(folder), own_address=own_address, auth_server=auth_server)
    sys.stdout.buffer.write(msgspec.json.encode(incoming))


if __name__ == "__main__":
    main(*sys.argv[1:])
