"""A desk of each test's own in the shared database."""

import pytest

from gongdao.base.db import Pool

from .desks import TestDesk


@pytest.fixture
def desk(shared_pool: Pool) -> TestDesk:
    return TestDesk(shared_pool)
