"""One server for all tests of conversations: each minds its own shop."""

import pytest
from tests.conftest import Served
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.db import Pool


@pytest.fixture
def served(shared_served: Served) -> Served:
    return shared_served


@pytest.fixture
async def town(shared_pool: Pool) -> DeskTown:
    return await build_desk_town(shared_pool)
