"""What a page listens to, whoever was given the page may listen to."""

import re
from urllib.parse import quote

import pytest
from tests.web.walk import Walk

_EVERYBODY = ("buyer", "owner", "agent", "arbiter", "supervisor", "operator", "auditor")


@pytest.mark.parametrize("who", _EVERYBODY)
async def test_no_page_listens_in_vain(walk: Walk, who: str) -> None:
    heard: dict[str, str] = {}
    for path, method in walk.routes():
        if method != "GET" or path.startswith(("/api/", "/live/")):
            continue
        answer = await walk.ask(who, "GET", path)
        if (
            answer is not None
            and answer.status_code == 200
            and "html" in answer.headers["content-type"]
        ):
            heard |= dict.fromkeys(re.findall(r'data-live="([^"]+)"', answer.text), path)
    assert heard, "somebody listens"
    for channel, path in heard.items():
        # A stream that has begun does not end: no answer is the right one.
        refused = await walk.ask(who, "GET", f"/live/{quote(channel, safe='')}")
        assert refused is None or refused.status_code == 200, (path, channel)


async def test_a_team_is_heard_by_its_own_people_only(walk: Walk) -> None:
    team = f"/live/team:{walk.ids['shop_id']}"
    for stranger in ("buyer", "foreign owner", "arbiter"):
        answer = await walk.ask(stranger, "GET", team)
        assert answer is not None and answer.status_code == 404, stranger
