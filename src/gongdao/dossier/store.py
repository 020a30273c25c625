"""The keys from which the salts of dossiers come; the only SQL for the table `dossier_keys`."""

from uuid import UUID

from gongdao.base.db import Queryable
from gongdao.base.ids import new_token

_KEEP = """
INSERT INTO dossier_keys (case_id, key) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING
"""


async def key_of(database: Queryable, case_id: UUID) -> bytes:
    """The key of a case, made when its first dossier is; every later one has the same."""
    await database.execute(_KEEP, case_id, new_token("dossier").encode())
    key = await database.fetchval("SELECT key FROM dossier_keys WHERE case_id = $1", case_id)
    assert key, "it was kept above"
    return key
