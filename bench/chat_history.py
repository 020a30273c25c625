"""A million messages of customer care, made from our own phrases and written by COPY.

What people say at a service desk repeats itself: few openings, few reasons, many products, places,
names and numbers. A share of it is written in traditional characters, a little in English.
"""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from opencc import OpenCC

from gongdao.chat.body import Body, Kind, ProductCard, Text
from gongdao.chat.words import words_of

Rows: TypeAlias = Iterator[tuple[Any, ...]]

#: So many different texts there are; the others are said again, as quick replies are.
TEXTS = 150_000
#: How the messages are spread over the shops: one large, and neighbours whose words must not show.
SHARES = (0.80, 0.15, 0.05)
SPAN = timedelta(days=730)
_TURNS = 20

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章云苏潘葛"
_GIVEN = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红建国志梅鑫宇浩然子轩雨欣思涵梓"
_BRANDS = [
    "华光",
    "安居",
    "乐活",
    "云朵",
    "青禾",
    "北风",
    "小满",
    "山海",
    "木易",
    "南山",
    "晨曦",
    "白鹭",
    "星河",
    "长青",
    "果然",
    "拾光",
]
_ADJECTIVES = [
    "纯棉",
    "加厚",
    "便携",
    "静音",
    "防水",
    "儿童",
    "复古",
    "无线",
    "超薄",
    "折叠",
    "不锈钢",
    "北欧",
    "大号",
    "家用",
    "车载",
    "抗菌",
    "保暖",
    "透气",
]
_THINGS = [
    "手机壳",
    "蓝牙耳机",
    "羽绒服",
    "电饭煲",
    "保温杯",
    "运动鞋",
    "双肩包",
    "台灯",
    "洗衣液",
    "四件套",
    "加湿器",
    "充电宝",
    "行李箱",
    "吹风机",
    "连衣裙",
    "书桌",
    "空气炸锅",
    "键盘",
    "茶具",
    "雨伞",
    "净水器",
    "拖把",
    "奶粉",
    "防晒霜",
    "牛仔裤",
    "沙发套",
    "扫地机器人",
]
_PLACES = [
    "杭州",
    "余杭",
    "成都",
    "武侯",
    "深圳",
    "南山",
    "北京",
    "朝阳",
    "上海",
    "浦东",
    "西安",
    "雁塔",
    "沈阳",
    "铁西",
    "昆明",
    "官渡",
    "乌鲁木齐",
    "拉萨",
    "哈尔滨",
    "福州",
    "鼓楼",
    "长沙",
    "岳麓",
    "义乌",
    "东莞",
    "石家庄",
    "兰州",
    "呼和浩特",
]
_COURIERS = ["圆通", "中通", "申通", "韵达", "顺丰", "极兔", "邮政", "京东"]
_FLAWS = [
    "有划痕",
    "开线了",
    "少了一个配件",
    "颜色和图片不一样",
    "尺码偏小",
    "充不进电",
    "漏水",
    "有异味",
    "屏幕碎了",
    "发错颜色",
    "包装破损",
    "味道刺鼻",
    "盖子裂了",
    "声音很大",
    "掉色严重",
    "缺少说明书",
    "按键失灵",
    "生产日期不新鲜",
]
_BUYER = (
    "你好，请问{thing}有货吗",
    "我想退货，{thing}{flaw}",
    "收到的{brand}{thing}{flaw}，怎么处理？",
    "订单{number}什么时候发货",
    "能不能退款？我不想要了",
    "{courier}快递显示已签收，但是我没有收到",
    "地址写错了，可以改成{place}吗",
    "这个{adjective}{thing}能便宜一点吗",
    "运费谁来出？我觉得应该商家承担退货运费",
    "仅退款可以吗，东西不值得寄回去",
    "发票什么时候开，抬头是{name}",
    "{thing}尺寸{size}厘米，{place}能到吗，几天到",
    "降价了，能退差价吗？我{size}天前买的",
    "好的，谢谢",
    "在吗",
    "退款多久到账啊，都{size}天了",
    "我要投诉！客服态度太差了，一直不回复",
    "你们的{brand}{adjective}{thing}是正品吗，假一赔十吗",
    "收货人改成{name}，电话1{phone}",
    "换一个{adjective}的可以吗？补差价也行",
    "where is my order {number}, tracking {code} shows nothing",
    "the {code} model arrived broken, I want a refund",
)
_SHOP = (
    "亲，您好，有什么可以帮您的吗？",
    "亲，这边给您查询一下，请稍等",
    "您的订单{number}已经发出，{courier}单号{code}，请您留意查收",
    "非常抱歉给您带来不好的体验，{thing}{flaw}的话请您拍照给我们看一下",
    "亲，{brand}{adjective}{thing}现在有货，今天下单{place}仓发货",
    "好的，已经为您申请退款，{size}个工作日内原路退回",
    "亲，支持七天无理由退换货，请保持商品完好",
    "这边给您补偿{size}元优惠券，您看可以吗？",
    "退货运费由我们承担，您寄到{place}仓库即可，收件人{name}",
    "请问您的收货地址是{place}吗？我帮您核实一下物流信息",
    "亲，您反馈的问题我已经登记，会在24小时内回复您",
    "感谢您的理解与支持，祝您生活愉快",
    "亲，仅退款需要核实，麻烦提供一下照片和快递面单",
    "已经帮您催促{courier}，预计{size}天内送达{place}",
)


class Made(NamedTuple):
    """Who is in the history."""

    shops: list[UUID]
    agents: list[UUID]
    groups: list[UUID]
    buyers: list[UUID]


class _Said(NamedTuple):
    kind: Kind
    body: str
    words: str


async def fill(connection: Any, count: int, *, now: datetime, seed: int = 1) -> Made:
    """Write so many messages and their conversations; the same for the same seed."""
    rng = random.Random(seed)
    talks = count // _TURNS
    made = Made(
        shops=_ids(rng, len(SHARES)),
        agents=_ids(rng, 40),
        groups=_ids(rng, 8),
        buyers=_ids(rng, max(1, talks // 3)),
    )
    dealt = _deal(rng, made, talks, now)
    await _copy(connection, "chat_conversations", _CONVERSATION, _conversations(dealt))
    said = {side: _sayings(rng, phrases) for side, phrases in _PHRASES.items()}
    await _copy(connection, "chat_messages", _MESSAGE, _messages(rng, dealt, said))
    await connection.execute("VACUUM ANALYZE chat_messages, chat_conversations")
    return made


class _Talk(NamedTuple):
    id: UUID
    shop: UUID
    buyer: UUID
    agent: UUID
    group: UUID
    case: UUID | None
    at: datetime


_PHRASES = {"buyer": _BUYER, "shop": _SHOP}
_CONVERSATION = (
    *("id", "shop_id", "buyer_id", "case_id", "state", "group_id", "agent_id", "opened_at"),
    *("closed_at", "closed_by", "last_seq", "last_at", "head"),
)
_MESSAGE = (
    *("conversation_id", "seq", "id", "client_id", "shop_id", "buyer_id", "author"),
    *("author_id", "kind", "body", "at", "digest", "hash", "words"),
)


def _deal(rng: random.Random, made: Made, talks: int, now: datetime) -> list[_Talk]:
    """Who talks with whom, from the oldest conversation on; one in fifty is a case's."""
    return [
        _Talk(
            id=UUID(int=rng.getrandbits(128)),
            shop=rng.choices(made.shops, SHARES)[0],
            buyer=rng.choice(made.buyers),
            agent=rng.choice(made.agents),
            group=rng.choice(made.groups),
            case=UUID(int=rng.getrandbits(128)) if n % 50 == 0 else None,
            at=now - SPAN * (1 - n / talks),
        )
        for n in range(talks)
    ]


def _conversations(dealt: list[_Talk]) -> Rows:
    for talk in dealt:
        agent, group = (None, None) if talk.case else (talk.agent, talk.group)
        yield (
            *(talk.id, talk.shop, talk.buyer, talk.case, "closed", group, agent, talk.at),
            *(talk.at, "agent", _TURNS, talk.at, _bytes(b"\0" * 32)),
        )


def _messages(rng: random.Random, dealt: list[_Talk], said: dict[str, list[_Said]]) -> Rows:
    for talk in dealt:
        for seq in range(1, _TURNS + 1):
            side = "buyer" if rng.random() < 0.5 else "shop"
            one = said[side][int(rng.random() ** 2 * len(said[side]))]
            own = UUID(int=rng.getrandbits(128))
            digest = sha256(own.bytes).digest()
            yield (
                *(talk.id, seq, own, own, talk.shop, talk.buyer, side),
                *(talk.buyer if side == "buyer" else talk.agent, one.kind, one.body),
                *(talk.at + timedelta(seconds=20 * seq), _bytes(digest), _bytes(digest), one.words),
            )


def _sayings(rng: random.Random, phrases: tuple[str, ...]) -> list[_Said]:
    traditional = OpenCC("s2t")
    made: list[_Said] = []
    for n in range(TEXTS // 2):
        text = rng.choice(phrases).format_map(_Slots(rng))
        if n % 20 == 0:
            text = traditional.convert(text)
        kind: Kind = "text"
        body: Body = Text(text=text)
        if n % 25 == 0:
            kind, title = "product", "{brand}{adjective}{thing}".format_map(_Slots(rng))
            body = ProductCard(product_id=UUID(int=n + 1), title=title, price_fen=n)
        made.append(_Said(kind, msgspec.json.encode(body).decode(), words_of(kind, body)))
    return made


class _Slots(dict[str, str]):
    """Fills the places of a phrase."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng

    def __missing__(self, slot: str) -> str:
        rng = self._rng
        match slot:
            case "name":
                return rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=2))
            case "number":
                return f"2026{rng.randrange(10**12):012}"
            case "code":
                return rng.choice(("YT", "SF", "ZT", "JT")) + f"{rng.randrange(10**10):010}"
            case "phone":
                return f"{rng.randrange(10**10):010}"
            case "size":
                return str(rng.randrange(1, 60))
            case _:
                return rng.choice(_LISTS[slot])


_LISTS = {
    "brand": _BRANDS,
    "adjective": _ADJECTIVES,
    "thing": _THINGS,
    "place": _PLACES,
    "courier": _COURIERS,
    "flaw": _FLAWS,
}


def _ids(rng: random.Random, count: int) -> list[UUID]:
    return [UUID(int=rng.getrandbits(128)) for _ in range(count)]


def _bytes(value: bytes) -> str:
    return f"\\x{value.hex()}"


async def _copy(connection: Any, table: str, columns: tuple[str, ...], rows: Rows) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for batch in _batches(rows):
            yield "".join(map(_line, batch)).encode()

    await connection.copy_to_table(table, source=lines(), columns=columns, timeout=900)


def _batches(rows: Rows) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(rows, 2_000)):
        yield batch


def _line(row: tuple[Any, ...]) -> str:
    return "\t".join("\\N" if one is None else _plain(str(one)) for one in row) + "\n"


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
