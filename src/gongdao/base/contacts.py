"""Ways out of the platform in a text: WeChat, QQ, telephone numbers, however they are written."""

import re
from collections.abc import Iterator

from gongdao.base.plain import Plain

#: How people write the names, once blanks and ornaments are gone.
_WECHAT = (
    r"(?:微信|绿泡泡|绿色软件|薇信|徽信|威芯|微芯|薇芯|溦信|威信(?=号|:|[a-z0-9])|v信|v芯|微x|weixin|wechat"
    r"|(?<![a-z])[vw]x(?![a-z]{3}))"
)
_QQ = r"(?:(?<![a-z])qq(?![a-z])|扣扣|蔻蔻|抠抠|企鹅号|球球号|(?<![a-z])q号)"
#: What is not a person's address: paying, programmes and accounts of the platform's own.
_TOOL = (
    r"(?!支付|付款|钱包|公众号|小程序|零钱|登录|登陆|客户端|绑定|商城|搜一搜|扫码支付|里面|退|订单|转账记录"
    r"|音乐|空间|浏览器|邮箱|会员|物联|的支付|账单|分享|京东|端|上|内|平台|服务号|入口|或|扫一扫付)"
)
_WHO = r"[您你我咱们一下个的店主长老板私人客服售后同事专员]{0,8}"
#: A letter alone is it only where nothing else can be meant: 加v领 is a collar, 加微辣 a dish.
_LETTER = r"(?:[vw]x?|[微薇威])(?=$|[。，:+聊谈说号详吧哦哈啦]|[a-z0-9]{5})"
_GROUP = r"(?:q+|扣扣|企鹅|微信|v)(?:群|裙)"
#: Without one of these there is nothing to look for.
_HINTS = (
    *(
        "信",
        "芯",
        "微x",
        "weixin",
        "chat",
        "vx",
        "wx",
        "qq",
        "q号",
        "扣扣",
        "蔻蔻",
        "抠抠",
        "企鹅号",
    ),
    *(
        "球球号",
        "绿泡泡",
        "绿色软件",
        "薇号",
        "微号",
        "威号",
        "v同",
        "微同",
        "vx同",
        "私下",
        "同号",
        "whatsapp",
        "telegram",
        "online",
        "lineid",
    ),
    *("加", "+", "群", "裙", "扫"),
)
_CONTACT = re.compile(
    rf"(?:加|\+|添加|搜|扫|留个|留下|留一下|发个|换个){_WHO}{_WECHAT}{_TOOL}"
    rf"|(?:加|添加|留个|留下|发个){_WHO}{_QQ}{_TOOL}"
    rf"|(?:(?<!添)加(?:个|一?下)?(?:我|咱|店主|店长|老板|客服|私人)的?|\+){_LETTER}"
    rf"|(?<!添)加(?:个|一?下)?(?![vw微薇威]x?(?:$|[。，])){_LETTER}"
    rf"|[加进][^。，]{{0,6}}?{_GROUP}|{_GROUP}(?:号|号码)?(?:是|为|:|，)?[1-9]\d{{4,10}}"
    rf"|(?:联系|找)(?:我|店长|店主|老板)的?(?:{_WECHAT}|{_QQ}){_TOOL}"
    r"|扫(?:码|一扫|描)?[^。，]{0,6}加(?:我|店主|店长|老板)的?好友"
    rf"|(?:我|咱|店里|店长|老板|客服|售后|私人|个人|本店)的?{_WECHAT}(?:号|同号|是|:)"
    rf"|{_WECHAT}(?:号|号码|账号)?(?:是|为|:|，)?(?:[a-z][a-z0-9]{{5,19}}|1[3-9]\d{{9}})"
    rf"|{_QQ}(?:号|号码|账号)?(?:是|为|:|，)?(?:[1-9]\d{{4,10}}|[零一二三四五六七八九]{{5,11}})"
    rf"|{_WECHAT}(?:上)?(?:聊|谈|详谈|私聊|转我|找我|联系我)"
    r"|(?:绿泡泡|绿色软件)(?:里|上)?(?:搜|找|加)"
    r"|私下(?:联系|加|聊)|(?:手机|电话|v)同号|(?<![a-z])(?:vx?|wx|微信|微)(?:号码?)?[同跟和]?(?:手机|电话)(?:号码?)?(?:同号|一样|$|[。，])"
    r"|加(?:个|一?下)?(?:我|店长|客服)?的?q[:，]?[1-9]\d{4,10}|[薇微威]号(?:是|为|:|，)?[a-z][a-z0-9]{5,19}"
    r"|(?:add|text|message)(?:me|us)on(?:wechat|whatsapp|telegram|line(?![a-z]))"
    r"|(?<![a-z])(?:telegram|whatsapp)(?:id|number)?:[a-z0-9]{4}|(?<![a-z])lineid:[a-z0-9]{4}"
    r"|(?:my|our)(?:wechat|whatsapp|telegram)(?:id|number)?(?:is|:)"
)
_ANY = "[0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两ol]"
_PHONE = re.compile(
    rf"[1一幺壹l](?<![a-z\d].)[.，]?[3-9三四五六七八九叁肆伍陆柒捌玖](?:[.，]?{_ANY}){{9}}(?!\d)"
)
#: A name that somebody has in such a program, after the program's: whoever it is of.
_HANDLE = re.compile(
    rf"(?:{_WECHAT}|(?<![a-z])[vw]x|{_QQ}|{_GROUP}|加(?:个|一?下)?(?:我|我们)?的?v|(?<![a-z])v(?=[:号])"
    r"|(?<![a-z])(?:whatsapp|telegram|line|skype|ins|tg)(?=[ :@是号]))"
    r"(?:同?号码?|账号|群|裙|id)?[ ]?(?:是|为|[:，。@])?[ ]?@?[a-z0-9](?:[_-]?[a-z0-9]){4,19}"
)
#: Numbers of carriers, factories and of the buyer are said all day; what matters is whose it is.
_MINE = re.compile(
    r"加我|加一?下我?|联系我|打我|打给我|找我|我的?(?:手机|电话|号码|私人)|私人|(?:店长|老板|店主)的?(?:手机|电话|号码)"
    r"|私下|私聊|同号|callme|textme|my(?:phone|mobile|cell|number)"
)
_NEAR_BEFORE, _NEAR_AFTER = 12, 8
#: What a number is of, written before it: an order or a parcel is nobody to talk to.
_NUMBER_OF = re.compile(
    r"(?:订单|运单|快递|物流|包裹|单号|编号|货号)(?:号码?|编号)?(?:是|为|:|，)?$"
)
#: A number with blanks between most of its digits is hidden from somebody.
_STRETCHED = 17
_ORDINARY = frozenset("0123456789")


def find_contacts(bare: Plain) -> Iterator[tuple[int, int]]:
    """Where a text leads off the platform."""
    if any(hint in bare.text for hint in _HINTS):
        for hit in _CONTACT.finditer(bare.text):
            yield hit.span()
    for start, end in find_numbers(bare):
        around = bare.text[max(0, start - _NEAR_BEFORE) : end + _NEAR_AFTER]
        if _MINE.search(around) or _is_hidden(bare, start, end):
            yield start, end


def find_handles(bare: Plain) -> Iterator[tuple[int, int]]:
    """Where a text says under which name somebody is found in another program, whoever it is."""
    return (hit.span() for hit in _HANDLE.finditer(bare.text))


def find_numbers(bare: Plain) -> Iterator[tuple[int, int]]:
    """Where a text holds the number of a mobile telephone, in digits or words, whoever's it is."""
    for hit in _PHONE.finditer(bare.text):
        start, end = hit.span()
        if not _NUMBER_OF.search(bare.text, max(0, start - _NEAR_BEFORE), start):
            yield start, end


def _is_hidden(bare: Plain, start: int, end: int) -> bool:
    """Whether a number is written so that a machine may not read it."""
    first, last = bare.span(start, end)
    digits = {bare.written[index] for index in bare.at[start:end]} - set(".，,")
    return last - first >= _STRETCHED or not digits <= _ORDINARY
