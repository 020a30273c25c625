"""What every table of a pack has in common: its types, and that unknown keys are refused."""

from typing import Literal

import msgspec

from gongdao.policy.condition import Condition

Verified = Literal["V", "Vx", "U"]
ALWAYS = Condition({})


class Fen(int):
    """An amount that a pack writes as text in yuan: "3.00"."""


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every table has in common: unknown keys are refused."""


class Text(Written, frozen=True, kw_only=True):
    """A sentence in both languages."""

    zh: str
    en: str
