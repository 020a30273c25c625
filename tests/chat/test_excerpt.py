"""Sealed excerpts: what they hold, what is seen to be missing, and that they stay as they were."""

import asyncio
import hashlib
import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from pypdf import PdfReader
from tests.flows.market import place_order
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.chat.body import parse_body
from gongdao.chat.conversation import Conversation
from gongdao.chat.excerpt import decode_excerpt, encode_excerpt, faults_of
from gongdao.chat.message import Saying
from gongdao.chat.store import Opening, open_conversation, say
from gongdao.files.objects import Objects, object_key, open_objects
from gongdao.files.store import find_files
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.file_access import require_may_see_file
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.seal_excerpt import Sealed, read_excerpts, seal_excerpt
from gongdao.policy.load import load_pack

PACK = load_pack("taobao-classic")
NOW = utc_now().replace(microsecond=0)


class Scene(msgspec.Struct, kw_only=True):
    """A buyer and a shop with a conversation of eight messages, and a case between them."""

    town: DeskTown
    pool: Pool
    objects: Objects
    talk: Conversation
    case_id: UUID

    async def seal(self, name: str, *chosen: int, with_case: bool = True, **more: Any) -> Sealed:
        case_id = self.case_id if with_case else None
        return await seal_excerpt(
            self.pool,
            self.objects,
            self.town.people[name],
            self.talk.id,
            chosen,
            **{"case_id": case_id, "now": NOW} | more,
        )

    async def bytes_of(self, file_id: UUID) -> bytes:
        file = (await find_files(self.pool, [file_id]))[file_id]
        pieces = self.objects.read(object_key(file.sha256), 0, file.size_bytes)
        return b"".join([piece async for piece in pieces])


async def tell(town: DeskTown, talk: Conversation, name: str, kind: Any, **body: Any) -> None:
    who = town.people[name] if name else None
    client_id = uuid4()
    said = await say(
        town.pool,
        Saying(
            conversation_id=talk.id,
            client_id=client_id,
            author=who.kind if who else "system",
            author_id=who.person_id if who else None,
            kind=kind,
            body=parse_body(kind, body),
            at=NOW,
        ),
    )
    assert said.outcome == "said"


@pytest.fixture
async def scene(pool: Pool) -> Scene:
    town = await build_desk_town(pool)
    market = msgspec.structs.replace(town.market, buyer=town.people["李梅"])
    order = await place_order(market, paid_at=NOW - timedelta(days=4))
    args = c.OpenArgs(procedure="complaint", kind="not_as_described")
    opened = await open_case(pool, town.people["李梅"], order.id, args, pack=PACK, now=NOW)
    opening = Opening(id=new_id(), shop_id=town.shop_id, buyer_id=town.people["李梅"].person_id)
    talk, _ = await open_conversation(pool, opening, now=NOW)
    await tell(town, talk, "", "system", event="greeting")
    await tell(town, talk, "李梅", "text", text="收到的灯坏了")
    await tell(town, talk, "小安", "note", text="这个买家上次也这样")
    await tell(town, talk, "小安", "text", text="签收后概不负责")
    await tell(town, talk, "李梅", "text", text="那我投诉")
    await tell(town, talk, "小安", "text", text="可以退款 <b>100</b> 元")
    await tell(town, talk, "", "system", event="agent_left", for_shop=True)
    await tell(town, talk, "李梅", "text", text="好")
    found = Conversation(**msgspec.structs.asdict(talk))
    objects = open_objects("memory://")
    return Scene(town=town, pool=pool, objects=objects, talk=found, case_id=opened.case.id)


async def test_an_excerpt_holds_words_links_and_gaps(scene: Scene) -> None:
    sealed = (await scene.seal("李梅", 4, 6, 2)).excerpt
    body = await scene.bytes_of(sealed.file_id)
    assert body == sealed.body and hashlib.sha256(body).digest() == sealed.sha256
    excerpt = decode_excerpt(body)
    assert encode_excerpt(excerpt) == body
    assert [(one.seq, one.said is not None) for one in excerpt.links] == [
        (2, True), (3, False), (4, True), (5, False), (6, True),
    ]  # fmt: skip
    assert list(faults_of(excerpt)) == []
    stored = await scene.pool.fetch("SELECT seq, hash FROM chat_messages ORDER BY seq")
    assert excerpt.before == stored[0]["hash"].hex()
    assert [one.hash for one in excerpt.links] == [row["hash"].hex() for row in stored[1:6]]
    assert "上次也这样".encode() not in body


async def test_nothing_can_be_changed_unseen(scene: Scene) -> None:
    excerpt = decode_excerpt((await scene.seal("李梅", 2, 4, with_case=False)).excerpt.body)
    said = excerpt.links[2].said
    assert said
    replace = msgspec.structs.replace
    changed = [
        replace(
            said, body=msgspec.Raw(b'{"text":"\xe6\x88\x91\xe4\xbb\xac\xe8\xb4\x9f\xe8\xb4\xa3"}')
        ),
        replace(said, author="buyer"),
        replace(said, author_id=new_id()),
        replace(said, reply_to=1),
    ]
    for each in changed:
        links = [*excerpt.links[:2], replace(excerpt.links[2], said=each)]
        assert list(faults_of(replace(excerpt, links=links))) == ["message 4 is not what was said"]
    later = replace(excerpt.links[1], at=NOW + timedelta(hours=1))
    moved = replace(excerpt, links=[excerpt.links[0], later, excerpt.links[2]])
    assert list(faults_of(moved)) == ["message 3 does not follow on the one before it"]
    without = replace(excerpt, links=[excerpt.links[0], excerpt.links[2]])
    assert list(faults_of(without)) == ["message 3 is missing"]
    first = replace(excerpt, before="00" * 32)
    assert list(faults_of(first)) == ["message 2 does not follow on the one before it"]


@pytest.mark.parametrize("name", ["李梅", "小安"])
async def test_it_becomes_evidence_once(scene: Scene, name: str) -> None:
    sealed = await asyncio.gather(*(scene.seal(name, 2, 4) for _ in range(4)))
    assert len({one.excerpt.sha256 for one in sealed}) == 1
    assert {one.evidence for one in sealed} == {1}
    state = msgspec.json.decode(
        await scene.pool.fetchval("SELECT state FROM cases WHERE id = $1", scene.case_id)
    )
    (piece,) = state["evidence"]
    excerpt = sealed[0].excerpt
    assert piece["kind"] == "chat_transcript"
    assert piece["file_ids"] == [str(excerpt.paper_id), str(excerpt.file_id)]
    assert piece["sha256"][1] == excerpt.sha256.hex()
    for reader in ("李梅", "小安", "仲裁员"):
        await require_may_see_file(scene.pool, scene.town.people[reader], excerpt.file_id)
    with pytest.raises(Refusal):
        await require_may_see_file(scene.pool, scene.town.people["王强"], excerpt.file_id)


async def test_what_was_sealed_stays_as_it_was(scene: Scene) -> None:
    before = (await scene.seal("李梅", 4)).excerpt
    await recall(scene.pool, scene.town.people["小安"], scene.talk.id, 4, now=NOW)
    after = (await scene.seal("李梅", 4, now=NOW + timedelta(hours=1))).excerpt
    assert after == before
    line = decode_excerpt(after.body).links[0].said
    assert line and not line.recalled


@pytest.mark.parametrize("name", ["李梅", "小安"])
async def test_what_was_taken_back_can_be_kept_for_evidence(scene: Scene, name: str) -> None:
    await recall(scene.pool, scene.town.people["小安"], scene.talk.id, 4, now=NOW)
    line = decode_excerpt((await scene.seal(name, 4)).excerpt.body).links[0].said
    assert line and line.recalled and "概不负责".encode() in bytes(line.body)


async def test_what_only_the_shop_reads_never_leaves_it(scene: Scene) -> None:
    await recall(scene.pool, scene.town.people["小安"], scene.talk.id, 4, now=NOW)
    for name in ("李梅", "小安", "老板"):
        for seq in (3, 7, 9):  # a note, a line for the shop, the recall itself
            with pytest.raises(Refusal) as refused:
                await scene.seal(name, 2, seq)
            assert refused.value.code == "wrong_role"
    assert await scene.pool.fetchval("SELECT count(*) FROM chat_excerpts") == 0


async def test_whose_conversation_and_case_it_is(scene: Scene) -> None:
    for name in ("王强", "仲裁员"):
        with pytest.raises(Refusal) as refused:
            await scene.seal(name, 2)
        assert refused.value.code == "not_found"
    for case_id in (new_id(), scene.talk.id):
        with pytest.raises(Refusal) as refused:
            await scene.seal("李梅", 2, case_id=case_id)
        assert refused.value.code == "not_found"
    other = await open_case(
        scene.pool,
        scene.town.market.buyer,
        (await place_order(scene.town.market, paid_at=NOW - timedelta(days=4))).id,
        c.OpenArgs(procedure="complaint", kind="not_as_described"),
        pack=PACK,
        now=NOW,
    )
    for name in ("李梅", "小安"):
        with pytest.raises(Refusal) as refused:
            await scene.seal(name, 2, case_id=other.case.id)
        assert refused.value.code == "not_found"


@pytest.mark.parametrize("chosen", [(), (0,), (-1,), (9,), (1, 99), (2**31,)])
async def test_numbers_that_are_not_there(scene: Scene, chosen: tuple[int, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        await scene.seal("李梅", *chosen)
    assert refused.value.code == "invalid"


async def test_limits(scene: Scene) -> None:
    await scene.pool.execute("UPDATE chat_conversations SET last_seq = 5000")
    for chosen in (range(1, 202), (1, 2001)):
        with pytest.raises(Refusal) as refused:
            await scene.seal("李梅", *chosen)
        assert refused.value.code == "too_large"


async def test_pages_for_readers(scene: Scene) -> None:
    sealed = (await scene.seal("李梅", 1, 2, 6, with_case=False)).excerpt
    pages = await scene.bytes_of(sealed.paper_id)
    assert pages.startswith(b"%PDF")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pages)).pages)
    assert "收到的灯坏了" in text and "<b>100</b>" in text
    # A long word may be broken anywhere, which leaves a sign of no width in it.
    assert sealed.sha256.hex() in re.sub(r"[\s\u200b]", "", text)
    assert "概不负责" not in text and "上次也这样" not in text


async def test_the_arbiter_seals_what_both_sides_may_read(scene: Scene) -> None:
    await scene.pool.execute(
        "UPDATE chat_conversations SET case_id = $1, agent_id = NULL", scene.case_id
    )
    sealed = await scene.seal("仲裁员", 2, 4)
    assert sealed.evidence is None
    for name in ("李梅", "小安", "仲裁员"):
        await require_may_see_file(scene.pool, scene.town.people[name], sealed.excerpt.file_id)
    with pytest.raises(Refusal):
        await require_may_see_file(scene.pool, scene.town.people["王强"], sealed.excerpt.file_id)


async def test_a_list_shows_what_one_has_sealed(scene: Scene) -> None:
    mine = (await scene.seal("李梅", 2)).excerpt
    await scene.seal("小安", 4)
    listed = await read_excerpts(scene.pool, scene.town.people["李梅"], scene.talk.id)
    assert [one.id for one in listed] == [mine.id]
    with pytest.raises(Refusal):
        await read_excerpts(scene.pool, scene.town.people["王强"], scene.talk.id)


async def test_a_case_that_takes_no_evidence_says_so(scene: Scene) -> None:
    await act_on_case(
        scene.pool, scene.town.people["李梅"], scene.case_id, "withdraw", c.NoArgs(), now=NOW
    )
    with pytest.raises(Refusal) as refused:
        await scene.seal("李梅", 2)
    assert refused.value.code in ("not_allowed_in_stage", "too_late")


async def test_rows_of_excerpts_are_never_changed(scene: Scene) -> None:
    await scene.seal("李梅", 2, with_case=False)
    for statement in (
        "UPDATE chat_excerpts SET seqs = '{1}'",
        "DELETE FROM chat_excerpts",
        "TRUNCATE chat_excerpts",
    ):
        with pytest.raises(Exception, match="append-only"):
            await scene.pool.execute(statement)
