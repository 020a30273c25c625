"""Whose knowledge it is, who may change it, and what is sent twice under one key."""

from uuid import UUID, uuid5

from gongdao.accounts.principal import Principal
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.keys import require_key


def shop_of(who: Principal) -> UUID:
    """The shop whose knowledge somebody reads. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may("knowledge.read"):
        raise Refusal("wrong_role", N_("Only the people of a shop read what it knows."))
    return who.shop_id


def edited_by(who: Principal) -> UUID:
    """The shop whose knowledge somebody changes. Raises Refusal wrong_role."""
    shop_id = shop_of(who)
    if not who.may("knowledge.edit"):
        raise Refusal("wrong_role", N_("Your role does not include changing what the shop knows."))
    return shop_id


def id_under(who: Principal, what: str, key: str | None) -> UUID:
    """The id of something new: the same one for the same key of the same person."""
    if key is None:
        return new_id()
    require_key(key)
    return uuid5(who.person_id, f"{what}:{key}")


def used_for_else() -> Refusal:
    """The refusal of a key that was used for something else."""
    return Refusal("idempotency_conflict", N_("This idempotency key was used for something else."))
