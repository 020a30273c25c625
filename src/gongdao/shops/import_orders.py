"""Read a file of orders. Pure: nothing is stored here, and nothing compared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops import olist, own_format, taobao
from gongdao.shops.cells import Cells
from gongdao.shops.draft import LINES_MAX, Draft
from gongdao.shops.fault import FAULTS_MAX, Fault, shown
from gongdao.shops.table import FILE_BYTES_MAX, FILE_LINES_MAX, Table
from gongdao.shops.taobao_trade import draft_from_trade

_TELL_EVERY = 500

Tell = Callable[[int], object]


def _tell_nobody(line: int) -> None:
    """Nobody watches."""


class Reading(msgspec.Struct, frozen=True):
    """What stands in a file: orders, or what is wrong. Nothing is imported when anything is."""

    drafts: tuple[Draft, ...]
    faults: tuple[Fault, ...]


def read_orders(
    raw: bytes,
    *,
    shop_name: str,
    items: bytes | None = None,
    beside: olist.Beside | None = None,
    tell: Tell = _tell_nobody,
) -> Reading:
    """Read JSON, our own CSV, an export of Taobao with its `items`, or Olist's with all `beside`.

    `tell` is called now and then with the number of lines read. Refuses a file that is no such
    file at all; anything wrong with a line becomes a fault.
    """
    faults: list[Fault] = []
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal(
            "too_large", N_("The file is larger than {most} MB."), most=FILE_BYTES_MAX >> 20
        )
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        found = _drafts_of_json(raw, faults)
    else:
        table = Table(raw)
        rows = _cells_of(table, faults, tell)
        if beside is not None:
            found = _drafts_of_olist(table, rows, beside, faults)
        else:
            found = _drafts_of_table(table, rows, faults, shop_name=shop_name, items=items)
    drafts: list[Draft] = []
    seen: dict[str, int] = {}
    for draft in found:
        number = draft.order.number
        if number and seen.setdefault(number, draft.line) != draft.line:
            faults.append(_twice(draft, seen[number]))
        drafts.append(draft)
        if len(faults) >= FAULTS_MAX:
            break
    faults.sort(key=lambda fault: fault.line)
    if not drafts and not faults:
        raise Refusal("invalid", N_("There are no orders in this file."))
    return Reading(() if faults else tuple(drafts), tuple(faults[:FAULTS_MAX]))


def _twice(draft: Draft, first: int) -> Fault:
    return Fault(
        line=draft.line,
        in_entry=draft.in_entry,
        sentence=N_("The order {number} stands in this file twice, first at {first}."),
        params={"number": draft.order.number, "first": first},
    )


def _drafts_of_json(raw: bytes, faults: list[Fault]) -> Iterator[Draft]:
    try:
        document: object = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("invalid", N_("This is not JSON.")) from None
    answers = cast(list[object], document) if isinstance(document, list) else [document]
    trades = [trade for trade in map(_trade_of, answers) if trade is not None]
    if trades and len(trades) == len(answers):
        return _drafts_of_trades(trades, faults)
    named = cast(dict[str, object], document) if isinstance(document, dict) else {}
    orders = cast(list[object] | None, named.get("orders"))
    if not isinstance(orders, list) or len(named) != 1:
        raise Refusal(
            "invalid",
            N_('JSON must be an object with the list "orders", or answers of Taobao.'),
        )
    if len(orders) > FILE_LINES_MAX:
        raise Refusal("too_large", N_("The file has more than {most} lines."), most=FILE_LINES_MAX)
    return own_format.drafts_from_json(orders, faults)


def _trade_of(answer: object) -> dict[str, object] | None:
    """The trade within an answer of Taobao, or None."""
    for name in ("trade_fullinfo_get_response", "trade"):
        if isinstance(answer, dict) and name in answer:
            answer = cast(dict[str, object], answer)[name]
    if isinstance(answer, dict) and ("tid" in answer or "tid_str" in answer):
        return cast(dict[str, object], answer)
    return None


def _drafts_of_trades(trades: list[dict[str, object]], faults: list[Fault]) -> Iterator[Draft]:
    for position, trade in enumerate(trades, 1):
        yield draft_from_trade(Cells(trade, line=position, faults=faults, in_entry=True))


def _drafts_of_olist(
    table: Table, rows: Iterator[Cells], beside: olist.Beside, faults: list[Fault]
) -> Iterator[Draft]:
    if olist.PLACED not in table.columns:
        raise Refusal(
            "invalid", N_("A table beside the orders has no column {column}."), column=olist.PLACED
        )
    return olist.drafts_from_tables(rows, beside, faults)


def _drafts_of_table(
    table: Table,
    rows: Iterator[Cells],
    faults: list[Fault],
    *,
    shop_name: str,
    items: bytes | None,
) -> Iterator[Draft]:
    if "number" in table.columns:
        _refuse_unknown(table)
        return _drafts_of_groups(rows, ("number",), own_format.draft_from_rows)
    if not set(taobao.NUMBER) & set(table.columns):
        raise Refusal(
            "invalid",
            N_("The heading names neither {theirs} nor {ours}, so no order can be found."),
            theirs=taobao.NUMBER[0],
            ours="number",
        )
    if set(taobao.ITEM_PRICE) & set(table.columns):
        if "买家会员名" not in table.columns:
            raise Refusal(
                "invalid",
                N_("This is Taobao's list of items: it goes beside its list of orders."),
            )
        return _drafts_of_groups(
            rows,
            taobao.NUMBER,
            lambda group: taobao.draft_from_rows(group, group, shop_name=shop_name),
        )
    of_order = _items_by_number(items, faults)
    return _drafts_of_orders(rows, of_order, shop_name=shop_name)


def _refuse_unknown(table: Table) -> None:
    for name in table.columns:
        if name not in own_format.CSV_COLUMNS:
            raise Refusal(
                "invalid",
                N_("Nobody knows the column {column}. Known are: {known}."),
                column=shown(name),
                known=", ".join(own_format.CSV_COLUMNS),
            )


def _cells_of(table: Table, faults: list[Fault], tell: Tell) -> Iterator[Cells]:
    """The lines of a table; what is wrong with the lines themselves joins the faults."""
    for count, (line, values) in enumerate(table.rows(), 1):
        if count % _TELL_EVERY == 0:
            tell(line)
        yield Cells(values, line=line, faults=faults)
    faults.extend(table.faults)


def _drafts_of_groups(
    rows: Iterator[Cells],
    number: tuple[str, ...],
    draft: Callable[[Sequence[Cells]], Draft],
) -> Iterator[Draft]:
    """One order for each run of lines with the same number."""
    group: list[Cells] = []
    for row in rows:
        if group and _number(row, number) != _number(group[0], number):
            yield draft(group)
            group = []
        group.append(row)
        if len(group) > LINES_MAX:
            row.refuse("", N_("There are more than {most} of them."), most=LINES_MAX)
            group.pop()
    if group:
        yield draft(group)


def _drafts_of_orders(
    rows: Iterator[Cells], items: Mapping[str, Sequence[Cells]], *, shop_name: str
) -> Iterator[Draft]:
    for row in rows:
        yield taobao.draft_from_rows(
            [row], items.get(_number(row, taobao.NUMBER), ()), shop_name=shop_name
        )


def _items_by_number(raw: bytes | None, faults: list[Fault]) -> dict[str, list[Cells]]:
    if raw is None:
        return {}
    table = Table(raw)
    if not set(taobao.ITEM_PRICE) & set(table.columns):
        raise Refusal("invalid", N_("The second file is not Taobao's list of items."))
    found: dict[str, list[Cells]] = {}
    for line, values in table.rows():
        item = Cells(values, line=line, faults=faults)
        found.setdefault(_number(item, taobao.NUMBER), []).append(item)
    faults.extend(table.faults)
    return found


def _number(row: Cells, names: tuple[str, ...]) -> str:
    return next((str(row.raw(name)) for name in names if row.has(name)), "")
