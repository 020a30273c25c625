"""Complaints of the demo's register that came as far as an agreement."""

from datetime import timedelta

from gongdao.flows.demo.register_steps import LEAD, Step, opening


def door_seal() -> list[Step]:
    """Settled through the link, carried out, followed up, and something was learned."""
    h = timedelta(hours=1)
    return [
        opening(
            "何建平",
            "138 5550 1101",
            "quality",
            "上月买的冰箱门关不严，冷冻室结霜，早上起来地上有水。",
            wanted="希望尽快修好，耽误的冷冻食品给个说法。",
            address="北京市通州区新华大街12号",
        ),
        (
            h / 2,
            "",
            "contact",
            {
                "said": "门下角关不拢，晚上用凳子顶住。已复述：漏缝、结霜、清晨积水，客户确认。",
                "product": "双门冰箱 BCD-216",
                "spec": "216 升 银色",
                "batch": "B2509-3",
                "used_when": "到货后第三周",
                "symptoms": "下门封条翘起约 5 毫米，冷冻室结霜",
                "earlier_brand": "用过别的品牌八年，没有这个问题",
                "recent_use": "每天正常使用，未移动过",
            },
        ),
        (
            h,
            "",
            "analyse",
            {
                "facts": "客户照片显示下门封条未压入槽内，同批次已有两例，属出厂安装不到位。",
                "severity": "medium",
                "fault": "main",
                "long_term": "yes",
                "repurchase": "yes",
                "word_of_mouth": "unknown",
            },
        ),
        (
            h * 1.5,
            "",
            "propose",
            {
                "words": "非常抱歉。本周内派师傅上门换门封条，费用我们承担，另赔冷冻食品 120 元。",
                "money": "120",
                "goods": "门封条一套",
                "goods_value": "35",
                "apology": "主管致电道歉",
            },
        ),
        *_door_seal_carried_out(),
    ]


def _door_seal_carried_out() -> list[Step]:
    h = timedelta(hours=1)
    return [
        (h * 2, LEAD, "approve", {}),
        (h * 2.2, "", "sign_by_link", {"name": "何建平", "consent": True}),
        (h * 2.5, "", "instruct_as_agreed", {}),
        (h * 26, "", "report_done", {"number": 1, "reference": "付款单 FK-0417"}),
        (h * 30, "", "report_done", {"number": 2, "reference": "SF1430028831207"}),
        (h * 31, LEAD, "report_done", {"number": 3, "note": "已致电，客户接受道歉。"}),
        (
            h * 96,
            "",
            "follow_up",
            {
                "satisfied": True,
                "said": "门封条换好了，不再结霜，对处理速度满意。",
                "lesson": "B2509-3 批次冰箱出库前逐台检查下门封条是否压入槽内，已通知仓库和厂家。",
            },
        ),
    ]


def school() -> list[Step]:
    """A company that was not satisfied at first; paper, two rounds."""
    h = timedelta(hours=1)
    return [
        opening(
            "刘主任",
            "010-5550 1202",
            "unclear_introduction",
            "给学校采购的六台饮水机，介绍说能接纯水机，到货后才发现接口不通用。",
            company="通州区育英小学",
            wanted="换成能用的接口，或者退货。",
            email="liu@yuying.example",
        ),
        (
            h,
            "",
            "contact",
            {
                "said": "对方确认六台都未拆封安装，周五前需要能用。",
                "product": "立式饮水机 YR-5",
                "spec": "二分接口",
            },
        ),
        (
            h * 1.5,
            "",
            "analyse",
            {
                "facts": "商品页只写“可接净水设备”，没有写明接口规格，介绍不清。",
                "severity": "high",
                "fault": "main",
                "long_term": "yes",
                "repurchase": "yes",
                "word_of_mouth": "yes",
            },
        ),
        (
            h * 2,
            "",
            "propose",
            {
                "words": "商品页没有写清接口，是我们的不对。我们寄出六个转接头，您收到即可使用。",
                "goods": "二分转四分转接头 6 个",
                "goods_value": "48",
            },
        ),
        (h * 3, "", "sign_by_link", {"name": "刘主任", "consent": True}),
        (h * 3.2, "", "instruct_as_agreed", {}),
        (h * 28, "", "report_done", {"number": 1, "reference": "SF1430028805511"}),
        *_school_again(),
    ]


def _school_again() -> list[Step]:
    h = timedelta(hours=1)
    return [
        (
            h * 80,
            "",
            "follow_up",
            {"satisfied": False, "back_to": "analysis", "said": "两个转接头漏水，要求派人上门。"},
        ),
        (h * 80.5, "", "hand_up", {"person": LEAD, "why": "单位客户，要求负责人出面。"}),
        (
            h * 81,
            LEAD,
            "propose",
            {
                "words": "再次致歉。明天由我带师傅上门更换全部接口，并赠送一年份滤芯。",
                "gift": "滤芯 6 支",
                "gift_value": "210",
                "apology": "主管上门致歉",
            },
        ),
        (h * 82, "", "sign_by_link", {"name": "刘主任", "consent": True}),
        (h * 82.2, LEAD, "instruct_as_agreed", {}),
        (h * 100, "", "report_done", {"number": 2, "note": "滤芯随车送达。"}),
        (h * 101, "", "report_done", {"number": 3, "note": "已上门，六台全部试水正常。"}),
        (
            h * 150,
            LEAD,
            "follow_up",
            {
                "satisfied": True,
                "said": "六台都正常，下学期继续在这里采购。",
                "lesson": "饮水机商品页写明接口规格（二分/四分），并附转接头照片。",
            },
        ),
    ]


def washer() -> list[Step]:
    """Agreed; the warehouse is late."""
    h = timedelta(hours=1)
    return [
        opening(
            "孙丽华",
            "136 5550 1303",
            "quality",
            "洗衣机脱水时晃得厉害，邻居来敲门了。",
            wanted="上门看看，能修就修。",
        ),
        (
            h / 2,
            "",
            "contact",
            {
                "said": "脱水到一半开始移位，已垫平地脚仍晃。",
                "product": "波轮洗衣机 XQB80",
                "batch": "W2511",
                "symptoms": "脱水时整机移位",
            },
        ),
        (
            h,
            "",
            "analyse",
            {
                "facts": "视频可见减震吊杆一侧脱落，运输中可能受撞。",
                "severity": "medium",
                "fault": "partial",
                "long_term": "no",
                "repurchase": "yes",
                "word_of_mouth": "yes",
            },
        ),
        (
            h * 1.2,
            "",
            "propose",
            {
                "words": "我们寄出减震吊杆并安排师傅上门更换，您不用付任何费用，另补偿 30 元。",
                "money": "30",
                "goods": "减震吊杆一副",
                "goods_value": "18",
            },
        ),
        (h * 2, "", "sign_by_link", {"name": "孙丽华", "consent": True}),
        (h * 2.1, "", "instruct_as_agreed", {}),
        (h * 30, LEAD, "report_done", {"number": 1, "reference": "付款单 FK-0433"}),
    ]
