"""What the four shops of the demo sell."""

import msgspec


class Good(msgspec.Struct, frozen=True):
    """An article: its number, whose it is, what it is called and costs."""

    sku: str
    shop: str
    title: str
    price_fen: int
    category: str
    tags: tuple[str, ...] = ()


_DURABLE = ("durable",)
_GOODS = (
    Good(
        "BCD-516", "appliances", "BCD-516 家用对开门冰箱 变频节能 516升", 268000, "冰箱", _DURABLE
    ),
    Good("XQG-100", "appliances", "滚筒洗衣机 10公斤 变频静音", 189900, "洗衣机", _DURABLE),
    Good("KFR-35", "appliances", "壁挂空调 大1.5匹 冷暖变频", 229900, "空调", _DURABLE),
    Good("DFB-40", "appliances", "智能电饭煲 4升 预约定时", 29900, "厨房电器", _DURABLE),
    Good("SHH-17", "appliances", "电热水壶 1.7升 304不锈钢", 8900, "厨房电器", _DURABLE),
    Good("WBL-20", "appliances", "家用微波炉 20升 转盘式", 36900, "厨房电器", _DURABLE),
    Good("FS-16", "appliances", "落地扇 七叶 遥控静音", 15900, "生活电器", _DURABLE),
    Good("XCQ-12", "appliances", "无线吸尘器 大吸力 手持两用", 59900, "生活电器", _DURABLE),
    Good("LYQ-88", "clothing", "碎花连衣裙 收腰中长款", 9500, "女装"),
    Good("YRS-01", "clothing", "100%山羊绒圆领毛衣 女款", 49900, "女装"),
    Good("WX-75B", "clothing", "无钢圈聚拢文胸 透气薄款", 8800, "内衣", ("underwear",)),
    Good("NK-3", "clothing", "纯棉女士内裤 三条装", 3900, "内衣", ("underwear",)),
    Good("YRF-9", "clothing", "轻薄羽绒服 90%白鸭绒 连帽", 32900, "女装"),
    Good("NZK-2", "clothing", "高腰直筒牛仔裤 显瘦", 12900, "女装"),
    Good("JJF-5", "clothing", "纯棉家居服套装 长袖", 15900, "内衣"),
    Good("WZ-10", "clothing", "中筒棉袜 十双装", 2990, "袜子", ("sale_item",)),
    Good("XF-30", "clothing", "男士修身西服 单件", 9999, "男装"),
    Good("JG-500", "snacks", "每日坚果 混合果仁 500克", 5990, "零食", ("food",)),
    Good("ZRF-3", "snacks", "手撕风干牛肉 原味 250克", 6880, "零食", ("food",)),
    Good("MHS-1", "snacks", "蛋黄酥 8枚礼盒", 3680, "糕点", ("food",)),
    Good("CY-200", "snacks", "明前绿茶 200克罐装", 12800, "茶叶", ("food",)),
    Good("MGG-2", "snacks", "芒果干 500克 袋装", 2580, "零食", ("food",)),
    Good("LP-10", "snacks", "赣南脐橙 10斤装", 4580, "水果", ("fresh", "food")),
    Good("XL-925", "jewellery", "925银锁骨项链 附鉴定证书", 49800, "项链"),
    Good("ZJ-24", "jewellery", "足金转运珠手绳 约0.8克", 79800, "黄金"),
    Good("ED-7", "jewellery", "淡水珍珠耳钉 7毫米", 15800, "耳饰"),
    Good("JZ-2", "jewellery", "情侣对戒 一对 可刻字", 19900, "戒指", ("custom",)),
    Good("SL-3", "jewellery", "银手链 简约款", 12800, "手链"),
)

GOODS: dict[str, Good] = {good.sku: good for good in _GOODS}
