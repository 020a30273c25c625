"""A message without the people in it, as far as a rule can tell; pure.

What is taken out leaves a word of its kind behind, so that a text still reads like one. Sums stay:
they are what many signs are about. Better a word too many is taken out than one too few.
"""

import re
from collections.abc import Iterable

NUMBER, ADDRESS, NAME, PAGE, ACCOUNT = "〔号码〕", "〔地址〕", "〔姓名〕", "〔网页〕", "〔账号〕"

_PAGE = re.compile(r"(?:https?://|www\.)[^\s，。；、！？<>\"']+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
#: Telephones, cards, identity cards, orders: digits that are no sum, with what people put between.
_DIGITS = re.compile(r"(?<![\d.])(?:\+?\d[ -]?){6,40}\d[\dXx]?(?![\d.]*元)")
#: What somebody is called in another messenger: letters and digits after its name.
_ACCOUNT = re.compile(
    r"((?:微信|威信|薇信|扣扣|微号|[vw]x|qq|wechat|telegram|whatsapp)[号:： 是]{0,3})"
    r"([A-Za-z0-9_-]{4,40})",
    re.IGNORECASE,
)
#: Two parts of an address beside each other; one alone is also a word of everyday.
_KINDS = "省|自治区|市|区|县|镇|乡|街道|大道|路|街|巷|弄|村|小区|花园|大厦|号楼|号|栋|幢|单元|室|楼"
_PART = rf"[一-鿿A-Za-z0-9-]{{1,12}}?(?:{_KINDS})"
_ADDRESS = re.compile(rf"(?:{_PART}){{2,12}}")


def nameless(text: str, names: Iterable[str] = ()) -> str:
    """The text without pages, mail, numbers, accounts, addresses, and these names."""
    text = _PAGE.sub(PAGE, text)
    text = _MAIL.sub(ACCOUNT, text)
    text = _ACCOUNT.sub(rf"\1{ACCOUNT}", text)
    text = _DIGITS.sub(NUMBER, text)
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= 2:
            text = text.replace(name, NAME)
    return _ADDRESS.sub(ADDRESS, text)
