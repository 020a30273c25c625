"""Complaints of the demo's register on which somebody is still at work."""

from datetime import timedelta

from gongdao.flows.demo.register_steps import OTHER, Step, opening


def hotel() -> list[Step]:
    """Waits for the owner: the sum is above the lead's limit."""
    h = timedelta(hours=1)
    return [
        opening(
            "周经理",
            "139 5550 1404",
            "quality",
            "酒店采购的十二台冰吧，三台不制冷，客房已经投诉。",
            company="运河人家酒店",
            wanted="三台换新，耽误的房费补偿 900 元。",
            email="zhou@yunhe.example",
        ),
        (
            h / 2,
            "",
            "contact",
            {
                "said": "三台插电 24 小时仍是常温，其余正常。周末满房，希望周五前解决。",
                "product": "冰吧 BC-46",
                "batch": "C2604-1",
                "symptoms": "压缩机不启动",
            },
        ),
        (
            h * 2,
            "",
            "analyse",
            {
                "facts": "同一批次三台启动器故障，厂家确认该批次元件有缺陷。",
                "severity": "high",
                "fault": "full",
                "long_term": "yes",
                "repurchase": "yes",
                "word_of_mouth": "yes",
            },
        ),
        (
            h * 3,
            "",
            "propose",
            {
                "words": "三台全部换新，周四送货上门并取回旧机；因此影响的客房补偿 900 元。",
                "money": "900",
                "goods": "冰吧 BC-46 三台",
                "goods_value": "1740",
                "returns": "旧机三台由我们上门取回，运费我方承担",
            },
        ),
    ]


def courier() -> list[Step]:
    """The link is out; the customer has not signed yet."""
    h = timedelta(hours=1)
    return [
        opening(
            "马先生",
            "137 5550 1505",
            "logistics",
            "电饭煲外箱压扁了，快递员让我先签收再说。",
            wanted="补一个外箱，送人用的。",
        ),
        (
            h / 2,
            "",
            "contact",
            {"said": "机身完好，只是彩箱压坏，周末要送人。", "product": "电饭煲 5L"},
        ),
        (
            h,
            "",
            "analyse",
            {
                "facts": "承运商中转挤压，机身无损。",
                "severity": "low",
                "fault": "slight",
                "repurchase": "yes",
            },
        ),
        (
            h * 1.5,
            "",
            "propose",
            {
                "words": "今天寄出全新彩箱，周五前送达，再送您一把饭勺，抱歉给您添麻烦。",
                "goods": "彩箱",
                "goods_value": "12",
                "gift": "硅胶饭勺",
                "gift_value": "9",
            },
        ),
        (h * 2, "", "make_link", {}),
    ]


def rice_cooker() -> list[Step]:
    """Analysed: what is demanded goes beyond reason."""
    h = timedelta(hours=1)
    return [
        opening(
            "电话客户 钱女士",
            "135 5550 1606",
            "customer_misunderstanding",
            "说电饭煲煮粥会溢出来，要求退一赔三。",
            wanted="退一赔三。",
        ),
        (
            h / 2,
            "",
            "contact",
            {
                "said": "客户煮粥时水位超过最高刻度线，已复述说明书要求，客户仍坚持赔偿。",
                "product": "电饭煲 5L",
                "used_when": "昨天晚上",
                "recent_use": "共用过两次",
            },
        ),
        (
            h,
            "",
            "analyse",
            {
                "facts": "照片中水位高出刻度线约两厘米，说明书第 6 页有提示，产品检测正常。",
                "severity": "low",
                "fault": "none",
                "unfounded": True,
                "unreasonable": True,
                "long_term": "no",
                "repurchase": "no",
            },
        ),
    ]


def tone() -> list[Step]:
    """About a colleague's tone; not yet talked over."""
    return [
        opening(
            "吴女士",
            "138 5550 1707",
            "staff_conduct",
            "昨晚问安装时间，客服回了一句“说了三遍了您自己看”，态度很差。",
            about=OTHER,
            channel="chat",
            wanted="希望道歉，并告诉我到底几点来装。",
        ),
    ]


def manual() -> list[Step]:
    """Talked with; the analysis is next."""
    return [
        opening(
            "郑老师",
            "159 5550 1808",
            "unclear_introduction",
            "净水器说明书是英文的，老人看不懂怎么换滤芯。",
            wanted="给一份中文说明书。",
        ),
        (
            timedelta(minutes=30),
            "",
            "contact",
            {
                "said": "已先发电子版中文说明书，客户希望再寄一份大字版纸质的。",
                "product": "净水器 RO-400",
            },
        ),
    ]


def noise() -> list[Step]:
    """Written down by somebody who has not signed yet."""
    return [
        opening(
            "陈阿姨",
            "133 5550 1909",
            "quality",
            "新风扇晚上嗡嗡响，睡不着。",
            channel="visit",
            signature="",
        ),
    ]
