"""A marketplace with people who have API tokens, and the whole application in this process."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.files.samples import image
from tests.flows.market import Market, open_market, place_order
from tests.living import alive
from tests.people import settle_person

from gongdao.accounts.principal import Principal
from gongdao.accounts.staff import create_first_roles
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.settings import current_pack
from gongdao.main import create_app

URL = "http://gongdao.test"
#: What the buyer says, and nobody but the parties and the platform may read.
CLAIM = "它从来没有制冷过"


class Town(msgspec.Struct, kw_only=True):
    """Who and what is there, by name; tokens are bearer tokens with everything their owner may."""

    pool: Pool
    people: dict[str, Principal]
    sign_in_names: dict[str, str]
    tokens: dict[str, str]
    ids: dict[str, UUID]


async def build_town(pool: Pool) -> Town:
    """Two shops with their people and buyers; orders and cases of the first in several stages."""
    town = Town(pool=pool, people={}, sign_in_names={}, tokens={}, ids={})
    market, other = await open_market(pool), await open_market(pool)
    duties = await create_first_roles(pool, shop_id=None, now=utc_now())
    for duty in ("arbiter", "supervisor", "operator", "auditor", "juror"):
        await settle(town, duty, kind="platform", role_id=duties[duty])
    for prefix, place in (("", market), ("foreign ", other)):
        roles = await create_first_roles(pool, shop_id=place.shop_id, now=utc_now())
        await settle(town, f"{prefix}buyer", kind="buyer")
        for role in ("owner", "agent"):
            name = f"{prefix}{role}"
            await settle(town, name, kind="shop", shop_id=place.shop_id, role_id=roles[role])
    town.ids["shop_id"] = market.shop_id
    mine = msgspec.structs.replace(
        market,
        buyer=town.people["buyer"],
        owner=town.people["owner"],
        arbiter=town.people["arbiter"],
    )
    await fill(town, mine)
    return town


async def settle(town: Town, name: str, **who: object) -> None:
    """One more person of the town."""
    settled = await settle_person(town.pool, name, **who)
    town.people[name] = settled.principal
    town.sign_in_names[name] = settled.sign_in_name
    if settled.token_id:
        town.tokens[name] = settled.token
        town.ids[f"token of {name}"] = settled.token_id


async def fill(town: Town, market: Market) -> None:
    """An order without a case, a case in the shop's turn, one being judged, one closed."""
    pool, now = town.pool, utc_now()
    pack = await current_pack(pool)
    paid_at = now - timedelta(days=4)
    asked = c.OpenArgs(procedure="after_sale", kind="return_refund", reason="quality", claim=CLAIM)
    for name in ("bare", "open", "judged", "closed"):
        order = await place_order(market, paid_at=paid_at)
        town.ids[f"{name} order"] = order.id
        if name == "bare":
            continue
        opened = await open_case(pool, market.buyer, order.id, asked, pack=pack, now=now)
        case_id = town.ids[f"{name} case"] = opened.case.id
        if name == "closed":
            await act_on_case(pool, market.buyer, case_id, "withdraw", c.NoArgs(), now=now)
        if name == "judged":
            refusal = c.RejectArgs(reason="not_liable", evidence=["statement"])
            await act_on_case(pool, market.owner, case_id, "reject", refusal, now=now)
            await act_on_case(pool, market.buyer, case_id, "escalate", c.NoArgs(), now=now)


@pytest.fixture
async def town(pool: Pool) -> Town:
    return await build_town(pool)


class Callers:
    """A client for each person, and one for nobody."""

    def __init__(self, transport: httpx.ASGITransport, town: Town) -> None:
        self.town, self._transport = town, transport

    def __getitem__(self, name: str) -> httpx.AsyncClient:
        token = self.town.tokens.get(name)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=self._transport, base_url=URL, headers=headers)


@pytest.fixture
async def callers(town: Town, database_url: str, tmp_path: Path) -> AsyncIterator[Callers]:
    """The whole application, as it is served."""
    config = read_config(
        {
            "GONGDAO_DATABASE_URL": database_url,
            "GONGDAO_FILES_URL": f"file://{tmp_path}",
            "GONGDAO_PUBLIC_URL": URL,
            "GONGDAO_RATE_LIMIT": "off",
        }
    )
    app = create_app(config)
    async with alive(app):
        # What the application does not catch itself would show here as an exception.
        yield Callers(httpx.ASGITransport(app), town)


def picture() -> bytes:
    """A small photograph."""
    return image("JPEG")
