"""What a sign-in name, a password and a shown name may look like."""

import re
import unicodedata

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

SIGN_IN_NAME_MIN = 2
SIGN_IN_NAME_MAX = 60
#: Long enough that a lock-out beats guessing, short enough that hashing costs the same for all.
PASSWORD_MIN = 10
PASSWORD_MAX = 200
NAME_MAX = 60
ROLE_NAME_MAX = 40
TOKEN_NAME_MAX = 60
USER_AGENT_MAX = 200

# Letters of any script, digits and the few marks of names such as "shop:agent" or "a@b.cn".
_SIGN_IN_NAME = re.compile(r"[\w.:@*+-]+")


def fold_name(text: str) -> str:
    """The one form of a sign-in name: compatibility characters and case make no difference."""
    if text.isascii() and text.isprintable():
        return text.lower().strip()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if c.isprintable()).strip()


def check_sign_in_name(text: str) -> str:
    """The folded name. Refuses what is too short, too long or not a name."""
    folded = fold_name(text)
    # Folding forgives an invisible character when somebody signs in, but nobody gets one.
    fits = text.strip().isprintable() and SIGN_IN_NAME_MIN <= len(folded) <= SIGN_IN_NAME_MAX
    if not fits or not _SIGN_IN_NAME.fullmatch(folded):
        raise Refusal(
            "invalid",
            N_("A sign-in name has {least} to {most} letters, digits or . : @ * + - _ marks."),
            least=SIGN_IN_NAME_MIN,
            most=SIGN_IN_NAME_MAX,
        )
    return folded


def fold_password(text: str) -> str:
    """The same password from any keyboard; Unicode knows more than one spelling of a letter."""
    return unicodedata.normalize("NFC", text)


def check_password(text: str, *, sign_in_name: str) -> str:
    """A new password that may be used. Refuses one of a wrong length or equal to the name."""
    password = fold_password(text)
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Refusal(
            "invalid",
            N_("A password has {least} to {most} characters."),
            least=PASSWORD_MIN,
            most=PASSWORD_MAX,
        )
    if fold_name(password) == sign_in_name or len(set(password)) < 4:
        raise Refusal("invalid", N_("This password is too easy to guess."))
    return password


def check_name(text: str, *, most: int = NAME_MAX) -> str:
    """A name that is shown to people, on one line and without control characters."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    # What is printable has no control characters; only in the rest they are looked for.
    plain = name.isprintable() or not any(unicodedata.category(c)[0] == "C" for c in name)
    if not 1 <= len(name) <= most or not plain:
        raise Refusal("invalid", N_("A name has 1 to {most} characters."), most=most)
    return name


def clean_user_agent(text: str) -> str:
    """What a browser says about itself, cut to what is kept of it."""
    return "".join(c for c in text[:USER_AGENT_MAX] if c.isprintable())
