"""Times in a file of orders: the clocks of Shanghai, whichever way they are written."""

from datetime import datetime, timedelta

import pytest

from gongdao.base.i18n import ZONE
from gongdao.shops.cells import YEARS, Cells
from gongdao.shops.fault import Fault


def test_the_clocks_of_shanghai_are_eight_hours_ahead_in_every_year_that_is_believed():
    middays = [datetime(year, month, 1, 12, tzinfo=ZONE) for year in YEARS for month in (1, 5, 7)]
    assert {midday.utcoffset() for midday in middays} == {timedelta(hours=8)}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2014-03-03 10:00:00", "2014-03-03T02:00:00+00:00"),
        ("2014-03-03T10:00:00", "2014-03-03T02:00:00+00:00"),
        ("2014/3/3 10:00", "2014-03-03T02:00:00+00:00"),
        ("2014-03-03 10:00:00.0", "2014-03-03T02:00:00+00:00"),
        ("2014-03-03 10+00:00", None),
        ("2014-03-03 10:00.00", None),
        ("2014-03-03010:00:00", None),
        ("2014-02-30 10:00:00", None),
        ("1999-03-03 10:00:00", None),
    ],
)
def test_a_time_is_read_the_same_whichever_way_it_is_written(text: str, utc: str | None):
    found: list[Fault] = []
    instant = Cells({"at": text}, line=1, faults=found).local_instant("at")
    assert (instant and instant.isoformat()) == utc
    assert len(found) == (utc is None)
