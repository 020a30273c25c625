"""Bytes of mails as text: right where they can be, and never an error."""

from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.channels.mail.words import (
    clean_text,
    decode_bytes,
    decode_header,
    one_line,
    unpack_base64,
)

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)
CHARSETS = ("gb2312", "gbk", "gb18030", "utf-8", "big5", "hz")


@given(CHINESE, st.sampled_from(["gbk", "gb18030", "utf-8"]))
def test_encoded_words_come_back(words: str, charset: str) -> None:
    assert decode_header(Header(words, charset).encode()) == words


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?utf-8?B?5L2g5aU=?= =?utf-8?B?vQ==?=", "你好"),  # a character cut in two
        ("=?UTF-8?Q?=E4=BD=A0=E5=A5=BD?= there", "你好 there"),
        ("=?gb2312?B?xOO6ww==?= =?utf-8?B?5aW9?=", "你好好"),
        ("Re: =?x-unknown?B?5L2g5aW9?=", "Re: 你好"),
        ("=?utf-8*zh?B?5L2g5aW9?=", "你好"),
        ("=?gb2312?B?not base64!?=", ""),
        ("你好".encode("gbk"), "你好"),
        ("你好".encode(), "你好"),
        ("a\r\n\tb\x00\x07 c\u202ed", "a b cd"),
    ],
)
def test_headers_as_programs_write_them(raw: str | bytes, said: str) -> None:
    assert decode_header(raw).startswith(said) if not said else decode_header(raw) == said


@given(st.binary(max_size=3000))
def test_no_header_is_an_error(raw: bytes) -> None:
    said = decode_header(raw)
    assert "\n" not in said and "\0" not in said
    said.encode("utf-8")


@given(st.binary(max_size=500), st.none() | st.text(max_size=20) | st.sampled_from(CHARSETS))
def test_no_bytes_are_an_error(content: bytes, charset: str | None) -> None:
    clean_text(decode_bytes(content, charset)).encode("utf-8")
    unpack_base64(content)


@given(st.text())
def test_what_is_left_can_be_stored_and_shown(text: str) -> None:
    assert "\0" not in clean_text(text) and "\r" not in clean_text(text)
    assert one_line(text) == one_line(one_line(text))


def test_a_codec_that_is_no_charset_is_not_used() -> None:
    for name in ("rot13", "zlib", "unicode_escape", "idna", "punycode", "hex"):
        assert decode_bytes("纯文字".encode(), name) == "纯文字"
