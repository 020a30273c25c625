"""Who plays in the demo: four shops with their people, twelve buyers, and the platform's people."""

import msgspec

from gongdao.accounts.principal import Duty
from gongdao.base.i18n import N_
from gongdao.shops.shop import Address

PASSWORD = "gongdao-demo"  # noqa: S105  printed for everybody who starts the demo


class House(msgspec.Struct, frozen=True, kw_only=True):
    """A shop: its key, its name, what it has paid in, and its people (sign-in, name, role)."""

    key: str
    name: str
    region: str
    balance_fen: int
    deposit_fen: int
    return_address: Address
    people: tuple[tuple[str, str, str], ...]


class Buyer(msgspec.Struct, frozen=True):
    """Somebody who shops."""

    key: str
    name: str
    address: Address


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table that is printed: who to sign in as, and what to look at first."""

    name: str
    role: str
    first: str


SHOPS = (
    House(
        key="appliances",
        name="淘佳佳电器商贸城",
        region="北京 通州",
        balance_fen=2_000_000,
        deposit_fen=1_000_000,
        return_address=Address(
            name="售后组", phone="010-5550 0101", address="北京市通州区梨园路18号2号库"
        ),
        people=(
            ("shop", "王佳", "owner"),
            ("shop:lead", "赵敏", "lead"),
            ("shop:agent1", "小美", "agent"),
            ("shop:agent2", "阿星", "agent"),
        ),
    ),
    House(
        key="clothing",
        name="伊芳内衣服饰",
        region="广东 汕头",
        balance_fen=600_000,
        deposit_fen=300_000,
        return_address=Address(
            name="退货组", phone="0754-5550 0202", address="广东省汕头市潮南区峡山街6号"
        ),
        people=(
            ("clothing", "林芳", "owner"),
            ("clothing:lead", "苏晴", "lead"),
            ("clothing:agent1", "丽丽", "agent"),
            ("clothing:agent2", "小雨", "agent"),
        ),
    ),
    House(
        key="snacks",
        name="山里人家零食铺",
        region="江西 赣州",
        balance_fen=300_000,
        deposit_fen=200_000,
        return_address=Address(
            name="仓库", phone="0797-5550 0303", address="江西省赣州市章贡区红旗大道9号"
        ),
        people=(
            ("snacks", "刘山", "owner"),
            ("snacks:lead", "何苗", "lead"),
            ("snacks:agent1", "豆豆", "agent"),
            ("snacks:agent2", "果果", "agent"),
        ),
    ),
    House(
        key="jewellery",
        name="玉琳珠宝",
        region="广东 深圳",
        balance_fen=50_000,
        deposit_fen=100_000,
        return_address=Address(
            name="玉琳售后", phone="0755-5550 0404", address="广东省深圳市罗湖区水贝一路3号"
        ),
        people=(
            ("jewellery", "周玉琳", "owner"),
            ("jewellery:lead", "方圆", "lead"),
            ("jewellery:agent1", "珠珠", "agent"),
            ("jewellery:agent2", "小玉", "agent"),
        ),
    ),
)

BUYERS = tuple(
    Buyer(key, name, Address(name=name, phone=phone, address=address))
    for key, name, phone, address in (
        ("buyer", "陈晓芸", "137 5550 0001", "湖南省怀化市沅陵县辰州中街21号"),
        ("buyer2", "林悦", "137 5550 0002", "浙江省杭州市余杭区文一西路88号"),
        ("buyer3", "张伟", "137 5550 0003", "四川省成都市武侯区科华北路12号"),
        ("buyer4", "刘洋", "137 5550 0004", "湖北省武汉市洪山区珞喻路55号"),
        ("buyer5", "孙婷", "137 5550 0005", "江苏省南京市鼓楼区汉口路7号"),
        ("buyer6", "吴强", "137 5550 0006", "河南省郑州市金水区花园路30号"),
        ("buyer7", "黄丽", "137 5550 0007", "福建省厦门市思明区湖滨南路16号"),
        ("buyer8", "徐静", "137 5550 0008", "山东省济南市历下区文化东路44号"),
        ("buyer9", "马超", "137 5550 0009", "陕西省西安市雁塔区小寨东路2号"),
        ("buyer10", "朱琳", "137 5550 0010", "上海市徐汇区漕溪北路101号"),
        ("buyer11", "郭明", "137 5550 0011", "辽宁省沈阳市和平区南京南街9号"),
        ("buyer12", "何雨", "137 5550 0012", "广西南宁市青秀区民族大道66号"),
    )
)

#: Three accounts, one flat and one telephone: they buy together, and no parcel moves (S3-11).
RING = tuple(
    Buyer(
        key,
        name,
        Address(
            name=name, phone="137 5550 0031", address="浙江省金华市义乌市稠州北路700号3幢502室"
        ),
    )
    for key, name in (("ring1", "蔡亮"), ("ring2", "蔡小妹"), ("ring3", "楼建"))
)
#: Looks around in a shop, and has bought nothing.
GUEST = Buyer("guest", "Emma Clark", Address())

#: The operator is made first and the auditor last: they tell whether the demo is begun and whole.
FIRST, LAST = "operator", "auditor"
PLATFORM: tuple[tuple[str, str, Duty], ...] = (
    ("arbiter", "小二 明镜", "arbiter"),
    ("arbiter2", "小二 清和", "arbiter"),
    ("supervisor", "复核员 严正", "supervisor"),
    ("juror", "评审员 林一", "juror"),
    ("juror2", "评审员 陈二", "juror"),
    ("juror3", "评审员 方三", "juror"),
)

LOGINS = (
    Login(
        name="buyer",
        role=N_("Buyer with the refrigerator"),
        first=N_("My cases: the refrigerator dispute, its timeline and its evidence"),
    ),
    Login(
        name="buyer2",
        role=N_("Buyer with a new refrigerator"),
        first=N_("My orders: file a case on the BCD-516 and follow it from the start"),
    ),
    Login(
        name="buyer6",
        role=N_("Buyer whom somebody talks into buying on credit"),
        first=N_("Messages: the warning under what the shop said; the order of thirty suits"),
    ),
    Login(
        name="shop",
        role=N_("Owner of the appliance shop"),
        first=N_("Today: what is due first; Reviews: what buyers say; Money: what the shop holds"),
    ),
    Login(
        name="shop:lead",
        role=N_("Lead in the appliance shop"),
        first=N_("Inbox, up to 500 yuan; Team: shifts and handover; Knowledge: open questions"),
    ),
    Login(
        name="shop:agent1",
        role=N_("Agent in the appliance shop"),
        first=N_("Desk: buyers wait for an answer; the clock beside each says since when"),
    ),
    Login(
        name="clothing",
        role=N_("Owner of the clothing shop"),
        first=N_("The complaint about a late shipment, with hours left to answer"),
    ),
    Login(
        name="clothing:agent1",
        role=N_("Agent in the clothing shop"),
        first=N_("Desk: a question in English, a note to the lead, and a report on a sweater"),
    ),
    Login(
        name="jewellery",
        role=N_("Owner of the jewellery shop"),
        first=N_("Money: a debt from a ruling; Inbox: minutes left on a refusal to sell"),
    ),
    Login(
        name="arbiter",
        role=N_("Arbiter of the platform"),
        first=N_("Queue: rule on the refrigerator dispute; hear an appeal over a necklace"),
    ),
    Login(
        name="supervisor",
        role=N_("Supervisor of the platform"),
        first=N_("Queue: a ruling to agree with or to send back; Jury: how far the votes are"),
    ),
    Login(
        name="juror",
        role=N_("Juror of the platform"),
        first=N_("Jury: crushed cakes to vote on, by the proof alone"),
    ),
    Login(
        name="operator",
        role=N_("Operator of the platform"),
        first=N_("Guard: a swindle, a ring and an extortion; rules, people and the books"),
    ),
    Login(
        name="auditor",
        role=N_("Auditor of the platform"),
        first=N_("Everything, without changing anything"),
    ),
)
