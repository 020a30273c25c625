"""People of a town: each with a password and a token, made in one way; and how they sign in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from playwright.async_api import Page

from gongdao.accounts import own
from gongdao.accounts.principal import Principal
from gongdao.accounts.staff import create_person
from gongdao.accounts.store import load_account
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id

PASSWORD = "a long enough 密码"


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in; the token does everything that they may, if they may anything."""

    principal: Principal
    sign_in_name: str
    token: str = ""
    token_id: UUID | None = None


async def settle_person(pool: Pool, name: str, **who: Any) -> Settled:
    """One more person; a buyer, unless something else is said."""
    person_id = new_id()
    sign_in_name = f"p{person_id.hex[-16:]}"
    await create_person(
        pool,
        person_id=person_id,
        sign_in_name=sign_in_name,
        name=name,
        password=PASSWORD,
        now=utc_now(),
        **{"kind": "buyer", "shop_id": None, "role_id": None} | who,
    )
    account = await load_account(pool, person_id)
    assert account
    principal = account.principal
    if not principal.permissions:
        return Settled(principal=principal, sign_in_name=sign_in_name)
    issued = await own.issue_token(
        pool,
        principal,
        token_id=new_id(),
        name="test",
        permissions=principal.permissions,
        life=timedelta(days=1),
        now=utc_now(),
    )
    return Settled(
        principal=principal,
        sign_in_name=sign_in_name,
        token=issued.secret,
        token_id=issued.token.id,
    )


async def sign_in_on_page(page: Page, url: str, sign_in_name: str, path: str) -> None:
    """Sign in with a browser and open a page."""
    await page.goto(f"{url}/sign-in?next={path}")
    await page.fill("input[name=name]", sign_in_name)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(lambda address: "sign-in" not in address)
    if path not in page.url:
        await page.goto(f"{url}{path}")
