"""What no calendar and no text of a database holds is refused on pages, too: a word, no fault."""

import httpx
import pytest
from tests.web.walk import URL, Walk

from gongdao.accounts.gate import CSRF_HEADER, session_cookie_name
from gongdao.accounts.session import csrf_token_of


def as_one(walk: Walk, who: str) -> httpx.AsyncClient:
    """A browser in which somebody has signed in."""
    secret = walk.secrets[who]
    headers = {
        "origin": URL,
        "cookie": f"{session_cookie_name(URL)}={secret}",
        CSRF_HEADER: csrf_token_of(secret),
    }
    return httpx.AsyncClient(transport=walk.transport, base_url=URL, headers=headers)


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        ("buyer", "/orders", {"q": "a\x00b"}),
        ("owner", "/shop/orders", {"q": "a\x00b"}),
        ("owner", "/desk/search", {"q": "x", "until": "9999-12-31"}),
        ("owner", "/desk/search", {"q": "x", "since": "0001-01-01"}),
        ("owner", "/shop/register", {"month": "0001-01"}),
        ("owner", "/shop/register", {"month": "9999-12"}),
        ("owner", "/shop/team", {"week": "9999-12-31"}),
        ("owner", "/shop/team", {"week": "0001-01-01"}),
        ("owner", "/shop/team/report", {"week": "0001-01-01"}),
        ("owner", "/shop/team/commission", {"month": "9999-12"}),
        ("owner", "/shop/team/commission/month.csv", {"month": "0001-01"}),
        ("owner", "/shop/team/rules", {"month": "9999-12"}),
        ("owner", "/shop/team/rules", {"month": "0001-01"}),
    ],
)
async def test_no_question_of_a_page_ends_in_a_fault(
    walk: Walk, who: str, path: str, fields: dict[str, str]
) -> None:
    async with as_one(walk, who) as one:
        assert (await one.get(path, params=fields)).status_code < 500


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        ("buyer", "/orders/{open order}/urge", {"idempotency_key": "a\x00b"}),
        ("buyer", "/orders/{bare order}/cancel", {"idempotency_key": "\x00", "reason": "other"}),
        ("buyer", "/cases/{open case}/remind", {"idempotency_key": "a\x00b"}),
        ("owner", "/shop/team/commission/closing", {"month": "9999-12"}),
        ("owner", "/shop/team/report", {"week": "9999-12-31"}),
    ],
)
async def test_no_form_of_a_page_ends_in_a_fault(
    walk: Walk, who: str, path: str, fields: dict[str, str]
) -> None:
    filled = path
    for name, known in walk.town.ids.items():
        filled = filled.replace(f"{{{name}}}", str(known))
    async with as_one(walk, who) as one:
        answer = await one.post(filled, data=fields)
        assert 400 <= answer.status_code < 500
