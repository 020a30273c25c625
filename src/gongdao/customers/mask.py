"""What a phone number, an address and a name look like to whoever need not see them. Pure."""

import re

_STARS = "****"
#: Province, city and district; a name with a road or an estate in it is none of them.
_NAME = r"[^\s\d路街道镇乡村号弄小园]"
_REGION = re.compile(
    rf"(?:{_NAME}{{2,8}}?(?:省|自治区))?(?:{_NAME}{{1,10}}?(?:市|自治州|地区|盟))?"
    rf"(?:{_NAME}{{1,6}}?(?:区|县|旗|市))?"
)
_SHOWN_WITHOUT_REGION = 3


def mask_phone(phone: str) -> str:
    """138****1234; of a short number the last two digits, of none nothing."""
    digits = re.sub(r"\D", "", phone)
    if not phone.strip():
        return ""
    if len(digits) >= 11:
        return f"{digits[:-8]}{_STARS}{digits[-4:]}"
    return f"{_STARS}{digits[-2:]}" if len(digits) >= 7 else _STARS


def mask_email(address: str) -> str:
    """l****@example.com; of what is no address nothing but stars."""
    name, at, host = address.strip().rpartition("@")
    if not address.strip():
        return ""
    return f"{name[:1]}{_STARS}@{host}" if name and at else _STARS


def mask_address(address: str) -> str:
    """The region, and no street."""
    plain = " ".join(address.split())
    if not plain:
        return ""
    region = _REGION.match(plain)
    shown = (region[0] if region else "") or plain[:_SHOWN_WITHOUT_REGION]
    return f"{shown}{_STARS}" if len(plain) > len(shown) else f"{plain[:1]}{_STARS}"


def mask_name(name: str) -> str:
    """The first character."""
    plain = name.strip()
    return f"{plain[:1]}**" if plain else ""
