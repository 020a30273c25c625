"""Who may see a file: whoever uploaded it, or may see what it stands in."""

from uuid import UUID

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.store import recalled_in_sql
from gongdao.flows.conflicts import tied_in_sql
from gongdao.flows.talk.access import talks

# Found by the indexes cases_of_files, register_files, chat_files, knowledge_paper_files and
# knowledge_pictures: these are their conditions
# and terms.
_MAY_SEE = f"""
SELECT f.uploaded_by = $2 OR ($5 AND EXISTS (
    SELECT FROM cases c
     WHERE c.state ? 'evidence'
       AND jsonb_path_query_array(c.state, '$.evidence[*].file_ids[*]') ? ($1::uuid)::text
       AND ($3 = 'platform' OR ($3 = 'buyer' AND c.buyer_id = $2)
            OR ($3 = 'shop' AND c.shop_id = $4))
       AND ($6 <> 'juror' OR c.stage = 'jury')
       -- The side that was reported anonymously does not see what the reporter brought.
       AND ($3 = 'platform' OR NOT c.state ? 'anonymous'
            OR c.state ->> 'opened_by' = $6
            OR EXISTS (SELECT FROM jsonb_array_elements(c.state -> 'evidence') piece
                        WHERE piece ->> 'by' = $6 AND piece -> 'file_ids' ? ($1::uuid)::text))))
    OR ($7 AND EXISTS (
    SELECT FROM register_entries r
     WHERE r.state ? 'files' AND r.state -> 'files' ? ($1::uuid)::text AND r.shop_id = $4))
    OR ($8 AND EXISTS (
    SELECT FROM chat_messages m
     WHERE m.kind IN ('image', 'file') AND (m.body ->> 'file_id')::uuid = $1
       AND (($3 = 'buyer' AND m.buyer_id = $2) OR ($3 = 'shop' AND m.shop_id = $4)
            -- Who is tied to a side does not read the conversation of the case.
            OR ($3 = 'platform' AND EXISTS (SELECT FROM chat_conversations c
                 WHERE c.id = m.conversation_id AND c.case_id IS NOT NULL
                   AND NOT {tied_in_sql("$2")})))
       -- What was taken back is gone from the screens.
       AND NOT {recalled_in_sql("m")}))
    OR ($9 AND (EXISTS (
    SELECT FROM knowledge_papers k WHERE k.file_ids @> ARRAY[$1::uuid] AND k.shop_id = $4)
    OR EXISTS (
    SELECT FROM knowledge_trainings k WHERE k.picture_ids @> ARRAY[$1::uuid] AND k.shop_id = $4)))
    OR ($5 AND EXISTS (
    SELECT FROM reviews r
     WHERE r.pictures <> '{{}}' AND r.pictures @> ARRAY[$1::uuid]
       AND ($3 = 'platform' OR r.buyer_id = $2 OR r.shop_id = $4)))
    -- What the platform has sealed of the conversation of a case, both sides may read.
    OR ($5 AND $6 <> 'juror' AND EXISTS (
    SELECT FROM chat_excerpts x JOIN cases c ON c.id = x.case_id
      JOIN people p ON p.id = x.sealed_by AND p.kind = 'platform'
     WHERE (x.file_id = $1 OR x.paper_id = $1)
       AND ($3 = 'platform' OR ($3 = 'buyer' AND c.buyer_id = $2)
            OR ($3 = 'shop' AND c.shop_id = $4))))
  FROM files f WHERE f.id = $1
"""  # noqa: S608 - made of constants


async def require_may_see_file(database: Queryable, who: Principal, file_id: UUID) -> None:
    """Refuse with not_found whoever neither uploaded the file nor may see what it stands in."""
    if not await database.fetchval(
        _MAY_SEE,
        file_id,
        who.person_id,
        who.kind,
        who.shop_id,
        who.may("case.read") or who.may("case.vote"),
        party_role(who),
        who.may("register.read"),
        who.may("chat.use") and (who.kind != "shop" or talks(who)),
        who.may("knowledge.read"),
    ):
        raise Refusal("not_found", N_("There is no such file."))
