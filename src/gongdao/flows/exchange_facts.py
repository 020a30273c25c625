"""What only exchanges rest on: the other variants of a line, and the difference that was paid."""

from collections.abc import Iterable

from msgspec.structs import replace

from gongdao.base.db import Queryable
from gongdao.cases.case import Case, Wanted
from gongdao.cases.commands import Args
from gongdao.cases.facts import Facts, Variant
from gongdao.ledger.bill_store import paid_for_case
from gongdao.shops.amend import variants_of
from gongdao.shops.order import Order
from gongdao.shops.product_store import products_of_lines


async def with_variants(database: Queryable, said: Iterable[Args], facts: Facts) -> Facts:
    """The facts, with what an exchange may ask for where it asks for something."""
    if not any(getattr(args, "wanted", "") for args in said):
        return facts
    order = facts.order
    products = await products_of_lines(database, order.shop_id, order.lines)
    variants = tuple(
        Variant(
            product_id=product.id,
            sku=product.sku,
            title=product.title,
            price_fen=product.price_fen,
            stock=product.stock,
            of_line=line.line,
        )
        for line in order.lines
        for product in variants_of(products, line)
    )
    return replace(facts, variants=variants)


def variant_of(case_wants: Wanted, order: Order) -> Variant:
    """What a past exchange asked for, at the price that it had then."""
    line = next(each for each in order.lines if each.line == case_wants.line)
    return Variant(
        product_id=case_wants.product_id,
        sku=case_wants.sku,
        title=case_wants.title,
        price_fen=line.price_fen + case_wants.more_fen // case_wants.units,
        of_line=case_wants.line,
    )


async def with_difference(database: Queryable, case: Case, facts: Facts) -> Facts:
    """The facts, with what the buyer of a dearer exchange has paid on top so far."""
    if case.wanted is None or case.wanted.more_fen <= 0:
        return facts
    return replace(facts, difference_paid_fen=await paid_for_case(database, case.id))
