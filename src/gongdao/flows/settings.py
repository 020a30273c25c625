"""Which rule book judges new cases, and which of its switches the operator has set."""

from gongdao.base.db import Queryable
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack

#: The rule book of an installation whose operator has chosen none.
DEFAULT_PACK = "taobao-classic"


async def current_pack(database: Queryable) -> Pack:
    """The pack under which a case that is filed now is opened."""
    return load_pack(DEFAULT_PACK)
