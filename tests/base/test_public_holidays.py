"""Public holidays are those of the library, without its hundred and fifty other countries."""

import json
import subprocess
import sys

import pytest

from gongdao.base.public_holidays import holidays_of

_IN_PROCESS = """
import json, sys
from datetime import date, timedelta
{how}
days = [date(2020, 1, 1) + timedelta(days=n) for n in range(366 * 10)]
print(json.dumps({{
    "closed": [day.isoformat() for day in days if not calendar.is_working_day(day)],
    "countries": sum(name.startswith("holidays.countries.") for name in sys.modules),
}}))
"""


def of_process(how: str) -> dict[str, list[str] | int]:
    done = subprocess.run(
        [sys.executable, "-c", _IN_PROCESS.format(how=how)], capture_output=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("code", ["CN", "HK"])
def test_a_country_alone_is_as_among_all(code: str) -> None:
    ours = of_process(
        f"from gongdao.base.public_holidays import holidays_of\ncalendar = holidays_of('{code}')"
    )
    theirs = of_process(f"import holidays\ncalendar = holidays.country_holidays('{code}')")
    assert ours["closed"] == theirs["closed"]
    assert ours["countries"] == 1, "the others were not asked for"


def test_a_country_that_nobody_knows() -> None:
    with pytest.raises(NotImplementedError):
        holidays_of("XX")
