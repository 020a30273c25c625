"""What shops of the demo know: articles, sizes, a comparison, a training, open questions."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.stage import Stage
from gongdao.flows.knowledge.articles import write_article
from gongdao.flows.knowledge.gaps import note_search
from gongdao.flows.knowledge.trainings import write_training
from gongdao.knowledge.article import Body, Kind, Written, read_table
from gongdao.knowledge.training import TrainingWritten, read_quiz

_LEADS = {"appliances": "shop:lead", "clothing": "clothing"}
#: Of each shop: kind, title, text, table, and the numbers of the goods that it is about.
_ARTICLES: dict[str, tuple[tuple[Kind, str, str, str, tuple[str, ...]], ...]] = {
    "appliances": (
        ("answer", "冰箱一天耗几度电？",
         "这款冰箱标称综合耗电量约 0.8 度/天，实际会随开门次数和室温略有变化。",
         "", ("BCD-516",)),
        ("answer", "冰箱到货后要静置多久才能通电？",
         "到货后请静置 2 小时以上再通电；搬运时倾斜超过 45 度的，建议静置一夜。",
         "", ("BCD-516",)),
        ("attributes", "BCD-516 冰箱参数", "",
         "参数 | 值\n容积 | 516 升\n制冷方式 | 风冷无霜\n能效 | 二级\n"
         "外形 | 宽 83.3 × 深 65.5 × 高 178.5 厘米", ("BCD-516",)),
        ("care", "空调滤网怎么清洗",
         "断电后取下滤网，用清水冲洗后晾干装回，每月一次；不要用热水和硬毛刷。", "", ("KFR-35",)),
        ("answer", "可以开发票吗？",
         "可以。订单完成后提供抬头和税号，一般 1 个工作日内开出电子发票。", "", ()),
    ),
    "clothing": (
        ("sizes", "文胸尺码表", "单位厘米。请贴身测量，不要用力拉紧。",
         "尺码 | 胸围 | 下胸围\n70B | 81-85 | 68-72\n75B | 86-90 | 73-77\n80B | 91-95 | 78-82\n"
         "85B | 96-100 | 83-87", ("WX-75B",)),
        ("comparison", "普通文胸和矫正型文胸怎么选", "两种适合的人不一样，先问清楚需要，再推荐。",
         "对比项 | 普通文胸 | 矫正型文胸\n主要作用 | 日常支撑、舒适 | 收拢副乳、帮助改善体态\n"
         "穿着感受 | 轻，几乎无束缚 | 有包裹感，需要适应\n"
         "每天穿多久 | 全天 | 从每天几小时开始，睡觉不穿\n"
         "不适合 | 想明显塑形的人 | 孕期、术后未经医生同意的人", ("WX-75B",)),
        ("care", "羊绒毛衣怎么洗",
         "30 度以下冷水手洗，用中性洗涤剂，平铺阴干，不要拧绞和暴晒。", "", ("YRS-01",)),
    ),
}  # fmt: skip
_TRAINING = TrainingWritten(
    title="新品：无钢圈聚拢文胸",
    body="先问下胸围和上胸围，再推荐尺码，不要只问平时穿多大。\n这款没有矫形作用，不能承诺治疗"
    "效果。\n"
    "贴身衣物拆封后影响二次销售的，不支持七天无理由，下单前要提醒顾客；质量问题照常售后。",
    quiz=read_quiz(
        "推荐尺码前要先问什么？（多选）\n+ 下胸围\n+ 上胸围\n- 体检报告\n= 两个尺寸都要，"
        "缺一个就会推荐错。\n\n"
        "顾客问能不能矫正体态，怎么答？\n- 一定可以\n+ 这款不承担矫形，可以介绍矫正型\n- 不回复\n"
        "= 不作做不到的承诺。\n\n"
        "质量问题能退吗？\n+ 能，照常售后\n- 贴身衣物一律不退"
    ),
    pass_mark=100,
    state="published",
)
_OPEN = {
    "appliances": ("shop:agent1", ("冰箱门能左右互换吗", "冰箱门可以左右互换吗")),
    "clothing": ("clothing", ("文胸可以机洗吗",)),
}


async def write_knowledge(stage: Stage, *, now: datetime) -> None:
    """Write it down, once: what is there already is left alone."""
    for shop, lead in _LEADS.items():
        who = stage.people[lead]
        for kind, title, text, table, goods in _ARTICLES[shop]:
            written = Written(
                kind=kind,
                title=title,
                body=Body(text=text, table=read_table(table)),
                product_ids=_products(goods),
                state="published",
            )
            await write_article(stage.pool, who, written, key=f"demo {title}", now=now)
        asker, questions = _OPEN[shop]
        for question in questions:
            await note_search(stage.pool, stage.people[asker], question, now=now)
    await write_training(
        stage.pool, stage.people[_LEADS["clothing"]], _with_goods(), key="demo training", now=now
    )


def _with_goods() -> TrainingWritten:
    return msgspec.structs.replace(_TRAINING, product_ids=_products(("WX-75B",)))


def _products(numbers: tuple[str, ...]) -> tuple[UUID, ...]:
    return tuple(demo_id("product", number) for number in numbers)
