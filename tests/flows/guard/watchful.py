"""A marketplace with something found in it: who is told of what, is what the tests ask."""

from datetime import timedelta
from typing import Any

import msgspec
from tests.flows.market import START, Market, person

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import load_conversation
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.risk.finding import Evidence, Finding, Place
from gongdao.risk.store import keep

NOW = START + timedelta(days=1)


async def begin(pool: Pool, market: Market, buyer: Principal | None = None) -> Conversation:
    """A talk of a buyer with the shop."""
    opened, _ = await open_talk(
        pool,
        (buyer or market.buyer).person_id,
        Wish(shop_id=market.shop_id),
        conversation_id=new_id(),
        now=NOW,
    )
    found = await load_conversation(pool, opened.id)
    assert found
    return found


def found_in(talk: Conversation, seq: int = 1, **more: Any) -> Finding:
    """A finding in what the shop said; or what else is wanted."""
    place = Place(
        subject="message",
        subject_id=new_id(),
        shop_id=talk.shop_id,
        buyer_id=talk.buyer_id,
        conversation_id=talk.id,
        seq=seq,
        about="shop",
    )
    return finding(place, **more)


def finding(place: Place, **more: Any) -> Finding:
    """A finding there: the shop asks for remote control, unless something else is said."""
    words = Evidence(shows="words", said="AnyDesk", start=0, end=7)
    whole: dict[str, Any] = {
        "id": new_id(), "code": "remote-control", "by": "words", "place": place, "weight": 60,
        "evidence": (words,), "pack": "cn-law@1", "at": NOW, "found_at": NOW, **more,
    }  # fmt: skip
    return Finding(**whole)


async def kept(pool: Pool, one: Finding) -> Finding:
    """Keep it."""
    assert await keep(pool, [one]) == [one]
    return one


def moved(one: Finding, **place: Any) -> Finding:
    """The same, elsewhere."""
    return msgspec.structs.replace(
        one, id=new_id(), place=msgspec.structs.replace(one.place, **place)
    )


async def operator(pool: Pool) -> Principal:
    """Somebody who runs the platform."""
    return await person(pool, "platform", "operator")
