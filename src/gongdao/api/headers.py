"""The headers that commands share: the key of a request, and the version that was seen."""

from typing import Annotated

from litestar.params import HeaderParameter

from gongdao.base.keys import KEY_MAX

Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=KEY_MAX,
        min_length=1,
        description="Sent again with the same body, a command changes nothing.",
    ),
]
Version = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=11,
        pattern='^"?[0-9]{1,9}"?$',
        description='The version that you saw, such as "7"; another one is a version_conflict.',
    ),
]


def version_of(seen: str | None) -> int | None:
    """The number in If-Match; None where nothing was said."""
    return None if seen is None else int(seen.strip('"'))
