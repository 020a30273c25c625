"""`gongdao verify` reads conversations and excerpts: whatever was changed is found."""

import pytest
from tests.chat.test_excerpt import Scene, scene

from gongdao.flows.talk.recall import recall
from gongdao.flows.verify_talks import verify_talks

__all__ = ["scene"]
#: What somebody with the database's password could do, and what is told of it.
CHANGES = {
    'UPDATE chat_messages SET body = \'{"text": "我们负责"}\' WHERE seq = 4': "message 4 is not",
    "UPDATE chat_messages SET author_id = gen_random_uuid() WHERE seq = 4": "message 4 is not",
    "UPDATE chat_messages SET author = 'buyer' WHERE seq = 4": "message 4 is not",
    "UPDATE chat_messages SET at = at - interval '1 second' WHERE seq = 4": "message 4 is not",
    "UPDATE chat_messages SET body = '{\"words\": 1}' WHERE seq = 4": "message 4 cannot be read",
    "DELETE FROM chat_messages WHERE seq = 5": "message 5 is missing",
    "DELETE FROM chat_messages WHERE seq = 8": "the newest message is not the head",
    "UPDATE chat_messages SET shop_id = gen_random_uuid() WHERE seq = 4": "another shop",
    "UPDATE chat_conversations SET head = sha256('x')": "the newest message is not the head",
    "UPDATE chat_excerpts SET body = 'x', sha256 = sha256('x')": "cannot be read",
    "UPDATE chat_excerpts SET body = convert_to(replace(convert_from(body, 'UTF8'), '坏', '好'),"
    " 'UTF8'), sha256 = sha256(convert_to(replace(convert_from(body, 'UTF8'), '坏', '好'),"
    " 'UTF8'))": "message 2 is not what was said",
    "UPDATE files SET sha256 = sha256('x') WHERE media_type = 'application/json'": "another one",
}


async def told(scene: Scene) -> list[str]:
    async with scene.pool.acquire() as connection:
        return [fault.message async for fault in verify_talks(connection)]


async def test_all_is_well(scene: Scene) -> None:
    await scene.seal("李梅", 2, 4)
    await recall(scene.pool, scene.town.people["小安"], scene.talk.id, 6, now=scene.talk.opened_at)
    assert await told(scene) == []


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_was_changed_is_found(scene: Scene, change: str) -> None:
    await scene.seal("李梅", 2, 4)
    async with scene.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(change)
        await connection.execute("RESET session_replication_role")
    found = await told(scene)
    assert found and CHANGES[change] in found[0]
