"""A shop with goods, for the tests of what it knows."""

from typing import Any
from uuid import UUID

from tests.web.chat.desk_town import DeskTown

from gongdao.base.ids import new_id
from gongdao.knowledge.training import TrainingWritten, read_quiz
from gongdao.shops.shop import Product
from gongdao.shops.store import insert_products


async def add_goods(town: DeskTown) -> dict[str, UUID]:
    """A bra, a corrective bra and a refrigerator, by their numbers."""
    goods = {"WX-75B": "无钢圈文胸", "JZ-1": "矫正文胸", "BCD-516": "对开门冰箱"}
    products = [
        Product(id=new_id(), shop_id=town.shop_id, title=title, sku=sku, price_fen=8_800)
        for sku, title in goods.items()
    ]
    async with town.pool.acquire() as connection:
        await insert_products(connection, products)
    return {each.sku: each.id for each in products}


QUIZ = "适合谁？\n+ 日常\n- 孕期\n= 见说明\n\n怎么洗？\n+ 手洗\n- 机洗"


def training(goods: dict[str, UUID], **fields: Any) -> TrainingWritten:
    """A training on the bra, of two questions."""
    return TrainingWritten(
        **{"title": "新品培训", "body": "先读说明。", "quiz": read_quiz(QUIZ), "pass_mark": 100,
           "product_ids": (goods["WX-75B"],), "state": "published"} | fields
    )  # fmt: skip
