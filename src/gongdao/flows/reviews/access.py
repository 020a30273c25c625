"""Whose review it is, what may be done about it by the rule book, and until when."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.policy.pack import Pack
from gongdao.policy.reviews import ReviewAct, ReviewRule, ends_at, review_rule
from gongdao.reviews.review import Review
from gongdao.reviews.store import find_review, lock_review


def shop_of(who: Principal) -> UUID:
    """The shop of somebody who looks after its reviews. Raises Refusal wrong_role."""
    if who.kind != "shop" or who.shop_id is None or not who.may("chat.serve"):
        raise Refusal("wrong_role", N_("Only those who serve the buyers of a shop do this."))
    return who.shop_id


async def review_for(database: Queryable, who: Principal, review_id: UUID) -> Review:
    """A review of one's shop, or one's own. Raises Refusal not_found."""
    return _require_own(who, await find_review(database, review_id))


async def held_review_for(connection: Connection, who: Principal, review_id: UUID) -> Review:
    """The same, held until the transaction ends. Raises Refusal not_found."""
    return _require_own(who, await lock_review(connection, review_id))


def _require_own(who: Principal, review: Review | None) -> Review:
    own = review is not None and (
        review.buyer_id == who.person_id
        if who.kind == "buyer"
        else who.kind == "shop" and review.shop_id == who.shop_id and who.may("chat.serve")
    )
    if review is None or not own:
        raise Refusal("not_found", N_("There is no such review."))
    return review


def rule_for(pack: Pack, do: ReviewAct, tags: Collection[str] = ()) -> ReviewRule:
    """The rule of the pack. Raises Refusal not_eligible where it knows no reviews."""
    rule = review_rule(pack.body.review, do, tags)
    if rule is None:
        raise Refusal("not_eligible", N_("The rule book does not provide for this."))
    return rule


def require_in_time(pack: Pack, rule: ReviewRule, since: datetime, now: datetime) -> None:
    """Raises Refusal too_late, with the instant and the rule."""
    end = ends_at(rule, pack.calendar, since)
    if now >= end:
        raise Refusal(
            "too_late",
            N_("This was possible until {at}."),
            rules=(rule.rule,),
            at=end,
        )


def is_open(pack: Pack, do: ReviewAct, since: datetime, now: datetime) -> bool:
    """Whether the time for it has not run out."""
    rule = review_rule(pack.body.review, do)
    return rule is not None and rule.times > 0 and now < ends_at(rule, pack.calendar, since)
