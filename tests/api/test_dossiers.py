"""The dossier of a case, asked for over the API and from the button on its pages."""

from io import BytesIO

import pytest
from tests.people import PASSWORD

from gongdao.accounts.gate import session_cookie_name
from gongdao.accounts.sign_in import sign_in
from gongdao.base.clock import utc_now
from gongdao.dossier.verify import verify_dossier

from .conftest import URL, Callers


@pytest.mark.parametrize(
    ("who", "wanted", "made_for"),
    [
        ("buyer", None, "buyer"),
        ("agent", None, "seller"),
        ("auditor", None, "platform"),
        ("auditor", "seller", "seller"),
    ],
)
async def test_a_dossier_proves_itself(
    callers: Callers, who: str, wanted: str | None, made_for: str
) -> None:
    case_id = callers.town.ids["judged case"]
    async with callers[who] as client:
        query = {"for": wanted} if wanted else {}
        answer = await client.get(f"/api/v1/cases/{case_id}/dossier", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    checked = verify_dossier(BytesIO(answer.content))
    assert checked.fault is None
    assert checked.manifest
    assert checked.manifest.made_for == made_for
    assert checked.manifest.root == answer.headers["x-dossier-root"]
    number = checked.manifest.case
    assert f'filename="dossier-{number}-{made_for}.zip"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("who", "wanted", "status"),
    [
        ("buyer", "platform", 403),
        ("owner", "buyer", 403),
        ("arbiter", None, 403),
        ("foreign buyer", None, 404),
        ("auditor", "juror", 422),
    ],
)
async def test_nobody_gets_another_sides(
    callers: Callers, who: str, wanted: str | None, status: int
) -> None:
    case_id = callers.town.ids["open case"]
    async with callers[who] as client:
        query = {"for": wanted} if wanted else {}
        answer = await client.get(f"/api/v1/cases/{case_id}/dossier", params=query)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_the_button_stands_on_the_pages(callers: Callers) -> None:
    case_id = callers.town.ids["open case"]
    button = f'href="/api/v1/cases/{case_id}/dossier" download'
    for who, page in (
        ("buyer", f"/cases/{case_id}"),
        ("owner", f"/shop/cases/{case_id}"),
        ("auditor", f"/platform/cases/{case_id}"),
        ("arbiter", f"/platform/cases/{case_id}"),
    ):
        name = callers.town.sign_in_names[who]
        signed = await sign_in(callers.town.pool, name, PASSWORD, now=utc_now())
        cookie = {"cookie": f"{session_cookie_name(URL)}={signed.secret}"}
        async with callers["nobody"] as client:
            answer = await client.get(page, headers=cookie)
            assert answer.status_code == 200, (who, answer.text)
            assert (button in answer.text) == (who != "arbiter"), who
            if who == "buyer":
                made = await client.get(f"/api/v1/cases/{case_id}/dossier", headers=cookie)
                assert made.status_code == 200
