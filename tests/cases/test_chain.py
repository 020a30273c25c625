"""The chain takes every event that a case can have, also those with line numbers in them."""

from uuid import UUID

import msgspec

from gongdao.cases import events as e
from gongdao.cases.chain import ROOT, decode_body, encode_body, links

from .world import NOW

OPENED = e.CaseOpened(
    case_id=UUID(int=4),
    procedure="after_sale",
    kind="return_refund",
    order_id=UUID(int=1),
    shop_id=UUID(int=2),
    buyer_id=UUID(int=3),
    pack="p@1",
    by="buyer",
    lines=(2, 10),
    quantities={10: 1, 2: 3},
)


def test_units_of_lines_are_kept_in_order() -> None:
    record = e.Recorded(version=1, at=NOW, by="buyer", pack="p@1", body=OPENED)
    raw = encode_body(OPENED)
    assert b'"quantities":{"10":1,"2":3}' in raw
    assert decode_body(raw) == OPENED
    turned = msgspec.structs.replace(OPENED, quantities={2: 3, 10: 1})
    other = msgspec.structs.replace(record, body=turned)
    assert links(ROOT, [record]) == links(ROOT, [other])
