"""Plays one step of the demo through the flows that serve live; played again, nothing changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.cases.commands import ARGS
from gongdao.files.receive_file import receive_file
from gongdao.files.store import find_files
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.demo.keep_entries import keep
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.pictures import Picture, paint
from gongdao.flows.demo.script import (
    Closed,
    Confirmed,
    Done,
    Kept,
    Placed,
    Shipped,
    Signed,
    Step,
    purchase_of,
)
from gongdao.flows.demo.stage import Stage
from gongdao.flows.order_money import post_order_money
from gongdao.flows.settings import current_pack, pack_with
from gongdao.shops.store import (
    Scope,
    close_order,
    insert_orders,
    load_order,
    mark_shipped,
    mark_signed,
)

_EVERYBODY = Scope(platform=True)


async def perform(stage: Stage, step: Step) -> None:
    """Play a step."""
    match step:
        case Placed():
            await _place(stage, step)
        case Done():
            await _act(stage, step)
        case Kept():
            await keep(stage, step)
        case _:
            await _advance(stage, step)


async def _place(stage: Stage, step: Placed) -> None:
    sale = step.sale
    async with stage.pool.acquire() as connection, connection.transaction():
        if await load_order(connection, sale.id, scope=_EVERYBODY):
            return
        purchase = purchase_of(
            sale,
            shop_id=stage.shops[sale.shop],
            buyer_id=stage.people[sale.buyer].person_id,
            receiver=stage.receivers[sale.buyer],
        )
        await insert_orders(
            connection, [purchase], by=stage.people[sale.buyer].person_id, now=step.at
        )
        await post_order_money(connection, [(None, purchase.order)], now=step.at)


async def _advance(stage: Stage, step: Shipped | Signed | Confirmed | Closed) -> None:
    sale, at = step.sale, step.at
    shop = stage.people[f"{sale.shop} agent"].person_id
    buyer = stage.people[sale.buyer].person_id
    async with stage.pool.acquire() as connection:
        match step:
            case Shipped(carrier=carrier, tracking=tracking):
                await mark_shipped(
                    connection,
                    sale.id,
                    scope=_EVERYBODY,
                    carrier=carrier,
                    tracking=tracking,
                    by=shop,
                    at=at,
                )
            case Signed(by=signed_by):
                await mark_signed(
                    connection, sale.id, scope=_EVERYBODY, signed_by=signed_by, by=None, at=at
                )
            case Confirmed(by=by):
                person = buyer if by == "buyer" else None
                await confirm_order(connection, sale.id, scope=_EVERYBODY, by=person, now=at)
            case Closed(by=closed_by):
                person = buyer if closed_by == "buyer" else None
                await close_order(
                    connection, sale.id, scope=_EVERYBODY, closed_by=closed_by, by=person, at=at
                )


async def _act(stage: Stage, step: Done) -> None:
    who = stage.people[step.by]
    key = stage.next_key(step.case)
    told = await _upload(stage, step.args, case=step.case, who=who, now=step.at)
    args: Any = msgspec.convert(told, ARGS[step.action])
    if step.action != "open":
        case_id = stage.cases[step.case]
        await act_on_case(stage.pool, who, case_id, step.action, args, now=step.at, key=key)
        return
    tried = step.pack and pack_with(step.pack, step.switches)
    pack = tried or await current_pack(stage.pool)
    acted = await open_case(stage.pool, who, step.sale.id, args, pack=pack, now=step.at, key=key)
    stage.cases[step.case] = acted.case.id


async def _upload(stage: Stage, value: Any, *, case: str, who: Principal, now: datetime) -> Any:
    """The same arguments, with the id of an upload in the place of every picture."""
    match value:
        case Picture():
            return str(await upload_one(stage, value, case=case, who=who, now=now))
        case dict():
            items = cast("dict[str, Any]", value)
            return {
                name: await _upload(stage, item, case=case, who=who, now=now)
                for name, item in items.items()
            }
        case list():
            rows = cast("list[Any]", value)
            return [await _upload(stage, item, case=case, who=who, now=now) for item in rows]
        case _:
            return value


async def upload_one(
    stage: Stage, picture: Picture, *, case: str, who: Principal, now: datetime
) -> UUID:
    """Draw a picture and upload it, once."""
    file_id = demo_id("file", case, who.person_id, picture.name)
    if not await find_files(stage.pool, [file_id]):
        painted = await asyncio.to_thread(paint, picture)
        await receive_file(
            stage.pool,
            stage.objects,
            _pieces(painted),
            file_id=file_id,
            name=picture.name,
            uploaded_by=who.person_id,
            now=now,
        )
    return file_id


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
