"""Sizes, likeness, quizzes, tables and papers, without a database."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.knowledge.article import Body, Written, read_table, require_sound, say, write_table
from gongdao.knowledge.likeness import ALIKE, likeness
from gongdao.knowledge.paper import Paper, PaperWritten, require_whole
from gongdao.knowledge.size import find_size, heard_measures
from gongdao.knowledge.training import Question, grade, read_quiz, write_quiz

SIZES = read_table(
    "尺码 | 胸围(cm) | 下胸围\n75B | 86-90 | 73-77\n80B | 91-95 | 78-82\n85C | 98 | 85"
)
QUIZ = """这款文胸最适合谁？
- 孕期
+ 想日常舒适的人
= 普通款不承担矫形。

哪些要先问顾客？（多选）
+ 下胸围
+ 上胸围
- 体重密码"""


def test_a_size_is_found_by_measurements() -> None:
    assert SIZES
    found = find_size(SIZES, {"胸围(cm)": 88, "下胸围": 75})
    assert found and found.sizes == ("75B",) and found.fits
    near = find_size(SIZES, {"胸围(cm)": 96, "下胸围": 81})
    assert near and near.sizes == ("80B",) and not near.fits and near.off == 1
    assert find_size(SIZES, {"胸围(cm)": 140}) is None
    assert find_size(SIZES, {"腰围": 70}) is None
    assert heard_measures(SIZES, "亲，下胸围75，胸围是８８厘米") == {"下胸围": 75, "胸围(cm)": 88}
    assert heard_measures(SIZES, "多少钱") == {}


@given(st.floats(0, 300, allow_nan=False), st.floats(0, 300, allow_nan=False))
def test_what_fits_lies_within_the_row(bust: float, under: float) -> None:
    assert SIZES
    found = find_size(SIZES, {"胸围(cm)": bust, "下胸围": under})
    if found and found.fits and found.sizes == ("75B",):
        assert 86 <= bust <= 90 and 73 <= under <= 77


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("这个冰箱一天耗几度电？", "请问冰箱一天耗几度电呀", True),
        ("能不能寄到西藏", "老板，可以寄到西藏吗？", True),
        ("能不能寄到西藏", "洗衣机噪音大不大", False),
        ("does it fit a 12 cm door", "Does it fit a 12 cm door?", True),
        ("？？？", "！！", False),
    ],
)
def test_similar_questions_are_one(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= ALIKE) is alike


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_even_and_bounded(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1


def test_a_quiz_is_typed_and_graded() -> None:
    quiz = read_quiz(QUIZ)
    assert [each.several for each in quiz] == [False, True] and quiz[0].why
    assert read_quiz(write_quiz(quiz)) == quiz
    assert grade(quiz, ((1,), (0, 1))) == 100
    assert grade(quiz, ((1,), (0,))) == 50, "half of what is right is not right"
    for wrong in (((1,),), ((), (0,)), ((0, 1), (0,)), ((5,), (0,)), ((1,), (0, 0))):
        with pytest.raises(Refusal):
            grade(quiz, wrong)


@given(st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=8), st.data())
def test_a_hundred_only_for_exactly_what_is_right(
    right: list[set[int]], chooser: st.DataObject
) -> None:
    quiz = [
        Question(prompt="问", choices=("甲", "乙", "丙", "丁"), right=tuple(each), several=True)
        for each in right
    ]
    some = st.sets(st.integers(0, 3), min_size=1)
    chosen = [chooser.draw(some) for _ in quiz]
    score = grade(quiz, [tuple(each) for each in chosen])
    assert (score == 100) == (chosen == right)


@pytest.mark.parametrize("typed", ["没有选项的问题", "- 甲\n+ 乙", "问\n+ 甲"])
def test_a_broken_quiz_says_which_question(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_quiz(f"问一\n+ 是\n- 否\n\n{typed}")
    assert refused.value.params["n"] == 2


def test_a_table_is_typed_or_pasted() -> None:
    assert SIZES and read_table(write_table(SIZES)) == SIZES
    assert read_table("面料\t棉\n洗涤\t手洗") == read_table("| 面料 | 棉 |\n| 洗涤 | 手洗 |")
    assert read_table(" \n ") is None
    with pytest.raises(Refusal, match="cells"):
        read_table("a|b\n1|2|3")
    with pytest.raises(Refusal):
        read_table("只有一行|没有内容")


def test_an_article_says_its_table() -> None:
    told = Written(kind="sizes", title="尺码", body=Body(text="单位厘米", table=SIZES))
    require_sound(told)
    assert say(told).split("\n")[1] == "75B：胸围(cm) 86-90，下胸围 73-77"
    for broken in (
        Written(kind="sizes", title="尺码", body=Body(text="没有表")),
        Written(kind="answer", title="问", body=Body(text="答", table=SIZES)),
        Written(kind="answer", title="问", body=Body(text="  ")),
    ):
        with pytest.raises(Refusal):
            require_sound(broken)


WHOLE = PaperWritten(
    kind="inspection", title="抽检", supplier="织造厂", product_ids=(uuid4(),), file_ids=(uuid4(),),
    batch="B1", quantity=200, sampled=10, failed=0, result="passed",
)  # fmt: skip


@pytest.mark.fact("S3-08")
def test_a_paper_is_whole_and_has_a_standing() -> None:
    require_whole(WHOLE)
    fields = {name: getattr(WHOLE, name) for name in WHOLE.__struct_fields__}
    paper = Paper(
        **fields | {"valid_until": date(2026, 3, 31)}, id=uuid4(), shop_id=uuid4(),
        by_id=uuid4(), at=None,  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    assert paper.ratio == 5
    days = ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
    standings = [paper.standing(date.fromisoformat(day)) for day in days]
    assert standings == ["valid", "ending", "ending", "over"]
    assert paper.days_left(date(2026, 3, 21)) == 10


@pytest.mark.parametrize(
    "change",
    [
        {"sampled": None},
        {"sampled": 300},
        {"failed": 11},
        {"batch": " "},
        {"kind": "purchase"},
        {"kind": "authorisation", "quantity": None, "sampled": None, "failed": None,
         "result": None},
        {"issued_on": date(2026, 2, 1), "valid_until": date(2026, 1, 1)},
    ],
)  # fmt: skip
def test_a_paper_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    fields = {name: getattr(WHOLE, name) for name in WHOLE.__struct_fields__} | change
    with pytest.raises(Refusal):
        require_whole(PaperWritten(**fields))
