"""A shop with an owner, a lead and two agents."""

import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.db import Pool


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)
