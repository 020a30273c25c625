"""Business hours: periods, nights, holidays, make-up days, own days."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from gongdao.chat.routing.hours import Hours, is_open, opens_at

DAY = {"periods": [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:30", "closes": "18:00"}]}
NIGHT = {"periods": [{"opens": "20:00", "closes": "02:00"}]}


def hours(**fields: object) -> Hours:
    return msgspec.convert(fields, Hours)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def test_without_hours_it_is_always_open() -> None:
    assert is_open(Hours(), at("2026-10-01 03:00"))
    assert opens_at(Hours(), at("2026-10-01 03:00")) is None


def test_several_periods_a_day() -> None:
    shop = hours(week=[DAY])
    for text, expected in (
        ("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("13:29", False),
        ("13:30", True), ("18:00", False),
    ):  # fmt: skip
        assert is_open(shop, at(f"2026-11-24 {text}")) is expected, text
    assert opens_at(shop, at("2026-11-24 12:10")) == at("2026-11-24 13:30")
    assert opens_at(shop, at("2026-11-24 19:00")) == at("2026-11-25 09:00")


def test_a_night_ends_the_next_day() -> None:
    shop = hours(week=[NIGHT | {"days": [5]}])
    assert is_open(shop, at("2026-11-27 23:59"))
    assert is_open(shop, at("2026-11-28 01:59"))
    assert not is_open(shop, at("2026-11-28 02:00"))
    assert not is_open(shop, at("2026-11-28 20:30"))


def test_days_of_the_week_holidays_and_make_up_days() -> None:
    shop = hours(week=[DAY | {"days": [1, 2, 3, 4, 5]}], on_holidays="closed")
    assert not is_open(shop, at("2026-11-28 10:00")), "a Saturday"
    assert not is_open(shop, at("2026-10-01 10:00")), "National Day, a Thursday"
    assert is_open(shop, at("2026-10-10 10:00")), "a Saturday on which people work"
    assert opens_at(shop, at("2026-09-30 18:00")) == at("2026-10-08 09:00")
    own = hours(
        week=[DAY], on_holidays="own", holiday_periods=[{"opens": "10:00", "closes": "16:00"}]
    )
    assert is_open(own, at("2026-10-01 12:30"))
    assert not is_open(own, at("2026-10-01 17:00"))


def test_own_days_go_before_everything() -> None:
    shop = hours(
        week=[DAY],
        own_days=[{"day": date(2026, 11, 11), "periods": [{}]}, {"day": date(2026, 11, 12)}],
    )
    assert is_open(shop, at("2026-11-11 03:00"))
    assert not is_open(shop, at("2026-11-12 10:00"))
    assert opens_at(shop, at("2026-11-12 00:00")) == at("2026-11-13 09:00")


def test_a_shop_that_stays_closed_promises_nothing() -> None:
    assert opens_at(hours(week=[{"days": [1]}]), at("2026-11-12 00:00")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"week": [{"days": [0]}]},
        {"week": [{"periods": [{"opens": "9:00"}]}]},
        {"week": [{"periods": [{"opens": "24:00"}]}]},
        {"zone": "Mars/Base"},
        {"weekly": []},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        hours(**wrong)
