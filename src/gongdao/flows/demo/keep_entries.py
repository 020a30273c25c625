"""Plays one step of the demo's complaint register; played again, nothing changes."""

from typing import Any

import msgspec

from gongdao.flows.demo.script import Kept
from gongdao.flows.demo.stage import Stage
from gongdao.flows.keep_register import act_on_entry, open_entry, see_entry
from gongdao.flows.sign_agreement import read_paper, sign_by_link
from gongdao.register.commands import ARGS, CustomerSignArgs, EntryArgs, LinkArgs


async def keep(stage: Stage, step: Kept) -> None:
    """Do what somebody does in the register."""
    who = stage.people[step.by]
    if step.action == "sign_by_link":
        await _sign(stage, step)
        return
    key = stage.next_key(f"register {step.entry}")
    args = _args(stage, step)
    if step.action == "open":
        kept = await open_entry(stage.pool, who, args, now=step.at, key=key)
        stage.entries[step.entry] = kept.entry.id
        return
    entry_id = stage.entries[step.entry]
    await act_on_entry(stage.pool, who, entry_id, step.action, args, now=step.at, key=key)


async def _sign(stage: Stage, step: Kept) -> None:
    """The customer gets a link and signs at once; who has signed is left alone."""
    who, entry_id = stage.people[step.by], stage.entries[step.entry]
    async with stage.pool.acquire() as connection:
        seen = await see_entry(connection, who, entry_id)
    if seen.entry.stage != "agreement":
        return
    made = await act_on_entry(stage.pool, who, entry_id, "make_link", LinkArgs(), now=step.at)
    paper = await read_paper(stage.pool, made.secret, now=step.at)
    args = msgspec.convert({**step.args, "sha256": paper.sha256}, CustomerSignArgs)
    await sign_by_link(stage.pool, made.secret, args, now=step.at)


def _args(stage: Stage, step: Kept) -> Any:
    """The arguments, with people's ids in the place of their names."""
    told = dict(step.args)
    for field in ("about", "person"):
        if field in told:
            told[field] = str(stage.people[told[field]].person_id)
    if step.action == "open":
        told.setdefault("signature", stage.people[step.by].name)
    return msgspec.convert(told, EntryArgs if step.action == "open" else ARGS[step.action])
