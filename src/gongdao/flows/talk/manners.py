"""Whether a text of the shop may go out: manners of the pack and the shop, and one's limit."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.together import Together
from gongdao.flows.settings import pack_with
from gongdao.scripts.given import names_a_share
from gongdao.scripts.manners import Etiquette, OwnWord, Remark, Scene, check_text, etiquette_of
from gongdao.settings.setting import BargainRules, PolicyChoice

_KNOW = """
SELECT (SELECT value FROM settings_log WHERE name = 'policy'
         ORDER BY version DESC LIMIT 1) AS policy,
       (SELECT value FROM settings_log WHERE name = 'bargain:' || asked.shop_id
         ORDER BY version DESC LIMIT 1) AS bargain,
       (SELECT jsonb_agg(jsonb_build_object('word', word, 'level', level, 'reason', reason)
                         ORDER BY word)
          FROM script_words w WHERE w.shop_id = asked.shop_id) AS words,
       (SELECT max(granted_fen) FROM script_asks a
         WHERE a.conversation_id = asked.talk_id AND a.shop_id = asked.shop_id
           AND answer = 'granted') AS granted_fen
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (shop_id, talk_id, n)
 ORDER BY n
"""
# The order whose card was shown last, else the one the talk was opened from or is about.
_ORDER = """
SELECT greatest(o.total_fen - o.refunded_fen, 0)
  FROM chat_conversations c
  LEFT JOIN LATERAL (
       SELECT (m.body ->> 'order_id')::uuid AS id FROM chat_messages m
        WHERE m.conversation_id = c.id AND m.kind = 'order'
        ORDER BY m.seq DESC LIMIT 1) AS card ON TRUE
  LEFT JOIN cases k ON k.id = c.case_id
  JOIN orders o ON o.id = coalesce(card.id, c.order_id, k.order_id) AND o.shop_id = c.shop_id
 WHERE c.id = $1 AND c.shop_id = $2
"""


async def _know_many(
    connection: Connection, asked: Sequence[tuple[UUID | None, UUID | None]]
) -> list[Record]:
    return await connection.fetch(_KNOW, [shop for shop, _ in asked], [talk for _, talk in asked])


_know = Together(_know_many)


async def look_over(
    database: Queryable, who: Principal, text: str, *, conversation_id: UUID | None = None
) -> list[Remark]:
    """What is minded in a text that somebody of a shop is about to send."""
    row = await _know(database, (who.shop_id, conversation_id))
    etiquette = _etiquette(row["policy"], row["words"])
    limit_fen = limit_of(who, _read(row["bargain"], BargainRules))
    if limit_fen is not None:
        limit_fen = max(limit_fen, row["granted_fen"] or 0)
    order_fen = None
    if limit_fen is not None:
        order_fen = await order_measured_by(database, who, text, conversation_id)
    return check_text(text, etiquette, Scene(limit_fen=limit_fen, order_fen=order_fen))


async def order_measured_by(
    database: Queryable, who: Principal, text: str, conversation_id: UUID | None
) -> int | None:
    """In fen, what the order of the talk costs, where a text promises a part of it."""
    if who.kind != "shop" or conversation_id is None or not names_a_share(text):
        return None
    fen: int | None = await database.fetchval(_ORDER, conversation_id, who.shop_id)
    return fen


async def require_manners(
    database: Queryable, who: Principal, text: str, *, conversation_id: UUID | None = None
) -> list[Remark]:
    """The remarks on a text that may go out. Raises Refusal, with the reason, for one that may not.

    What buyers and the platform's people write is their own affair.
    """
    if who.kind != "shop":
        return []
    remarks = await look_over(database, who, text, conversation_id=conversation_id)
    for remark in remarks:
        if remark.level == "block":
            raise Refusal(
                "not_eligible",
                remark.say.en.replace("{", "{{").replace("}", "}}"),
                chinese=remark.say.zh,
                rules=(remark.rule,) if remark.rule else (),
            )
    return remarks


def limit_of(who: Principal, rules: BargainRules) -> int | None:
    """What somebody may give away on their own word; None is any sum."""
    if who.role in rules.limits:
        return rules.limits[who.role]
    return pays_up_to(who)


def pays_up_to(who: Principal) -> int | None:
    """What somebody may pay on their own word, bargains apart; None is any sum."""
    return who.money_limit_fen if who.may("case.money") else 0


@lru_cache(maxsize=256)
def _etiquette(policy: bytes | None, words: bytes | None) -> Etiquette:
    choice = _read(policy, PolicyChoice)
    own = msgspec.json.decode(words, type=list[OwnWord]) if words else []
    return etiquette_of(pack_with(choice.pack, choice.switches), own)


def _read(value: bytes | None, kind: Any) -> Any:
    return msgspec.json.decode(value, type=kind) if value else kind()
