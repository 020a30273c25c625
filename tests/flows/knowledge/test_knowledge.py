"""What a shop knows: versions, search, gaps, trainings with routing, papers as evidence."""

import asyncio
import csv
import io
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.files.samples import image
from tests.flows.knowledge.goods import add_goods, training
from tests.web.chat.desk_town import DeskTown, build_desk_town
from tests.web.desk.window_town import asks, come_online, says

from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.files.objects import open_objects
from gongdao.files.receive_file import receive_file
from gongdao.flows.knowledge import articles, find, gaps, papers, prove, trainings
from gongdao.flows.knowledge.article_file import articles_as_rows, take_article_file
from gongdao.flows.knowledge.today import knowledge_waiting
from gongdao.knowledge.article import Body, Written, read_table
from gongdao.knowledge.paper import PaperWritten

ANSWER = Written(
    kind="answer", title="冰箱一天耗几度电？", body=Body(text="约 0.8 度，二级能效。"),
    state="published",
)  # fmt: skip


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@pytest.fixture
async def goods(town: DeskTown) -> dict[str, UUID]:
    return await add_goods(town)


# ---- articles


async def test_every_edit_is_a_version_and_comes_back(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, pool = town.people["主管"], town.pool
    made = await articles.write_article(pool, lead, ANSWER, key="k", now=utc_now())
    again = await articles.write_article(pool, lead, ANSWER, key="k", now=utc_now())
    assert again == made
    other = msgspec.structs.replace(ANSWER, title="别的")
    with pytest.raises(Refusal, match="idempotency_conflict"):
        await articles.write_article(pool, lead, other, key="k", now=utc_now())
    longer = msgspec.structs.replace(ANSWER, body=Body(text="约 0.9 度。"))
    await articles.rewrite_article(pool, lead, made.id, longer, seen=1, note="改数", now=utc_now())
    with pytest.raises(Refusal, match="version_conflict"):
        await articles.rewrite_article(pool, lead, made.id, longer, seen=1, now=utc_now())
    back = await articles.restore_version(
        pool, lead, made.id, 1, seen=2, note="恢复", now=utc_now()
    )
    assert (back.version, back.body) == (3, ANSWER.body)
    versions = await articles.see_versions(pool, lead, made.id)
    assert [(each.version, each.note) for each in versions] == [(3, "恢复"), (2, "改数"), (1, "")]
    with pytest.raises(Exception, match="append-only"):
        await pool.execute("UPDATE knowledge_versions SET note = 'x'")


async def test_agents_read_what_is_published_and_write_nothing(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    draft = msgspec.structs.replace(ANSWER, state="draft")
    made = await articles.write_article(pool, lead, draft, now=utc_now())
    for attempt in (
        articles.see_article(pool, agent, made.id),
        articles.write_article(pool, agent, ANSWER, now=utc_now()),
        articles.see_article(pool, town.people["李梅"], made.id),
    ):
        with pytest.raises(Refusal):
            await attempt
    assert not await find.find_answers(pool, agent, "耗几度电")
    await articles.set_state(pool, lead, made.id, "published", seen=1, now=utc_now())
    assert (await articles.see_article(pool, agent, made.id)).version == 2
    foreign = msgspec.structs.replace(ANSWER, product_ids=(new_id(),))
    with pytest.raises(Refusal, match="not_found"):
        await articles.write_article(pool, lead, foreign, now=utc_now())


# ---- search


async def test_found_by_words_sound_and_likeness_the_product_first(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    await articles.write_article(pool, lead, ANSWER, now=utc_now())
    care = Written(
        kind="care", title="怎么清洗", body=Body(text="冷水手洗，不要漂白。"),
        product_ids=(goods["WX-75B"],), state="published",
    )  # fmt: skip
    await articles.write_article(pool, lead, care, now=utc_now())
    other = msgspec.structs.replace(
        care, body=Body(text="用软布清洗内胆。"), product_ids=(goods["BCD-516"],)
    )
    await articles.write_article(pool, lead, other, now=utc_now())
    for typed in ("耗几度电", "haojidudian", "bingxiang", "请问你们家冰箱一天要耗几度电呀"):
        found = await find.find_answers(pool, agent, typed)
        assert found and found[0].article.title == ANSWER.title, typed
    by_product = await find.find_answers(pool, agent, "清洗", product_ids=[goods["BCD-516"]])
    assert [one.about for one in by_product] == [True, False]
    assert by_product[0].text == "用软布清洗内胆。"
    facts = await find.find_answers(pool, agent, "", product_ids=[goods["WX-75B"]])
    assert [one.article.title for one in facts] == ["怎么清洗"]
    assert not await find.find_answers(pool, agent, "' | !& 量子计算")
    rival = msgspec.structs.replace(agent, shop_id=new_id())
    assert not await find.find_answers(pool, rival, "耗几度电")


async def test_a_size_is_worked_out_of_what_was_typed(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    table = read_table("尺码|胸围|下胸围\n75B|86-90|73-77\n80B|91-95|78-82")
    sizes = Written(
        kind="sizes", title="文胸尺码", body=Body(table=table), product_ids=(goods["WX-75B"],),
        state="published",
    )  # fmt: skip
    made = await articles.write_article(pool, lead, sizes, now=utc_now())
    typed = "胸围88 下胸围75 穿多大"
    found = await find.find_answers(pool, agent, typed, product_ids=[goods["WX-75B"]])
    assert found[0].why == "size" and "75B" in found[0].text
    size = await find.find_size_in(pool, agent, made.id, {"胸围": 93.0})
    assert size.sizes == ("80B",)
    with pytest.raises(Refusal, match="not_found"):
        await find.find_size_in(pool, agent, made.id, {"胸围": 200.0})


# ---- gaps


@pytest.mark.fact("S0-49")
async def test_gaps_are_grouped_answered_and_told(town: DeskTown, goods: dict[str, UUID]) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    await come_online(town, "小安")
    first = await asks(town, "李梅", "这个冰箱门能左右互换吗？")
    second = await asks(town, "王强", "请问冰箱门可以左右互换吗")
    seq = await _seq_of_buyer(town, first)
    noted = await gaps.note_message(pool, agent, first, seq, now=utc_now())
    assert not noted.repeated
    assert (await gaps.note_message(pool, agent, first, seq, now=utc_now())).repeated
    seq = await _seq_of_buyer(town, second)
    same = await gaps.note_message(pool, agent, second, seq, now=utc_now())
    assert same.gap.id == noted.gap.id and same.gap.asked == 2
    searched = await gaps.note_search(pool, agent, "冰箱门左右互换", now=utc_now())
    assert searched and searched.gap.asked == 3
    again = await gaps.note_search(pool, agent, "冰箱门左右互换？", now=utc_now())
    assert again and again.repeated
    assert await gaps.note_search(pool, agent, "？!", now=utc_now()) is None
    other = await gaps.note_search(pool, agent, "能寄到西藏阿里地区", now=utc_now())
    assert other and other.gap.id != noted.gap.id
    with pytest.raises(Refusal, match="not_found"):
        await gaps.note_message(pool, agent, first, 99, now=utc_now())
    taken = await gaps.assign_question(pool, agent, noted.gap.id, agent.person_id)
    assert taken.assigned_to == agent.person_id
    with pytest.raises(Refusal, match="wrong_role"):
        await gaps.assign_question(pool, agent, noted.gap.id, lead.person_id)
    _, askings = await gaps.see_question(pool, agent, noted.gap.id)
    told = next(each for each in askings if each.conversation_id == first)
    with pytest.raises(Refusal, match="not_allowed"):
        await gaps.tell_asker(pool, agent, noted.gap.id, told.id, now=utc_now())
    draft = msgspec.structs.replace(ANSWER, state="draft")
    unready = await articles.write_article(pool, lead, draft, now=utc_now())
    with pytest.raises(Refusal, match="Publish"):
        await gaps.answer_question(pool, lead, noted.gap.id, unready.id, now=utc_now())
    article = await articles.write_article(pool, lead, ANSWER, now=utc_now())
    closed = await gaps.answer_question(pool, lead, noted.gap.id, article.id, now=utc_now())
    assert closed.state == "answered"
    for _ in range(2):
        await gaps.tell_asker(pool, agent, noted.gap.id, told.id, now=utc_now())
    said = await pool.fetch(
        "SELECT body ->> 'text' AS text FROM chat_messages WHERE conversation_id = $1"
        " AND author = 'shop'",
        first,
    )
    assert [row["text"] for row in said] == [ANSWER.body.text]
    listed = await gaps.list_questions(pool, agent)
    assert [each.id for each in listed.gaps] == [other.gap.id]


async def _seq_of_buyer(town: DeskTown, talk: UUID) -> int:
    return await town.pool.fetchval(
        "SELECT max(seq) FROM chat_messages WHERE conversation_id = $1 AND author = 'buyer'", talk
    )


async def test_two_who_note_the_same_at_once_make_one_gap(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    who = [town.people[name] for name in ("小安", "小宝", "主管", "老板")]
    noted = await asyncio.gather(
        *(gaps.note_search(town.pool, each, "保修多少年呢", now=utc_now()) for each in who)
    )
    assert {each.gap.id for each in noted if each} == {noted[0].gap.id if noted[0] else None}
    assert await town.pool.fetchval("SELECT asked FROM knowledge_gaps") == 4


# ---- papers


async def _upload(town: DeskTown, name: str, where: Any) -> UUID:
    async def pieces() -> Any:
        yield image("PNG")

    file = await receive_file(
        town.pool, open_objects(f"file://{where}"), pieces(), file_id=new_id(), name="纸.png",
        uploaded_by=town.people[name].person_id, now=utc_now(),
    )  # fmt: skip
    return file.id


@pytest.mark.fact("S3-08")
async def test_papers_are_filed_end_and_are_withdrawn(
    town: DeskTown, goods: dict[str, UUID], tmp_path: Any
) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    file_id = await _upload(town, "主管", tmp_path)
    today = day_of(utc_now())
    written = PaperWritten(
        kind="authorisation", title="品牌授权书", supplier="某品牌", product_ids=(goods["JZ-1"],),
        file_ids=(file_id,), valid_until=today + timedelta(days=30),
    )  # fmt: skip
    made = await papers.file_paper(pool, lead, written, key="p", now=utc_now())
    assert (await papers.file_paper(pool, lead, written, key="p", now=utc_now())).id == made.id
    assert made.standing(today) == "ending"
    with pytest.raises(Refusal, match="wrong_role"):
        await papers.file_paper(pool, agent, written, now=utc_now())
    stranger = msgspec.structs.replace(written, file_ids=(await _upload(town, "李梅", tmp_path),))
    with pytest.raises(Refusal, match="not_found"):
        await papers.file_paper(pool, lead, stranger, now=utc_now())
    later = msgspec.structs.replace(written, valid_until=date(2090, 1, 1))
    await papers.file_paper(pool, lead, later, now=utc_now())
    soon = await papers.browse_papers(pool, agent, ends_soon=True, now=utc_now())
    assert [each.id for each in soon.papers] == [made.id]
    waiting = await knowledge_waiting(pool, agent, now=utc_now())
    assert waiting.papers == 1
    await papers.withdraw(pool, lead, made.id, now=utc_now())
    assert (await knowledge_waiting(pool, agent, now=utc_now())).papers == 0


async def test_what_waits_is_counted(town: DeskTown, goods: dict[str, UUID]) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    made = await trainings.write_training(pool, lead, training(goods), now=utc_now())
    await gaps.note_search(pool, agent, "保修多少年", now=utc_now())
    waiting = await knowledge_waiting(pool, agent, now=utc_now())
    assert (waiting.trainings, waiting.training_id, waiting.gaps) == (1, made.id, 1)
    await trainings.take_quiz(pool, agent, made.id, ((0,), (0,)), seen=1, now=utc_now())
    assert (await knowledge_waiting(pool, agent, now=utc_now())).trainings == 0


# ---- files


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


async def test_a_file_goes_in_whole_and_again_changes_nothing(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, pool = town.people["主管"], town.pool
    rows = [
        {"kind": "", "title": f"问题{n}", "text": f"回答{n}", "table": "", "products": "JZ-1"}
        for n in range(3)
    ]
    rows.append({"kind": "sizes", "title": "尺码", "text": "", "table": "尺码|胸围\nM|86-90",
                 "products": ""})  # fmt: skip
    taken = await take_article_file(pool, lead, _csv(rows), now=utc_now())
    assert (taken.new, taken.faults) == (4, ())
    taken = await take_article_file(pool, lead, _csv(rows), now=utc_now())
    assert (taken.new, taken.changed, taken.same) == (0, 0, 4)
    out = await articles_as_rows(pool, lead)
    out[0]["title"] = "改名"
    taken = await take_article_file(pool, lead, json.dumps(out).encode(), now=utc_now())
    assert (taken.changed, taken.same) == (1, 3)


async def test_a_file_with_faults_names_each_line_and_changes_nothing(
    town: DeskTown, goods: dict[str, UUID]
) -> None:
    lead, pool = town.people["主管"], town.pool
    fine = {"ref": "", "kind": "answer", "title": "好", "text": "好", "table": "", "products": ""}
    rows = [
        fine, fine | {"title": ""}, fine | {"title": "b", "kind": "poem"},
        fine | {"title": "c", "products": "NIX"}, fine, fine | {"title": "d", "ref": str(new_id())},
        fine | {"title": "e", "kind": "sizes", "table": "a|b\n1"},
    ]  # fmt: skip
    taken = await take_article_file(pool, lead, _csv(rows), now=utc_now())
    # The table of the last line takes two lines of the file.
    assert [fault.line for fault in taken.faults] == [3, 4, 5, 6, 7, 8]
    assert all(fault.say("zh") and fault.say("en") for fault in taken.faults)
    assert await pool.fetchval("SELECT count(*) FROM knowledge_articles") == 0
    for raw in (b"[1]", b"{", b"a,b\n1,2\n"):
        with pytest.raises(Refusal, match="invalid"):
            await take_article_file(pool, lead, raw, now=utc_now())


async def test_papers_go_into_a_case_as_uploads_do(
    town: DeskTown, goods: dict[str, UUID], tmp_path: Any
) -> None:
    case_id, pool = await _counterfeit_case(town, goods["JZ-1"]), town.pool
    lead, agent = town.people["主管"], town.people["小安"]
    file_id = await _upload(town, "主管", tmp_path)
    written = PaperWritten(
        kind="inspection", title="抽检报告", supplier="织造厂", product_ids=(goods["JZ-1"],),
        file_ids=(file_id,), batch="20260101", quantity=200, sampled=10, failed=0, result="passed",
    )  # fmt: skip
    paper = await papers.file_paper(pool, lead, written, now=utc_now())
    elsewhere = await papers.file_paper(
        pool, lead, msgspec.structs.replace(written, product_ids=(goods["BCD-516"],)),
        now=utc_now(),
    )  # fmt: skip
    offered = await prove.papers_for_case(pool, agent, case_id)
    assert [each.id for each in offered.papers] == [paper.id]
    with pytest.raises(Refusal, match="not_found"):
        await prove.attach_papers(pool, agent, case_id, [paper.id, elsewhere.id], now=utc_now())
    acted = await prove.attach_papers(pool, agent, case_id, [paper.id], key="e", now=utc_now())
    piece = acted.case.evidence[-1]
    assert (piece.kind, piece.by) == ("appraisal_report", "seller") and "5%" in piece.note
    digest = await pool.fetchval("SELECT sha256 FROM files WHERE id = $1", file_id)
    assert piece.sha256 == (digest.hex(),)
    again = await prove.attach_papers(pool, agent, case_id, [paper.id], key="e", now=utc_now())
    assert again.again and len(again.case.evidence) == len(acted.case.evidence)
    with pytest.raises(Refusal, match="wrong_role"):
        await prove.papers_for_case(pool, town.people["李梅"], case_id)


async def _counterfeit_case(town: DeskTown, product_id: UUID) -> UUID:
    from tests.flows.market import place_order

    from gongdao.cases.commands import OpenArgs
    from gongdao.flows.act import open_case
    from gongdao.flows.settings import current_pack
    from gongdao.shops.order import Line

    now = utc_now()
    market = msgspec.structs.replace(town.market, buyer=town.people["李梅"])
    line = Line(line=1, title="矫正文胸", price_fen=8_800, product_id=product_id)
    order = await place_order(market, lines=(line,), paid_at=now - timedelta(days=4))
    args = OpenArgs(procedure="counterfeit_claim", kind="counterfeit", claim="怀疑是假货")
    pack = await current_pack(town.pool)
    acted = await open_case(town.pool, town.people["李梅"], order.id, args, pack=pack, now=now)
    return acted.case.id


async def test_what_a_talk_is_about_comes_first(town: DeskTown, goods: dict[str, UUID]) -> None:
    lead, agent, pool = town.people["主管"], town.people["小安"], town.pool
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "你好", product_id=goods["JZ-1"])
    await says(town, "李梅", talk, "怎么洗")
    care = Written(
        kind="care", title="洗涤", body=Body(text="手洗"), product_ids=(goods["JZ-1"],),
        state="published",
    )  # fmt: skip
    await articles.write_article(pool, lead, care, now=utc_now())
    found = await find.find_answers(pool, agent, "", conversation_id=talk)
    assert [one.article.title for one in found] == ["洗涤"] and found[0].about
    rival = msgspec.structs.replace(agent, shop_id=new_id())
    with pytest.raises(Refusal, match="not_found"):
        await find.find_answers(pool, rival, "洗", conversation_id=talk)
