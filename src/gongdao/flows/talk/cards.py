"""What stands on a card or beside a file: ours to say, not the sender's."""

from typing import Protocol
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import (
    Body,
    CaseCard,
    FileBody,
    Kind,
    OrderCard,
    ProductCard,
    ReceiverCard,
)
from gongdao.files.file import StoredFile
from gongdao.files.store import find_files

_ORDER = """
SELECT number, total_fen, lines #>> '{0,title}' AS title FROM orders
 WHERE id = $1 AND shop_id = $2 AND buyer_id = $3
"""
_PRODUCT = "SELECT title, price_fen FROM products WHERE id = $1 AND shop_id = $2"
# A report's reporter stays unknown to the reported: its case is never shown to the other side.
_CASE = """
SELECT number, state ->> 'kind' AS kind FROM cases
 WHERE id = $1 AND shop_id = $2 AND buyer_id = $3 AND NOT state ? 'anonymous'
"""

_RECEIVER = """
SELECT o.number FROM receiver_checks k JOIN orders o ON o.id = k.order_id
 WHERE k.id = $1 AND o.id = $2 AND o.shop_id = $3 AND o.buyer_id = $4
"""


class Between(Protocol):
    """Whose cards are shown: of a conversation, or of one that begins with the card."""

    @property
    def shop_id(self) -> UUID: ...
    @property
    def buyer_id(self) -> UUID: ...


async def fill_card(
    pool: Pool,
    who: Principal,
    conversation: Between,
    kind: Kind,
    body: FileBody | OrderCard | ProductCard | CaseCard | ReceiverCard,
) -> Body:
    """The card with what we know of it. Raises Refusal not_found where it is not theirs."""
    match body:
        case FileBody():
            return await _file(pool, who, kind, body)
        case OrderCard():
            row = await pool.fetchrow(
                _ORDER, body.order_id, conversation.shop_id, conversation.buyer_id
            )
            if row is not None:
                return OrderCard(
                    order_id=body.order_id,
                    number=row["number"],
                    title=row["title"] or "",
                    total_fen=row["total_fen"],
                )
        case ProductCard():
            row = await pool.fetchrow(_PRODUCT, body.product_id, conversation.shop_id)
            if row is not None:
                return ProductCard(
                    product_id=body.product_id, title=row["title"], price_fen=row["price_fen"]
                )
        case CaseCard():
            row = await pool.fetchrow(
                _CASE, body.case_id, conversation.shop_id, conversation.buyer_id
            )
            if row is not None:
                return CaseCard(case_id=body.case_id, number=row["number"], title=row["kind"])
        case ReceiverCard():
            theirs = (conversation.shop_id, conversation.buyer_id)
            number = await pool.fetchval(_RECEIVER, body.check_id, body.order_id, *theirs)
            if number is not None:
                return msgspec.structs.replace(body, number=number)
    raise Refusal("not_found", N_("This card cannot be shown here."))


async def _file(pool: Pool, who: Principal, kind: Kind, body: FileBody) -> FileBody:
    file = (await find_files(pool, [body.file_id])).get(body.file_id)
    if file is None or file.uploaded_by != who.person_id:
        raise Refusal("not_found", N_("There is no such file."))
    if kind == "image" and not file.media_type.startswith("image/"):
        raise Refusal("invalid", N_("This file is not a picture."))
    return file_body(file)


def file_body(file: StoredFile) -> FileBody:
    """What stands beside a file: as we know it."""
    return FileBody(
        file_id=file.id,
        # As it was cleaned when it came in: what a sender writes here may disguise it.
        name=file.original_name,
        type=file.media_type,
        size=file.size_bytes,
        width=file.facts.width,
        height=file.facts.height,
    )
