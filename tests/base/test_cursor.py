"""A list goes on from the words that it gave out, and from nothing else."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.cursor import NEWEST, Count, Cursor, Place, read_cursor, read_place
from gongdao.base.errors import Refusal

AT, ID = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC), UUID(int=7)


class Ranked(Place, frozen=True):
    rank: Count
    at: datetime | None
    id: UUID


def word(*parts: Any) -> str:
    raw = msgspec.msgpack.Encoder(uuid_format="bytes").encode(parts)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_what_was_given_out_is_read_again(at: datetime, row: UUID) -> None:
    cursor = Cursor(at, row)
    assert read_cursor(cursor.text()) == cursor
    ranked = Ranked(3, None, row)
    assert read_place(ranked.text(), Ranked) == ranked


def test_a_word_is_short_enough_for_every_address() -> None:
    longest = Cursor(datetime.min.replace(tzinfo=UTC), NEWEST.id)
    assert max(len(Cursor(AT, ID).text()), len(NEWEST.text()), len(longest.text())) <= 64
    assert read_cursor(word(AT, ID)) == Cursor(AT, ID)


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "鞋", "!!!!", "=" * 40, "AAAA",
        f"{word(AT, ID)}==", f" {word(AT, ID)}", word(AT, ID)[:-2],
        word(AT), word(ID, AT), word(AT, ID, 1), word(AT.isoformat(), ID),
        word(AT.replace(tzinfo=None), ID), word("0001-01-01T00:00:00+23:59", ID),
        word(AT, str(ID)), word(msgspec.msgpack.Ext(-1, bytes([255] * 12)), ID),
    ],
)  # fmt: skip
def test_any_other_word_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_cursor(text)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("rank", [-1, 2**31, "1"])
def test_a_number_that_the_database_cannot_compare_is_refused(rank: Any) -> None:
    with pytest.raises(Refusal):
        read_place(word(rank, None, ID), Ranked)


@given(st.text(max_size=80))
def test_nothing_that_somebody_types_breaks_a_list(text: str) -> None:
    try:
        assert read_cursor(text).text() == text
    except Refusal as refused:
        assert refused.code == "invalid"


def test_the_newest_row_lies_behind_the_first_place() -> None:
    assert NEWEST.at > AT + timedelta(days=365_000)
