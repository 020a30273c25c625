"""Who am I, as the API sees it."""

from uuid import UUID

import msgspec
from litestar import get

from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.accounts.principal import Kind, party_role
from gongdao.base.i18n import Locale
from gongdao.base.money import yuan


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind the request."""

    id: UUID
    name: str
    kind: Kind
    role: str
    party_role: str
    """The role in which this person acts on a case."""
    shop_id: UUID | None
    permissions: list[str]
    money_limit: str | None
    """The most that one decision may cost the shop, in yuan; null is any amount."""
    locale: Locale
    signed_in_by: str
    """session or token"""


@get("/me", guards=[signed_in], summary="Who I am and what I may do", tags=["accounts"])
async def read_me(request: Asked) -> Me:
    """The person behind the request, with the permissions of their role or token."""
    principal = principal_of(request)
    limit = principal.money_limit_fen
    return Me(
        id=principal.person_id,
        name=principal.name,
        kind=principal.kind,
        role=principal.role,
        party_role=party_role(principal),
        shop_id=principal.shop_id,
        permissions=sorted(principal.permissions),
        money_limit=None if limit is None else yuan(limit),
        locale=principal.locale,
        signed_in_by=request.auth.how if request.auth else "",
    )
