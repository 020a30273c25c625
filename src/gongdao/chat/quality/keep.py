"""What a message promises, and what was minded in it, is kept in the statement that keeps it."""

from collections.abc import Sequence
from typing import Any

from gongdao.chat.message import Saying

# The first twelve are those of chat_say; $13 to $18 are the promises, $19 and $20 the warnings,
# each with the place of its message among those that are said.
SAY_AND_KEEP = """
WITH said AS (
    SELECT * FROM chat_say($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text[]::tsvector[])
             WITH ORDINALITY
), promised AS (
    INSERT INTO chat_promises (conversation_id, seq, nth, shop_id, buyer_id, agent_id, what, words,
                               amount_fen, at, due_at)
    SELECT c.id, said.seq, p.nth, c.shop_id, c.buyer_id, ($5::uuid[])[p.n], p.what, p.words,
           p.amount_fen, said.at, p.due_at
      FROM unnest($13::bigint[], $14::smallint[], $15::text[], $16::text[], $17::bigint[],
                  $18::timestamptz[]) AS p (n, nth, what, words, amount_fen, due_at)
      JOIN said ON said.ordinality = p.n AND said.outcome = 'said'
      JOIN chat_conversations c ON c.id = ($1::uuid[])[p.n]
), warned AS (
    INSERT INTO chat_warnings (conversation_id, seq, remark)
    SELECT ($1::uuid[])[w.n], said.seq, w.remark
      FROM unnest($19::bigint[], $20::text[]) AS w (n, remark)
      JOIN said ON said.ordinality = w.n AND said.outcome = 'said'
)
SELECT * FROM said ORDER BY ordinality
"""


def has_more(sayings: Sequence[Saying]) -> bool:
    """Whether any of them promises something, or was sent against advice."""
    return any(one.promises or one.warnings for one in sayings)


def kept_columns(sayings: Sequence[Saying]) -> list[list[Any]]:
    """The promises and warnings of what is said, as the statement takes them."""
    promises = [
        (n, nth, promise)
        for n, one in enumerate(sayings, 1)
        for nth, promise in enumerate(one.promises, 1)
    ]
    warnings = [
        (n, remark) for n, one in enumerate(sayings, 1) for remark in dict.fromkeys(one.warnings)
    ]
    return [
        [n for n, _, _ in promises],
        [nth for _, nth, _ in promises],
        [promise.what for _, _, promise in promises],
        [promise.words for _, _, promise in promises],
        [promise.amount_fen for _, _, promise in promises],
        [promise.due_at for _, _, promise in promises],
        [n for n, _ in warnings],
        [remark for _, remark in warnings],
    ]
