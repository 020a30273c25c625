"""What the bytes of a mail say, whatever charset they claim; nothing here ever raises."""

import binascii
import codecs
import re
import unicodedata

#: Charsets that mails are written in; other codecs of Python are no charsets of mails.
_KNOWN = frozenset(
    codecs.lookup(name).name
    for name in (
        "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "big5hkscs", "hz",
        "shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "iso2022_kr", "koi8-r", "koi8-u", "tis-620",
        *(f"iso8859-{n}" for n in (*range(2, 12), *range(13, 17))),
        *(f"cp125{n}" for n in range(9)),
    )
)  # fmt: skip
#: Names that programs write for a charset of which they use more than the name allows.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030",
    "gb_2312-80": "gb18030", "chinese": "gb18030", "hz-gb-2312": "hz", "x-big5": "big5",
    "utf8": "utf-8", "utf-8mb4": "utf-8", "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "iso-2022-jp": "iso2022_jp",
    "iso-8859-8-i": "iso8859-8", "ks_c_5601-1987": "euc_kr",
}  # fmt: skip
_ENCODED = re.compile(rb"=\?([!-<>@-~]{1,40})\?([bBqQ])\?([^?]{0,2000})\?=")
_SPACE = re.compile(rb"[ \t\r\n]*")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
#: No header is read further than this.
HEADER_MAX = 20_000


def decode_bytes(content: bytes, charset: str | None = None) -> str:
    """The text, in the charset that is said if the bytes agree, else in the likeliest one."""
    for name in dict.fromkeys((_codec(charset), "utf-8", "gb18030")):
        if name is None:
            continue
        try:
            return content.decode(name)
        except (UnicodeError, ValueError):
            continue
    return content.decode(_codec(charset) or "utf-8", "replace")


def decode_header(raw: str | bytes) -> str:
    """A header as people read it: encoded words decoded, also where they cut a character in two."""
    given = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")
    given = given[:HEADER_MAX]
    text: list[str] = []
    waiting: tuple[str, bytes] | None = None
    at = 0
    for match in _ENCODED.finditer(given):
        between = given[at : match.start()]
        charset = match[1].partition(b"*")[0].decode("ascii").lower()
        content = _unpack(match[2], match[3])
        # White space between two encoded words is none; one charset goes on where it stopped.
        if waiting is not None and _SPACE.fullmatch(between) and waiting[0] == charset:
            waiting = (charset, waiting[1] + content)
        else:
            text += _done(waiting)
            if waiting is None or not _SPACE.fullmatch(between):
                text.append(decode_bytes(between))
            waiting = (charset, content)
        at = match.end()
    text += _done(waiting)
    text.append(decode_bytes(given[at:]))
    return one_line("".join(text))


def one_line(text: str) -> str:
    """On one line, without what cannot be seen; signs that turn the writing round go too."""
    spaced = re.sub(r"\s", " ", text)
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn"}
    seen = "".join(c for c in spaced if unicodedata.category(c) not in hidden)
    return re.sub(r" +", " ", seen).strip()


def clean_text(text: str) -> str:
    """Several lines that a page and a database can take."""
    text = re.sub(r"\r\n?|\x85|[\u2028\u2029]", "\n", text)
    hidden = {"Cc", "Cs", "Co", "Cn"}
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in hidden)
    return re.sub(r"[ \t\xa0]+\n", "\n", "".join(kept))


def _codec(charset: str | None) -> str | None:
    if not charset:
        return None
    said = charset.strip().strip("\"'").lower()[:40]
    try:
        name = codecs.lookup(_MEANT.get(said, said)).name
    except (LookupError, ValueError):
        return None
    return name if name in _KNOWN else None


def _done(waiting: tuple[str, bytes] | None) -> list[str]:
    return [] if waiting is None else [decode_bytes(waiting[1], waiting[0])]


def _unpack(way: bytes, content: bytes) -> bytes:
    if way in b"qQ":
        return _HEX.sub(lambda m: bytes([int(m[1], 16)]), content.replace(b"_", b" "))
    return unpack_base64(content)


def unpack_base64(content: bytes) -> bytes:
    """What is in base64, as far as it can be read."""
    plain = _BASE64.sub(b"", content)
    whole = plain[: len(plain) // 4 * 4]
    rest = plain[len(whole) :]
    if len(rest) > 1:
        whole += rest + b"=" * (4 - len(rest))
    try:
        return binascii.a2b_base64(whole)
    except binascii.Error:
        return b""
